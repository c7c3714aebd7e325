"""`doctor`: finds what is wrong, names it without a secret, and never falls over."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from bankweave import registry
from bankweave.cli import checks
from bankweave.vault import generate_key

from .conftest import CommandLine

SECRET = "do-not-show-me"


class Doctor:
    def __init__(self, run: CommandLine) -> None:
        self._run = run

    def __call__(self, *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
        result = self._run(*words, "doctor", "--json")
        found = json.loads(result.stdout)
        assert found["ok"] is (result.exit_code == 0)
        assert SECRET not in result.output
        return result.exit_code, {check["name"]: check for check in found["checks"]}


@pytest.fixture
def doctor(run: CommandLine) -> Doctor:
    return Doctor(run)


def write_settings(text: str) -> None:
    Path("bankweave.toml").write_text(text, encoding="utf-8")


def test_all_is_well_before_anything_was_made(doctor: Doctor, run: CommandLine) -> None:
    code, found = doctor()
    assert code == 0
    assert found["store"]["state"] == found["vault"]["state"] == "note"
    assert not run.store.exists(), "looking must not make anything"
    assert not run.store.with_name("bank.db.key").exists()


def test_all_is_well_with_a_connection(doctor: Doctor, run: CommandLine) -> None:
    run.connect()
    code, found = doctor()
    assert code == 0
    assert "1 connections" in found["store"]["found"]
    assert "version 0" in found["store"]["found"]
    assert found["grants"]["found"] == "all 1 can be opened"
    assert found["bankweave"]["found"]


def test_people_get_a_table(run: CommandLine) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    assert "python" in result.stdout


def test_another_key_than_the_grants_were_sealed_under(
    doctor: Doctor, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.connect()
    monkeypatch.setenv("BANKWEAVE_VAULT_KEYS", generate_key())
    code, found = doctor()
    assert code == 2
    assert "1 of 1 cannot be opened" in found["grants"]["found"]
    assert "BANKWEAVE_VAULT_KEYS" in found["grants"]["found"]


def test_a_key_file_that_is_gone(doctor: Doctor, run: CommandLine) -> None:
    run.connect()
    run.store.with_name("bank.db.key").unlink()
    code, found = doctor()
    assert code == 2
    assert "is missing" in found["vault"]["found"]
    assert not run.store.with_name("bank.db.key").exists()


def test_a_key_that_is_no_key(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKWEAVE_VAULT_KEYS", SECRET)
    code, found = doctor()
    assert code == 2
    assert found["vault"]["state"] == "problem"


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_key_file_that_others_can_read(doctor: Doctor, run: CommandLine) -> None:
    run.connect()
    run.store.with_name("bank.db.key").chmod(0o644)
    code, found = doctor()
    assert code == 2
    assert "chmod 600" in found["vault"]["found"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_store_that_others_can_read_is_noted(doctor: Doctor, run: CommandLine) -> None:
    run.connect()
    run.store.chmod(stat.S_IMODE(0o644))
    code, _ = doctor()
    assert code == 0
    assert "chmod 600" in run("doctor").stdout


def test_a_configuration_file_that_is_not_there(doctor: Doctor) -> None:
    code, found = doctor("--config", "nowhere.toml")
    assert code == 2
    assert "nowhere.toml does not exist" in found["configuration file"]["found"]
    assert found["configuration"]["state"] == "problem"
    assert found["clock"]["state"] == "ok", "it goes on"


def test_a_configuration_that_is_wrong(doctor: Doctor) -> None:
    write_settings(f'stor = "{SECRET}"\n')
    code, found = doctor()
    assert code == 2
    assert "stor" in found["configuration"]["found"]


def test_a_store_that_is_none(doctor: Doctor, run: CommandLine) -> None:
    run.store.write_bytes(b"no database at all, but long enough to be looked at" * 50)
    code, found = doctor()
    assert code == 2
    assert found["store"]["state"] == "problem"


def test_a_store_in_a_folder_that_is_not_there(doctor: Doctor, tmp_path: Path) -> None:
    code, found = doctor("--store", str(tmp_path / "nowhere" / "bank.db"))
    assert code == 2
    assert "does not exist" in found["store"]["found"]


def test_settings_of_an_adapter_that_is_not_installed(doctor: Doctor) -> None:
    write_settings(f'[adapters.nobank]\nkey = "{SECRET}"\n')
    code, found = doctor()
    assert code == 2
    assert "pip install bankweave-nobank" in found["adapter nobank"]["found"]


def install(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Have one adapter installed: the one that this points to."""
    point = EntryPoint(name="plugin", value=value, group=registry.GROUP)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: [point])


def test_an_adapter_that_cannot_be_imported(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "bankweave_that_is_not_there:Plugin")
    code, found = doctor()
    assert code == 2
    assert "cannot be imported" in found["adapter plugin"]["found"]


def test_an_adapter_that_breaks_while_it_is_imported(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "breaking_plugin.py").write_text(f"raise RuntimeError('{SECRET}')")
    monkeypatch.syspath_prepend(tmp_path)
    install(monkeypatch, "breaking_plugin:Plugin")
    code, found = doctor()
    assert code == 2
    assert found["adapter plugin"]["found"] == "cannot be checked (RuntimeError)"


def test_settings_of_an_adapter_are_validated(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, f"{__package__}.fakebank:Fakebank" if __package__ else "fakebank:Fakebank")
    write_settings(f'[adapters.plugin]\nlevel = "{SECRET}"\nlevle = 1\n')
    code, found = doctor()
    assert code == 2
    assert "level: " in found["adapter plugin"]["found"]
    assert "levle: " in found["adapter plugin"]["found"]
    write_settings("[adapters.plugin]\nlevel = 2\n")
    assert doctor()[0] == 0


def test_a_clock_that_is_behind_what_has_happened(
    doctor: Doctor, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.connect()

    class Late(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # a clock that went wrong
            return datetime.now(tz) - timedelta(days=4000)

    monkeypatch.setattr(checks, "datetime", Late)
    code, found = doctor()
    assert code == 2
    assert "earlier" in found["clock"]["found"]
    assert Late.now(UTC) < datetime.now(UTC)
