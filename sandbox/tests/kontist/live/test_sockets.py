"""Open sockets of a running sandbox: controls, faults, the request log, reset and stop."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bankweave_sandbox import Sandbox
from bankweave_sandbox.kontist import KontistDialect

ANNA = {"username": "anna@kontist.example", "password": "Anna-2026", "grant_type": "password"}


@pytest.fixture(scope="module")
def _running() -> Iterator[Sandbox]:
    with Sandbox(dialects=[KontistDialect]) as running:
        yield running


@pytest.fixture
def sandbox(_running: Sandbox) -> Sandbox:
    _running.reset()
    return _running


def sign_in(sandbox: Sandbox) -> str:
    described = sandbox.describe()["kontist"]["settings"]
    client = {"client_id": described["client_id"], "client_secret": described["client_secret"]}
    form = {**ANNA, **client, "scope": "users accounts transactions"}
    return str(httpx.post(f"{sandbox.urls['kontist']}/api/oauth/token", data=form).json()["access_token"])


@contextmanager
def opened(sandbox: Sandbox) -> Iterator[ClientConnection]:
    url = sandbox.urls["kontist"].replace("http", "ws") + "/api/graphql"
    with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], open_timeout=5, close_timeout=5) as socket:
        yield socket


@contextmanager
def subscribed(sandbox: Sandbox) -> Iterator[ClientConnection]:
    with opened(sandbox) as socket:
        begin = {"type": "connection_init", "payload": {"Authorization": f"Bearer {sign_in(sandbox)}"}}
        socket.send(json.dumps(begin))
        assert read(socket) == {"type": "connection_ack"}
        query = "subscription {newTransaction {amount}}"
        socket.send(json.dumps({"type": "subscribe", "id": "s1", "payload": {"query": query}}))
        socket.send('{"type": "ping"}')
        assert read(socket) == {"type": "pong"}
        yield socket


def read(socket: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(socket.recv(timeout=5)))


def closing_code(socket: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=5)
    return 1006 if closed.value.rcvd is None else closed.value.rcvd.code


def control(sandbox: Sandbox, method: str, path: str, body: object = None) -> Any:
    response = httpx.request(method, sandbox.urls["control"] + path, json=body)
    assert response.status_code < 300, response.text
    return response.json()


def test_a_payment_at_the_control_origin_arrives(sandbox: Sandbox) -> None:
    account = next(a for a in sandbox.world.accounts if a.bank.id == "kontist")
    with subscribed(sandbox) as socket:
        control(sandbox, "POST", "/payments", {"account": account.id, "amount": "-12.34", "text": "Dinner"})

        assert read(socket)["payload"] == {"data": {"newTransaction": {"amount": -1234}}}


def test_a_declined_card_payment_arrives_too(sandbox: Sandbox) -> None:
    card = next(c for c in control(sandbox, "GET", "/kontist/cards") if c["person"] == "anna@kontist.example")
    with subscribed(sandbox) as socket:
        control(sandbox, "POST", f"/kontist/cards/{card['id']}/pay", {"amount": "99999.00"})

        assert read(socket)["payload"] == {"data": {"newTransaction": {"amount": -9_999_900}}}


def test_open_sockets_are_listed(sandbox: Sandbox) -> None:
    with subscribed(sandbox):
        listed = control(sandbox, "GET", "/kontist/sockets")

    assert [(s["person"], s["subscriptions"]) for s in listed] == [("anna@kontist.example", ["s1"])]


@pytest.mark.parametrize("code", [1012, 4403, 1006])
def test_sockets_are_closed_with_any_code(sandbox: Sandbox, code: int) -> None:
    with subscribed(sandbox) as socket:
        assert control(sandbox, "POST", "/kontist/sockets/close", {"code": code}) == {"closed": 1}

        assert closing_code(socket) == code
    assert control(sandbox, "GET", "/kontist/sockets") == []


def test_a_code_that_no_server_sends_is_refused(sandbox: Sandbox) -> None:
    response = httpx.post(f"{sandbox.urls['control']}/kontist/sockets/close", json={"code": 1005})

    assert response.status_code == 400


def test_the_server_pings_when_asked_to(sandbox: Sandbox) -> None:
    with subscribed(sandbox) as socket:
        control(sandbox, "POST", "/kontist/sockets/ping")

        assert read(socket) == {"type": "ping"}


def test_the_handshake_is_in_the_request_log(sandbox: Sandbox) -> None:
    with subscribed(sandbox):
        pass

    logged = control(sandbox, "GET", "/requests?path=/api/graphql")["requests"]
    assert [(r["method"], r["status"]) for r in logged] == [("GET", 101)]


def test_a_fault_refuses_the_handshake(sandbox: Sandbox) -> None:
    control(sandbox, "POST", "/faults", {"provider": "kontist", "path": "/api/graphql", "status": 503})

    with pytest.raises(InvalidStatus) as refused, opened(sandbox):
        pass

    assert refused.value.response.status_code == 503
    with subscribed(sandbox):
        assert len(control(sandbox, "GET", "/kontist/sockets")) == 1


def test_a_fault_cuts_the_handshake(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    control(sandbox, "POST", "/faults", {"provider": "kontist", "path": "/api/graphql", "truncate": 0})

    with pytest.raises(InvalidStatus) as refused, opened(sandbox):
        pass

    assert refused.value.response.status_code == 500
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


def test_a_reset_closes_open_sockets(sandbox: Sandbox) -> None:
    with subscribed(sandbox) as socket:
        sandbox.reset()

        assert closing_code(socket) == 1012


def test_stopping_closes_open_sockets_quickly_and_silently(caplog: pytest.LogCaptureFixture) -> None:
    with Sandbox(dialects=[KontistDialect]) as sandbox, subscribed(sandbox) as one, opened(sandbox) as another:
        sandbox.stop()

        assert [closing_code(one), closing_code(another)] == [1001, 1001]
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
