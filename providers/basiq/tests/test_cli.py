"""`bankweave basiq`, against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from rigs import basiq_rig
from sandboxed import Control, SandboxClock, clock, control, control_origin, running_sandbox, sandbox
from typer.testing import CliRunner

from bankweave import Bankweave
from bankweave.cli import session
from bankweave.cli.app import app
from bankweave.cli.logs import silence
from bankweave.config import Config
from bankweave.vault import generate_key

__all__ = ["clock", "control", "control_origin", "running_sandbox", "sandbox"]


@dataclass
class Command:
    connection: str

    def run(self, *words: str, expect: int = 0, typed: str | None = None) -> str:
        result = CliRunner().invoke(app, ["basiq", *words], input=typed)
        assert result.exit_code == expect, result.output
        return result.stdout

    def said(self, *words: str) -> str:
        """What is complained of when something is refused, without its line breaks."""
        result = CliRunner().invoke(app, ["basiq", *words])
        assert result.exit_code == 4, result.output
        return " ".join(result.stderr.split())

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))


@pytest.fixture
def command(
    control: Control, clock: SandboxClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    rig = basiq_rig(control, "ashMann", days=20)
    store, key = tmp_path / "bank.db", generate_key()
    config = Config(store=store, vault_keys=key, adapters={"basiq": dict(rig.settings)})
    monkeypatch.setattr(session, "make_bank", lambda _: Bankweave(config=config, clock=clock))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    with Bankweave(config=config, clock=clock) as bank:
        flow = bank.connect("basiq", owner="anna", options={"email": "anna@mail.example"})
        connection = bank.wait(bank.resume(rig.person.sign_in(flow) or "").id).connection_id
    yield Command(connection)
    silence()


def test_link_to_the_consent_page_is_printed_for_an_action(command: Command) -> None:
    url = command.run("consent-url", command.connection, "--action", "extend", "--institution", "AU00000").strip()
    query = parse_qs(urlsplit(url).query)
    assert (query["action"], query["institutionId"]) == (["extend"], ["AU00000"])
    assert command.json("consent-url", command.connection).keys() == {"url", "expires_at"}
    command.run("consent-url", command.connection, "--action", "payment", expect=2)


def test_consents_are_listed_and_revoked(command: Command) -> None:
    shown = command.run("consents", "list", command.connection)
    assert "active" in shown
    assert "account.basic" in shown
    (agreed,) = command.json("consents", "list", command.connection)
    command.run("consents", "revoke", command.connection, agreed["id"], typed="n\n", expect=130)
    assert command.json("consents", "list", command.connection)[0]["status"] == "active"
    command.run("consents", "revoke", command.connection, agreed["id"], typed="y\n")
    assert command.json("consents", "list", command.connection)[0]["status"] == "revoked"
    command.run("consents", "revoke", command.connection, "no-such-consent", "--yes", expect=4)


def test_events_of_everybody_are_listed_and_marked(command: Command) -> None:
    assert "consent.created" in command.run("events")
    lines = command.run("events", "--unread", "--mark", "--json").splitlines()
    assert {"consent", "connection"} <= {json.loads(line)["entity"] for line in lines}
    assert command.run("events", "--unread", "--json") == ""
    assert len(command.run("events", "--json").splitlines()) == len(lines)


def test_events_of_one_person_are_marked_apart_from_those_of_everybody(command: Command) -> None:
    command.run("events", "--mark")
    assert "consent.created" in command.run("events", "--owner", "anna", "--unread", "--mark")
    assert command.run("events", "--owner", "anna", "--unread", "--json") == ""
    command.run("events", "--owner", "nobody", expect=5)


def test_webhooks_are_made_tested_and_deleted(command: Command) -> None:
    address = "https://app.example/basiq"
    assert "secret: whsec_" in command.run("webhooks", "create", address, "--event", "consent.revoked")
    (made,) = command.json("webhooks", "list")
    assert address in command.run("webhooks", "list")
    command.run("webhooks", "test", "consent.revoked")
    assert isinstance(command.json("webhooks", "messages", made["id"]), list)
    assert command.json("webhooks", "delete", made["id"]) == {"deleted": made["id"]}
    assert command.json("webhooks", "list") == []


def test_webhooks_need_no_connection(command: Command) -> None:
    with session.make_bank(Config()) as bank:
        bank.disconnect(command.connection)
    assert command.json("webhooks", "list") == []


def test_user_is_shown_and_deleted(command: Command) -> None:
    shown = command.json("users", "show", "anna")
    assert shown["email"] == "anna@mail.example"
    assert shown["id"] in command.run("users", "show", "anna")
    assert command.json("users", "delete", "anna", "--yes") == {"deleted": shown["id"]}
    command.run("users", "show", "anna", expect=5)
    command.run("users", "show", "nobody", expect=5)


def test_user_is_made_once_before_anything_is_connected(command: Command) -> None:
    words = ("users", "create", "ben", "--email", "ben@mail.example", "--first-name", "Ben")
    made = command.json(*words)
    assert (made["email"], made["firstName"]) == ("ben@mail.example", "Ben")
    assert command.json(*words)["id"] == made["id"]
    assert command.json("users", "show", "ben")["id"] == made["id"]
    assert "ben@mail.example" in command.run(*words)


def test_user_without_any_address_is_not_made(command: Command) -> None:
    command.run("users", "create", "ben", "--first-name", "Ben", expect=2)
    command.run("users", "show", "ben", expect=5)


def test_institutions_are_listed_and_searched(command: Command) -> None:
    everywhere = command.json("institutions")
    assert {"AU00000", "AU00002"} <= {each["id"] for each in everywhere}
    assert command.json("institutions", "--country", "NZ") == []
    (found,) = command.json("institutions", "--name", "pied", "--country", "au")
    assert found["id"] == "AU00002"
    assert "Pied Piper" in command.run("institutions", "--name", "pied")
    assert "Hooli" not in command.run("institutions", "--name", "pied")


def test_refusal_is_said_with_what_to_do(command: Command) -> None:
    command.run("webhooks", "create", "https://app.example/basiq", "--event", "consent.revoked")
    again = ("webhooks", "create", "https://app.example/other", "--event", "consent.revoked")
    assert "another webhook of the application has one of these events" in command.said(*again)
    assert "(400, invalid-content)" in command.said("webhooks", "test", "no.such.event")


def test_connection_that_is_none_is_said(command: Command) -> None:
    command.run("consents", "list", "no-such-connection", expect=5)
