"""When Basiq refreshes a connection that nobody asked it to (providers/basiq.md, sections 3.1 and 4.5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from bankweave_sandbox.basiq.state import Connection
from bankweave_sandbox.basiq.switches import Switches

_RETRY_PAUSE, _RETRIED_FOR = timedelta(hours=2), timedelta(days=7)  # section 4.5


def next_refresh(connection: Connection, switches: Switches) -> datetime | None:
    """Say when, if at all; never where the bank may ask the person (section 3.1)."""
    if connection.connector.asks_mfa:
        return None
    if connection.status == "invalid":
        return _next_retry(connection, switches)
    hours = switches.auto_refresh_hours
    return connection.last_used + timedelta(hours=hours) if hours and connection.status == "active" else None


def _next_retry(connection: Connection, switches: Switches) -> datetime | None:
    """Say when a corrected login that failed is tried again (section 4.5)."""
    if connection.login_changed is None or not switches.retries_after_update:
        return None
    due = connection.last_used + _RETRY_PAUSE
    return due if due <= connection.login_changed + _RETRIED_FOR else None
