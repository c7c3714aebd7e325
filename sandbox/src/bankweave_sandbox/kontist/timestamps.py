"""The DateTime scalar: ISO 8601 in UTC with milliseconds, and the German day as its midnight (section 6.4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from graphql import GraphQLError

_BERLIN = ZoneInfo("Europe/Berlin")


@lru_cache(maxsize=4096)
def berlin_midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), _BERLIN).astimezone(UTC)


def berlin_day(instant: datetime) -> date:
    return instant.astimezone(_BERLIN).date()


def next_month(day: date) -> date:
    """Give the first day of the month after the day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def format_instant(value: object) -> str:
    if not isinstance(value, datetime):
        raise GraphQLError(f"DateTime cannot represent {value!r}")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_instant(value: object) -> datetime:
    """Read what JavaScript's Date would: an instant with an offset or, taken as UTC, a plain date or time."""
    if not isinstance(value, str):
        raise GraphQLError("DateTime must be an ISO 8601 string")
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise GraphQLError(f"DateTime cannot represent an invalid date: {value}") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
