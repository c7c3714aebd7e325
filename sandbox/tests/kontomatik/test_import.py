"""Imports: starting, polling, ending, and the order in which things are checked."""

from __future__ import annotations

import pytest

from .signin_service import Service, attribute, read, refusal, texts


def test_an_import_goes_from_setup_over_in_progress_to_successful(service: Service) -> None:
    started = read(service.start(service.signed_in()), 202)
    assert attribute(started, "command/@state") == "setup"
    assert attribute(started, "@ownerExternalId") == "anna-1"
    command_id = attribute(started, "command/@id")
    states = []
    for _ in range(3):
        states.append(attribute(service.poll(command_id), "command/@state"))
        service.later(seconds=1.5)
    assert states == ["setup", "in_progress", "successful"]


def test_the_target_is_told_once_it_is_known(service: Service) -> None:
    started = read(service.start(service.signed_in()), 202)
    command_id = attribute(started, "command/@id")
    assert "target" not in started.find("command").attrib  # type: ignore[union-attr]  # read() has seen the reply
    service.later(seconds=2)
    polled = service.poll(command_id)
    assert attribute(polled, "command/@target") == "KontoBankApi"
    assert attribute(polled, "command/@institution") == "KontoBank"


def test_progress_stays_zero_as_recorded_unless_it_is_switched_on(service: Service) -> None:
    command_id = attribute(read(service.start(service.signed_in()), 202), "command/@id")
    service.later(seconds=1.5)
    assert texts(service.poll(command_id), "command/progress/value") == ["0"]
    service.dialect.switches.progress_moves = True
    assert texts(service.poll(command_id), "command/progress/value") == ["50"]


def test_start_parameters_may_stand_in_the_query(service: Service) -> None:
    session = service.signed_in()
    query = {k: session[k] for k in ("sessionId", "sessionIdSignature")} | {"since": "2026-11-01"}
    assert service.api.post("/v1/command/default-import.xml", params=query).status_code == 202


def test_a_second_import_in_a_session_is_refused_and_the_first_lives_on(service: Service) -> None:
    session = service.signed_in()
    command_id = attribute(read(service.start(session), 202), "command/@id")
    assert refusal(service.start(session), 400) == "DefaultImportAlreadyExecuted"
    service.later(seconds=4)
    assert attribute(service.poll(command_id), "command/@state") == "successful"


def test_a_session_lives_ten_minutes(service: Service) -> None:
    late, in_time = service.signed_in(), service.signed_in()
    service.later(minutes=9, seconds=59)
    assert service.start(in_time).status_code == 202
    service.later(seconds=1)
    assert refusal(service.start(late), 404) == "InvalidSessionId"


def test_the_name_for_an_expired_session_is_a_switch(service: Service) -> None:
    service.dialect.switches.expired_session_exception = "SessionExpired"
    session = service.signed_in()
    service.later(minutes=10)
    assert refusal(service.start(session), 400) == "SessionExpired"
    assert refusal(service.start(session | {"sessionId": "1"}), 404) == "InvalidSessionId"


@pytest.mark.parametrize("missing", ["sessionId", "sessionIdSignature", "since"])
def test_every_start_parameter_is_required(service: Service, missing: str) -> None:
    session = service.signed_in() | {"since": "2026-11-01"}
    form = {k: session[k] for k in ("sessionId", "sessionIdSignature", "since") if k != missing}
    assert refusal(service.api.post("/v1/command/default-import.xml", data=form), 400) == "InvalidParameter"


@pytest.mark.parametrize("since", ["2026-11-23", "yesterday", "2026-1-1", "20260101", "2026-02-30"])
def test_since_is_a_past_day_or_today(service: Service, since: str) -> None:
    session = service.signed_in()
    assert refusal(service.start(session, since), 400) == "InvalidSince"
    assert service.start(session, "2026-11-22").status_code == 202


def test_checks_go_from_parameters_over_the_session_to_the_rules(service: Service) -> None:
    session = service.signed_in()
    service.start(session)
    unknown = session | {"sessionId": "1"}
    assert refusal(service.start(unknown, "tomorrow"), 400) == "InvalidSince"
    assert refusal(service.start(unknown), 404) == "InvalidSessionId"
    assert refusal(service.start(session | {"sessionIdSignature": "0" * 64}), 400) == "InvalidSessionIdSignature"
    assert refusal(service.start(session), 400) == "DefaultImportAlreadyExecuted"


