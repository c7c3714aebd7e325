"""Take Basiq's webhooks, and sync whom they are about.

    bankweave basiq webhooks create https://app.example/basiq --event transactions.updated --event consent.revoked
    BASIQ_WEBHOOK_SECRET=whsec_... uvicorn --app-dir examples/basiq webhook_receiver:app --port 8920
    python examples/basiq/webhook_receiver.py work        # beside it, every minute: sync what is due

The endpoint checks signature and age, takes each message once, and answers at once: all it does is to mark connections as
due, in the store. A delivery that could not be written down comes again. Basiq tries for about 28 hours; `work` reads the
events of the last seven days as well, so that nothing is missed when the endpoint was away for longer.
A sync makes events itself: only what happened after it calls for another one.

    pip install 'bankweave-basiq[webhooks]' uvicorn
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

from bankweave import Bankweave, Connection
from bankweave_basiq import BasiqClient
from bankweave_basiq.webhooks import App, WebhookEvent, webhook_endpoint

NEWS = {"transactions.updated", "account.updated", "connection.invalidated", "consent.revoked", "consent.expired"}
ON_THE_WAY = timedelta(minutes=1)  # so long may Basiq take to deliver what a sync itself has brought about


def make_app(secret: str) -> App:
    return webhook_endpoint(secret, mark_due, seen="webhooks.db")


def mark_due(event: WebhookEvent) -> None:
    """Mark every connection of the person; a user at Basiq is one owner. Runs in a worker thread."""
    with Bankweave() as bank:
        for connection, client in connections(bank):
            is_theirs = client.users.id() == event.user_id
            if is_theirs and is_news(connection, event.event_type, event.sent_at - ON_THE_WAY):
                bank.mark_due(connection.id)


def work(bank: Bankweave) -> None:
    """Sync what is due. What fails stays due, durably, so that its events need not be read again."""
    found = [(connection, client, client.events.unread()) for connection, client in connections(bank)]
    for connection, _, unread in found:
        if unread.gap or any(is_news(connection, event.kind, event.created_date) for event in unread.events):
            bank.mark_due(connection.id)
    for _, client, unread in found:  # after all: connections of one owner share what was read
        client.events.mark_read(unread)
    for one in bank.sync(adapter="basiq", due=True).connections:
        print(f"{one.connection_id}: {one.outcome}, {one.counts.added} added")


def is_news(connection: Connection, kind: str, at: datetime | None) -> bool:
    """Whether something is not in the store yet. What was missed by a hair comes with the event after it."""
    return kind in NEWS and (at is None or connection.synced_at is None or at > connection.synced_at)


def connections(bank: Bankweave) -> Iterator[tuple[Connection, BasiqClient]]:
    for connection in bank.connections():
        if connection.adapter == "basiq":
            yield connection, bank.client(connection.id, BasiqClient)


if "BASIQ_WEBHOOK_SECRET" in os.environ:
    app = make_app(os.environ["BASIQ_WEBHOOK_SECRET"])

if __name__ == "__main__":
    if sys.argv[1:] != ["work"]:
        sys.exit(__doc__)
    with Bankweave() as opened:
        work(opened)
