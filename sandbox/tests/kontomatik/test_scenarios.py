"""Scenarios: by user name, by switch, and what describe() promises of them."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from bankweave_sandbox.kontomatik.scenarios import SCENARIOS
from bankweave_sandbox.kontomatik.switches import ScenarioName

from .signin_service import KEY, Service, attribute, refusal

SIGN_IN_FAILURES = {
    "refuse": "UserCancelled",
    "outage": "ServiceTemporarilyUnavailable",
    "invalid-credentials": "InvalidCredentials",
    "access-blocked": "AccessBlocked",
    "locked-out": "AccessTemporarilyBlocked",
    "manual-action": "ManualActionRequired",
    "credentials-mismatch": "TargetCredentialsMismatch",
    "identification-level": "InsufficientIdentificationLevel",
    "language": "UnsupportedLanguage",
    "login-method": "UnsupportedLoginMethod",
}


@pytest.mark.parametrize(("username", "exception"), SIGN_IN_FAILURES.items())
def test_a_failing_user_ends_the_sign_in_with_its_exception(service: Service, username: str, exception: str) -> None:
    back = service.sign_in(service.fetch()["redirectionLink"], username)
    status = service.status(back.redirection_id)
    assert (status["status"], status["params"]["exception"]) == ("error", exception)


def test_a_switch_brings_a_scenario_about_whoever_signs_in(service: Service) -> None:
    service.dialect.switches.scenario = "manual-action"
    back = service.sign_in(service.fetch()["redirectionLink"], "test1")
    assert service.status(back.redirection_id)["params"]["exception"] == "ManualActionRequired"
    service.dialect.switches.scenario = "by-user-name"
    session = service.signed_in("test1")
    service.dialect.switches.scenario = "import-fatal"
    assert attribute(service.imported(session), "command/@state") == "fatal"


def test_any_name_can_end_a_sign_in(service: Service) -> None:
    service.dialect.switches.sign_in_exception = "SomethingNew"
    back = service.sign_in(service.fetch()["redirectionLink"])
    assert service.status(back.redirection_id)["params"]["exception"] == "SomethingNew"
    assert refusal(service.mock_session(), 400) == "SomethingNew"
    service.dialect.switches.sign_in_exception = "IO"
    assert refusal(service.mock_session(), 502) == "IO"


@pytest.mark.parametrize(("name", "status"), [("ServiceMaintenance", 503), ("IO", 502), ("BrandNew", 400)])
def test_any_name_can_answer_every_call(service: Service, name: str, status: int) -> None:
    session = service.signed_in()
    service.dialect.switches.refuse_all_with = name
    assert refusal(service.start(session), status) == name
    asked = service.ask("whatever")
    assert (asked.status_code, asked.json()["exception"]["name"]) == (status, name)
    assert service.client().get("/v1/catalog.xml").status_code == 401, "the key is looked at first"
    service.dialect.switches.refuse_all_with = ""
    assert service.start(session).status_code == 202


def test_an_import_can_be_cancelled(service: Service) -> None:
    root = service.imported(service.signed_in("cancelled"))
    assert attribute(root, "command/@state") == "cancelled"
    assert attribute(root, "@status") == "200 OK"
    assert root.find("command/result") is root.find("command/exception") is None


def test_a_consent_may_end_early_without_a_word(service: Service) -> None:
    access_id = service.signed_in("consent-ends-early")["multipleAccessId"]
    service.later(days=29, hours=23)
    assert service.reuse(access_id).status_code == 200
    service.later(hours=1)
    assert refusal(service.reuse(access_id), 404) == "InvalidMultipleAccessId"


def test_another_company_takes_its_share_of_the_imports(service: Service) -> None:
    access_id = service.signed_in("shared-access")["multipleAccessId"]
    assert [service.reuse(access_id).status_code for _ in range(3)] == [200, 200, 429]


def test_every_scenario_can_be_reached_by_switch() -> None:
    assert set(get_args(ScenarioName)) == {"by-user-name", *SCENARIOS}


def test_scenario_users_exist_at_every_bank(service: Service) -> None:
    for country, target in (("pl", "KontoBankApi"), ("pl", "PkoApi"), ("cz", "KontoBankApi_cz")):
        fetched = service.fetch(country=country)
        back = service.sign_in(fetched["redirectionLink"], "partial", target)
        assert service.status(back.redirection_id)["status"] == "success"


def test_an_unknown_status_word_stands_until_the_result_shows(service: Service) -> None:
    back = service.sign_in(service.fetch()["redirectionLink"], "unknown-status")
    assert service.status(back.redirection_id) == {"status": "waiting_for_bank", "params": {}}
    service.later(minutes=10)
    status = service.status(back.redirection_id)
    assert status["status"] == "success"
    assert service.start(status["params"]).status_code == 202


def test_an_expired_session_is_over_before_its_import(service: Service) -> None:
    assert refusal(service.start(service.signed_in("expired-session")), 404) == "InvalidSessionId"


def test_single_only_gets_no_multiple_access(service: Service) -> None:
    assert service.signed_in("single-only")["multipleAccessId"] is None


def test_a_consent_may_end_with_the_first_import(service: Service) -> None:
    session = service.signed_in("consent-revoked")
    assert attribute(service.imported(session), "command/@state") == "successful"
    assert refusal(service.reuse(session["multipleAccessId"]), 404) == "InvalidMultipleAccessId"


def test_a_wrong_password_is_wrong_for_scenario_users_too(service: Service) -> None:
    page = service.click(service.click(service.open(service.fetch()["redirectionLink"])))
    assert "password is wrong" in service.click(page, username="partial", password="guess").text


def test_describe_tells_all_that_a_client_needs(service: Service) -> None:
    told = service.dialect.describe("http://127.0.0.1:9")
    assert told["settings"] == {
        "base_url": "http://127.0.0.1:9",
        "api_key": KEY,
        "country": "pl",
        "locale": "pl",
        "access_mode": "MULTIPLE",
    }
    assert set(SCENARIOS) <= set(told["scenarios"])
    assert told["switches"]["poll_burst"]["value"] == 3
    assert all(switch["meaning"] for switch in told["switches"].values())
    assert json.loads(json.dumps(told)) == told


def test_every_scenario_of_the_notes_is_described(service: Service) -> None:
    """Section 15 lists them; the happy ones are the people themselves."""
    told = service.dialect.describe("http://127.0.0.1:9")["scenarios"]
    of_the_link = {"refuse", "expired", "forgotten", "polled-too-fast", "unknown-status", "outage"}
    of_the_import = {"import-error", "import-fatal", "partial", "empty", "twins", "imported-twice", "expired-session"}
    of_the_access = {"consent-revoked", "consent-ended", "access-used-up", "moved-to-fallback", "unknown-caller"}
    assert of_the_link | of_the_import | of_the_access <= set(told)
    assert all(len(how) > 20 for how in told.values())


def test_everybody_described_can_sign_in(service: Service) -> None:
    people = service.dialect.describe("http://127.0.0.1:9")["people"]
    assert len(people) >= 4
    for person in people:
        fetched = service.fetch("SINGLE", country=person["country"])
        page = service.click(service.click(service.open(fetched["redirectionLink"]), target=person["target"]))
        page = service.click(page, username=person["username"], password=person["password"])
        if person["code"] is not None:
            page = service.click(page, code=person["code"])
        assert service.status(page.redirection_id)["status"] == "success", person
