"""The types of events (providers/basiq.md, section 6.1)."""

from __future__ import annotations

# The descriptions are ours.
EVENT_TYPES = {
    "account.updated": "An account was retrieved for the first time, or more than its balance has changed",
    "connection.activated": "A connection became usable",
    "connection.created": "A person connected an institution",
    "connection.deleted": "A connection was deleted",
    "connection.invalidated": "The institution no longer lets the connection in",
    "connection.updated": "A connection was refreshed, or its login renewed",
    "consent.created": "A person gave a consent",
    "consent.expired": "A consent has ended",
    "consent.reminder": "A consent has not been changed for 90 days",
    "consent.revoked": "A consent was withdrawn",
    "consent.updated": "A consent was extended",
    "consent.warning": "A consent ends in seven days",
    "transactions.updated": "Transactions of a connection have been added",
    "user.created": "A user was created",
    "user.deleted": "A user was deleted",
    "user.updated": "A user was changed",
}
WITHOUT_WEBHOOK = frozenset({"connection.updated"})
SUBSCRIBABLE = frozenset(EVENT_TYPES) - WITHOUT_WEBHOOK
