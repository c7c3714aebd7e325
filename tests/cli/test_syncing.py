"""`sync`: what came, what failed, and which command goes on."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bankweave.errors import AccessRevoked, ConsentExpired, MalformedAnswer, RateLimited
from bankweave.model import Consent, ConsentStatus

from .conftest import CommandLine
from .fakebank import CODE, Script, booked


def test_a_sync_tells_what_came(run: CommandLine) -> None:
    connection_id = run.connect()
    result = run("sync")
    assert result.exit_code == 0
    (line,) = [line for line in result.stdout.splitlines() if connection_id in line]
    assert line.split()[1:7] == ["anna", "Fakebank", "synced", "2", "0", "0"]


def test_a_second_sync_brings_nothing(run: CommandLine) -> None:
    run.connect()
    run("sync")
    report = json.loads(run("sync", "--json").stdout)
    assert (report["added"], report["modified"], report["removed"]) == (0, 0, 0)


def test_json_is_one_object(run: CommandLine) -> None:
    connection_id = run.connect()
    report = json.loads(run("sync", "--json").stdout)
    (connection,) = report["connections"]
    assert report["added"] == connection["added"] == 2
    assert connection["connection_id"] == connection_id
    assert connection["outcome"] == "synced"
    assert connection["next"] is None
    assert connection["accounts"][0]["complete"] is True


def test_only_the_connections_meant_are_synced(run: CommandLine) -> None:
    run.connect(owner="anna")
    of_ben = run.connect(owner="ben")
    for words in (("--owner", "ben"), ("--connection", of_ben)):
        report = json.loads(run("sync", "--json", *words).stdout)
        assert [one["connection_id"] for one in report["connections"]] == [of_ben]
    assert json.loads(run("sync", "--json", "--adapter", "refreshing").stdout)["connections"] == []


def test_nothing_to_sync_is_told(run: CommandLine) -> None:
    result = run("sync")
    assert result.exit_code == 0
    assert "bankweave connect" in result.stdout


def test_an_expired_consent_needs_the_person_and_the_renewal_is_spelled_out(run: CommandLine, script: Script) -> None:
    connection_id = run.connect()
    script.failure = ConsentExpired("Fakebank no longer accepts this consent; renew the connection")
    result = run("sync")
    assert result.exit_code == 3
    assert "no longer accepts this consent" in result.stdout
    assert f"bankweave --store {run.store} renew {connection_id}" in result.stdout


def test_an_ended_consent_is_dealt_with_as_the_settings_say_and_told(
    run: CommandLine, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoked = Consent(status=ConsentStatus.REVOKED_BY_USER)
    run.connect()
    run("sync")
    monkeypatch.setenv("BANKWEAVE_ON_REVOKED", "de-identify")
    script.failure = AccessRevoked("the consent was revoked; renew the connection", consent=revoked)
    result = run("sync")
    assert result.exit_code == 0
    assert "the consent has ended; what is stored was de-identified, as the settings say" in result.stdout
    assert "next:" not in result.stdout

    (connection,) = json.loads(run("connections", "--json").stdout)
    assert (connection["owner"], connection["consent"]["status"]) == ("", "revoked_by_user")
    assert json.loads(run("sync", "--json").stdout)["connections"] == []


def test_an_unknown_way_of_ending_is_refused(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKWEAVE_ON_REVOKED", "shred")
    result = run("sync")
    assert result.exit_code == 2
    assert "on_revoked: Input should be 'keep', 'de-identify' or 'erase'" in " ".join(result.output.split())


def test_a_provider_that_limits_us_is_told_with_the_time(run: CommandLine, script: Script) -> None:
    connection_id = run.connect()
    script.failure = RateLimited("the quota is used up; try later", retry_at=datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC))
    result = run("sync")
    assert result.exit_code == 4
    assert "not before 2027-01-02 03:04:05 UTC" in result.stdout
    assert f"sync --connection {connection_id}" in result.stdout
    report = json.loads(run("sync", "--json").stdout)
    assert report["connections"][0]["failure"]["retry_at"] == "2027-01-02T03:04:05Z"
    assert report["connections"][0]["failure"]["kind"] == "RateLimited"


def test_a_bug_of_an_adapter_is_a_failure_of_its_connection_alone(run: CommandLine, script: Script) -> None:
    run.connect()
    script.failure = RuntimeError("secret-token")
    result = run("sync")
    assert result.exit_code == 4
    assert "secret-token" not in result.output


def test_failure_outweighs_the_need_of_a_person(run: CommandLine, script: Script) -> None:
    run.connect()
    run.connect("refreshing")
    run("sync")
    script.asks_on_refresh = True
    script.failure = MalformedAnswer("not what the protocol says")
    assert run("sync").exit_code == 4


class TestParked:
    @pytest.fixture
    def flow_id(self, run: CommandLine, script: Script) -> str:
        """A sync that has met a question of the bank."""
        run.connect("refreshing")
        run("sync")
        script.asks_on_refresh = True
        script.rows = [*script.rows, booked("-7", "dinner")]
        result = run("sync", "--json")
        assert result.exit_code == 3
        (connection,) = json.loads(result.stdout)["connections"]
        assert connection["outcome"] == "needs_user"
        assert connection["next"] == f"bankweave --store {run.store} answer {connection['flow']['id']}"
        flow_id: str = connection["flow"]["id"]
        return flow_id

    def test_the_question_is_answered_by_another_command_and_the_sync_goes_on(
        self, run: CommandLine, flow_id: str
    ) -> None:
        assert run("answer", flow_id, CODE).exit_code == 0
        report = json.loads(run("sync", "--json").stdout)
        assert report["added"] == 1

    def test_asking_again_sends_no_second_code(self, run: CommandLine, flow_id: str) -> None:
        (connection,) = json.loads(run("sync", "--json").stdout)["connections"]
        assert connection["flow"]["id"] == flow_id

    def test_people_are_told_which_command_answers(self, run: CommandLine, flow_id: str) -> None:
        assert f"next: bankweave --store {run.store} answer {flow_id}" in run("sync").stdout
