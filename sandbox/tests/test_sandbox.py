"""A sandbox in a test's own process starts, is moved, starts over and leaves nothing behind."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from bankweave_sandbox import PortInUseError, Sandbox
from bankweave_sandbox.dialect import Dialect
from bankweave_sandbox.world import World

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def echo(sandbox: Sandbox) -> Callable[[World], Dialect]:
    return type(sandbox.dialects["kontist"])


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


def test_origins_are_on_loopback_ports_of_their_own(sandbox: Sandbox) -> None:
    assert set(sandbox.urls) == {"kontist", "control"}
    assert {urlsplit(url).hostname for url in sandbox.urls.values()} == {"127.0.0.1"}
    assert len({port_of(url) for url in sandbox.urls.values()}) == 2


def test_answers_do_not_name_the_server_software(sandbox: Sandbox) -> None:
    assert "server" not in httpx.get(sandbox.urls["kontist"]).headers


def test_answers_are_sent_at_once(sandbox: Sandbox) -> None:
    """On a connection that is kept, Nagle's algorithm would hold each of them back for 40 ms."""
    with httpx.Client(base_url=sandbox.urls["control"]) as client:
        seconds = [client.get("/clock").elapsed.total_seconds() for _ in range(10)]

    assert min(seconds[1:]) < 0.03


def test_a_sandbox_is_moved_from_a_test(sandbox: Sandbox) -> None:
    account = sandbox.world.accounts[0]
    before = len(sandbox.world.entries(account))

    now = sandbox.advance(30 * 86400)

    assert now <= sandbox.clock.now() < now + timedelta(minutes=1)
    assert len(sandbox.world.entries(account)) > before + 20


def test_a_reset_keeps_the_ports(sandbox: Sandbox) -> None:
    urls, world = sandbox.urls, sandbox.world
    sandbox.advance(86400)

    sandbox.reset(seed=3)

    assert sandbox.urls == urls
    assert sandbox.world is not world
    assert httpx.get(f"{urls['control']}/").json()["seed"] == 3
    assert httpx.get(urls["kontist"]).status_code == 200


def test_the_clock_starts_where_it_is_told_to_even_after_a_reset(echo: Callable[[World], Dialect]) -> None:
    with Sandbox(start=START, dialects=[echo]) as sandbox:
        sandbox.advance(86400 * 9)
        sandbox.reset()

        assert START <= sandbox.clock.now() < START + timedelta(minutes=1)


def test_describe_tells_what_each_dialect_tells(sandbox: Sandbox) -> None:
    described = sandbox.describe()

    assert described["kontist"]["people"][0]["username"] == "anna@kontist.example"
    assert described["control"] == {"url": sandbox.urls["control"]}


def test_describe_needs_addresses(echo: Callable[[World], Dialect]) -> None:
    with pytest.raises(RuntimeError, match="before it is started"):
        Sandbox(dialects=[echo]).describe()


def test_what_fails_on_the_servers_thread_fails_in_the_test(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="only moves forward"):
        sandbox.advance(-1)


def test_ports_can_be_chosen(fresh_sandbox: Sandbox, echo: Callable[[World], Dialect]) -> None:
    port = port_of(fresh_sandbox.urls["kontist"])
    fresh_sandbox.stop()

    with Sandbox(ports={"kontist": port}, dialects=[echo]) as chosen:
        assert chosen.urls["kontist"] == f"http://127.0.0.1:{port}"
        assert httpx.get(chosen.urls["kontist"]).status_code == 200


def test_a_port_in_use_is_said_before_anything_runs(sandbox: Sandbox, echo: Callable[[World], Dialect]) -> None:
    threads = threading.active_count()
    taken = port_of(sandbox.urls["control"])
    second = Sandbox(ports={"control": taken}, dialects=[echo])

    with pytest.raises(PortInUseError, match=f"cannot serve control on port {taken}"):
        second.start()

    assert threading.active_count() == threads


def test_an_unknown_origin_is_refused(echo: Callable[[World], Dialect]) -> None:
    with pytest.raises(ValueError, match="no origin is called 'kontsit'; known: kontist, control"):
        Sandbox(ports={"kontsit": 1}, dialects=[echo])


def test_a_sandbox_is_not_started_twice(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError, match="running already"):
        sandbox.start()


def test_stopping_frees_ports_and_thread_even_with_clients_connected(fresh_sandbox: Sandbox) -> None:
    threads, url = threading.active_count(), fresh_sandbox.urls["kontist"]
    with httpx.Client(base_url=url) as client:
        client.get("/")  # the connection stays open
        fresh_sandbox.stop()
        fresh_sandbox.stop()

    assert threading.active_count() == threads - 1
    with socket.socket() as free, pytest.raises(ConnectionRefusedError):
        free.connect(("127.0.0.1", port_of(url)))


def test_stopping_does_not_wait_for_a_delay(fresh_sandbox: Sandbox) -> None:
    httpx.post(f"{fresh_sandbox.urls['control']}/faults", json={"provider": "kontist", "path": "/", "delay": 60})
    answers: list[int] = []
    waiting = threading.Thread(target=lambda: answers.append(httpx.get(fresh_sandbox.urls["kontist"]).status_code))
    waiting.start()
    while not httpx.get(f"{fresh_sandbox.urls['control']}/requests").json()["requests"]:
        pass

    fresh_sandbox.stop()

    waiting.join(timeout=5)
    assert answers == [200]


def test_a_stopped_sandbox_starts_again(fresh_sandbox: Sandbox) -> None:
    fresh_sandbox.stop()

    with fresh_sandbox:
        assert httpx.get(fresh_sandbox.urls["kontist"]).json()["asked"] == 1
