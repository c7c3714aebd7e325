"""The README is true: its quickstart runs, its settings are the sandbox's, its links lead somewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from documents import ANNA, ROOT, SignIn, blocks, run

from bankweave import Bankweave
from bankweave_sandbox import Sandbox

README = ROOT / "README.md"
WRITTEN_URL = "http://127.0.0.1:8901"


@pytest.fixture
def set_up(desk: Path, sandbox: Sandbox) -> Path:
    """The README's own bankweave.toml; only the port is the one that was free."""
    (written,) = blocks(README, "toml")
    (desk / "bankweave.toml").write_text(written.text.replace(WRITTEN_URL, sandbox.urls["kontist"]))
    return desk


def test_the_quickstart_connects_a_bank_and_prints_its_transactions(
    set_up: Path, sandbox: Sandbox, signing_in: SignIn, capsys: pytest.CaptureFixture[str]
) -> None:
    signing_in(ANNA)

    run(blocks(README, "python"), {})

    printed = capsys.readouterr().out.splitlines()
    (anna,) = [one for one in sandbox.describe()["kontist"]["people"] if one["username"] == "anna@kontist.example"]
    assert printed[0].startswith("Kontist synced Counts(added=1")
    assert len(printed) == 11
    with Bankweave(set_up / "bank.db") as bank:
        assert [row.iban for row in bank.accounts(owner="anna")] == anna["accounts"]


def test_the_environment_can_say_the_same(
    desk: Path, sandbox: Sandbox, signing_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    (written,) = blocks(README, "toml")
    settings = {**tomllib.loads(written.text)["adapters"]["kontist"], "base_url": sandbox.urls["kontist"]}
    for name, value in settings.items():
        monkeypatch.setenv(f"BANKWEAVE_ADAPTERS__KONTIST__{name.upper()}", value)
    signing_in(ANNA)

    run(blocks(README, "python"), {})

    assert (desk / "bank.db").exists()


def test_the_settings_are_those_that_the_sandbox_prints(sandbox: Sandbox) -> None:
    (written,) = blocks(README, "toml")
    told = sandbox.describe()["kontist"]["settings"]

    settings = tomllib.loads(written.text)["adapters"]["kontist"]

    assert settings == {name: told[name] for name in ("client_id", "client_secret")} | {"base_url": WRITTEN_URL}
    assert "`anna@kontist.example` with the password `Anna-2026`" in README.read_text()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_to_files_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/tutorial.md"])
def test_the_make_commands_that_it_names_exist(page: str) -> None:
    named = set(re.findall(r"^ {4}make ([a-z]+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert named
    assert named <= targets
