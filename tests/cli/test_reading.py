"""`accounts`, `transactions`, `changes`, `connections`, `adapters`, `institutions`, `disconnect`."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bankweave.errors import ProviderUnavailable
from bankweave.model import TransactionStatus

from .conftest import CommandLine
from .fakebank import Script, booked


@pytest.fixture
def synced(run: CommandLine, script: Script) -> str:
    """A connection with three rows; returns its id."""
    pending = booked(
        "-3.30", "bakery", status=TransactionStatus.PENDING, booking_date=None, transaction_date=date(2026, 11, 21)
    )
    script.rows = [pending, booked("-4.20", "coffee"), booked("10", "refund", day=date(2026, 10, 1))]
    connection_id = run.connect()
    assert run("sync").exit_code == 0
    return connection_id


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def texts(output: str) -> list[str]:
    return [line["remittance_information"][0] for line in lines(output)]


@pytest.mark.usefixtures("synced")
class TestTransactions:
    def test_a_table_shows_the_newest_first(self, run: CommandLine) -> None:
        shown = run("transactions").stdout.splitlines()
        assert [line.split()[0] for line in shown] == ["date", "2026-11-21", "2026-11-20", "2026-10-01"]
        assert shown[1].split()[1:4] == ["pending", "-3.30", "EUR"]

    def test_json_is_one_object_a_line_with_exact_amounts(self, run: CommandLine) -> None:
        rows = lines(run("transactions", "--json").stdout)
        assert [row["amount"] for row in rows] == ["-3.30", "-4.20", "10"]
        assert rows[1]["booking_date"] == "2026-11-20"
        assert Decimal(rows[1]["amount"]) == Decimal("-4.20")

    def test_days_and_status_narrow(self, run: CommandLine) -> None:
        assert texts(run("transactions", "--json", "--since", "2026-11-20").stdout) == ["bakery", "coffee"]
        assert texts(run("transactions", "--json", "--until", "2026-11-20").stdout) == ["coffee", "refund"]
        assert texts(run("transactions", "--json", "--status", "pending").stdout) == ["bakery"]

    def test_the_limit_cuts_and_says_so(self, run: CommandLine) -> None:
        assert texts(run("transactions", "--json", "--limit", "1").stdout) == ["bakery"]
        shown = run("transactions", "--limit", "2").stdout
        assert "refund" not in shown
        assert "--limit 0" in shown
        assert "refund" in run("transactions", "--limit", "0").stdout

    def test_an_impossible_day_is_wrong_usage(self, run: CommandLine) -> None:
        assert run("transactions", "--since", "2026-02-31").exit_code == 2

    def test_owner_connection_and_account_narrow(self, run: CommandLine, synced: str) -> None:
        (account,) = json.loads(run("accounts", "--json").stdout)
        for words in (("--owner", "anna"), ("--connection", synced), ("--account", account["id"])):
            assert len(lines(run("transactions", "--json", *words).stdout)) == 3
        for words in (("--owner", "ben"), ("--connection", "x"), ("--account", "x")):
            assert run("transactions", "--json", *words).stdout == ""


def test_a_table_stops_at_fifty_rows_and_json_does_not(run: CommandLine, script: Script) -> None:
    script.rows = [booked("-1", f"row {number}") for number in range(60)]
    run.connect()
    run("sync")
    assert len(run("transactions").stdout.splitlines()) == 52
    assert len(lines(run("transactions", "--json").stdout)) == 60


@pytest.mark.usefixtures("synced")
class TestChanges:
    def test_the_cursor_of_the_last_one_goes_on(self, run: CommandLine, script: Script) -> None:
        first = lines(run("changes", "--json").stdout)
        assert [one["kind"] for one in first] == ["added"] * 3
        cursor = str(first[-1]["cursor"])
        assert run("changes", "--since", cursor, "--json").stdout == ""
        script.rows = [*script.rows, booked("-7", "dinner")]
        run("sync")
        (news,) = lines(run("changes", "--since", cursor, "--json").stdout)
        assert news["transaction"]["amount"] == "-7"

    def test_people_are_told_the_command_that_goes_on(self, run: CommandLine) -> None:
        cursor = lines(run("changes", "--json").stdout)[-1]["cursor"]
        assert f"changes --since {cursor}" in run("changes").stdout
        assert f"changes --since {cursor}" in run("changes", "--since", str(cursor)).stdout


@pytest.mark.usefixtures("synced")
def test_accounts_come_with_their_balances(run: CommandLine) -> None:
    assert "1,234.50" in run("accounts").stdout
    (account,) = json.loads(run("accounts", "--json").stdout)
    assert account["iban"] == "DE02120300000000202051"
    assert account["balances"][0]["amount"] == "1234.50"
    assert account["balances"][0]["type"] == "interim_booked"


def test_connections_tell_the_consent_and_the_last_sync(run: CommandLine) -> None:
    connection_id = run.connect()
    before = run("connections").stdout
    assert "valid" in before
    assert "2027-05-20" in before
    assert "never" in before
    run("sync")
    assert "never" not in run("connections").stdout
    (connection,) = json.loads(run("connections", "--json").stdout)
    assert connection["id"] == connection_id
    assert connection["consent"]["valid_until"] == "2027-05-20T00:00:00Z"


@pytest.mark.parametrize("width", [30, 60, 80, 200])
def test_ids_are_shown_whole_in_terminals_of_any_width(
    run: CommandLine, synced: str, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # what a terminal is to Rich
    monkeypatch.setenv("COLUMNS", str(width))
    assert synced in run("connections").stdout
    assert synced in run("sync").stdout
    (account,) = json.loads(run("accounts", "--json").stdout)
    shown = run("accounts").stdout
    assert account["id"] in shown
    assert account["iban"] in shown


def test_adapters_are_listed(run: CommandLine) -> None:
    names = [one["name"] for one in json.loads(run("adapters", "--json").stdout)]
    assert {"fakebank", "refreshing"} <= set(names)
    assert "Fakebank" in run("adapters").stdout


def test_institutions_are_listed_by_country(run: CommandLine) -> None:
    assert "Fakebank" in run("institutions", "fakebank").stdout
    (bank,) = json.loads(run("institutions", "fakebank", "--country", "de", "--json").stdout)
    assert bank["id"] == "fake"
    assert json.loads(run("institutions", "fakebank", "--country", "FR", "--json").stdout) == []


class TestDisconnect:
    def test_it_erases_and_says_that_the_access_has_ended(self, run: CommandLine, synced: str) -> None:
        result = run("disconnect", synced, "--yes")
        assert result.exit_code == 0
        assert "the provider has ended the access" in result.stdout
        assert json.loads(run("accounts", "--json").stdout) == []

    @pytest.mark.usefixtures("somebody")
    def test_it_asks_first_and_no_means_no(self, run: CommandLine, synced: str) -> None:
        result = run("disconnect", synced, typed="n\n")
        assert result.exit_code == 130
        assert len(json.loads(run("accounts", "--json").stdout)) == 1
        assert run("disconnect", synced, typed="y\n").exit_code == 0

    def test_a_provider_that_is_down_is_told_and_all_is_erased_here(
        self, run: CommandLine, script: Script, synced: str
    ) -> None:
        script.failure = ProviderUnavailable("fakebank is down")
        result = json.loads(run("disconnect", synced, "--json").stdout)
        assert result["revoked"] is False
        assert result["failure"]["message"] == "fakebank is down"
        assert run("disconnect", synced).exit_code == 5


def test_people_get_colour_only_in_a_terminal(run: CommandLine, synced: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b" not in run("connections").stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    assert "\x1b[" in run("connections").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in run("connections").stdout
    assert synced in run("connections").stdout
