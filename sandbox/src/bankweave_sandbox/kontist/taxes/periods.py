"""The periods of declarations: "01" to "12" are months (SDK's tests), "41" to "44" quarters as the tax office writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.timestamps import berlin_midnight, next_month

WHOLE_YEAR = "00"  # how the period of a yearly declaration is written is undocumented
_MONTHS = {f"{month:02d}": (month, month) for month in range(1, 13)}
_QUARTERS = {f"4{quarter}": (3 * quarter - 2, 3 * quarter) for quarter in range(1, 5)}
_SPANS = _MONTHS | _QUARTERS | {WHOLE_YEAR: (1, 12)}
_BY_FREQUENCY = {"MONTHLY": tuple(_MONTHS), "QUARTERLY": tuple(_QUARTERS)}


@dataclass(frozen=True, slots=True)
class Period:
    code: str
    year: int

    def contains(self, day: date) -> bool:
        first, last = _SPANS[self.code]
        return day.year == self.year and first <= day.month <= last

    @property
    def ends_at(self) -> datetime:
        """The midnight after its last day."""
        return berlin_midnight(next_month(date(self.year, _SPANS[self.code][1], 1)))

    @property
    def number(self) -> int:
        """A number that no other period has: the id of its advance VAT return."""
        return self.year * 100 + int(self.code)


def read_period(code: str, year: int) -> Period:
    if code not in _SPANS or code == WHOLE_YEAR or not 1970 <= year <= 9000:
        raise Problem(400, "Unknown period: 01 to 12 are months, 41 to 44 quarters")
    return Period(code, year)


def vat_periods(year: int, frequency: str) -> Iterator[Period]:
    """List the periods for which advance VAT returns are due; none where they are due yearly or not at all."""
    return (Period(code, year) for code in _BY_FREQUENCY.get(frequency, ()))
