"""Kontist's calendar: days are Berlin days, sent as the instant of their midnight (providers/kontist.md section 6.4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

_BERLIN = ZoneInfo("Europe/Berlin")
_FIRST_DAY = date(2000, 1, 1)  # long before there was a Kontist; earlier midnights are not all expressible in UTC


@lru_cache(maxsize=4096)
def read_instant(value: str | int) -> datetime:
    """Read an ISO date-time or epoch milliseconds as UTC. Raises `ValueError` for anything else.

    One documented sample shows epoch milliseconds in a string where all others are ISO.
    """
    try:
        if isinstance(value, int) or value.isdecimal():
            return datetime.fromtimestamp(int(value) / 1000, UTC)
        instant = datetime.fromisoformat(value)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, OSError):
        raise ValueError("an instant outside the calendar") from None


@lru_cache(maxsize=4096)
def berlin_day(value: str | int) -> date:
    """Tell the Berlin day of an instant as Kontist writes it; a bare date is that day already."""
    if isinstance(value, str) and len(value) == len("2026-01-31") and not value.isdecimal():
        return date.fromisoformat(value)
    try:
        return read_instant(value).astimezone(_BERLIN).date()
    except OverflowError:
        raise ValueError("an instant outside the calendar") from None


def berlin_today(now: datetime) -> date:
    return now.astimezone(_BERLIN).date()


def midnight(day: date) -> str:
    """Write the midnight that begins a Berlin day as Kontist's filters take it."""
    start = datetime.combine(max(day, _FIRST_DAY), time.min, tzinfo=_BERLIN)
    return start.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def noon(day: date) -> str:
    """Write a day for Kontist to act on: noon in UTC is the same day in Berlin, and what it is rounded to (section 7.2)."""
    return f"{day.isoformat()}T12:00:00.000Z"
