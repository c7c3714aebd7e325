"""What keeps callers out: limits, outages, gateways (providers/basiq.md, sections 3, 4.4 and 7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .bank import GAVIN, JARED
from .caller import BASE, Partner, code


@pytest.mark.parametrize("status", [429, 403])
def test_requests_may_be_limited_a_minute(partner: Partner, status: int) -> None:
    assert partner.user
    partner.switch(requests_per_minute=2, too_many_requests_status=status)
    answers = [partner.get("/connectors") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, status]
    assert code(answers[-1]) == (status, "too-many-requests")
    partner.wait(timedelta(minutes=1))
    assert partner.get("/connectors").status_code == 200


def test_the_gateway_may_answer_in_its_own_words(partner: Partner) -> None:
    partner.switch(missing_token="gateway")
    response = partner.client.get("/connectors")
    assert (response.status_code, response.json()) == (403, {"message": "Missing Authentication Token"})


def test_errors_have_a_correlation_id_of_their_own(partner: Partner) -> None:
    seen = {partner.get("/jobs/unknown").json()["correlationId"] for _ in range(2)}
    assert len(seen) == 2


def test_an_institution_that_is_down_is_told_so_and_its_jobs_fail(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    partner.switch(institutions_down=["AU00000"], institutions_degraded=["AU00002"])
    statuses = {one["id"]: one["status"] for one in partner.get("/connectors").json()["data"]}
    assert (statuses["AU00000"], statuses["AU00002"]) == ("major-outage", "degraded-performance")
    down = partner.get("/connectors", filter="connector.status.ne('operational','x')")
    assert code(down) == (400, "parameter-not-valid")
    found = partner.get("/connectors", filter="connector.status.in('major-outage')").json()["data"]
    assert [one["id"] for one in found] == ["AU00000"]
    job = partner.refresh(connection)
    partner.wait()
    assert partner.result(job, "verify-credentials")["code"] == "service-unavailable"
    partner.switch(institutions_down=[])
    job = partner.refresh(connection)
    partner.wait()
    assert partner.steps(job)["retrieve-transactions"] == "success"


def test_an_institution_that_is_down_cannot_be_chosen(partner: Partner) -> None:
    partner.switch(institutions_down=["AU00000"])
    page = partner.open_consent_ui().press("I consent")
    assert "cannot be reached at present" in page.text
    page = page.press("Continue", institution="AU00000")
    assert page.title == "Choose your institution"
    assert 'role="alert"' in page.response.text


def test_institutions_are_searched_by_name_and_id(partner: Partner) -> None:
    page = partner.open_consent_ui().press("I consent")
    address = page.response.text.split('action="', 1)[1].split('"', 1)[0]
    assert partner.client.get(address, params={"search": "pied"}).text.count('type="radio"') == 1
    assert "AU00003" in partner.client.get(address, params={"search": "au00003"}).text
    assert "No institution is called so" in partner.client.get(address, params={"search": "<b>"}).text


def test_connectors_have_logos(partner: Partner) -> None:
    logo = partner.get("/connectors/AU00002/web").json()["institution"]["logo"]
    for url in logo["links"].values():
        response = partner.client.get(url.removeprefix(BASE))
        assert response.headers["content-type"] == "image/svg+xml"
        assert logo["colors"]["primary"] in response.text
    assert partner.client.get("/logos/AU99999-full.svg").status_code == 404


def test_an_app_approval_is_answered_with_one_word(partner: Partner) -> None:
    partner.switch(mfa_method="app")
    page = partner.open_consent_ui().press("I consent").press("Continue", institution="AU00002")
    page = page.press("Sign in", loginId=JARED.name, password=JARED.password)
    assert "Approve the request in your bank's app" in page.text
    page = page.press("Continue")
    returned = page.press("Share", account=page.checked).press("Return to the application").returned
    partner.wait()
    assert partner.steps(returned["jobId"])["mfa-challenge"] == "success"
    connection = partner.get(f"/users/{partner.user}/connections").json()["data"][0]["id"]
    job = partner.refresh(connection)
    partner.wait(timedelta(seconds=3))
    assert partner.result(job, "mfa-challenge")["input"] == ["Confirmation"]
    assert partner.answer(job, "confirmed").status_code == 202
    partner.wait()
    assert partner.steps(job)["mfa-challenge"] == "success"


def test_an_app_approval_expires(partner: Partner) -> None:
    connection = partner.connected(JARED, "AU00002", ["1234"])
    partner.switch(mfa_method="app")
    job = partner.refresh(connection)
    partner.wait(timedelta(minutes=3))
    assert partner.steps(job)["mfa-challenge"] == "failed"
    assert code(partner.answer(job, "confirmed")) == (400, "parameter-not-valid")


def test_the_sandbox_has_room_for_so_many_connections(partner: Partner) -> None:
    partner.switch(sandbox_connections=1)
    partner.connected(GAVIN)
    page = partner.open_consent_ui("connect").press("Continue", institution="AU00004")
    page = page.press("Sign in", loginId=GAVIN.name, password=GAVIN.password)
    page = page.press("Share", account=page.checked)
    assert page.response.status_code == 403


@pytest.mark.parametrize(("kept", "expected"), [(True, ["pre-init"]), (False, [])])
def test_leaving_an_open_banking_flow_may_leave_a_connection(
    partner: Partner, expected: list[str], *, kept: bool
) -> None:
    partner.switch(pre_init_kept=kept)
    page = partner.open_consent_ui().press("I consent").press("Continue", institution="AU00004")
    page = page.press("Sign in", loginId=GAVIN.name, password=GAVIN.password)
    assert "jobId" not in page.press("Cancel").returned
    connections = partner.get(f"/users/{partner.user}/connections").json()["data"]
    assert [one["status"] for one in connections] == expected


def test_a_consent_is_read_where_its_link_leads(partner: Partner) -> None:
    partner.connected(GAVIN)
    consent = partner.get(f"/users/{partner.user}/consents").json()["data"][0]
    assert partner.get(consent["links"]["self"].removeprefix(BASE)).json() == consent
    assert code(partner.get(f"/users/{partner.user}/consents/none")) == (404, "resource-not-found")


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ({"service_status": 500}, (500, "internal-server-error")),
        ({"service_status": 503}, (503, "service-unavailable")),
        ({"service_status": 503, "unavailable_code": "Service unavailable"}, (503, "Service unavailable")),
    ],
)
def test_basiq_itself_may_be_down(partner: Partner, switches: dict[str, object], expected: tuple[int, str]) -> None:
    user = partner.user
    partner.switch(**switches)
    assert code(partner.get(f"/users/{user}")) == expected


def test_a_sandbox_key_does_not_refresh_live_banks(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    partner.switch(institutions_live=["AU00000"])
    refused = partner.post(f"/users/{partner.user}/connections/{connection}/refresh")
    assert code(refused) == (403, "no-production-access")
