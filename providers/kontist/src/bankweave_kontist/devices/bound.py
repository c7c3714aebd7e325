"""Which device of ours is bound to a user of Kontist. Remembered in the vault; Kontist tells only ids and names."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError

from bankweave.adapter import Context


class BoundDevice(BaseModel):
    """A device that Kontist knows by `id`; our key for it is kept under its `name`."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    name: str


async def recall_device(ctx: Context, subject: str | None) -> BoundDevice | None:
    """Find the device that is bound to a user. Where tokens do not tell the user, an owner has one at most."""
    value = await ctx.recall(_name(subject))
    if not value:
        return None
    try:
        return BoundDevice.model_validate_json(value)
    except ValidationError:  # of a later version: to bind anew harms nobody
        return None


async def remember_device(ctx: Context, subject: str | None, device: BoundDevice) -> None:
    await ctx.remember(_name(subject), device.model_dump_json())


async def forget_device(ctx: Context, subject: str | None) -> None:
    """Forget which device is bound; its key stays for the next binding under its name."""
    await ctx.remember(_name(subject), "")


def _name(subject: str | None) -> str:
    return f"bound-device/{subject or 'of-owner'}"
