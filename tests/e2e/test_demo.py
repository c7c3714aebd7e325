"""The demo, as anybody would run it: six banks, three providers, no difference from the truth."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bankweave.cli.demo.world import running_sandbox

COMMAND = [sys.executable, "-c", "from bankweave.cli import main; main()", "demo"]


@pytest.mark.timeout(180)
def test_the_demo_pulls_exactly_what_is_true(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    result = subprocess.run(
        [*COMMAND, "--json", "--keep", str(kept)], capture_output=True, text=True, timeout=170, check=False
    )
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["differences"] == []
    assert (told["connections"], told["accounts"]) == (6, 14)
    first, second, third = [(sync["added"], sync["modified"], sync["removed"]) for sync in told["syncs"]]
    assert first == (told["transactions"] - 3, 0, 0)
    assert second == (0, 0, 0)
    assert third == (3, 0, 0)
    _check_story(result.stderr)
    _check_store(kept / "bank.db", told)


def _check_story(story: str) -> None:
    """Every kind of interaction was met on the way, and the pages were walked."""
    for met in ("Confirm the login in the Kontist app", "One-time code", "What's your first company?", "OTP Password"):
        assert met in story or met.lower() in story.lower(), met
    assert "Anna-2026" not in story
    assert "hooli2016" not in story


def _check_store(store: Path, told: dict[str, Any]) -> None:
    """What the demo tells is what another command finds in its store, and no secret lies there in plain."""
    assert len(_read(store, "transactions")) == told["transactions"]
    assert len(_read(store, "changes")) == sum(sync["added"] for sync in told["syncs"])
    assert b"sandbox-kontist-secret" not in store.read_bytes()


def _read(store: Path, command: str) -> list[str]:
    words = [*COMMAND[:-1], "--store", str(store), command, "--json"]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()


@pytest.mark.skipif(shutil.which("ps") is None, reason="ps is missing: children cannot be listed")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_sandbox_behind(number: signal.Signals) -> None:
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        while "connects" not in demo.stdout.readline():
            assert demo.poll() is None
        children = _children(demo.pid)
        demo.send_signal(number)
        demo.communicate(timeout=30)
        assert demo.returncode == 130
    assert children
    assert not [child for child in children if _is_alive(child)]


def _children(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=True)
    return [int(word) for word in listed.stdout.split()]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_sandbox_is_ended_when_the_demo_fails() -> None:
    ports: list[int] = []
    with pytest.raises(ZeroDivisionError):
        _fail_beside_a_sandbox(ports)
    with closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", ports[0])) != 0


def _fail_beside_a_sandbox(ports: list[int]) -> None:
    with running_sandbox("https://app.example/callback") as described:
        ports.append(int(described["control"]["url"].rsplit(":", 1)[1]))
        raise ZeroDivisionError
