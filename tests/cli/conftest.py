"""A command line over a bank in memory and a store in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bankweave import Bankweave, Config
from bankweave.cli import session
from bankweave.cli.app import app
from bankweave.cli.logs import silence
from bankweave.cli.terminal import Terminal

from . import fakebank
from .fakebank import Fakebank, Refreshing, Script


@cache
def empty_store() -> bytes:
    """A store as it is made: making it anew for every test would take half of their time."""
    with TemporaryDirectory() as folder:
        made = Path(folder) / "bank.db"
        with Bankweave(config=Config(store=made)):
            pass
        return made.read_bytes()


def make_fake_bank(config: Config) -> Bankweave:
    if not config.store.exists() and config.store.parent.is_dir():
        config.store.write_bytes(empty_store())
        config.store.chmod(0o600)
    return Bankweave(config=config, adapters=[Fakebank, Refreshing])


@dataclass(frozen=True)
class CommandLine:
    """Runs `bankweave --store ... WORDS`."""

    store: Path

    def __call__(self, *words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, ["--store", str(self.store), *words], input=typed)

    def connect(self, adapter: str = "fakebank", owner: str = "anna") -> str:
        """Connect a bank without the command; returns the connection's id."""
        with make_fake_bank(Config(store=self.store)) as bank:
            flow = bank.connect(adapter, owner=owner, redirect_uri="https://app.example/callback")
            flow = bank.resume(callback_of(flow.interaction))
            assert flow.over, flow
            return flow.connection_id

    def bank(self) -> Bankweave:
        return make_fake_bank(Config(store=self.store))


def callback_of(interaction: Any) -> str:
    """The address that a finished sign-in leads back to."""
    url: str = interaction.url
    return f"https://app.example/callback?{url.split('?')[1]}"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of this machine's own configuration, and nothing left for the next test."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("BANKWEAVE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")
    yield
    silence()


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    """What the bank does in this test."""
    mine = Script()
    monkeypatch.setattr(fakebank, "SCRIPT", mine)
    return mine


@pytest.fixture
def run(
    tmp_path: Path,
    script: Script,  # noqa: ARG001 - every test begins with a bank of its own
    monkeypatch: pytest.MonkeyPatch,
) -> CommandLine:
    monkeypatch.setattr(session, "make_bank", make_fake_bank)
    return CommandLine(tmp_path / "bank.db")


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits at the terminal."""
    monkeypatch.setattr(Terminal, "is_interactive", property(lambda terminal: not terminal.as_json))
