"""A reader of the documents: a sandbox that runs, settings written down, a person who signs in when asked to."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from documents import CALLBACK, SignIn

from bankweave.cli.demo.browser import Browser, Person
from bankweave_sandbox import Sandbox


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, redirect_url=CALLBACK) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to work in, and no setting of the machine's own."""
    for name in ("BANKWEAVE_CONFIG", "BANKWEAVE_STORE", "BANKWEAVE_VAULT_KEYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def configured(desk: Path, sandbox: Sandbox) -> Path:
    """A bankweave.toml for the sandbox's three providers."""
    described = sandbox.describe()
    tables = {name: described[name]["settings"] for name in ("kontist", "kontomatik", "basiq")}
    lines = [f"[adapters.{name}]\n{_toml(table)}" for name, table in tables.items()]
    (desk / "bankweave.toml").write_text("\n".join(lines))
    return desk


@pytest.fixture
def signing_in(monkeypatch: pytest.MonkeyPatch) -> SignIn:
    """Answer `input` as a person does: open the address in the question, sign in, paste where that led to."""

    def begin(person: Person) -> None:
        def answer(question: str = "") -> str:
            address = next(word for word in question.split() if word.startswith("http"))
            with Browser() as browser:
                return browser.sign_in(address, person, CALLBACK)

        monkeypatch.setattr(builtins, "input", answer)

    return begin


def _toml(table: dict[str, Any]) -> str:
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in table.items())
