"""Ordering, confirming, changing, cancelling and listing transfers (section 7): what the client and payment flows share.

Whatever may move money is sent once. Where its answer is lost, `OutcomeUnknown` says how to find out.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bankweave.errors import OutcomeUnknown, ProviderRefused
from bankweave.payment import TransferKind, TransferOrder
from bankweave_kontist.berlin import berlin_today
from bankweave_kontist.devices.bound import BoundDevice
from bankweave_kontist.devices.signer import signature
from bankweave_kontist.queries.transfers import (
    CANCEL_TRANSFER,
    CONFIRM_CANCEL_TRANSFER,
    CONFIRM_TRANSFER,
    CONFIRM_TRANSFERS,
    CREATE_TRANSFER,
    CREATE_TRANSFERS,
    LIST_TRANSFERS,
    UPDATE_TRANSFER,
)
from bankweave_kontist.refusals import malformed, origin
from bankweave_kontist.transfers.mapping import of_batch
from bankweave_kontist.transfers.orders import (
    TYPES,
    Input,
    TransferChange,
    batch_input,
    change_input,
    invalid,
    transfer_input,
)
from bankweave_kontist.transfers.wire import (
    BatchConfirmed,
    BatchCreated,
    CancellationConfirmed,
    Confirmation,
    ConfirmationRequest,
    KontistTransfer,
    TransferCancelled,
    TransferConfirmed,
    TransferCreated,
    TransferPages,
    TransferUpdated,
)

if TYPE_CHECKING:
    from bankweave_kontist.session import Session

PAGE_SIZE = 50  # Kontist's cap (section 6.3)
CONFIRMATION_LIFE = timedelta(minutes=5)  # upstream (section 7.1); undocumented for Kontist itself
EMPTY_PAGES = 20  # in a row, each promising more: so many are taken for a loop
_CODE = re.compile(r"[0-9]{4,12}")  # six digits today; asking again costs less than a wrong code, which ends the order


# Ordering -------------------------------------------------------------------------------------------------------------


async def create(session: Session, order: TransferOrder, device: BoundDevice | None) -> Confirmation:
    """Have one transfer taken down, to be confirmed by a device's signature or, without one, by a code."""
    wanted = transfer_input(order, berlin_today(session.ctx.now()))
    ids = () if order.end_to_end_id is None else (order.end_to_end_id,)
    try:
        answer = await session.run(CREATE_TRANSFER, TransferCreated, transfer=wanted, **_delivery(device))
    except OutcomeUnknown as lost:
        raise _not_taken_down(lost) from None
    except ProviderRefused as refusal:
        raise explained(refusal) from None
    return _confirmation(session, answer.create_transfer, "transfer", order.kind, device, ids)


async def create_many(session: Session, orders: Sequence[TransferOrder]) -> Confirmation:
    """Have several plain transfers taken down, all to be confirmed by one code; Kontist takes no signature for them."""
    wanted = batch_input(orders)
    ids = tuple(order.end_to_end_id for order in orders if order.end_to_end_id is not None)
    try:
        answer = await session.run(CREATE_TRANSFERS, BatchCreated, transfers=wanted)
    except OutcomeUnknown as lost:
        raise _not_taken_down(lost) from None
    except ProviderRefused as refusal:
        raise explained(refusal) from None
    return _confirmation(session, answer.create_transfers, "batch", TransferKind.CREDIT_TRANSFER, None, ids)


async def update(
    session: Session, transfer: str, kind: TransferKind, change: TransferChange, device: BoundDevice | None
) -> Confirmation | KontistTransfer:
    """Change a transfer: standing orders are confirmed, others are changed at once."""
    wanted: Input = change_input(kind, transfer, change)
    try:
        answer = await session.run(UPDATE_TRANSFER, TransferUpdated, transfer=wanted, **_delivery(device))
    except ProviderRefused as refusal:
        raise explained(refusal) from None
    found = answer.update_transfer
    if isinstance(found, KontistTransfer):
        return found
    return _confirmation(session, found, "transfer", kind, device, ())


async def cancel(
    session: Session, transfer: str, kind: TransferKind, device: BoundDevice | None
) -> Confirmation | KontistTransfer:
    """Cancel a transfer: standing orders are confirmed, timed orders are cancelled at once.

    Raises `InvalidOrder` for plain and instant transfers: they are on their way as soon as they are confirmed.
    """
    if kind not in {TransferKind.SCHEDULED_TRANSFER, TransferKind.STANDING_ORDER}:
        raise invalid("kind", f"is {kind.value}, which cannot be cancelled; it is on its way once it is confirmed")
    variables: dict[str, Any] = {"type": TYPES[kind], "id": transfer, **_delivery(device)}
    try:
        answer = await session.run(CANCEL_TRANSFER, TransferCancelled, **variables)
    except ProviderRefused as refusal:
        raise explained(refusal) from None
    found = answer.cancel_transfer
    if isinstance(found, KontistTransfer):
        return found
    return _confirmation(session, found, "cancellation", kind, device, ())


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
            "expires_at": session.ctx.now() + CONFIRMATION_LIFE,
        }
    )


