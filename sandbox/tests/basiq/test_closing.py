"""A reset and the end of serving leave nothing of Basiq's open: no delivery, no socket, no timer."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable, Iterator

import httpx
import pytest

from bankweave_sandbox import Sandbox
from bankweave_sandbox.basiq import BasiqDialect

from .receiver import Receiver

HOOKS = "/notifications/webhooks"
SECONDS = 4  # more than anything here takes, and less than an endpoint may take to answer


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(dialects=[BasiqDialect]) as running:
        yield running


@pytest.fixture
def silent_endpoint() -> Iterator[socket.socket]:
    """An endpoint that takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(SECONDS)
        yield listening


def tell(sandbox: Sandbox, url: str) -> None:
    """Register a webhook for new users, and make one."""
    about = sandbox.describe()["basiq"]
    with httpx.Client(base_url=about["url"], trust_env=False) as client:
        key = {"Authorization": f"Basic {about['settings']['api_key']}", "basiq-version": "3.0"}
        token = client.post("/token", data={"scope": "SERVER_ACCESS"}, headers=key).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        assert client.post(HOOKS, json={"url": url, "subscribedEvents": ["user.created"]}).status_code == 201
        assert client.post("/users", json={"email": "anna@mail.example"}).status_code == 201


def take_call(listening: socket.socket) -> socket.socket:
    call, _ = listening.accept()
    call.settimeout(SECONDS)
    assert call.recv(16) == b"POST / HTTP/1.1\r"[:16]
    return call


def rest_of(call: socket.socket) -> bytes:
    """Read until the caller hangs up; fail when it does not."""
    return b"".join(iter(lambda: call.recv(65536), b""))


@pytest.mark.parametrize("end", [Sandbox.reset, Sandbox.stop])
def test_a_delivery_that_waits_for_an_answer_is_hung_up(
    sandbox: Sandbox, silent_endpoint: socket.socket, end: Callable[[Sandbox], None]
) -> None:
    tell(sandbox, f"http://127.0.0.1:{silent_endpoint.getsockname()[1]}/")
    with take_call(silent_endpoint) as call:
        end(sandbox)
        assert b"user.created" in rest_of(call)
    gc.collect()  # a socket left open would warn, and warnings are errors


def test_who_waits_for_deliveries_is_answered_when_they_are_broken_off(
    sandbox: Sandbox, silent_endpoint: socket.socket
) -> None:
    tell(sandbox, f"http://127.0.0.1:{silent_endpoint.getsockname()[1]}/")
    with take_call(silent_endpoint):
        old = sandbox.dialects["basiq"]
        assert isinstance(old, BasiqDialect)
        waiting = sandbox.run(lambda: asyncio.ensure_future(old.platform.all_delivered()))
        sandbox.reset()
        sandbox.stop()
    assert waiting.done()
    assert not waiting.cancelled()  # as it would be, had it waited until the loop was closed
    assert waiting.exception() is None


def test_after_a_reset_the_old_webhooks_are_told_nothing(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.status = 503
    tell(sandbox, receiver.url)
    assert receiver.wait_for(1)
    sandbox.reset()
    sandbox.advance(86_400)
    assert httpx.get(f"{sandbox.urls['control']}/basiq/messages", trust_env=False).json() == []
    assert len(receiver.deliveries) == 1


def test_a_sandbox_that_is_started_again_delivers_what_was_broken_off(
    sandbox: Sandbox, silent_endpoint: socket.socket
) -> None:
    tell(sandbox, f"http://127.0.0.1:{silent_endpoint.getsockname()[1]}/")
    with take_call(silent_endpoint) as call:
        sandbox.stop()
        first = rest_of(call)
    sandbox.start()
    httpx.get(sandbox.urls["basiq"] + "/connectors", trust_env=False)  # Basiq looks at what is due with each call
    with take_call(silent_endpoint) as call:
        sandbox.stop()
        assert _message_id(rest_of(call)) == _message_id(first)


def _message_id(request: bytes) -> bytes:
    return next(line for line in request.splitlines() if line.startswith(b"webhook-id:"))
