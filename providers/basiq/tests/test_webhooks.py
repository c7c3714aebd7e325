"""Deliveries of Basiq: what is taken, what is refused, and what comes again."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from providers.basiq.tests.conftest import BASE, NOW, USER

from bankweave.errors import ConfigurationError
from bankweave_basiq.webhooks import App, WebhookEvent, read_event, verify, webhook_endpoint

pytestmark = pytest.mark.anyio

KEY = b"basiq-sample-signing-key"
SECRET = "whsec_" + b64encode(KEY).decode()
SAMPLE = Path(__file__).parents[4] / "shared" / "samples" / "basiq" / "webhook-delivery.json"
ENTITY = f"{BASE}/users/{USER}/transactions?filter=connection.id.eq('con-1')"
PAYLOAD = {
    "eventTypeId": "transactions.updated",
    "eventId": "event-1",
    "links": {"event": f"{BASE}/events/event-1", "eventEntity": ENTITY},
}


def signature(body: bytes, id_: str = "msg-1", at: datetime = NOW, key: bytes = KEY) -> str:
    signed = f"{id_}.{int(at.timestamp())}.".encode() + body
    return "v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@dataclass
class Program:
    """A program with an endpoint, and what it was told."""

    path: Path
    told: list[WebhookEvent] = field(default_factory=list)
    fails: bool = False
    clock: datetime = NOW

    def app(self, secret: Any = SECRET, seen: Any = "file") -> App:
        kept = self.path / "seen.db" if seen == "file" else seen
        return webhook_endpoint(secret, self.take, seen=kept, now=lambda: self.clock)

    async def take(self, event: WebhookEvent) -> None:
        if self.fails:
            raise RuntimeError("the queue is full of anna@example.com")
        self.told.append(event)

    async def deliver(self, body: bytes = b"", app: App | None = None, **headers: str | None) -> int:
        body = body or json.dumps(PAYLOAD).encode()
        sent = {
            "webhook-id": "msg-1",
            "webhook-timestamp": str(int(self.clock.timestamp())),
            "webhook-signature": signature(body, headers.get("webhook_id") or "msg-1", self.clock),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return await post(app or self.app(), body, {name: value for name, value in sent.items() if value is not None})


async def post(app: App, body: bytes, headers: dict[str, str], method: str = "POST") -> int:
    half = len(body) // 2
    incoming = [{"body": body[:half], "more_body": True}, {"body": body[half:], "more_body": False}]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", **incoming.pop(0)}

    async def send(message: Any) -> None:
        sent.append(message)

    raw = [(name.title().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await app({"type": "http", "method": method, "headers": raw}, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[1]["body"] == b""
    return int(sent[0]["status"])


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


async def test_delivery_is_told_with_whom_and_what_it_is_about(program: Program) -> None:
    assert await program.deliver() == 204
    (event,) = program.told
    assert (event.message_id, event.event_id, event.event_type) == ("msg-1", "event-1", "transactions.updated")
    assert (event.user_id, event.connection, event.sent_at) == (USER, "con-1", NOW)
    assert ENTITY not in repr(event)


async def test_plain_function_is_told_too(tmp_path: Path) -> None:
    program = Program(tmp_path)
    app = webhook_endpoint(SECRET, program.told.append, now=lambda: NOW)
    assert await program.deliver(app=app) == 204
    assert len(program.told) == 1


async def test_function_that_gives_something_to_await_is_awaited(program: Program) -> None:
    def take(event: WebhookEvent) -> Awaitable[None]:
        return program.take(event)

    await program.deliver(app=webhook_endpoint(SECRET, take, now=lambda: NOW))
    assert len(program.told) == 1


async def test_same_message_is_told_once_in_all_processes(program: Program) -> None:
    for _ in range(3):
        assert await program.deliver(app=program.app()) == 204
    program.clock += timedelta(hours=10)  # a retry has another time and the same id
    assert await program.deliver(app=program.app()) == 204
    assert len(program.told) == 1
    assert await program.deliver(webhook_id="msg-2") == 204
    assert len(program.told) == 2


async def test_without_a_file_the_process_remembers(program: Program) -> None:
    app = program.app(seen=None)
    for _ in range(2):
        assert await program.deliver(app=app) == 204
    assert len(program.told) == 1


async def test_event_that_could_not_be_taken_comes_again(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    program.fails = True
    assert await program.deliver() == 500
    assert "anna" not in caplog.text
    program.fails = False
    assert await program.deliver() == 204
    assert len(program.told) == 1


@pytest.mark.parametrize("seconds", [-300, 0, 300])
async def test_delivery_may_be_five_minutes_off(program: Program, seconds: int) -> None:
    app, body = program.app(), json.dumps(PAYLOAD).encode()
    at = NOW + timedelta(seconds=seconds)
    headers = {"webhook-id": "m", "webhook-timestamp": str(int(at.timestamp()))}
    assert await post(app, body, {**headers, "webhook-signature": signature(body, "m", at)}) == 204


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
async def test_old_and_future_deliveries_are_refused_though_signed(program: Program, seconds: int) -> None:
    app, body = program.app(), json.dumps(PAYLOAD).encode()
    at = NOW + timedelta(seconds=seconds)
    headers = {"webhook-id": "m", "webhook-timestamp": str(int(at.timestamp()))}
    assert await post(app, body, {**headers, "webhook-signature": signature(body, "m", at)}) == 401
    assert program.told == []


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook_id": None},
        {"webhook_timestamp": None},
        {"webhook_signature": None},
        {"webhook_id": ""},
        {"webhook_id": "x" * 201},
        {"webhook_timestamp": "soon"},
        {"webhook_timestamp": "9" * 30},
        {"webhook_timestamp": "1e9"},
        {"webhook_signature": "nonsense"},
        {"webhook_signature": "v1,"},
        {"webhook_signature": "v1,!!!"},
        {"webhook_signature": "v1a," + signature(json.dumps(PAYLOAD).encode())[3:]},
        {"webhook_signature": signature(json.dumps(PAYLOAD).encode(), key=b"another key")},
        {"webhook_signature": signature(b"another body")},
        {"webhook_signature": signature(json.dumps(PAYLOAD).encode(), "another-id")},
        {"webhook_signature": "\xff,\xe9"},
    ],
)
async def test_delivery_that_is_not_signed_is_refused(program: Program, headers: dict[str, str | None]) -> None:
    assert await program.deliver(**headers) == 401  # type: ignore[arg-type]  # the first parameter is not among them
    assert program.told == []


async def test_one_right_signature_of_several_is_enough(program: Program) -> None:
    body = json.dumps(PAYLOAD).encode()
    several = f"v2,abc v1,wrong {signature(body)}"
    assert await program.deliver(body, webhook_signature=several) == 204


async def test_two_secrets_are_good_while_one_replaces_the_other(program: Program) -> None:
    app = program.app(secret=["whsec_" + b64encode(b"new").decode(), SECRET])
    assert await program.deliver(app=app) == 204


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        (SECRET.rstrip("="), KEY),
        (b64encode(KEY).decode(), KEY),
        ("plain-secret!", b"plain-secret!"),
    ],
)
async def test_secret_may_lack_its_padding_or_prefix(program: Program, secret: str, key: bytes) -> None:
    body = json.dumps(PAYLOAD).encode()
    app = program.app(secret=secret)
    assert await program.deliver(body, app=app, webhook_signature=signature(body, key=key)) == 204


@pytest.mark.parametrize("secret", ["", "whsec_", [], [""]])
def test_secret_that_is_none_is_said_at_once(program: Program, secret: Any) -> None:
    with pytest.raises(ConfigurationError):
        program.app(secret=secret)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"nonsense", b'{"eventId":"","eventTypeId":"x"}', b'{"eventId":1}'])
async def test_signed_nonsense_costs_no_endpoint(program: Program, body: bytes) -> None:
    assert await program.deliver(body) == 204
    assert program.told == []


async def test_body_that_is_no_text_is_refused(program: Program) -> None:
    assert await program.deliver(b"\xff\xfe") == 401


async def test_huge_bodies_and_other_methods_are_refused(program: Program) -> None:
    assert await program.deliver(b"x" * 70_000) == 413
    assert await post(program.app(), b"", {}, "GET") == 405


async def test_server_may_begin_and_end(program: Program) -> None:
    phases = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        return dict(phases.pop(0))

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await program.app()({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_sender_that_goes_away_is_not_waited_for(program: Program) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await program.app()({"type": "http", "method": "POST", "headers": []}, receive, send)
    assert program.told == []


@settings(deadline=None, max_examples=200)
@given(
    headers=st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text(max_size=40)
    ),
    body=st.binary(max_size=60),
)
def test_nobody_gets_in_by_chance_and_nothing_breaks(headers: dict[str, str], body: bytes) -> None:
    from standardwebhooks import Webhook

    assert verify([Webhook(SECRET)], headers, body, NOW) is None
    read_event("m", NOW, body)


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the file shared/samples/basiq/webhook-delivery.json is missing")
def test_sample_is_verified() -> None:
    from standardwebhooks import Webhook

    sample = json.loads(SAMPLE.read_text())
    headers = {name.lower(): value for name, value in sample["headers"].items()}
    body = sample["raw_body"].encode()
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), NOW.tzinfo)
    found = verify([Webhook(sample["_secret"])], headers, body, at)
    assert found == (headers["webhook-id"], at)
