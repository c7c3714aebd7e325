"""Ctrl-C: ends what is running, in the event loop too, and leaves nothing locked."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import AsyncIterator

import anyio
import pytest

from bankweave import Bankweave, Config, SyncEvent
from bankweave.adapter import Signal
from bankweave.cli import session

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


class Live(Fakebank):
    """A bank that tells by itself what happens: here, nothing, until the person loses patience."""

    async def watch(self, *_: object) -> AsyncIterator[Signal]:
        WATCHERS.append(self)
        try:
            yield Signal()
            await anyio.sleep(0.2)
            os.kill(os.getpid(), signal.SIGINT)
            await anyio.sleep(600)
        finally:
            WATCHERS.remove(self)


WATCHERS: list[Live] = []


@pytest.fixture
def live(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    run.connect()
    monkeypatch.setattr(session, "make_bank", lambda config: Bankweave(config=config, adapters=[Live]))
    return run


def test_an_interrupted_watch_ends_at_once(live: CommandLine) -> None:
    began = time.monotonic()
    result = live("watch")
    assert result.exit_code == 130
    assert "interrupted" in result.stderr
    assert time.monotonic() - began < 10
    assert WATCHERS == []
    assert json.loads(live("sync", "--json").stdout)["connections"][0]["outcome"] == "synced"


def test_an_interrupted_watch_of_the_library_leaves_the_rest_usable(live: CommandLine) -> None:
    with Bankweave(config=Config(store=live.store), adapters=[Live]) as bank:
        changes = bank.watch()
        with pytest.raises(KeyboardInterrupt):
            list(changes)
        assert WATCHERS == []
        changes.close()
        assert bank.sync().connections[0].outcome == "synced"
