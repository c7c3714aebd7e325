"""The command as a process, and its frame: help, exit codes, tracebacks, pipes, interrupts."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from contextlib import nullcontext
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from bankweave import cli
from bankweave.cli import demo, plugins, sandbox

from .conftest import CommandLine
from .fakebank import Script, booked

COMMAND = [sys.executable, "-c", "from bankweave.cli import main; main()"]


def process(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False, **options)


def test_help_names_the_commands_and_the_exit_codes() -> None:
    result = process("--help", env={**os.environ, "COLUMNS": "200"})
    assert result.returncode == 0
    for word in ("connect", "resume", "sync", "transactions", "doctor", "sandbox", "demo", "Exit codes", "130"):
        assert word in result.stdout


def test_the_version_is_printed() -> None:
    assert process("--version").stdout.startswith("0.")


@pytest.mark.parametrize(
    "words", [["nonsense"], ["sync", "--nonsense"], ["connect", "fakebank"], ["transactions", "--limit", "x"]]
)
def test_wrong_usage_ends_with_2(run: CommandLine, words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_a_configuration_that_is_wrong_ends_with_2_and_one_line(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text("stor = 'x'")
    result = process("--config", str(tmp_path / "wrong.toml"), "connections")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "stor" in result.stderr
    assert result.stdout == ""


def test_a_store_that_cannot_be_opened_ends_with_2(tmp_path: Path) -> None:
    result = process("--store", str(tmp_path / "nowhere" / "bank.db"), "connections")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret-token")

    monkeypatch.setattr("bankweave.blocking.Bankweave.connections", crash)


@pytest.mark.usefixtures("bug")
def test_a_bug_is_one_line_and_ends_with_1(run: CommandLine) -> None:
    result = run("connections")
    assert result.exit_code == 1
    assert "a bug: ZeroDivisionError" in result.stderr
    assert "Traceback" not in result.output
    assert "secret-token" not in result.output


@pytest.mark.usefixtures("bug")
def test_a_bug_shows_where_it_is_when_asked_to(run: CommandLine) -> None:
    result = run("-v", "connections")
    assert result.exit_code == 1
    assert "Traceback" in result.stderr
    assert "in crash" in result.stderr


def test_verbose_logs_events_to_the_other_stream(run: CommandLine) -> None:
    run.connect()
    result = run("-v", "disconnect", "nothing")
    assert result.exit_code == 5
    begun = run("-v", "connect", "fakebank", "--owner", "anna", "--json")
    assert "info bankweave.flows: flow_moved adapter=fakebank flow_id=" in begun.stderr
    assert "flow_moved" not in begun.stdout


def test_without_verbose_nothing_is_logged(run: CommandLine) -> None:
    assert run("connect", "fakebank", "--owner", "anna", "--json").stderr.count("\n") == 1  # the new key file


def test_a_new_key_file_is_told_once(run: CommandLine) -> None:
    assert "made a new key file" in run("connections").stderr
    assert run("connections").stderr == ""


def test_a_reader_that_has_seen_enough_is_no_error(run: CommandLine, script: Script) -> None:
    script.rows = [booked("-1", f"row {number}") for number in range(5000)]
    run.connect()
    run("sync")
    command = [*COMMAND, "--store", str(run.store), "transactions", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        writer.stdout.readline()
        writer.stdout.close()
        assert writer.stderr.read() == b""
        assert writer.wait(30) == 0


def test_a_terminal_that_knows_ascii_only_is_enough(run: CommandLine, script: Script) -> None:
    script.rows = [booked("-1", "Pizza 🍕 für Łukasz")]
    run.connect()
    run("sync")
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    shown = process("--store", str(run.store), "transactions", env=ascii_only)
    assert shown.returncode == 0
    assert "Pizza \\U0001f355 f\\xfcr \\u0141ukasz" in shown.stdout
    command = [*COMMAND, "--store", str(run.store), "transactions", "--json"]
    written = subprocess.run(command, capture_output=True, timeout=60, check=True, env=ascii_only).stdout
    assert "Pizza 🍕 für Łukasz".encode() in written


def test_the_command_without_its_packages_says_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "find_spec", lambda name: None if name == "typer" else object())
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "pip install 'bankweave[cli]'" in capsys.readouterr().err


def test_importing_the_library_loads_neither_typer_nor_rich() -> None:
    code = "import sys, bankweave, bankweave.cli; assert not {'typer', 'rich', 'sqlalchemy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


class TestSandbox:
    @pytest.fixture
    def executed(self, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
        """The command lines that would have taken our place."""
        lines: list[list[str]] = []
        monkeypatch.setattr(os, "execv", lambda _path, words: lines.append(words))
        return lines

    def test_its_options_are_passed_on(self, run: CommandLine, executed: list[list[str]]) -> None:
        run("sandbox", "--seed", "2", "--help")
        assert executed == [[sys.executable, "-m", "bankweave_sandbox", "--seed", "2", "--help"]]

    def test_json_counts_before_and_after_it(self, run: CommandLine, executed: list[list[str]]) -> None:
        run("--json", "sandbox")
        run("sandbox", "--json")
        run("--json", "sandbox", "--json")
        assert [words[3:] for words in executed] == [["--json"]] * 3

    def test_where_it_is_missing_the_package_is_named(self, run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sandbox, "find_spec", lambda _name: None)
        for command in ("sandbox", "demo"):
            result = run(command)
            assert result.exit_code == 2
            assert "pip install bankweave-sandbox" in result.stderr

    def test_it_runs_as_a_process_of_its_own(self) -> None:
        assert importlib.util.find_spec("bankweave_sandbox") is not None
        result = process("sandbox", "--help")
        assert result.returncode == 0
        assert "--kontist-port" in result.stdout


def test_a_demo_is_not_written_over_another(run: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "bank.db").write_bytes(b"")
    result = run("demo", "--keep", str(tmp_path))
    assert result.exit_code == 2
    assert "another demo" in result.stderr


def test_a_demo_that_finds_a_difference_ends_with_4(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "running_sandbox", lambda _redirect_uri: nullcontext({}))
    monkeypatch.setattr(demo, "_play", lambda *_: {"differences": ["row of DE02 is missing in the store"]})
    result = run("demo", "--json")
    assert result.exit_code == 4
    assert json.loads(result.stdout) == {"differences": ["row of DE02 is missing in the store"]}


def test_a_broken_command_of_an_adapter_stops_no_other(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {
        "missing": EntryPoint("missing", "no_such_module_anywhere:app", plugins.GROUP),
        "nothing": EntryPoint("nothing", "json:no_such_name", plugins.GROUP),
        "nonsense": EntryPoint("nonsense", "math:pi", plugins.GROUP),
        "sync": EntryPoint("sync", "no_such_module_anywhere:app", plugins.GROUP),
    }
    monkeypatch.setattr(plugins, "_points", lambda: broken)
    shown = run("--help")
    assert shown.exit_code == 0, shown.stderr
    listed = [line.strip("│ ").split(" ")[0] for line in shown.stdout.splitlines()]
    assert listed.count("sync") == 1
    assert run("connections").exit_code == 0
    for name in ("missing", "nothing", "nonsense"):
        called = run(name, "whatever", "--option")
        assert called.exit_code == 2
        assert name in called.stderr
        assert "reinstall" in called.stderr
        assert len(called.stderr.splitlines()) == 1
