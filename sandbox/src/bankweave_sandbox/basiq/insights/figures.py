"""Sums, means and medians of money."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from decimal import Decimal

from bankweave_sandbox.basiq.data.money import money
from bankweave_sandbox.basiq.insights.selection import month_of
from bankweave_sandbox.basiq.state import Row

_CENT = Decimal("0.01")


def total(rows: Iterable[Row]) -> Decimal:
    return sum((row.amount for row in rows), Decimal(0))


def mean(amounts: Sequence[Decimal]) -> Decimal:
    return (sum(amounts, Decimal(0)) / len(amounts)).quantize(_CENT) if amounts else Decimal(0)


def median(amounts: Sequence[Decimal]) -> Decimal:
    return statistics.median(amounts).quantize(_CENT) if amounts else Decimal(0)


def per_month(amount: Decimal, months: Sequence[str]) -> Decimal:
    return (amount / len(months)).quantize(_CENT) if months else Decimal(0)


def percentage(part: Decimal, whole: Decimal) -> float:
    # Nothing of an expense is -0.0, whose sign a JSON reader would show: adding 0.0 takes it away.
    return round(float(100 * part / whole), 1) + 0.0 if whole else 0.0


def by_month(rows: Iterable[Row]) -> dict[str, Decimal]:
    """Add up amounts by month, oldest first; months without rows are left out."""
    sums: dict[str, Decimal] = {}
    for row in sorted(rows, key=month_of):
        sums[month_of(row)] = sums.get(month_of(row), Decimal(0)) + row.amount
    return sums


def average_and_history(rows: Sequence[Row], months: Sequence[str]) -> dict[str, object]:
    """Tell what a kind of expense costs a month, and how that changed."""
    return {
        "avgMonthly": money(per_month(total(rows), months)),
        "changeHistory": monthly_history(rows),
        "summary": "monthly",
    }


def monthly_history(rows: Iterable[Row]) -> list[dict[str, str]]:
    return [{"amount": money(amount), "date": month} for month, amount in by_month(rows).items()]
