"""The types of events (providers/basiq.md, section 6.1)."""

from __future__ import annotations

from bankweave_sandbox.basiq.switches import Switches

# The descriptions are ours.
_EVENT_TYPES = {
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
_ARCHIVED = {"consent.archived": "A consent that has ended was put away"}
_WITHOUT_WEBHOOK = frozenset({"connection.updated"})


def event_types(switches: Switches) -> dict[str, str]:
    """Describe each type that is known. What archives a consent is undocumented: it never happens here."""
    return _EVENT_TYPES | (_ARCHIVED if switches.consent_archived else {})


def subscribable(switches: Switches) -> frozenset[str]:
    """Name the types that webhooks may be subscribed to."""
    return frozenset(event_types(switches)) - _WITHOUT_WEBHOOK
