"""`consents`, `accesses`, `export`, `erase`, and `sync --due`."""

from __future__ import annotations

import json

import pytest

from .conftest import CommandLine
from .fakebank import Script, booked


@pytest.fixture
def connection(run: CommandLine, script: Script) -> str:
    script.rows = [booked("-4.20", "coffee")]
    connection_id = run.connect()
    assert run("sync").exit_code == 0
    return connection_id


def test_what_was_done_for_a_connection_is_listed(run: CommandLine, connection: str) -> None:
    log = json.loads(run("accesses", connection, "--json").stdout)
    assert [(entry["what"], entry["rows"]) for entry in log] == [("accounts", 1), ("transactions", 1)]
    assert "transactions" in run("accesses", connection).stdout


def test_consents_of_all_providers_are_listed(run: CommandLine, connection: str) -> None:
    listed = json.loads(run("consents", "--json").stdout)
    assert {one["connection_id"] for one in listed} <= {connection}
    assert run("consents", "--history").exit_code == 0


def test_a_person_gets_a_copy_and_is_erased(run: CommandLine, connection: str) -> None:
    records = [json.loads(line) for line in run("export", "anna").stdout.splitlines()]
    assert {"connection", "account", "transaction"} <= {record["kind"] for record in records}
    assert {record["id"] for record in records if record["kind"] == "connection"} == {connection}

    erased = run("erase", "anna", "--json")
    assert erased.exit_code == 0
    assert [one["connection_id"] for one in json.loads(erased.stdout)["connections"]] == [connection]
    assert run("export", "anna").stdout == ""


def test_a_person_who_is_asked_first_may_say_no(run: CommandLine, connection: str, somebody: None) -> None:
    del somebody
    assert run("erase", "anna", typed="n\n").exit_code != 0
    assert connection in run("connections").stdout


def test_only_what_is_marked_is_synced(run: CommandLine, connection: str) -> None:
    assert json.loads(run("sync", "--due", "--json").stdout)["connections"] == []
    with run.bank() as bank:
        bank.mark_due(connection)
    synced = json.loads(run("sync", "--due", "--json").stdout)["connections"]
    assert [one["connection_id"] for one in synced] == [connection]
