"""Where the documents are silent or disagree, a switch chooses the reading (providers/basiq.md, as each test says)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from .bank import GAVIN, JARED
from .caller import Page, Partner, code

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def _unchecked(partner: Partner, method: str, path: str, **options: Any) -> Any:
    """Call beside the contract, which knows the other reading."""
    headers = {"Authorization": f"Bearer {partner.token()}"}
    return partner.client.request(method, path, headers=headers, **options)


# Refusals (section 7.2) ----------------------------------------------------------------------------------------------


def test_a_500_has_another_code_in_the_newer_table(partner: Partner) -> None:
    assert partner.user
    partner.switch(service_status=500, server_error_code="parameter-not-valid")
    assert code(_unchecked(partner, "GET", "/connectors")) == (500, "parameter-not-valid")


def test_a_disabled_account_is_denied_everything(partner: Partner) -> None:
    user = partner.user
    partner.switch(account_disabled=True)
    for path in ("/connectors", f"/users/{user}"):
        assert code(partner.get(path)) == (403, "access-denied")


# Users and connectors (sections 2.1 and 3.2) ---------------------------------------------------------------------------


@pytest.mark.parametrize(("reading", "expected"), [("empty", ""), ("full", "Gavin Belson")])
def test_the_name_of_a_user_may_be_empty(partner: Partner, reading: str, expected: str) -> None:
    partner.switch(user_name=reading)
    body = {"email": "gavin@hooli.example", "firstName": "Gavin", "lastName": "Belson"}
    user = partner.post("/users", json=body).json()["id"]
    assert partner.get(f"/users/{user}").json()["name"] == expected


def test_durations_may_be_unknown(partner: Partner) -> None:
    partner.switch(durations_known=False)
    connector = _unchecked(partner, "GET", "/connectors/AU00000/web").json()
    assert connector["stats"] == {"averageDurationMs": None}


def test_what_no_specification_has_may_not_be_served(partner: Partner) -> None:
    partner.connected(GAVIN)
    consent = partner.get(f"/users/{partner.user}/consents").json()["data"][0]["id"]
    paths = ("/users", f"/users/{partner.user}/consents/{consent}")
    assert [partner.get(path).status_code for path in paths] == [200, 200]
    partner.switch(users_listed=False, consents_read_alone=False)
    assert [code(partner.get(path)) for path in paths] == [(404, "resource-not-found")] * 2


# The Consent UI (sections 2.2 and 4.6) ---------------------------------------------------------------------------------


def _connect(partner: Partner, **query: str) -> Page:
    page = partner.open_consent_ui(institutionId="AU00000", **query).press("I consent")
    page = page.press("Sign in", loginId=GAVIN.name, password=GAVIN.password)
    return page.press("Share", account=page.checked).press("Return to the application")


def test_people_may_come_back_with_job_ids_alone(partner: Partner) -> None:
    partner.switch(jobs_returned="jobIds")
    assert set(_connect(partner, state="s").returned) == {"jobIds", "state"}


@pytest.mark.parametrize("name", ["redirect_uri", "redirectUrl"])
def test_the_address_to_return_to_may_be_read_from_the_query(partner: Partner, name: str) -> None:
    query = {name: "https://elsewhere.example/back?a=1"}
    assert "jobId" in _connect(partner, **query).returned  # at the address of the dashboard
    partner.switch(redirect_from_query=True)
    page = partner.open_consent_ui("manage", **query).press("Return to the application")
    assert page.response.headers["location"] == "https://elsewhere.example/back?a=1"


def test_who_refuses_at_the_bank_may_leave_a_job_that_was_denied(partner: Partner) -> None:
    partner.switch(denied_job=True)
    page = partner.open_consent_ui(institutionId="AU00004").press("I consent")
    page = page.press("Sign in", loginId=GAVIN.name, password=GAVIN.password)
    job = page.press("Cancel").returned["jobId"]
    partner.wait()
    assert list(partner.steps(job).values()) == ["failed", "pending", "pending"]
    assert partner.result(job, "verify-credentials")["code"] == "authorization-failed"


@pytest.mark.parametrize("status", [204, 404])
def test_a_consent_that_has_ended_is_revoked_again_as_the_switch_says(partner: Partner, status: int) -> None:
    partner.connected(GAVIN)
    partner.switch(second_revocation=status)
    consent = partner.get(f"/users/{partner.user}/consents").json()["data"][0]["id"]
    path = f"/users/{partner.user}/consents/{consent}"
    assert [partner.delete(path).status_code for _ in range(2)] == [204, status]


# Absent dates (sections 5.2 and 9.10) --------------------------------------------------------------------------------


@pytest.mark.parametrize(("reading", "expected"), [("empty", ""), ("null", None)])
def test_a_date_that_there_is_none_of_is_empty_or_null(partner: Partner, reading: str, expected: str | None) -> None:
    partner.switch(absent_dates=reading)
    connection = partner.connected(GAVIN)
    assert partner.get(f"/users/{partner.user}/connections/{connection}").json()["expiryDate"] == expected
    fee = next(row for row in partner.transactions() if row["class"] == "bank-fee")
    assert (fee["transactionDate"], fee["postDate"]) == (expected, "2026-02-18T00:00:00Z")


# Connections and jobs (sections 3.1, 4.2 to 4.4) -----------------------------------------------------------------------


def _listed_jobs(partner: Partner) -> list[dict[str, Any]]:
    partner.renew_tokens()
    data: list[dict[str, Any]] = partner.get(f"/users/{partner.user}/jobs").json()["data"]
    return data


def test_connections_may_be_refreshed_unasked(partner: Partner) -> None:
    partner.switch(auto_refresh_hours=24.0)
    partner.connected(GAVIN)
    partner.wait(3 * DAY + HOUR)
    created = [job["created"] for job in _listed_jobs(partner)]
    assert created == [f"2026-03-{day}T01:00:{second:02d}Z" for day, second in ((10, 0), (11, 6), (12, 12), (13, 18))]
    told = [one["description"] for one in partner.transactions()]
    assert "ATM GLEBE" in told  # of the third day


def test_connections_that_ask_the_person_are_never_refreshed_unasked(partner: Partner) -> None:
    partner.switch(auto_refresh_hours=24.0)
    partner.connected(JARED, "AU00002", ["1234"])
    partner.wait(2 * DAY)
    assert len(_listed_jobs(partner)) == 1


def test_without_the_switch_nothing_is_refreshed_unasked(partner: Partner) -> None:
    partner.connected(GAVIN)
    partner.wait(2 * DAY)
    assert len(_listed_jobs(partner)) == 1


def _correct_login(partner: Partner, connection: str) -> None:
    page = partner.open_consent_ui(connectionId=connection)
    page.press("Sign in", loginId=GAVIN.name, password=GAVIN.password)


def test_a_login_that_was_corrected_in_vain_may_be_tried_again(partner: Partner) -> None:
    partner.switch(retries_after_update=True)
    connection = partner.connected(GAVIN)
    partner.switch(institutions_down=["AU00000"])
    _correct_login(partner, connection)
    partner.wait(3 * HOUR)
    assert len(_listed_jobs(partner)) == 3  # the connecting, the correction, and one more try
    partner.switch(institutions_down=[])
    partner.wait(2 * HOUR)
    partner.renew_tokens()
    assert partner.get(f"/users/{partner.user}/connections/{connection}").json()["status"] == "active"
    partner.wait(DAY)
    assert len(_listed_jobs(partner)) == 4


def test_a_login_that_was_corrected_in_vain_is_given_up_after_a_week(partner: Partner) -> None:
    partner.switch(retries_after_update=True, job_days=30)
    connection = partner.connected(GAVIN)
    partner.switch(institutions_down=["AU00000"])
    _correct_login(partner, connection)
    partner.wait(20 * DAY)
    assert len(_listed_jobs(partner)) == 2 + 7 * 12 - 1  # each try takes two seconds itself


def test_an_inactive_connection_may_be_purged(partner: Partner) -> None:
    connection = partner.connected(JARED, "AU00002", ["1234"])
    partner.refresh(connection)
    partner.wait(HOUR / 10)  # nobody answers
    purge = f"/users/{partner.user}/connections/{connection}/purge"
    assert partner.post(purge).status_code == 400
    partner.switch(purge_of_inactive="allow")
    assert partner.post(purge).status_code == 204
    assert partner.get(f"/users/{partner.user}/accounts").json()["data"] == []


def test_an_answer_nobody_waits_for_may_be_not_found(partner: Partner) -> None:
    job = partner.connect(GAVIN)["jobId"]
    partner.switch(unawaited_answer=404)
    assert code(partner.answer(job, "1234")) == (404, "resource-not-found")


def test_the_step_of_the_challenge_may_be_misspelt(partner: Partner) -> None:
    connection = partner.connected(JARED, "AU00002", ["1234"])
    partner.switch(mfa_title="mfa-challenege")
    job = partner.refresh(connection)
    titles = [step["title"] for step in _unchecked(partner, "GET", f"/jobs/{job}").json()["steps"]]
    assert titles == ["verify-credentials", "mfa-challenege", "retrieve-accounts", "retrieve-transactions"]


@pytest.mark.parametrize("kind", ["report", "link"])
def test_the_result_of_a_reports_job_names_a_report_or_a_link(partner: Partner, kind: str) -> None:
    partner.connected(GAVIN)
    partner.switch(report_result_type=kind)
    filters = {"fromDate": "2026-01-01", "toDate": "2026-03-31", "accounts": [], "users": [partner.user]}
    listed = [{"name": name, "value": value} for name, value in filters.items()]
    order = {"reportType": "CON_AFFOR_01", "title": "Report", "filters": listed}
    job = partner.post("/reports", json=order).json()["id"]
    partner.wait()
    assert partner.result(job, "create-report")["type"] == kind


# Events (section 6.1) --------------------------------------------------------------------------------------------------


def test_event_ids_may_be_uuids(partner: Partner) -> None:
    partner.switch(event_ids="uuid")
    assert partner.user
    event = partner.get("/events").json()["data"][0]
    assert [len(part) for part in event["id"].split("-")] == [8, 4, 4, 4, 12]
    assert partner.get(f"/events/{event['id']}").json()["id"] == event["id"]


def test_the_data_of_an_event_may_be_a_text(partner: Partner) -> None:
    assert partner.user
    told = partner.get("/events").json()["data"][0]["data"]
    partner.switch(event_data="text")
    assert json.loads(_unchecked(partner, "GET", "/events").json()["data"][0]["data"]) == told


def test_the_guides_own_type_of_events_may_be_known(partner: Partner) -> None:
    hook = {"url": "http://127.0.0.1:9/", "subscribedEvents": ["consent.archived"]}
    assert code(partner.get("/events/types/consent.archived")) == (404, "resource-not-found")
    assert code(partner.post("/notifications/webhooks", json=hook)) == (400, "invalid-content")
    partner.switch(consent_archived=True)
    assert partner.get("/events/types/consent.archived").json()["id"] == "consent.archived"
    assert "consent.archived" in {one["id"] for one in partner.get("/events/types").json()["data"]}
    assert partner.post("/notifications/webhooks", json=hook).status_code == 201


@pytest.mark.parametrize(("repeat", "expected"), [(True, [90, 180, 270, 360]), (False, [90])])
def test_reminders_may_come_once(partner: Partner, expected: list[int], *, repeat: bool) -> None:
    partner.switch(reminders_repeat=repeat, event_days=365)
    partner.connected(GAVIN)
    partner.wait(365 * DAY)
    partner.renew_tokens()
    told = partner.get("/events", filter="event.entity.eq('consent')").json()["data"][::-1]
    days = [event["createdDate"][:10] for event in told if event["eventType"] == "reminder"]
    granted = partner.world.clock.now() - 365 * DAY
    assert days == [f"{granted + day * DAY:%Y-%m-%d}" for day in expected]
    assert [event["eventType"] for event in told if event["eventType"] in {"warning", "expired"}] == [
        "warning",
        "expired",
    ]
