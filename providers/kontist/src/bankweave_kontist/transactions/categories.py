"""Kontist's words for what a transaction is to the tax office, and the rules about them (section 6.4)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from bankweave.errors import InvalidOrder

LONGEST_NOTE = 250


class TransactionCategory(StrEnum):
    PRIVATE = "PRIVATE"
    REVERSE_CHARGE = "REVERSE_CHARGE"
    TAX_PAYMENT = "TAX_PAYMENT"
    TAX_REFUND = "TAX_REFUND"
    TAX_SAVING = "TAX_SAVING"
    VAT = "VAT"
    VAT_0 = "VAT_0"
    VAT_5 = "VAT_5"
    VAT_7 = "VAT_7"
    VAT_16 = "VAT_16"
    VAT_19 = "VAT_19"
    VAT_PAYMENT = "VAT_PAYMENT"
    VAT_REFUND = "VAT_REFUND"
    VAT_SAVING = "VAT_SAVING"


class VatRate(StrEnum):
    REVERSE_CHARGE = "REVERSE_CHARGE"
    VAT_0 = "VAT_0"
    VAT_5 = "VAT_5"
    VAT_7 = "VAT_7"
    VAT_16 = "VAT_16"
    VAT_19 = "VAT_19"


MOVABLE = frozenset(
    {
        TransactionCategory.TAX_PAYMENT,
        TransactionCategory.TAX_REFUND,
        TransactionCategory.VAT_PAYMENT,
        TransactionCategory.VAT_REFUND,
    }
)
"""The categories whose booking date the person may choose."""


def check_booking_date(category: str | None, day: date | None) -> None:
    """Raise `InvalidOrder` for a chosen booking date that Kontist rejects. Without a category, only Kontist knows."""
    if day is not None and category is not None and category not in MOVABLE:
        words = ", ".join(sorted(MOVABLE))
        raise InvalidOrder(
            f"a booking date can be chosen only with the categories {words}; nothing was sent",
            code="user_selected_booking_date",
        )


def check_note(note: str | None) -> None:
    """Raise `InvalidOrder` for a personal note that is too long."""
    if note is not None and len(note) > LONGEST_NOTE:
        raise InvalidOrder(
            f"the personal note is longer than {LONGEST_NOTE} characters; nothing was sent", code="personal_note"
        )
