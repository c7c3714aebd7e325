"""One movement as Kontist sorts and filters it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bankweave_sandbox.kontist.money import cents
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.kontist.timestamps import berlin_midnight
from bankweave_sandbox.kontist.transactions.bookkeeping import Annotation, Bookkeeping
from bankweave_sandbox.world import Entry, Kind, Movement, world_id

DECLINED = "FAILED_CARD_USAGE"
CARD_KINDS = frozenset({Kind.CARD, Kind.CARD_REFUND, Kind.CASH})
_TYPES = {
    Kind.SALARY: "SEPA_CREDIT_TRANSFER",
    Kind.RENT: "SEPA_CREDIT_TRANSFER",
    Kind.TRANSFER: "SEPA_CREDIT_TRANSFER",
    Kind.DIRECT_DEBIT: "SEPA_DIRECT_DEBIT",
    Kind.CARD: "CARD_USAGE",
    Kind.CARD_REFUND: "PURCHASE_REVERSAL",
    Kind.CASH: "ATM",
    Kind.FEE: "CHARGE",
    Kind.INTEREST: "INTEREST_ACCRUED",
}


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    entry: Entry
    note: Annotation
    amount: int  # EUR cents, negative = outgoing
    type: str
    booking_date: datetime
    valuta_date: datetime | None  # None while pending: Kontist has no other sign of it (section 6.4)
    sort_key: tuple[str, str, str]

    @property
    def movement(self) -> Movement:
        return self.entry.movement

    @property
    def is_card(self) -> bool:
        return self.movement.kind in CARD_KINDS

    @property
    def is_declined(self) -> bool:
        """Tell that no money has moved: a card payment was refused."""
        return self.type == DECLINED

    @property
    def source(self) -> str:
        return "USER" if self.type.startswith("EXTERNAL_TRANSACTION") else "SOLARIS"

    @property
    def iban(self) -> str | None:
        return None if self.is_card else self.movement.counterparty_iban


def make_rows(
    entries: Iterable[Entry], notes: Bookkeeping, switches: Switches, types: Mapping[str, str] | None = None
) -> list[Row]:
    """List rows, newest first. `types` names by movement id what the kind does not tell."""
    known = types or {}
    rows = [_row(entry, notes.of(entry.movement.id), switches, known) for entry in entries]
    return sorted(rows, key=lambda row: row.sort_key, reverse=True)


def _row(entry: Entry, note: Annotation, switches: Switches, types: Mapping[str, str]) -> Row:
    # A reservation has a booking date as well: the field is non-null, and the day of the purchase is all there is.
    booked = berlin_midnight(entry.booking_date or entry.transaction_date)
    row_id = _row_id(entry, switches)
    return Row(
        id=row_id,
        entry=entry,
        note=note,
        amount=cents(entry.movement.amount),
        type=types.get(entry.movement.id) or _type(entry.movement),
        booking_date=booked,
        valuta_date=booked if entry.booked else None,
        sort_key=_place(entry.movement, booked, switches, row_id),
    )


def _place(movement: Movement, booked: datetime, switches: Switches, row_id: str) -> tuple[str, str, str]:
    """The place in the order (section 13.9); what breaks ties is undocumented."""
    made = movement.occurred_at.isoformat()
    return (
        (made, booked.isoformat(), row_id) if switches.sorted_by == "createdAt" else (booked.isoformat(), made, row_id)
    )


def _row_id(entry: Entry, switches: Switches) -> str:
    movement = entry.movement
    was_pending = movement.booked_at is not None and movement.booked_at > movement.occurred_at
    if switches.booking_changes_id and entry.booked and was_pending:
        return world_id("kontist-booked", movement.id)
    return movement.id


def _type(movement: Movement) -> str:
    if movement.kind is Kind.DIRECT_DEBIT and movement.amount > 0:
        return "SEPA_DIRECT_DEBIT_RETURN"
    if movement.kind is Kind.RENT and movement.mandate_id:
        return "SEPA_DIRECT_DEBIT"
    return _TYPES[movement.kind]
