"""The parts that a transaction is split into (section 6.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bankweave.errors import InvalidOrder
from bankweave_kontist.berlin import midnight
from bankweave_kontist.money import to_cents
from bankweave_kontist.transactions.categories import TransactionCategory, VatRate, check_booking_date
from bankweave_kontist.transactions.records import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitOrder:
    """One part. Its amount is in euros and has the sign of the whole; `id` is that of a part that is there already."""

    amount: Decimal
    category: TransactionCategory | None = None
    category_code: str | None = None
    vat_category_code: str | None = None
    vat_rate: VatRate | None = None
    user_selected_booking_date: date | None = None
    id: int | None = None

    def variable(self) -> dict[str, object]:
        """Write it as a GraphQL variable; what is None is left out. Raises `InvalidOrder`."""
        check_booking_date(self.category, self.user_selected_booking_date)
        day = self.user_selected_booking_date
        written = {
            "amount": to_cents(self.amount, "splits"),
            "category": self.category,
            "categoryCode": self.category_code,
            "vatCategoryCode": self.vat_category_code,
            "vatRate": self.vat_rate,
            "userSelectedBookingDate": None if day is None else midnight(day),
            "id": self.id,
        }
        return {name: value for name, value in written.items() if value is not None}


def check_splits(splits: Sequence[SplitOrder], whole: Transaction) -> None:
    """Raise `InvalidOrder` for parts that are not the whole: of another sign, or with another sum."""
    if not splits:
        raise _invalid("are missing")
    if any(part.amount == 0 or (part.amount > 0) is not (whole.amount > 0) for part in splits):
        raise _invalid("must have the sign of the transaction, and none may be zero")
    if sum(part.amount for part in splits) != whole.amount:
        raise _invalid("must add up to the amount of the transaction")


def _invalid(problem: str) -> InvalidOrder:
    return InvalidOrder(f"the splits {problem}; nothing was changed", code="splits")
