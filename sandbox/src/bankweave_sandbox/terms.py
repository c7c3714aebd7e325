"""What a bank and its customer agreed on for years: how a loan is paid back, and what a term deposit earns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal

_CENT = Decimal("0.01")
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Loan:
    """Paid back in equal instalments of interest and principal, on `begins.day` of every month after the first."""

    amount: Decimal  # what was lent
    rate: Decimal  # a year, as a fraction
    begins: date
    months: int

    @property
    def ends(self) -> date:
        return months_after(self.begins, self.months)

    @property
    def instalment(self) -> Decimal:
        """What is due every month; rounded up, so that the last one is a little smaller."""
        growth = (1 + self.rate / _MONTHS_A_YEAR) ** self.months
        exact = self.amount * self.rate / _MONTHS_A_YEAR * growth / (growth - 1)
        return exact.quantize(_CENT, ROUND_UP)

    def interest_on(self, owed: Decimal) -> Decimal:
        """What a month costs."""
        return (owed * self.rate / _MONTHS_A_YEAR).quantize(_CENT)

    def owed_after(self, instalments: int) -> Decimal:
        """What is left to pay back once so many instalments were paid."""
        owed, instalment = self.amount, self.instalment
        for _ in range(min(instalments, self.months)):
            owed += self.interest_on(owed)
            owed -= min(instalment, owed)
        return owed

    def instalments_until(self, day: date) -> int:
        """How many instalments were due by the end of `day`."""
        return min(max(_months_between(self.begins, day), 0), self.months)

    def next_instalment(self, day: date) -> date | None:
        """The day after `day` on which an instalment is due; None once the loan is over."""
        number = self.instalments_until(day) + 1
        return None if number > self.months else months_after(self.begins, number)


@dataclass(frozen=True, slots=True)
class Deposit:
    """Locked for `months`, then rolled over for as long again together with its interest."""

    rate: Decimal  # a year, as a fraction
    lodged: date
    months: int

    def interest_on(self, principal: Decimal) -> Decimal:
        """What a whole term earns."""
        return (principal * self.rate * self.months / _MONTHS_A_YEAR).quantize(_CENT)

    def matures(self, day: date) -> date:
        """The next day after `day` on which a term ends."""
        terms = max(_months_between(self.lodged, day), 0) // self.months + 1
        return months_after(self.lodged, terms * self.months)


Terms = Loan | Deposit


def months_after(day: date, months: int) -> date:
    """The same day of a later month; `day` is one that every month has."""
    number = day.year * _MONTHS_A_YEAR + day.month - 1 + months
    return date(number // _MONTHS_A_YEAR, number % _MONTHS_A_YEAR + 1, day.day)


def _months_between(earlier: date, later: date) -> int:
    """How many whole months lie between two days."""
    months = (later.year - earlier.year) * _MONTHS_A_YEAR + later.month - earlier.month
    return months - (later.day < earlier.day)
