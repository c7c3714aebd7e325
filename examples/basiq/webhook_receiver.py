"""Take Basiq's webhooks, and sync whom they are about.

    bankweave basiq webhooks create CONNECTION https://app.example/basiq --event transactions.updated --event consent.revoked
    BASIQ_WEBHOOK_SECRET=whsec_... uvicorn --app-dir examples/basiq webhook_receiver:app --port 8920
    python examples/basiq/webhook_receiver.py work        # beside it, every minute: sync what is due

The endpoint checks signature and age, takes each message once, and answers at once: all it does is to write down that a user
is due. A delivery that could not be written down comes again. Basiq tries for about 28 hours; `work` reads the events
of the last seven days as well, so that nothing is missed when the endpoint was away for longer.

    pip install 'bankweave-basiq[webhooks]' uvicorn
"""

from __future__ import annotations

import os
import sys
from hashlib import sha256
from pathlib import Path

from bankweave import Bankweave
from bankweave_basiq import BasiqClient
from bankweave_basiq.webhooks import App, WebhookEvent, webhook_endpoint

DUE = Path("due")  # a table of your own: a file for each user at Basiq that has news


def mark_due(event: WebhookEvent) -> None:
    if event.user_id is not None:
        DUE.mkdir(exist_ok=True)
        _file(event.user_id).touch()


def _file(user_id: str) -> Path:
    return DUE / sha256(user_id.encode()).hexdigest()


def make_app(secret: str) -> App:
    return webhook_endpoint(secret, mark_due, seen="webhooks.db")


def work(bank: Bankweave) -> None:
    """Sync the connections of every user that is due. What fails stays due."""
    for connection in bank.connections():
        if connection.adapter != "basiq":
            continue
        client = bank.client(connection.id, BasiqClient)
        due, news = _file(client.users.id()), client.events.unread()
        if not (due.exists() or news.events or news.gap):
            continue
        report = bank.sync(connection_id=connection.id)
        print(f"{connection.id}: {report.connections[0].outcome}, {report.counts.added} added")
        client.events.mark_read(news)
        due.unlink(missing_ok=True)


if "BASIQ_WEBHOOK_SECRET" in os.environ:
    app = make_app(os.environ["BASIQ_WEBHOOK_SECRET"])

if __name__ == "__main__":
    if sys.argv[1:] != ["work"]:
        sys.exit(__doc__)
    with Bankweave() as opened:
        work(opened)
