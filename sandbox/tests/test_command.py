"""The command serves the three dialects in a process of its own until it is told to stop."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import IO, Any
from urllib.parse import urlsplit

import httpx
import pytest

Command = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def command() -> Iterator[Command]:
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        line = [sys.executable, "-W", "error", "-m", "bankweave_sandbox", *arguments]
        started.append(subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def said(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def described(process: subprocess.Popen[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(said(process.stdout).readline())
    return told


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    # Not `communicate`: it forgets what `readline` has read ahead.
    out, err = said(process.stdout).read(), said(process.stderr).read()
    return process.wait(timeout=10), out, err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_json_is_one_line_and_a_signal_ends_it_cleanly(command: Command, number: signal.Signals) -> None:
    process = command("--json", "--seed", "5", "--redirect-url", "http://127.0.0.1:5000/back")

    told = described(process)

    assert set(told) == {"kontist", "kontomatik", "basiq", "control"}
    for name in ("kontist", "kontomatik", "basiq"):
        assert set(told[name]) >= {"url", "credentials", "people", "settings", "scenarios", "switches"}
    with httpx.Client(base_url=told["control"]["url"]) as control:
        assert control.get("/").json()["seed"] == 5
        assert control.get("/redirect-url").json() == {"url": "http://127.0.0.1:5000/back"}
    process.send_signal(number)
    assert ended(process) == (0, "", "")


def test_the_table_is_for_people(command: Command) -> None:
    process = command()
    assert "Ctrl-C stops it" in said(process.stdout).readline()
    process.terminate()

    status, out, err = ended(process)

    assert (status, err) == (0, "")
    assert "http://127.0.0.1:" in out
    for username in ("anna@kontist.example", "test1", "gavinBelson"):
        assert username in out


def test_every_port_can_be_chosen(command: Command) -> None:
    names = ("kontist", "kontomatik", "basiq", "control")
    sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in names}
    ports = {name: taken.getsockname()[1] for name, taken in sockets.items()}
    for taken in sockets.values():
        taken.close()

    process = command("--json", *(word for name, port in ports.items() for word in (f"--{name}-port", str(port))))

    assert {name: urlsplit(told["url"]).port for name, told in described(process).items()} == ports


def test_a_port_in_use_is_said_clearly(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        status, out, err = ended(command("--json", "--basiq-port", str(port)))

    assert (status, out) == (2, "")
    assert err.startswith(f"bankweave-sandbox: cannot serve basiq on port {port}: ")
    assert len(err.splitlines()) == 1


def test_a_port_that_is_none_is_refused(command: Command) -> None:
    status, _, err = ended(command("--control-port", "70000"))

    assert status == 2
    assert "a port is a number from 0 to 65535" in err
