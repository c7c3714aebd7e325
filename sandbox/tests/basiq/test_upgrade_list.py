"""The provider's own list for those who come from v2, step by step (providers/basiq.md, section 10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .bank import GAVIN, JARED
from .caller import BASE, Partner, code

ASKED = timedelta(seconds=3)


def test_step_1_the_version_is_a_header_of_the_token_request(partner: Partner) -> None:
    form = {"scope": "SERVER_ACCESS"}
    assert partner.ask_token(form).status_code == 200
    assert code(partner.ask_token(form, **{"basiq-version": ""})) == (400, "parameter-not-supplied")


def test_step_2_the_scope_stands_in_the_form(partner: Partner) -> None:
    token = partner.ask_token({}, scope="SERVER_ACCESS").json()["access_token"]
    response = partner.client.get("/connectors", headers={"Authorization": f"Bearer {token}"})
    assert code(response) == (403, "forbidden-access")


def test_step_3_the_consent_ui_takes_the_place_of_posting_connections(partner: Partner) -> None:
    posted = partner.post(f"/users/{partner.user}/connections", json={"loginId": "gavinBelson"})
    assert code(posted) == (404, "resource-not-found")
    assert partner.connect(GAVIN)["jobId"]


def test_steps_4_and_6_consents_follow_the_policy_and_can_be_withdrawn(partner: Partner) -> None:
    partner.switch(consent_days=90, policy_version=2)
    partner.connected(GAVIN)
    consent = partner.get(f"/users/{partner.user}/consents").json()["data"][0]
    assert consent["expiryDate"][:10] == "2026-06-08"
    assert consent["links"]["consentPolicy"] == consent["links"]["latestConsentPolicy"]
    assert partner.delete(consent["links"]["self"].removeprefix(BASE)).status_code == 204
    assert partner.get(f"/users/{partner.user}/connections").json()["data"] == []


def test_step_5_a_withdrawal_is_seen_among_the_events(partner: Partner) -> None:
    partner.connected(GAVIN)
    partner.open_consent_ui("manage").press("Revoke consent")
    wanted = "event.entity.eq('consent'),event.type.eq('revoked')"
    (event,) = partner.get("/events", filter=wanted).json()["data"]
    assert event["userId"] == partner.user


@pytest.mark.parametrize(
    ("action", "title"),
    [
        ("connect", "Choose your institution"),
        ("manage", "Manage your consent"),
        ("extend", "Extend"),
        ("update", "Extend"),
        ("reauthorise", "Renew your connections"),
    ],
)
def test_step_7_each_action_has_its_page(partner: Partner, action: str, title: str) -> None:
    partner.connected(GAVIN)
    assert partner.open_consent_ui(action).title.startswith(title)


def test_step_8_a_refresh_with_a_code_has_four_steps_and_the_printed_shape(partner: Partner) -> None:
    partner.switch(result_shape="seed")
    connection = partner.connected(JARED, "AU00002", ["1234"])
    job = partner.refresh(connection)
    partner.wait(ASKED)
    titles = [step["title"] for step in partner.job(job)["steps"]]
    assert titles == ["verify-credentials", "mfa-challenge", "retrieve-accounts", "retrieve-transactions"]
    (challenge,) = partner.result(job, "mfa-challenge")
    assert (challenge["method"], challenge["expiryMs"]) == ("token", 3600)
    assert challenge["links"]["response"] == f"/jobs/{job}/mfa"
    assert partner.answer(job, "1234").status_code == 202
    partner.wait()
    assert set(partner.steps(job).values()) == {"success"}


def test_step_8_a_refresh_with_questions_has_the_other_printed_shape(partner: Partner) -> None:
    partner.switch(result_shape="seed")
    connection = partner.connected(GAVIN, "AU00002", ["Hooli"])
    job = partner.refresh(connection)
    partner.wait(ASKED)
    assert isinstance(partner.result(job, "verify-credentials"), list)
    challenge = partner.result(job, "mfa-challenge")
    assert (challenge["method"], challenge["expiryMs"]) == ("security-questions", 120_000)
    assert challenge["links"]["response"] == f"{BASE}/jobs/{job}/mfa"
    assert partner.answer(job, "Hooli").status_code == 202
