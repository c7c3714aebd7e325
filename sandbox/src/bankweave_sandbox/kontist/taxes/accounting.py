"""Transactions as a tax declaration sees them: split up, dated, with the VAT in them (providers/kontist.md section 9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bankweave_sandbox.kontist.timestamps import berlin_day, berlin_midnight
from bankweave_sandbox.kontist.transactions.bookkeeping import Annotation, Split
from bankweave_sandbox.kontist.transactions.rows import Row

_PREFIX = "VAT_"
# Paying VAT or setting it aside is no turnover; neither is what is private, or income tax.
_NO_TURNOVER = {"PRIVATE", "TAX_PAYMENT", "TAX_REFUND", "TAX_SAVING", "VAT_PAYMENT", "VAT_REFUND", "VAT_SAVING"}


@dataclass(frozen=True, slots=True)
class Part:
    """A transaction without splits, or one split."""

    row: Row
    amount: int
    note: Annotation | Split

    @property
    def id(self) -> str:
        return self.note.uuid if isinstance(self.note, Split) else self.row.id

    @property
    def day(self) -> date:
        """The German day that it counts for: the one that the person chose, else the booking's."""
        return berlin_day(self.note.user_selected_booking_date or self.row.booking_date)

    @property
    def group(self) -> str | None:
        """What it is categorised as; None: not at all."""
        return self.note.category_code or self.note.category

    @property
    def is_turnover(self) -> bool:
        return self.group is not None and self.note.category not in _NO_TURNOVER

    @property
    def vat_rate(self) -> str | None:
        # Where the person gave no rate, the older categories name it themselves.
        rate = self.note.vat_rate or self.note.category
        is_rate = rate is not None and rate.startswith(_PREFIX) and rate.removeprefix(_PREFIX).isdigit()
        return rate if is_rate else None

    @property
    def vat_amount(self) -> int | None:
        """The VAT in the gross amount, in cents with its sign; None where no rate is known."""
        if self.vat_rate is None or not self.is_turnover:
            return None
        percent = int(self.vat_rate.removeprefix(_PREFIX))
        vat = Decimal(self.amount * percent) / (100 + percent)
        return int(vat.quantize(Decimal(1), ROUND_HALF_UP))

    def body(self) -> dict[str, Any]:
        booked: datetime = self.row.valuta_date or berlin_midnight(self.day)
        return {
            "id": self.id,
            "isSplit": isinstance(self.note, Split),
            "amount": self.amount,
            "name": self.row.movement.counterparty,
            "purpose": self.row.movement.text,
            "valutaDate": booked,
            "selectedBookingDate": self.note.user_selected_booking_date,
            "category": self.note.category,
            "categoryCode": self.note.category_code,
            "vatCategoryCode": self.note.vat_category_code,
            "vatRate": None if self.vat_rate is None else self.vat_rate.removeprefix(_PREFIX),
            "vatAmount": self.vat_amount,
        }


def parts_of(rows: Iterable[Row]) -> Iterator[Part]:
    """List the parts of what is booked; reservations count when they are."""
    for row in rows:
        if row.valuta_date is None:
            continue
        if row.note.splits:
            yield from (Part(row, split.amount, split) for split in row.note.splits)
        else:
            yield Part(row, row.amount, row.note)


def vat_due(parts: Iterable[Part]) -> int:
    """The VAT received less the VAT paid: amounts carry their signs."""
    return sum(part.vat_amount or 0 for part in parts)


def profit(parts: Iterable[Part]) -> int:
    """Income less expenses, net of VAT."""
    return sum(part.amount - (part.vat_amount or 0) for part in parts if part.is_turnover)


def group_by_category(parts: Iterable[Part]) -> list[dict[str, Any]]:
    groups: dict[str, list[Part]] = {}
    for part in parts:
        if part.group is not None:
            groups.setdefault(part.group, []).append(part)
    return [_render_group(code, groups[code]) for code in sorted(groups)]


def _render_group(code: str, parts: list[Part]) -> dict[str, Any]:
    return {
        "categoryCode": code,
        "categoryCodeTranslation": code.replace("_", " ").capitalize(),  # Kontist's German names are undocumented
        "amount": sum(part.amount for part in parts),
        "transactions": [part.body() for part in parts],
    }