def test_since_may_be_made_optional(service: Service) -> None:
    service.dialect.switches.since_required = False
    session = service.signed_in()
    form = {k: session[k] for k in ("sessionId", "sessionIdSignature")}
    command_id = attribute(read(service.api.post("/v1/command/default-import.xml", data=form), 202), "command/@id")
    service.later(seconds=4)
    account = service.world.accounts[0]
    rows = service.poll(command_id).findall("command/result/accounts/account[1]/moneyTransactions/moneyTransaction")
    assert len(rows) == len(service.world.entries(account)) > 1000


def test_an_error_shows_in_the_state_only(service: Service) -> None:
    root = service.imported(service.signed_in("import-error"))
    assert attribute(root, "@status") == "200 OK"
    assert attribute(root, "command/@state") == "error"
    assert attribute(root, "command/exception/@name") == "SessionExpired"
    assert texts(root, "command/exception/friendlyMessage")
    assert root.find("command/result") is None


def test_a_fatal_end_shows_in_the_state_only(service: Service) -> None:
    root = service.imported(service.signed_in("import-fatal"))
    assert attribute(root, "command/@state") == "fatal"
    assert attribute(root, "command/exception/@name") == "InternalError"


def test_a_slow_import_is_still_running_after_nine_minutes(service: Service) -> None:
    command_id = attribute(read(service.start(service.signed_in("slow")), 202), "command/@id")
    service.later(minutes=9)
    assert attribute(service.poll(command_id), "command/@state") == "in_progress"
    service.later(minutes=1)
    assert attribute(service.poll(command_id), "command/@state") == "successful"


def test_a_running_command_may_answer_202(service: Service) -> None:
    service.dialect.switches.running_status = "202 Accepted"
    command_id = attribute(read(service.start(service.signed_in()), 202), "command/@id")
    assert attribute(read(service.api.get(f"/v1/command/{command_id}.xml"), 202), "command/@state") == "setup"
    service.later(seconds=4)
    assert attribute(service.poll(command_id), "command/@state") == "successful"


def test_a_finished_command_can_be_read_for_24_hours(service: Service) -> None:
    command_id = attribute(read(service.start(service.signed_in()), 202), "command/@id")
    service.later(hours=24)
    assert attribute(service.poll(command_id), "command/@state") == "successful"
    service.later(seconds=3)
    assert refusal(service.api.get(f"/v1/command/{command_id}.xml"), 404) == "InvalidCommandId"
    assert refusal(service.api.get("/v1/command/1.xml"), 404) == "InvalidCommandId"


def test_limits_on_sessions_and_imports_can_be_set(service: Service) -> None:
    switches = service.dialect.switches
    first, second = service.signed_in(), service.signed_in()
    switches.imports_at_once = 1
    service.start(first)
    assert refusal(service.start(second), 429) == "JobsQuotaExceeded"
    service.later(seconds=4)
    assert service.start(second).status_code == 202
    switches.sessions_at_once = 1
    assert refusal(service.mock_session(), 429) == "ConcurrentSessionsLimitExceeded"
    refused = service.sign_in(service.fetch()["redirectionLink"]).redirection_id
    assert service.status(refused)["params"]["exception"] == "ConcurrentSessionsLimitExceeded"
    service.later(seconds=4)
    assert service.mock_session().status_code == 200


def test_sign_out_exists_for_login_form_targets_only(service: Service) -> None:
    api_session = service.signed_in()
    form = {k: api_session[k] for k in ("sessionId", "sessionIdSignature")}
    response = service.api.post("/v1/command/sign-out.xml", data=form)
    assert refusal(response, 400) == "CommandNotAvailable"
    fetched = service.fetch("SINGLE", target="KontoBank")
    page = service.click(service.open(fetched["redirectionLink"]))
    service.click(service.click(page, username="test1", password="Test123"), code="Test123")
    session = service.status(fetched["redirectionId"])["params"]
    form = {k: session[k] for k in ("sessionId", "sessionIdSignature")}
    read(service.api.post("/v1/command/sign-out.xml", data=form))
    assert refusal(service.start(session), 404) == "InvalidSessionId"
