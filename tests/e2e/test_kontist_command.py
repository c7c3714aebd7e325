"""All of Kontist by the command, against a sandbox in a process of its own: connect, bind, pay, cards, watch.

What a person does at a terminal runs in processes of its own, as do commands that wait. All other commands run here, over
the same store: starting Python for each of them would take longer than all the rest.
"""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from bankweave.cli.app import app
from bankweave.cli.demo.browser import Browser, Person
from bankweave.cli.demo.world import running_sandbox
from bankweave.cli.logs import silence

pytestmark = pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")

BANKWEAVE = [sys.executable, "-c", "from bankweave.cli import main; main()"]
CALLBACK = "http://127.0.0.1:8910/callback"
ANNA = Person({"E-mail address": "anna@kontist.example", "Password": "Anna-2026"})
ANNAS_IBAN = "DE83110101001850371727"
LANDLORD = ("--to", "Vera Vermieter", "--iban", "DE89370400440532013000")
SCOPES = ["offline", "accounts", "users", "transactions", "transfers", "subscriptions"]
PATIENCE = 20.0  # seconds that a process may take


@pytest.fixture(scope="module")
def world() -> Iterator[Mapping[str, Any]]:
    with running_sandbox(CALLBACK) as described:
        yield described


@pytest.fixture
def control(world: Mapping[str, Any]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=world["control"]["url"], trust_env=False) as client:
        yield client


