"""A webhook of the sandbox, delivered over loopback to the endpoint."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from rigs import basiq_rig
from sandboxed import Control, SandboxClock, clock, control, control_origin, running_sandbox, sandbox

from bankweave import Bankweave
from bankweave.config import Config
from bankweave.vault import generate_key
from bankweave_basiq.blocking import BasiqClient
from bankweave_basiq.webhooks import App, Receive, Scope, Send, WebhookEvent, webhook_endpoint

__all__ = ["clock", "control", "control_origin", "running_sandbox", "sandbox"]


class Late:
    """An application that is known only when its secret is."""

    app: App

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@contextmanager
def serving(app: Late) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app.serve, port=0, log_level="error", lifespan="off", interface="asgi3"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}/basiq"
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # uvicorn's own, of a library below it
def test_what_the_bank_has_anew_is_delivered_and_verified(
    control: Control, clock: SandboxClock, tmp_path: Path
) -> None:
    rig, told, late = basiq_rig(control, "ashMann", days=10), list[WebhookEvent](), Late()
    config = Config(store=tmp_path / "bank.db", vault_keys=generate_key(), adapters={"basiq": dict(rig.settings)})
    with serving(late) as url, Bankweave(config=config, clock=clock) as bank:
        flow = bank.connect("basiq", owner="anna", options={"email": "anna@mail.example"})
        connection = bank.wait(bank.resume(rig.person.sign_in(flow) or "").id).connection_id
        basiq = bank.client(connection, BasiqClient)
        made = basiq.webhooks.create(url, ["consent.revoked"])
        assert made.secret is not None
        late.app = webhook_endpoint(made.secret, told.append, seen=tmp_path / "seen.db", now=clock.now)
        clock.sandbox.run(clock.sandbox.clock.advance, timedelta(minutes=20))  # its time to cool off
        (agreed,) = basiq.consents.list()
        basiq.consents.delete(agreed.id)
        assert [m["status"] for m in control.client.get("/basiq/messages").json()], (
            "all that is due is delivered by then"
        )
        assert [(event.event_type, event.user_id) for event in told] == [("consent.revoked", basiq.users.id())]
        (message,) = basiq.webhooks.messages(made.id)
        assert message.is_delivered
