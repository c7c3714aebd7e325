"""Which device of ours is bound to a user of Kontist. Remembered in the vault; Kontist tells only ids and names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from bankweave.adapter import Context
from bankweave.errors import InvalidOrder
from bankweave_kontist.devices.signer import signature

if TYPE_CHECKING:
    from bankweave_kontist.session import Session


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


async def bound_device(session: Session) -> BoundDevice:
    """Find the device that is bound to the user of a session. Raises `InvalidOrder` (no_device) without one."""
    device = await recall_device(session.ctx, await session.subject())
    if device is None:
        message = (
            "no device is bound to this user from here; renew the connection with the option bind_device, or bind one with"
            " kontist.devices.bind"
        )
        raise InvalidOrder(message, code="no_device")
    return device


async def signed(session: Session, device: BoundDevice, text: str) -> str:
    """Sign a text with the key of a device, as Kontist takes signatures."""
    return await signature(session.signer(device.name), text)


def _name(subject: str | None) -> str:
    return f"bound-device/{subject or 'of-owner'}"