@pytest.fixture
def desk(world: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory with a bankweave.toml for the sandbox's Kontist, and nothing of the machine's own."""
    settings = {**world["kontist"]["settings"], "scopes": SCOPES}
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in settings.items()]
    (tmp_path / "bankweave.toml").write_text("[adapters.kontist]\n" + "".join(lines))
    for name in [name for name in os.environ if name.startswith("BANKWEAVE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    silence()


@dataclass(frozen=True)
class Outcome:
    code: int
    rows: list[Any]  # the JSON documents that were printed
    words: str  # what people read

    @property
    def only(self) -> Any:
        (one,) = self.rows
        return one


def run(*words: str) -> Outcome:
    """Run `bankweave WORDS --json`."""
    result = CliRunner().invoke(app, [*words, "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    return Outcome(result.exit_code, rows, result.stderr)


def confirmed(*words: str, answer: tuple[str, ...]) -> dict[str, Any]:
    """Run a command that asks, answer it, and give the transfer that came of it."""
    asked = run(*words)
    assert (asked.code, asked.only["status"]) == (3, "asking"), asked.words
    done = run("answer", asked.only["id"], *answer)
    assert (done.code, done.only["status"]) == (0, "done"), done.words
    (transfer,) = done.only["transfers"]
    return dict(transfer)


def test_kontist_by_the_command(desk: Path, control: httpx.Client) -> None:  # noqa: ARG001 - its settings
    connection = connect()
    bind(connection, code_of_sms(control))
    (device,) = run("kontist", "device", "list", connection).only
    assert device["name"] == "till"

    assert run("sync").code == 0
    (account,) = (one["id"] for one in run("accounts").only)
    pay_and_list(account, control)
    stop_a_standing_order(account)
    block_a_card(account)
    watch_a_payment(connection, control)

    assert run("kontist", "device", "remove", connection, device["id"]).only == {"removed": device["id"]}
    assert run("kontist", "device", "list", connection).only == []
    again = run("kontist", "device", "remove", connection, device["id"])
    assert again.code == 4, again.words
    unsigned = run("transfer", "order", account, *LANDLORD, "--amount", "1", "--option", "confirm_by=device")
    assert unsigned.code == 2
    assert "bind_device" in unsigned.words


def connect() -> str:
    """By the hosted page, caught on the way back by the command that waits for it."""
    with process("connect", "kontist", "--owner", "anna", "--no-browser", "--callback-port", "0") as connecting:
        address = read_until(connecting, r"http://\S+/api/oauth/authorize\S+")
        back = httpx.URL(address).params["redirect_uri"]
        with Browser() as browser:
            callback = browser.sign_in(address, ANNA, back)
        httpx.get(callback, trust_env=False).raise_for_status()
        connection = read_until(connecting, r"connected: (\w+)")
        assert connecting.wait(PATIENCE) == 0
    return connection


def bind(connection: str, code: Callable[[], str]) -> None:
    """At a terminal, with the code typed as a person does."""
    screen, keyboard = pty.openpty()
    command = [*BANKWEAVE, "kontist", "device", "bind", connection, "--name", "till"]
    with subprocess.Popen(command, stdin=keyboard, stdout=keyboard, stderr=keyboard, start_new_session=True) as binding:
        os.close(keyboard)
        try:
            shown = read_screen(screen, "Code from the SMS: ")  # the blank comes once typing is unseen
            assert "to bind the device till" in shown
            os.write(screen, f"{code()}\n".encode())
            shown = read_screen(screen, "connected: ")
            assert binding.wait(PATIENCE) == 0
        finally:
            binding.kill()
            os.close(screen)
    assert code() not in shown  # it is typed unseen


def code_of_sms(control: httpx.Client) -> Callable[[], str]:
    return lambda: str(control.get("/kontist/sms").raise_for_status().json()[0]["code"])


def pay_and_list(account: str, control: httpx.Client) -> None:
    before = len(truth(control))
    order = ("transfer", "order", account, *LANDLORD, "--amount")
    by_code = confirmed(*order, "12.34", "--text", "Rent", answer=(code_of_sms(control)(),))
    signed = confirmed(*order, "56.78", "--option", "confirm_by=device", answer=())
    wrong = run("answer", run(*order, "9.99").only["id"], "000000")

    assert (by_code["amount"], by_code["status"]) == ("12.34", "accepted")
    assert (signed["amount"], signed["status"]) == ("56.78", "accepted")
    assert wrong.code == 3
    assert wrong.only["failure"]["reason"] == "wrong_answer"
    listed = run("transfer", "list", account, "--kind", "credit_transfer").rows
    assert [one["id"] for one in listed] == [signed["id"], by_code["id"]]
    spent = truth(control)[: len(truth(control)) - before]
    assert sorted(row["amount"] for row in spent) == ["-12.34", "-56.78"]


def stop_a_standing_order(account: str) -> None:
    monthly = ("--amount", "650", "--on", "2030-01-15", "--every", "monthly")
    made = confirmed("transfer", "order", account, *LANDLORD, *monthly, "--option", "confirm_by=device", answer=())
    assert (made["status"], made["next_execution_date"]) == ("active", "2030-01-15")

    stopped = confirmed("transfer", "cancel", account, made["id"], "--option", "confirm_by=device", answer=())
    assert (stopped["id"], stopped["status"]) == (made["id"], "cancelled")
    assert run("transfer", "cancel", account, "nothing").code == 2


def block_a_card(account: str) -> None:
    def status_of(card: str) -> str:
        return str(next(one["status"] for one in run("cards", "list", account).only if one["id"] == card))

    card = next(one["id"] for one in run("cards", "list", account).only if one["status"] == "active")
    assert run("cards", "block", account, card).code == 0
    assert status_of(card) == "blocked"
    assert run("cards", "unblock", account, card).code == 0
    assert status_of(card) == "active"


def watch_a_payment(connection: str, control: httpx.Client) -> None:
    run("sync")
    with process("watch", "--connection", connection, "--limit", "1", "--json") as watching:
        until_somebody_listens(control)
        payment = {"account": ANNAS_IBAN, "amount": "-4.20", "text": "Coffee"}
        control.post("/payments", json=payment).raise_for_status()
        printed, _ = watching.communicate(timeout=PATIENCE)
    (change,) = (json.loads(line) for line in printed.splitlines())
    assert watching.returncode == 0
    assert (change["kind"], change["transaction"]["amount"]) == ("added", "-4.20")


def truth(control: httpx.Client) -> list[dict[str, Any]]:
    found: dict[str, Any] = control.get("/truth", params={"account": ANNAS_IBAN}).json()
    rows: list[dict[str, Any]] = found["accounts"][0]["transactions"]
    return rows


# Processes ------------------------------------------------------------------------------------------------------------


@contextmanager
def process(*words: str) -> Iterator[subprocess.Popen[str]]:
    command = [*BANKWEAVE, *words]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as started:
        try:
            yield started
        finally:
            started.kill()


def read_until(started: subprocess.Popen[str], pattern: str) -> str:
    """Read what a process prints until something is among it; gives that."""
    assert started.stdout is not None
    for line in started.stdout:
        if found := re.search(pattern, line):
            return found[found.lastindex or 0]
    raise AssertionError(f"it ended without {pattern}")


def read_screen(screen: int, until: str) -> str:
    """Read what a terminal shows until something is on it; gives all of it."""
    shown = b""
    deadline = time.monotonic() + PATIENCE
    while until.encode() not in shown:
        ready, _, _ = select.select([screen], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, shown.decode()
        shown += _read_some(screen) or pytest.fail(shown.decode())
    return shown.decode()


def _read_some(screen: int) -> bytes:
    """Read what a terminal shows; nothing when the program in it has ended."""
    try:
        return os.read(screen, 4096)
    except OSError:  # Linux says so, where others give nothing
        return b""


def until_somebody_listens(control: httpx.Client) -> None:
    """Another process subscribes: there is nothing here to wait on but the sandbox's own list."""
    deadline = time.monotonic() + PATIENCE
    while not any(each.get("subscriptions") for each in control.get("/kontist/sockets").json()):
        assert time.monotonic() < deadline, "nobody subscribed"
        time.sleep(0.05)
