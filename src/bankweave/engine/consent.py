"""Warning before a consent ends, once for each of some days before it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bankweave.model import Connection

WARNINGS = (timedelta(days=1), timedelta(days=7), timedelta(days=30))  # before the end; the nearest first


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWarning:
    """The consent ends soon: have the person renew it. The old access works until then."""

    valid_until: datetime
    days_left: int


def warning_for(connection: Connection, now: datetime) -> ConsentWarning | None:
    """Warn by the first sync after one of the days was reached, and not again before the next of them."""
    consent = connection.consent
    if consent is None or consent.status.is_ended or consent.valid_until is None or consent.valid_until <= now:
        return None
    told_until = max(filter(None, (connection.created_at, connection.synced_at, consent.valid_from)))
    end = consent.valid_until
    if any(told_until < end - before <= now for before in WARNINGS):
        return ConsentWarning(valid_until=end, days_left=(end - now).days)
    return None
