"""Write the movements of one account, month by month.

A month is drawn from its own random numbers, so what happened in a past month does not depend on the day the world begins.
"""

from __future__ import annotations

import random
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import TypedDict, Unpack
from zoneinfo import ZoneInfo

from bankweave_sandbox.places import Place
from bankweave_sandbox.world import Account, Kind, Movement, world_id

_DAY = timedelta(days=1)


@cache
def _days_in(year: int, month: int) -> int:
    return monthrange(year, month)[1]


class Details(TypedDict, total=False):
    """What only some movements carry."""

    counterparty: str
    counterparty_iban: str | None
    category: str
    mandate_id: str | None
    merchant_category_code: str
    original_amount: Decimal
    original_currency: str


@dataclass(frozen=True, slots=True)
class Month:
    year: int
    month: int

    @property
    def days(self) -> int:
        return _days_in(self.year, self.month)

    @property
    def next(self) -> Month:
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def eve(self) -> date:
        """The last day of the month before."""
        return date(self.year, self.month, 1) - _DAY

    def day(self, day: int) -> date:
        return date(self.year, self.month, min(day, self.days))

    def workday(self, day: int) -> date:
        """The day, or the Friday before it."""
        asked = self.day(day)
        return asked - _DAY * max(0, asked.weekday() - 4) if asked.day > 2 else asked

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"


class Days:
    """Turns days of one bank into instants. Nothing happens on the world's first day: what would, happens the day after."""

    def __init__(self, first_day: date, zone: ZoneInfo) -> None:
        self.first_day = first_day
        self._zone = zone

    def happens_on(self, day: date) -> date:
        return day + _DAY if day == self.first_day else day

    def instant(self, day: date, hour: int, minute: int = 0) -> datetime:
        day = self.happens_on(day)
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=self._zone).astimezone(UTC)

    def next_workday(self, day: date) -> date:
        """A day on which a bank books, after `day`; never the first day, whose bookings would depend on the hour."""
        day += _DAY
        while day.weekday() > 4 or day == self.first_day:
            day += _DAY
        return day


class Ledger:
    """Collects one account's movements, oldest month first."""

    def __init__(self, account: Account, place: Place, first_day: date) -> None:
        self.account = account
        self.place = place
        self.days = Days(first_day, account.bank.zone)
        self.rng = random.Random()
        self.month = Month(first_day.year, first_day.month)
        self._chapter = ""
        self._chapter_start = 0

    def begin(self, month: Month) -> None:
        self.month = month
        self._start_chapter(str(month))

    def begin_reservations(self) -> None:
        """Write on, in the last month begun, what stands unbooked on the first day and so depends on that day."""
        self._start_chapter(f"before {self.days.first_day}")

    def worded(self, text: str, name: str = "") -> str:
        return text.format(month=self.month.month, year=self.month.year, name=name)

    def cents(self, low: float, high: float) -> Decimal:
        return Decimal(self.pick(int(low * 100), int(high * 100))).scaleb(-2)

    def pick(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included; several times faster than `randint`."""
        return low + int(self.rng.random() * (high - low + 1))

    def add(self, kind: Kind, amount: Decimal, day: date, text: str, **details: Unpack[Details]) -> Movement:
        """Book a movement on its own day, before noon."""
        at = self.days.instant(day, self.pick(6, 11), self.pick(0, 59))
        return self._write(kind, amount, at, at, text, details)

    def add_card(self, kind: Kind, amount: Decimal, day: date, text: str, **details: Unpack[Details]) -> Movement:
        """Add what a card does at any hour: the bank books it some days later."""
        day = self.days.happens_on(day)
        at = self.days.instant(day, self.pick(7, 22), self.pick(0, 59))
        return self._write(kind, amount, at, self._card_booking(day, at), text, details)

    def repeat(self, movement: Movement) -> None:
        """Add an identical twin: equal in everything but the id, as when somebody buys a second coffee."""
        details = {name: getattr(movement, name) for name in movement.__slots__ if name != "id"}
        self.account.movements.append(Movement(id=self._next_id(), **details))

    def month_total(self) -> Decimal:
        return sum((m.amount for m in self.account.movements[self._chapter_start :]), Decimal(0))

    def close(self) -> None:
        self.account.movements.sort(key=lambda m: (m.occurred_at, m.id))

    def _start_chapter(self, name: str) -> None:
        self._chapter = name
        self._chapter_start = len(self.account.movements)
        self.rng = random.Random(f"{self.account.id}/{name}")

    def _card_booking(self, day: date, at: datetime) -> datetime:
        if self.account.bank.shows_pending:
            for _ in range(self.pick(1, 2)):
                day = self.days.next_workday(day)
            return self.days.instant(day, 5, 30)
        tomorrow = day + _DAY
        # A bank without pending rows shows on the first day all that happened before it.
        at_once = tomorrow == self.days.first_day or self.rng.random() < 0.5
        return at if at_once else self.days.instant(tomorrow, 6)

    def _write(
        self, kind: Kind, amount: Decimal, at: datetime, booked_at: datetime, text: str, details: Details
    ) -> Movement:
        wired = details.get("counterparty_iban") is not None
        number = len(self.account.movements) - self._chapter_start
        movement = Movement(
            id=self._next_id(),
            amount=amount,
            kind=kind,
            occurred_at=at,
            booked_at=booked_at,
            text=text,
            end_to_end_id=f"E2E-{self.month}-{number:05d}" if wired else None,
            **details,
        )
        self.account.movements.append(movement)
        return movement

    def _next_id(self) -> str:
        return world_id(self.account.id, self._chapter, str(len(self.account.movements) - self._chapter_start))
