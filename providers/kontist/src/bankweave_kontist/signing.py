"""Signing with the device that is bound from here (section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankweave.errors import InvalidOrder
from bankweave_kontist.claims import read_claims
from bankweave_kontist.devices.bound import BoundDevice, recall_device
from bankweave_kontist.devices.signer import signature

if TYPE_CHECKING:
    from bankweave_kontist.session import Session


async def bound_device(session: Session) -> BoundDevice:
    """Find the device that is bound to the user of this connection. Raises `InvalidOrder` (no_device) without one."""
    subject = read_claims(await session.ctx.access_token()).sub
    device = await recall_device(session.ctx, subject)
    if device is None:
        message = "no device is bound to this user from here; renew the connection with the option bind_device"
        raise InvalidOrder(message, code="no_device")
    return device


async def signed(session: Session, device: BoundDevice, text: str) -> str:
    """Sign a text with the key of a device, as Kontist takes signatures."""
    return await signature(session.signer_of(session.ctx, device.name), text)
