"""How Basiq writes times."""

from __future__ import annotations

from datetime import UTC, datetime

from bankweave_sandbox.basiq.switches import Switches


def instant(at: datetime, switches: Switches) -> str:
    """Write a time as RFC 3339 in UTC, with or without milliseconds by switch."""
    precision = "milliseconds" if switches.timestamps == "milliseconds" else "seconds"
    return at.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