# Confirming -----------------------------------------------------------------------------------------------------------


def is_code(text: str) -> bool:
    """Whether a text may be a code at all: a wrong one destroys the order, so slips are caught before."""
    return _CODE.fullmatch(text.strip()) is not None


async def confirm(session: Session, wanted: Confirmation, code: str | None) -> tuple[KontistTransfer, ...]:
    """Confirm by a code, or by the signature of the device. Sent once.

    Raises `ProviderRefused` with the code wrong_code, request_expired or insufficient_funds or a word of Kontist's own, and
    `OutcomeUnknown` when nobody knows whether it was done.
    """
    proof = await _proof(session, wanted, code)
    try:
        return await _confirmed(session, wanted, proof)
    except OutcomeUnknown as lost:
        raise _perhaps_done(wanted, lost) from None
    except ProviderRefused as refusal:
        raise _refused(session, wanted, refusal) from None


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
        signer = session.signer_of(session.ctx, wanted.device.name)
        return {"deviceId": wanted.device.id, "signature": await signature(signer, wanted.string_to_sign)}
    if code is None or not is_code(code):
        raise invalid("code", "is missing, or not made of digits")
    return {"authorizationToken": code.strip()}


def _refused(session: Session, wanted: Confirmation, refusal: ProviderRefused) -> ProviderRefused | OutcomeUnknown:
    """Read the refusal of a confirmation; its statuses are those of the bank behind Kontist (sections 5 and 13)."""
    status = _status(refusal)
    is_late = session.ctx.now() >= wanted.expires_at
    if is_late and status in {400, 403, 404, 422}:
        return _reworded(refusal, "the time to confirm it is over; order again", "request_expired")
    if status == 403:
        by = "this code" if wanted.device is None else "the signature of this device"
        return _reworded(refusal, f"Kontist does not take {by}; the request is destroyed, order again", "wrong_code")
    if status in {404, 422}:
        # gone before its time: it was confirmed by an answer that was lost, or destroyed by another wrong code
        return _perhaps_done(wanted, refusal)
    return explained(refusal)


def explained(refusal: ProviderRefused) -> ProviderRefused:
    """Say what a refusal of Kontist's known problems means; its own word stays in the message."""
    if not (refusal.code or "").endswith("/insufficient-funds"):
        return refusal
    message = f"the account does not hold enough for this; nothing was executed ({refusal.code})"
    return _reworded(refusal, message, "insufficient_funds")


def _reworded(refusal: ProviderRefused, message: str, code: str) -> ProviderRefused:
    return ProviderRefused(message, origin=refusal.origin, code=code)


def _status(refusal: ProviderRefused) -> int | None:
    """The logical status in a refusal's code: itself, or the end of a generic problem's address (section 5)."""
    ending = (refusal.code or "").rpartition("#")[2]
    return int(ending) if re.fullmatch("[0-9]{3}", ending) else None


def _not_taken_down(lost: OutcomeUnknown) -> OutcomeUnknown:
    message = (
        "Kontist's answer to the order was lost. Nothing is executed without a confirmation: order again, and use no code"
        " of an SMS that belongs to this one"
    )
    return OutcomeUnknown(message, origin=lost.origin, code="not_confirmed")


def _perhaps_done(wanted: Confirmation, error: OutcomeUnknown | ProviderRefused) -> OutcomeUnknown:
    ids = ", ".join(wanted.end_to_end_ids)
    sought = f"one with the end-to-end id {ids}" if ids else "it"
    message = (
        f"whether Kontist took the confirmation is not known. List the transfers ({wanted.kind.value}) and look for"
        f" {sought} before you order again"
    )
    return OutcomeUnknown(message, origin=error.origin, code="perhaps_confirmed")


# Listing --------------------------------------------------------------------------------------------------------------


async def pages(
    session: Session, kind: TransferKind, status: str | None = None, account: str | None = None
) -> AsyncIterator[list[KontistTransfer]]:
    """Yield the transfers of one kind page by page, newest first. Kontist lists no two kinds at once (section 7.3)."""
    where = None if status is None else {"status": status}
    variables = {"type": TYPES[kind], "where": where, "first": PAGE_SIZE}
    seen: set[str | None] = {None}
    empty = 0
    after: str | None = None
    while True:
        found = await session.account(LIST_TRANSFERS, TransferPages, **variables, after=after)
        if account is not None and found.public_id != account:
            raise not_the_account()
        yield [edge.node for edge in found.transfers.edges]
        if not found.transfers.page_info.has_next_page:
            return
        after = found.transfers.page_info.end_cursor
        empty = 0 if found.transfers.edges else empty + 1
        if after in seen or empty > EMPTY_PAGES:
            raise malformed(LIST_TRANSFERS.operation)
        seen.add(after)


def not_the_account() -> ProviderRefused:
    message = "Kontist pays from, and lists transfers of, the main account only; this connection's is another"
    return ProviderRefused(message, origin=origin(LIST_TRANSFERS.operation), code="not_main_account")
