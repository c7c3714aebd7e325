"""Ordering, changing and cancelling transfers (section 7): what the client and payment flows share.

Whatever may move money is sent once. Where its answer is lost, `OutcomeUnknown` says how to find out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel

from bankweave.errors import InvalidOrder, OutcomeUnknown, ProviderRefused
from bankweave.payment import TransferKind, TransferOrder
from bankweave_kontist.berlin import berlin_today
from bankweave_kontist.devices.bound import BoundDevice, bound_device
from bankweave_kontist.queries import Query
from bankweave_kontist.queries.transfers import CANCEL_TRANSFER, CREATE_TRANSFER, CREATE_TRANSFERS, UPDATE_TRANSFER
from bankweave_kontist.refusals import malformed
from bankweave_kontist.transfers.confirmation import Confirmation
from bankweave_kontist.transfers.orders import (
    TYPES,
    Input,
    TransferChange,
    batch_input,
    change_input,
    check_change,
    invalid,
    transfer_input,
)
from bankweave_kontist.transfers.reader import find
from bankweave_kontist.transfers.refusals import explained
from bankweave_kontist.transfers.wire import (
    BatchCreated,
    ConfirmationRequest,
    KontistTransfer,
    TransferCancelled,
    TransferCreated,
    TransferUpdated,
)

if TYPE_CHECKING:
    from bankweave_kontist.session import Session

R = TypeVar("R", bound=BaseModel)
ConfirmBy: TypeAlias = Literal["sms", "device"]

CONFIRMATION_LIFE = timedelta(minutes=5)  # upstream (section 7.1); undocumented for Kontist itself


async def confirming_device(session: Session, confirm_by: ConfirmBy | None) -> BoundDevice | None:
    """Find the device that is to sign; None: by the code of an SMS. Raises `InvalidOrder` (no_device) without one."""
    if (confirm_by or session.settings.confirm_by) == "sms":
        return None
    return await bound_device(session)


async def create(session: Session, order: TransferOrder, device: BoundDevice | None) -> Confirmation:
    """Have one transfer taken down, to be confirmed by a device's signature or, without one, by a code."""
    wanted = transfer_input(order, berlin_today(session.now()))
    ids = () if order.end_to_end_id is None else (order.end_to_end_id,)
    try:
        answer = await _ask(session, CREATE_TRANSFER, TransferCreated, transfer=wanted, **_delivery(device))
    except OutcomeUnknown as lost:
        raise _not_taken_down(lost) from None
    return _confirmation(session, answer.create_transfer, "transfer", order.kind, device, ids)


async def create_many(session: Session, orders: Sequence[TransferOrder]) -> Confirmation:
    """Have several plain transfers taken down, all to be confirmed by one code; Kontist takes no signature for them."""
    wanted = batch_input(orders)
    ids = tuple(order.end_to_end_id for order in orders if order.end_to_end_id is not None)
    try:
        answer = await _ask(session, CREATE_TRANSFERS, BatchCreated, transfers=wanted)
    except OutcomeUnknown as lost:
        raise _not_taken_down(lost) from None
    return _confirmation(session, answer.create_transfers, "batch", TransferKind.CREDIT_TRANSFER, None, ids)


async def update(
    session: Session, transfer: str, kind: TransferKind, change: TransferChange, device: BoundDevice | None
) -> Confirmation | KontistTransfer:
    """Change a transfer: standing orders are confirmed, others are changed at once."""
    check_change(kind, change)
    if kind is TransferKind.STANDING_ORDER:
        change = await _completed(session, transfer, change)
    wanted: Input = change_input(kind, transfer, change)
    answer = await _ask(session, UPDATE_TRANSFER, TransferUpdated, transfer=wanted, **_delivery(device))
    found = answer.update_transfer
    if isinstance(found, KontistTransfer):
        return found
    return _confirmation(session, found, "transfer", kind, device, ())


async def _completed(session: Session, transfer: str, change: TransferChange) -> TransferChange:
    """Say the purpose and the id again, which Kontist would empty. They are not checked: the bank has taken them before."""
    if change.purpose is not None and change.end_to_end_id is not None:
        return change
    now = await find(session, transfer, TransferKind.STANDING_ORDER)
    if now is None:
        raise InvalidOrder("Kontist has no standing order of this id; nothing was changed", code="transfer")
    purpose = now.purpose if change.purpose is None else change.purpose
    end_to_end_id = now.end_to_end_id if change.end_to_end_id is None else change.end_to_end_id
    return replace(change, purpose=purpose, end_to_end_id=end_to_end_id)


async def cancel(
    session: Session, transfer: str, kind: TransferKind, device: BoundDevice | None
) -> Confirmation | KontistTransfer:
    """Cancel a transfer: standing orders are confirmed, timed orders are cancelled at once.

    Raises `InvalidOrder` for plain and instant transfers: they are on their way as soon as they are confirmed.
    """
    if kind not in {TransferKind.SCHEDULED_TRANSFER, TransferKind.STANDING_ORDER}:
        raise invalid("kind", f"is {kind.value}, which cannot be cancelled; it is on its way once it is confirmed")
    variables: dict[str, Any] = {"type": TYPES[kind], "id": transfer, **_delivery(device)}
    answer = await _ask(session, CANCEL_TRANSFER, TransferCancelled, **variables)
    found = answer.cancel_transfer
    if isinstance(found, KontistTransfer):
        return found
    return _confirmation(session, found, "cancellation", kind, device, ())


async def _ask(session: Session, query: Query, data: type[R], **variables: object) -> R:
    """Send what is ordered, once; a refusal says what it means."""
    try:
        return await session.run(query, data, repeatable=False, **variables)
    except ProviderRefused as refusal:
        raise explained(refusal) from None


def _delivery(device: BoundDevice | None) -> dict[str, Any]:
    # said outright: that an SMS is sent where nothing is said is undocumented (section 7.1)
    if device is None:
        return {"deliveryMethod": "MOBILE_NUMBER"}
    return {"deliveryMethod": "DEVICE_SIGNING", "deviceId": device.id}


def _confirmation(
    session: Session,
    request: ConfirmationRequest,
    action: str,
    kind: TransferKind,
    device: BoundDevice | None,
    ids: tuple[str, ...],
) -> Confirmation:
    if device is not None and request.string_to_sign is None:
        raise malformed(f"create_{action}")
    return Confirmation.model_validate(
        {
            "id": request.confirmation_id,
            "action": action,
            "kind": kind,
            "end_to_end_ids": ids,
            "device": device,
            "string_to_sign": request.string_to_sign,
            "expires_at": session.now() + CONFIRMATION_LIFE,
        }
    )


def _not_taken_down(lost: OutcomeUnknown) -> OutcomeUnknown:
    message = (
        "Kontist's answer to the order was lost. Nothing is executed without a confirmation: order again, and use no code"
        " of an SMS that belongs to this one"
    )
    return OutcomeUnknown(message, origin=lost.origin, code="not_confirmed")
