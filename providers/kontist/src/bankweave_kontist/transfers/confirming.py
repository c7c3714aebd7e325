"""Confirming what was ordered, by a code or a device's signature (section 7.1). Sent once, whatever happens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bankweave.errors import OutcomeUnknown, ProviderRefused
from bankweave_kontist.devices.bound import signed
from bankweave_kontist.queries.transfers import CONFIRM_CANCEL_TRANSFER, CONFIRM_TRANSFER, CONFIRM_TRANSFERS
from bankweave_kontist.refusals import logical_status, reworded, wrong_code
from bankweave_kontist.transfers.confirmation import Confirmation
from bankweave_kontist.transfers.mapping import of_batch
from bankweave_kontist.transfers.orders import TYPES, invalid
from bankweave_kontist.transfers.refusals import explained
from bankweave_kontist.transfers.wire import (
    BatchConfirmed,
    CancellationConfirmed,
    KontistTransfer,
    TransferConfirmed,
)

if TYPE_CHECKING:
    from bankweave_kontist.session import Session

_NOT_TAKEN = frozenset({403, 404, 422})  # a wrong code, and what is not known (any more)
_CODE = re.compile(r"[0-9]{4,12}")  # six digits today; asking again costs less than a wrong code, which ends the order


def is_code(text: str) -> bool:
    """Whether a text may be a code at all: a wrong one destroys the order, so slips are caught before."""
    return _CODE.fullmatch(text.strip()) is not None


async def confirm(
    session: Session, wanted: Confirmation, code: str | None, *, asked_before: bool | None
) -> tuple[KontistTransfer, ...]:
    """Confirm by a code, or by the signature of the device. Sent once.

    `asked_before` says whether Kontist may have heard a confirmation of this already; None: nobody knows. Then what is gone
    was perhaps executed, and must not be called a refusal: whoever is told to order again would pay twice.

    Raises `ProviderRefused` with the code wrong_code, request_expired or insufficient_funds or a word of Kontist's own, and
    `OutcomeUnknown` when nobody knows whether it was done.
    """
    proof = await _proof(session, wanted, code)
    try:
        return await _confirmed(session, wanted, proof)
    except OutcomeUnknown as lost:
        raise _perhaps_done(wanted, lost) from None
    except ProviderRefused as refusal:
        raise _refused(session, wanted, refusal, asked_before=asked_before) from None


async def _confirmed(session: Session, wanted: Confirmation, proof: dict[str, Any]) -> tuple[KontistTransfer, ...]:
    variables = {"confirmationId": wanted.id, **proof}
    if wanted.action == "batch":
        return of_batch((await session.run(CONFIRM_TRANSFERS, BatchConfirmed, **variables)).confirm_transfers)
    if wanted.action == "cancellation":
        variables["type"] = TYPES[wanted.kind]
        cancelled = await session.run(CONFIRM_CANCEL_TRANSFER, CancellationConfirmed, **variables)
        return (cancelled.confirm_cancel_transfer,)
    return ((await session.run(CONFIRM_TRANSFER, TransferConfirmed, **variables)).confirm_transfer,)


async def _proof(session: Session, wanted: Confirmation, code: str | None) -> dict[str, Any]:
    if wanted.device is not None and wanted.string_to_sign is not None:
        return {
            "deviceId": wanted.device.id,
            "signature": await signed(session, wanted.device, wanted.string_to_sign),
        }
    if code is None or not is_code(code):
        raise invalid("code", "is missing, or not made of digits")
    return {"authorizationToken": code.strip()}


def _refused(
    session: Session, wanted: Confirmation, refusal: ProviderRefused, *, asked_before: bool | None
) -> ProviderRefused | OutcomeUnknown:
    """Read the refusal of a confirmation; its statuses are those of the bank behind Kontist (sections 5 and 13)."""
    status = logical_status(refusal)
    is_late = session.now() >= wanted.expires_at
    if is_late and status in {400, *_NOT_TAKEN} and asked_before is False:
        return reworded(refusal, "the time to confirm it is over; order again", "request_expired")
    if status == 403 and not is_late and not asked_before:
        proof = "this code" if wanted.device is None else "the signature of this device"
        return wrong_code(refusal, proof, then="order again")
    if status in _NOT_TAKEN:
        # gone: confirmed by an answer that was lost, destroyed by another wrong code, or too late
        return _perhaps_done(wanted, refusal)
    return explained(refusal)


def _perhaps_done(wanted: Confirmation, error: OutcomeUnknown | ProviderRefused) -> OutcomeUnknown:
    ids = ", ".join(wanted.end_to_end_ids)
    sought = f"one with the end-to-end id {ids}" if ids else "it"
    message = (
        f"whether Kontist took the confirmation is not known. List the transfers ({wanted.kind.value}) and look for"
        f" {sought} before you order again"
    )
    return OutcomeUnknown(message, origin=error.origin, code="perhaps_confirmed")
