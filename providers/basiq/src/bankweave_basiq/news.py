"""Which of Basiq's events call for a sync (section 6.1)."""

from __future__ import annotations

from datetime import datetime, timedelta

_OF_A_SYNC = frozenset(
    {"transactions.updated", "account.updated", "connection.activated", "connection.invalidated", "consent.updated"}
)
_ENDS = frozenset({"consent.revoked", "consent.expired", "connection.deleted"})

ON_THE_WAY = timedelta(minutes=1)
"""So long may Basiq take to deliver what a sync itself has brought about; undocumented."""


def calls_for_sync(kind: str, at: datetime | None, synced_at: datetime | None) -> bool:
    """Whether an event of a kind, at an instant, tells something that a connection synced then does not have.

    Connecting, and the refresh that a sync begins with, make events themselves: of those kinds, only what happened after the
    sync counts, or whoever syncs for every event would sync for ever. An end always counts: a sync may have been under way.
    """
    if kind in _OF_A_SYNC:
        return at is None or synced_at is None or at > synced_at
    return kind in _ENDS
