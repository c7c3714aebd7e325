"""Ctrl-C: ends what is running, in the event loop too, and leaves nothing locked."""

from __future__ import annotations

import json
import os
import signal
import time

import anyio
import pytest

from bankweave import SyncEvent

from .conftest import CommandLine
from .fakebank import Fakebank, Script

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank that never answers, and a person who loses patience when it is asked."""

    async def open_for_ever(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await anyio.sleep(600)

    monkeypatch.setattr(Fakebank, "open", open_for_ever)


@pytest.mark.usefixtures("endless")
def test_an_interrupted_sync_ends_at_once(run: CommandLine) -> None:
    run.connect()
    began = time.monotonic()
    result = run("sync")
    assert result.exit_code == 130
    assert "interrupted" in result.stderr
    assert time.monotonic() - began < 10


def test_an_interrupted_sync_does_not_block_the_next_one(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    run.connect()
    with monkeypatch.context() as patched:
        patched.setattr(Fakebank, "open", _interrupting)
        assert run("sync").exit_code == 130
    assert json.loads(run("sync", "--json").stdout)["connections"][0]["outcome"] == "synced"


async def _interrupting(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    await anyio.sleep(600)


def test_the_library_is_interrupted_in_the_same_way(run: CommandLine, script: Script) -> None:
    run.connect()
    assert script.failure is None

    def lose_patience(event: SyncEvent) -> None:
        if event.stage == "opened":
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.2)  # the signal is handled by the main thread, while this one holds the loop

    with run.bank() as bank:
        with pytest.raises(KeyboardInterrupt):
            bank.sync(on_event=lose_patience)
        assert bank.sync().connections[0].outcome == "synced"
