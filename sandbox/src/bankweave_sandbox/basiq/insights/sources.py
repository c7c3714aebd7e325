"""Where money comes from: credits by their source, and how regularly each pays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from bankweave_sandbox.basiq.insights.figures import mean
from bankweave_sandbox.basiq.insights.selection import day_of, month_of
from bankweave_sandbox.basiq.state import Row

_NUMBERS = re.compile(r"\s*[\d/#.-]{2,}")
_REGULAR = 3  # payments that make a source regular; what Basiq demands is undocumented
_FREQUENCIES = (
    (2, "daily"),
    (10, "weekly"),
    (20, "bi-weekly"),
    (45, "monthly"),
    (75, "bi-monthly"),
    (120, "quarterly"),
    (270, "half-year"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """One payer's rows, oldest first."""

    name: str
    rows: tuple[Row, ...]

    @property
    def latest(self) -> Row:
        return self.rows[-1]

    @property
    def gap(self) -> int:
        """Tell the usual number of days between two payments."""
        days = [day_of(row) for row in self.rows]
        gaps = sorted((later - earlier).days for earlier, later in pairwise(days))
        return gaps[len(gaps) // 2] if gaps else 0

    @property
    def frequency(self) -> str:
        return next((name for most, name in _FREQUENCIES if self.gap <= most), "yearly")

    @property
    def is_regular(self) -> bool:
        return len({month_of(row) for row in self.rows}) >= _REGULAR and self.mean > 0 and self.variation < 1

    @property
    def mean(self) -> Decimal:
        return mean([row.amount for row in self.rows])

    @property
    def variation(self) -> Decimal:
        """Tell the span of the amounts as a part of their mean."""
        amounts = [row.amount for row in self.rows]
        return (max(amounts) - min(amounts)) / self.mean if self.mean else Decimal(0)

    @property
    def next_day(self) -> date:
        return day_of(self.latest) + timedelta(days=self.gap)

    def age_days(self, until: date) -> int:
        return (until - day_of(self.rows[0])).days


def sources_of(rows: Iterable[Row]) -> list[Source]:
    """Group rows by their text without the numbers in it, as a payer writes them anew every month."""
    grouped: dict[str, list[Row]] = {}
    for row in sorted(rows, key=day_of):
        grouped.setdefault(_NUMBERS.sub("", row.text).strip().casefold(), []).append(row)
    return [Source(name, tuple(found)) for name, found in grouped.items()]
