"""Take Basiq's webhooks, and sync whom they are about.

    bankweave basiq webhooks create https://app.example/basiq --event transactions.updated --event consent.revoked
    BASIQ_WEBHOOK_SECRET=whsec_... uvicorn --app-dir examples/basiq webhook_receiver:app --port 8920
    python examples/basiq/webhook_receiver.py work        # beside it, every minute: sync what is due

The endpoint checks signature and age, takes each message once, and answers at once: all it does is to mark connections as
due, in the store. A delivery that could not be written down comes again. Basiq tries for about 28 hours; `work` reads the
events of the last seven days as well, so that nothing is missed when the endpoint was away for longer.
A sync makes events itself; `calls_for_sync` tells those from news.

What the sync does when the person has revoked the consent is a setting (`on_revoked`): keep what is stored, de-identify it,
or erase it. The event alone erases nothing: the sync asks Basiq how the consent stands.

    pip install 'bankweave-basiq[webhooks]' uvicorn
"""

from __future__ import annotations

import os
import sys

from bankweave import Bankweave
from bankweave_basiq import BasiqClient
from bankweave_basiq.client import BasiqEvent
from bankweave_basiq.webhooks import App, WebhookEvent, webhook_endpoint


def make_app(secret: str) -> App:
    return webhook_endpoint(secret, take, seen="webhooks.db")


def take(event: WebhookEvent) -> None:
    """Runs in a worker thread."""
    with Bankweave() as bank:
        mark_due(bank, event)


def work(bank: Bankweave) -> None:
    """Sync what is due. What fails stays due, durably, so that its events need not be read again."""
    events = bank.client_of("basiq", BasiqClient).events
    unread = events.unread(everybody=True)
    for event in unread.events:
        mark_due(bank, event)
    if unread.gap:
        for connection in bank.connections(adapter="basiq"):
            bank.mark_due(connection.id)
    events.mark_read(unread)
    for one in bank.sync(adapter="basiq", due=True).connections:
        print(f"{one.connection_id}: {one.outcome}, {one.counts.added} added")


def mark_due(bank: Bankweave, event: WebhookEvent | BasiqEvent) -> None:
    """Mark the connections that have not heard of it yet; what names no user (None) may be about anybody."""
    for connection in bank.connections(adapter="basiq", subject=event.user_id):
        if event.calls_for_sync(connection.synced_at):
            bank.mark_due(connection.id)


if "BASIQ_WEBHOOK_SECRET" in os.environ:
    app = make_app(os.environ["BASIQ_WEBHOOK_SECRET"])

if __name__ == "__main__":
    if sys.argv[1:] != ["work"]:
        sys.exit(__doc__)
    with Bankweave() as opened:
        work(opened)
