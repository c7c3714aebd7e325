"""Basiq's examples do what they say, against the sandbox and on a clock that moves."""

from __future__ import annotations

import builtins
import functools
import json
import runpy
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import pytest
from providers.basiq.tests.test_webhooks import SECRET, post, signature
from rigs import basiq_rig
from sandboxed import Control, SandboxClock, clock, control, control_origin, running_sandbox, sandbox

import bankweave
from bankweave.flow import Flow, Redirect
from bankweave.testing import Rig
from bankweave_basiq import BasiqClient

__all__ = ["clock", "control", "control_origin", "running_sandbox", "sandbox"]

EXAMPLES = Path(__file__).parents[3] / "examples" / "basiq"
Tell: TypeAlias = Callable[..., list[str]]


@pytest.fixture
def username() -> str:
    return "jared"  # whose bank sends a code at every refresh


@pytest.fixture
def rig(control: Control, username: str) -> Rig:
    return basiq_rig(control, username, days=30)


@pytest.fixture(autouse=True)
def configured(rig: Rig, clock: SandboxClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory with settings for the sandbox, on the sandbox's clock, and a person at the keyboard."""
    for name in ("BANKWEAVE_CONFIG", "BANKWEAVE_STORE", "BANKWEAVE_VAULT_KEYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in rig.settings.items())
    (tmp_path / "bankweave.toml").write_text(f"[adapters.basiq]\n{lines}")
    for door in (bankweave.Bankweave, bankweave.AsyncBankweave):
        monkeypatch.setattr(bankweave, door.__name__, functools.partial(door, clock=clock))
    monkeypatch.setattr(builtins, "input", lambda question="": walk(rig, question))
    return tmp_path


def walk(rig: Rig, question: str) -> str:
    """Open the address in a question, do what the page wants, and give the address that it led to."""
    url = next(word for word in question.split() if word.startswith("http"))
    person: Any = rig.person
    asked = Flow(**{**_FLOW, "interaction": Redirect(url=url)})
    return str(person.walk(asked, ("Extend", "I consent", "Continue", "Sign in", "Share", "Return to the application")))


_FLOW: dict[str, Any] = {
    **dict.fromkeys(("id", "adapter", "owner", "connection_id"), "x"),
    "purpose": bankweave.flow.Purpose.CONNECT,
    "status": bankweave.FlowStatus.ASKING,
    "created_at": None,
}


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Run an example as its docstring says; gives the lines that it printed."""

    def run(example: str, *arguments: str) -> list[str]:
        capsys.readouterr()
        before, sys.argv = sys.argv, [example, *arguments]
        try:
            runpy.run_path(str(EXAMPLES / f"{example}.py"), run_name="__main__")
        finally:
            sys.argv = before
        return capsys.readouterr().out.splitlines()

    return run


def connection_id() -> str:
    with bankweave.Bankweave() as bank:
        return bank.connections()[0].id


@pytest.fixture
def connected(tell: Tell) -> list[str]:
    return tell("connect_and_pull", "anna", "anna@mail.example", "AU00002")


def test_bank_is_connected_and_pulled(connected: list[str]) -> None:
    assert int(connected[0].split()[0]) > 5
    assert any("interim_booked" in line for line in connected)
    assert sum(" booked " in line or " pending " in line for line in connected) == 5


def test_bank_is_answered_from_another_process(connected: list[str], tell: Tell, clock: SandboxClock) -> None:
    assert connected
    clock.sandbox.run(clock.sandbox.clock.advance, timedelta(minutes=1))
    (line,) = tell("answered_elsewhere", "sync", "anna")
    flow_id = line.rpartition(" ")[2]
    (asked,) = tell("answered_elsewhere", "pending", "anna")
    assert asked.startswith(f"{flow_id}: ")
    assert "OTP" in asked
    (done,) = tell("answered_elsewhere", "answer", flow_id, "1234")
    assert done.startswith("refreshed; ")
    assert tell("answered_elsewhere", "pending", "anna") == []


def test_wrong_answer_is_said(connected: list[str], tell: Tell) -> None:
    assert connected
    (line,) = tell("answered_elsewhere", "sync", "anna")
    (said,) = tell("answered_elsewhere", "answer", line.rpartition(" ")[2], "9999")
    assert said.startswith("not refreshed: the bank did not take the answer")


def test_consents_are_looked_after(connected: list[str], tell: Tell) -> None:
    assert connected
    (line,) = tell("consents", "check")
    assert line.startswith(f"{connection_id()}: is good, until ")
    assert tell("consents", "extend", connection_id()) == ["extended"]
    assert tell("consents", "revoke", connection_id()) == ["revoked, and erased here"]
    with bankweave.Bankweave() as bank:
        assert bank.connections() == ()


@pytest.mark.parametrize("username", ["ashMann"])
def test_what_a_webhook_tells_is_synced_once(connected: list[str], tell: Tell) -> None:
    assert connected
    assert tell("webhook_receiver", "work") == [], "all that happened is in the store already"
    deliver("somebody-else")
    assert tell("webhook_receiver", "work") == []
    deliver(user_id())
    assert tell("webhook_receiver", "work")[0].startswith(f"{connection_id()}: synced")
    assert tell("webhook_receiver", "work") == [], "what a sync brings about calls for no other one"


@pytest.mark.parametrize("username", ["ashMann"])
def test_what_is_stored_is_erased_when_the_person_revokes_where_that_is_set(
    connected: list[str], tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connected
    deliver(user_id(), "consent.revoked")
    monkeypatch.setenv("BANKWEAVE_ON_REVOKED", "erase")
    assert ": synced" in tell("webhook_receiver", "work")[0], "an event alone erases nothing"

    revoked = connection_id()
    with bankweave.Bankweave() as bank:
        consents = bank.client(revoked, BasiqClient).consents
        consents.delete(consents.list()[0].id)
    assert tell("webhook_receiver", "work")[0].startswith(f"{revoked}: ended")
    with bankweave.Bankweave() as bank:
        assert (bank.connections(), list(bank.transactions())) == ((), [])


def user_id() -> str:
    with bankweave.Bankweave() as bank:
        return bank.client(connection_id(), BasiqClient).users.id()


def deliver(user: str, kind: str = "transactions.updated") -> None:
    """Deliver a message about a user, as Basiq does, in the real time that the endpoint goes by."""
    module = runpy.run_path(str(EXAMPLES / "webhook_receiver.py"), run_name="webhook_receiver")
    links = {"eventEntity": f"https://au-api.basiq.io/users/{user}/connections/c1"}
    body = json.dumps({"eventId": "e1", "eventTypeId": kind, "links": links}).encode()
    now = datetime.now(UTC)
    headers = {"webhook-id": user, "webhook-timestamp": str(int(now.timestamp()))}
    headers["webhook-signature"] = signature(body, user, now)
    assert anyio.run(post, module["make_app"](SECRET), body, headers) == 204
