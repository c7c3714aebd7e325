"""From a neutral order to Kontist's inputs, checked before anything is sent (section 7.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import TypeAlias

from bankweave.errors import InvalidOrder
from bankweave.payment import Frequency, TransferKind, TransferOrder
from bankweave.sepa import LONGEST_END_TO_END_ID, LONGEST_REMITTANCE, check_order, plain_iban, written_out
from bankweave_kontist.berlin import noon
from bankweave_kontist.money import to_cents
from bankweave_kontist.transactions.categories import LONGEST_NOTE, MOVABLE

Input: TypeAlias = dict[str, object]

MOST_CENTS = 2**31 - 1  # amounts are GraphQL Ints
REOCCURRENCES: Mapping[Frequency, str] = {
    Frequency.WEEKLY: "WEEKLY",
    Frequency.EVERY_TWO_WEEKS: "BIWEEKLY",
    Frequency.MONTHLY: "MONTHLY",
    Frequency.QUARTERLY: "QUARTERLY",
    Frequency.SEMI_ANNUAL: "EVERY_SIX_MONTHS",
    Frequency.ANNUAL: "ANNUALLY",
}
TYPES: Mapping[TransferKind, str] = {
    TransferKind.CREDIT_TRANSFER: "SEPA_TRANSFER",
    TransferKind.INSTANT_TRANSFER: "INSTANT_CREDIT_TRANSFER",
    TransferKind.SCHEDULED_TRANSFER: "TIMED_ORDER",
    TransferKind.STANDING_ORDER: "STANDING_ORDER",
}
_WORD = re.compile(r"[A-Z0-9_]+")
_OPTIONS = frozenset({"category", "personal_note", "user_selected_booking_date", "reference"})
_CHANGEABLE_ANYWHERE = frozenset({"category", "personal_note", "user_selected_booking_date"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferChange:
    """What is to be changed of a transfer; None leaves a field as it is.

    All of it for standing orders; for others only `category`, `personal_note` and `user_selected_booking_date`.
    """

    amount: Decimal | None = None  # euros
    purpose: str | None = None
    end_to_end_id: str | None = None
    frequency: Frequency | None = None
    end_date: date | None = None
    category: str | None = None
    user_selected_booking_date: date | None = None
    personal_note: str | None = None
    reference: str | None = None


def identified(order: TransferOrder, secret: str) -> TransferOrder:
    """Give an order the id by which it is found again, unless it has one."""
    if order.end_to_end_id is not None:
        return order
    return replace(order, end_to_end_id=f"E-{sha256(secret.encode()).hexdigest()[:32]}")


def transfer_input(order: TransferOrder, today: date) -> Input:
    """Write a `CreateTransferInput`. Raises `InvalidOrder`, whose code is the field, for what Kontist would not take."""
    check_order(order)
    _check_options(order.options, _OPTIONS)
    _check_first_day(order, today)
    return _given(
        **_plain(order),
        type=TYPES[TransferKind.INSTANT_TRANSFER] if order.instant else None,  # all others follow from the days
        executeAt=_noon(order.requested_execution_date),
        lastExecutionDate=_noon(order.end_date),
        reoccurrence=None if order.frequency is None else reoccurrence(order.frequency),
        category=_category(order.options.get("category")),
        userSelectedBookingDate=_booking_day(order.options),
        reference=order.options.get("reference"),
    )


def batch_input(orders: Sequence[TransferOrder]) -> list[Input]:
    """Write the inputs of a batch, which takes plain SEPA transfers only."""
    if not orders:
        raise invalid("orders", "are none")
    return [_of_batch(order) for order in orders]


def check_change(kind: TransferKind, change: TransferChange) -> None:
    """Raise `InvalidOrder` for what cannot be changed of such a transfer, and for texts that SEPA does not take."""
    _check_changeable(kind, change)
    _check_text("purpose", change.purpose, LONGEST_REMITTANCE)
    _check_text("end_to_end_id", change.end_to_end_id, LONGEST_END_TO_END_ID)
    if change.user_selected_booking_date is not None and change.category not in MOVABLE:
        raise _undated()


def change_input(kind: TransferKind, transfer: str, change: TransferChange) -> Input:
    """Write an `UpdateTransferInput`. Raises `InvalidOrder` for what Kontist has no words for."""
    return _given(
        id=transfer,
        type=TYPES[kind],
        amount=None if change.amount is None else cents(change.amount),
        purpose=change.purpose,
        e2eId=change.end_to_end_id,
        reoccurrence=None if change.frequency is None else reoccurrence(change.frequency),
        lastExecutionDate=_noon(change.end_date),
        category=_category(change.category),
        userSelectedBookingDate=_noon(change.user_selected_booking_date),
        personalNote=_note(change.personal_note),
        reference=change.reference,
    )


def cents(amount: Decimal) -> int:
    """Euros in cents. Raises `InvalidOrder` for nothing, fractions of a cent, and what is more than a GraphQL Int."""
    found = to_cents(amount, "amount")
    if not 0 < found <= MOST_CENTS:
        raise invalid("amount", "must be above 0 and at most 21474836.47")
    return found


def reoccurrence(frequency: Frequency) -> str:
    word = REOCCURRENCES.get(frequency)
    if word is None:
        raise invalid("frequency", f"is {frequency.value}, which Kontist does not offer")
    return word


def invalid(field: str, problem: str) -> InvalidOrder:
    return InvalidOrder(f"the transfer's {field} {problem}; nothing was sent", code=field)


def _of_batch(order: TransferOrder) -> Input:
    if order.kind is not TransferKind.CREDIT_TRANSFER:
        raise invalid(
            "orders", "are a batch, which takes plain transfers only: none that is instant, dated or repeated"
        )
    check_order(order)
    _check_options(order.options, frozenset({"personal_note"}))
    return _given(**_plain(order))


def _plain(order: TransferOrder) -> Input:
    return {
        "recipient": order.creditor_name,
        "iban": plain_iban(order.creditor_iban),
        "amount": cents(order.amount),
        "purpose": order.remittance_information,
        "e2eId": order.end_to_end_id,
        "personalNote": _note(order.options.get("personal_note")),
    }


def _given(**fields: object) -> Input:
    return {name: value for name, value in fields.items() if value is not None}


def _check_options(options: Mapping[str, str], known: frozenset[str]) -> None:
    unknown = sorted(set(options) - known)
    if unknown:
        raise invalid("options", f"hold {', '.join(unknown)}; there are {', '.join(sorted(known))}")


def _check_first_day(order: TransferOrder, today: date) -> None:
    first = order.requested_execution_date
    if first is not None and first < today:
        raise invalid("requested_execution_date", "is over")


def _check_changeable(kind: TransferKind, change: TransferChange) -> None:
    if kind is TransferKind.STANDING_ORDER:
        return
    fields = (name for name in TransferChange.__slots__ if getattr(change, name) is not None)
    fixed = sorted(set(fields) - _CHANGEABLE_ANYWHERE)
    if fixed:
        raise invalid(fixed[0], f"cannot be changed of a {kind.value}, but of standing orders only")


def _check_text(field: str, text: str | None, longest: int) -> None:
    if text is None:
        return
    if len(text) > longest:
        raise invalid(field, f"is longer than {longest} characters")
    if written_out(text) != text:
        raise invalid(field, "has letters that SEPA does not know; bankweave.sepa.written_out() spells them")


def _booking_day(options: Mapping[str, str]) -> str | None:
    value = options.get("user_selected_booking_date")
    if value is None:
        return None
    if options.get("category") not in MOVABLE:
        raise _undated()
    try:
        return noon(date.fromisoformat(value))
    except ValueError:
        raise invalid("user_selected_booking_date", "is not a date like 2026-01-31") from None


def _undated() -> InvalidOrder:
    return invalid("user_selected_booking_date", f"needs a category of {', '.join(sorted(MOVABLE))}")


def _category(value: str | None) -> str | None:
    if value is not None and not _WORD.fullmatch(value):
        raise invalid("category", "is not one of Kontist's words, like TAX_PAYMENT")
    return value


def _note(value: str | None) -> str | None:
    if value is not None and len(value) > LONGEST_NOTE:
        raise invalid("personal_note", f"is longer than {LONGEST_NOTE} characters")
    return value


def _noon(day: date | None) -> str | None:
    return None if day is None else noon(day)
