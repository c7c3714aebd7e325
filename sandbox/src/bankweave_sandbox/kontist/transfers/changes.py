"""Changing and cancelling transfers (providers/kontist.md section 7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bankweave_sandbox.kontist.devices.confirmations import Delivery, PendingRequest
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.transactions.bookkeeping import Annotation, check_annotation
from bankweave_sandbox.kontist.transfers.desk import CANCELLATION, ONE, TransferDesk, describe_transfer
from bankweave_sandbox.kontist.transfers.input import TransferInput, TransferType, read_amount, read_day, read_purpose
from bankweave_sandbox.kontist.transfers.transfer import Transfer
from bankweave_sandbox.world import Person

_BANK_FIELDS = ("amount", "e2eId", "purpose", "lastExecutionDate", "reoccurrence")
_NOTE_FIELDS = {
    "category": "category",
    "userSelectedBookingDate": "user_selected_booking_date",
    "personalNote": "personal_note",
}


class TransferChanges:
    def __init__(self, desk: TransferDesk) -> None:
        self._desk = desk

    def update(
        self, person: Person, fields: Mapping[str, Any], delivery: Delivery | None, device_id: str | None
    ) -> PendingRequest | Transfer:
        """Change a standing order after a confirmation, or a note on a transfer that is still under way at once."""
        transfer = self._desk.require(person, fields["id"], fields["type"])
        if transfer.order.type != "STANDING_ORDER":
            return _annotate(transfer, fields)
        self._require_active(transfer)
        changed = _changed_order(transfer.order, fields)
        return self._desk.confirmations.ask(
            person,
            ONE,  # confirmTransfer takes it; undocumented
            f"change of the {describe_transfer(transfer.order)}",
            lambda: self._change(transfer, changed),
            delivery=delivery,
            device_id=device_id,
            id_prefix="standing-order:",
        )

    def cancel(
        self, person: Person, transfer_id: str, type_: TransferType, delivery: Delivery | None, device_id: str | None
    ) -> PendingRequest | Transfer:
        """Cancel a timed order at once, a standing order after a confirmation, nothing else."""
        transfer = self._desk.require(person, transfer_id, type_)
        if type_ == "TIMED_ORDER":
            return self._cancel_timed(transfer)
        if type_ != "STANDING_ORDER":
            raise Problem(400, "Only timed and standing orders can be cancelled")
        self._require_active(transfer)
        return self._desk.confirmations.ask(
            person,
            CANCELLATION,
            f"cancellation of the {describe_transfer(transfer.order)}",
            lambda: self._cancel_standing(transfer),
            delivery=delivery,
            device_id=device_id,
            id_prefix="standing-order:",
        )

    def _require_active(self, transfer: Transfer) -> None:
        if transfer.status != "ACTIVE":
            raise Problem(400, f"The standing order is {transfer.status}")

    def _change(self, transfer: Transfer, order: TransferInput) -> Transfer:
        self._require_active(transfer)
        self._desk.orders.change(transfer, order)
        return transfer

    def _cancel_timed(self, transfer: Transfer) -> Transfer:
        if transfer.status != "SCHEDULED":
            raise Problem(400, f"The timed order is {transfer.status}")
        self._desk.orders.cancel(transfer)
        return transfer

    def _cancel_standing(self, transfer: Transfer) -> Transfer:
        self._require_active(transfer)
        self._desk.orders.cancel(transfer)
        return transfer


def _annotate(transfer: Transfer, fields: Mapping[str, Any]) -> Transfer:
    """Change category, own booking date and note, which is all that can be changed before a transfer is through."""
    if given := [name for name in _BANK_FIELDS if fields.get(name) is not None]:
        raise Problem(400, f"{given[0]} of a {transfer.order.type} cannot be changed")
    if transfer.status not in {"CONFIRMED", "SCHEDULED"}:
        raise Problem(400, f"The transfer is {transfer.status}")
    transfer.order = replace(transfer.order, note=_changed_note(transfer.order.note, fields))
    return transfer


def _changed_order(order: TransferInput, fields: Mapping[str, Any]) -> TransferInput:
    """Read the changes; purpose and e2eId are reset when they are not given."""
    amount = fields.get("amount")
    return replace(
        order,
        amount=order.amount if amount is None else read_amount(amount),
        purpose=read_purpose(fields.get("purpose")),
        e2e_id=fields.get("e2eId") or None,
        last_execution_date=read_day(fields.get("lastExecutionDate")) or order.last_execution_date,
        reoccurrence=fields.get("reoccurrence") or order.reoccurrence,
        reference=fields.get("reference") or order.reference,
        note=_changed_note(order.note, fields),
    )


def _changed_note(note: Annotation, fields: Mapping[str, Any]) -> Annotation:
    changed = replace(note, **{own: fields[name] for name, own in _NOTE_FIELDS.items() if name in fields})
    check_annotation(changed)
    return changed
