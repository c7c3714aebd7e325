"""The hosted page, walked through as a person would (providers/basiq.md, section 2.2)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bankweave_sandbox.world import World

from .bank import GAVIN, JARED, WHISTLER, Login
from .caller import Page, Partner


def _institutions(partner: Partner, action: str = "null", **query: str) -> Page:
    page = partner.open_consent_ui(action, **query)
    return page.press("I consent") if "I consent" in page.buttons else page


def _sign_in(page: Page, login: Login, institution: str = "AU00000") -> Page:
    page = page.press("Continue", institution=institution)
    return page.press("Sign in", loginId=login.name, password=login.password)


def test_the_person_is_sent_back_with_job_and_state(partner: Partner) -> None:
    page = _sign_in(_institutions(partner, state="a%20b%26c"), GAVIN).press(
        "Share", account=["au-hooli-gavinBelson-current"]
    )
    returned = page.press("Return to the application").returned
    assert returned["state"] == "a b&c"
    assert returned["jobId"] == returned["jobIds"]
    assert partner.get(f"/jobs/{returned['jobId']}").status_code == 200


def test_a_return_address_in_the_query_is_ignored_and_the_configured_one_keeps_its_query(
    partner: Partner, world: World
) -> None:
    world.redirect_url = "https://app.example/callback?tenant=1"
    page = partner.open_consent_ui(redirect_uri="https://evil.example/", redirectUrl="https://evil.example/")
    assert page.press("Cancel").returned == {"tenant": "1"}


def test_the_consent_page_names_what_is_asked_for(partner: Partner) -> None:
    page = partner.open_consent_ui()
    assert "transaction.detail" in page.text
    assert "365 days" in page.text


def test_only_the_ticked_accounts_are_shared(partner: Partner) -> None:
    page = _sign_in(_institutions(partner), GAVIN)
    assert page.checked == ["au-hooli-gavinBelson-current", "au-hooli-gavinBelson-credit_card"]
    page.press("Share", account=[page.checked[1]])
    partner.wait()
    accounts = partner.get(f"/users/{partner.user}/accounts").json()["data"]
    assert [account["name"] for account in accounts] == ["Hooli Visa"]


def test_no_ticked_account_is_asked_again(partner: Partner) -> None:
    page = _sign_in(_institutions(partner), GAVIN).press("Share")
    assert "Choose at least one account." in page.text
    assert "Share" in page.buttons


@pytest.mark.parametrize("step", ["consent", "institutions", "credentials", "mfa", "accounts"])
def test_cancelling_at_any_step_connects_nothing(partner: Partner, step: str) -> None:
    page = partner.open_consent_ui(state="s1")
    if step != "consent":
        page = page.press("I consent")
    if step in {"credentials", "mfa", "accounts"}:
        page = page.press("Continue", institution="AU00002")
    if step in {"mfa", "accounts"}:
        page = page.press("Sign in", loginId="jared", password="django")
    if step == "accounts":
        page = page.press("Continue", answer="1234")
    assert page.press("Cancel").returned == {"state": "s1"}
    assert partner.get(f"/users/{partner.user}/connections").json()["data"] == []


def test_several_institutions_in_one_visit_make_several_jobs(partner: Partner) -> None:
    page = _sign_in(_institutions(partner), GAVIN)
    page = page.press("Share", account=page.checked).press("Connect another institution")
    page = _sign_in(page, GAVIN, "AU00004")
    returned = page.press("Share", account=page.checked).press("Return to the application").returned
    jobs = returned["jobIds"].split(",")
    assert len(jobs) == 2
    assert returned["jobId"] == jobs[1]
    partner.wait()
    assert all(set(partner.steps(job).values()) == {"success"} for job in jobs)


def test_cancelling_the_second_institution_keeps_the_first(partner: Partner) -> None:
    page = _sign_in(_institutions(partner), GAVIN)
    page = page.press("Share", account=page.checked).press("Connect another institution")
    assert len(page.press("Cancel").returned["jobIds"].split(",")) == 1


def test_one_institution_only_where_the_application_wants_it_so(partner: Partner) -> None:
    partner.switch(allow_multiple_connections=False)
    page = _sign_in(_institutions(partner), GAVIN)
    assert page.press("Share", account=page.checked).buttons == ["Return to the application"]


def test_the_success_page_can_be_skipped(partner: Partner) -> None:
    partner.switch(skip_success_screen=True)
    page = _sign_in(_institutions(partner), GAVIN)
    assert "jobId" in page.press("Share", account=page.checked).returned


def test_a_wrong_password_makes_a_failed_job_and_can_be_tried_again(partner: Partner) -> None:
    page = _sign_in(_institutions(partner), Login("gavinBelson", "wrong"))
    assert "did not let you in" in page.title
    page = page.press("Try again")
    assert 'name="loginId" value="gavinBelson"' in page.text, "what was right is kept"
    page = page.press("Sign in", loginId="gavinBelson", password="hooli2016")
    failed, good = (
        page.press("Share", account=page.checked).press("Return to the application").returned["jobIds"].split(",")
    )
    partner.wait()
    assert partner.steps(failed)["verify-credentials"] == "failed"
    assert partner.result(failed, "verify-credentials")["code"] == "invalid-credentials"
    assert set(partner.steps(good).values()) == {"success"}


def test_the_way_back_after_a_refusal_names_the_failed_job_and_cancelling_does_not(partner: Partner) -> None:
    page = _sign_in(_institutions(partner), Login("gavinBelson", "wrong"))
    assert "jobId" in page.press("Return to the application").returned
    assert page.press("Cancel").returned == {}


def test_user_names_are_taken_in_any_case_and_empty_ones_are_asked_again(partner: Partner) -> None:
    page = _institutions(partner).press("Continue", institution="AU00000")
    page = page.press("Sign in", loginId="", password="")
    assert "Enter your login ID" in page.text
    assert "Share" in page.press("Sign in", loginId="GAVINBELSON", password="hooli2016").buttons


def test_the_first_field_has_the_focus(partner: Partner) -> None:
    page = _institutions(partner).press("Continue", institution="AU00002")
    assert re.findall(r'name="(\w+)"[^>]* autofocus', page.text) == ["loginId"]
    page = page.press("Sign in", loginId=WHISTLER.name, password=WHISTLER.password)
    assert re.findall(r'name="(\w+)"[^>]* autofocus', page.text) == ["answer"]


def test_security_questions_are_asked_in_the_banks_words(partner: Partner) -> None:
    page = _sign_in(_institutions(partner), WHISTLER, "AU00002")
    assert "What's your favourite company?" in page.text
    page = page.press("Continue", answer=["Basiq", "AU00000"])
    job = page.press("Share", account=page.checked).press("Return to the application").returned["jobId"]
    partner.wait()
    assert partner.steps(job)["mfa-challenge"] == "success"


def test_a_wrong_code_makes_a_failed_job(partner: Partner) -> None:
    page = _sign_in(_institutions(partner), JARED, "AU00002").press("Continue", answer="9999")
    job = page.press("Return to the application").returned["jobId"]
    partner.wait()
    assert partner.steps(job)["verify-credentials"] == "success"
    assert partner.steps(job)["mfa-challenge"] == "failed"


def test_a_preselected_institution_skips_the_choice(partner: Partner) -> None:
    page = _institutions(partner, institutionId="AU00004")
    assert page.title == "Sign in to HooliGov"
    assert partner.open_consent_ui(institutionId="AU99999").response.status_code == 404


@pytest.mark.parametrize("action", ["null", "add", "payment", ""])
def test_null_and_unknown_actions_mean_the_whole_flow(partner: Partner, action: str) -> None:
    assert "I consent" in partner.open_consent_ui(action).buttons


@pytest.mark.parametrize("action", ["connect", "extend", "update"])
def test_some_actions_need_an_active_consent(partner: Partner, action: str) -> None:
    assert partner.open_consent_ui(action).response.status_code == 400


def test_connect_does_not_ask_for_consent_again(partner: Partner) -> None:
    partner.connected(GAVIN)
    assert partner.open_consent_ui("connect").title == "Choose your institution"


def test_consenting_again_keeps_the_one_active_consent(partner: Partner) -> None:
    partner.connected(GAVIN)
    partner.connected(GAVIN, "AU00004")
    assert partner.get(f"/users/{partner.user}/consents").json()["size"] == 1


def test_extending_lengthens_the_consent_from_today(partner: Partner) -> None:
    partner.connected(GAVIN, "AU00004")
    partner.wait(timedelta(days=30))
    partner.renew_tokens()
    page = partner.open_consent_ui("extend").press("Extend")
    assert page.press("Return to the application").returned == {}
    assert partner.get(f"/users/{partner.user}/consents").json()["data"][0]["expiryDate"] == "2027-04-09T01:00:10Z"
    connection = partner.get(f"/users/{partner.user}/connections").json()["data"][0]
    assert connection["expiryDate"] == "2027-04-09T01:00:10Z"


def test_updating_under_the_same_policy_extends(partner: Partner) -> None:
    partner.connected(GAVIN)
    assert "Extend" in partner.open_consent_ui("update").buttons


def test_updating_under_a_new_policy_replaces_the_consent_and_deletes_the_connections(partner: Partner) -> None:
    partner.connected(GAVIN)
    partner.switch(policy_version=2)
    links = partner.get(f"/users/{partner.user}/consents").json()["data"][0]["links"]
    assert links["consentPolicy"] != links["latestConsentPolicy"]
    partner.open_consent_ui("update").press("I consent")
    consents = partner.get(f"/users/{partner.user}/consents").json()["data"]
    assert [consent["status"] for consent in consents] == ["revoked", "active"]
    assert partner.get(f"/users/{partner.user}/connections").json()["data"] == []


def test_managing_deletes_a_connection_and_revokes_the_consent(partner: Partner) -> None:
    partner.connected(GAVIN)
    page = partner.open_consent_ui("manage").press("Delete Hooli")
    assert partner.get(f"/users/{partner.user}/connections").json()["data"] == []
    page = page.press("Revoke consent")
    assert "revoked" in page.text
    assert page.press("Return to the application").returned == {}
    assert partner.get(f"/users/{partner.user}/consents").json()["data"][0]["status"] == "revoked"


def test_a_new_password_is_entered_for_an_existing_web_connection(partner: Partner) -> None:
    job = (
        _sign_in(_institutions(partner), Login("gavinBelson", "old"))
        .press("Return to the application")
        .returned["jobId"]
    )
    partner.wait()
    connection = partner.job(job)["links"]["source"].rsplit("/", 1)[1]
    page = partner.open_consent_ui(connectionId=connection)
    page = page.press("Sign in", loginId="gavinBelson", password="hooli2016")
    page.press("Return to the application")
    partner.wait()
    connections = partner.get(f"/users/{partner.user}/connections").json()["data"]
    assert [(c["id"], c["status"]) for c in connections] == [(connection, "active")]


def test_a_renewed_open_banking_connection_lives_longer_under_the_same_ids(partner: Partner) -> None:
    connection = partner.connected(GAVIN, "AU00004")
    before = partner.get(f"/users/{partner.user}/accounts").json()["data"][0]["id"]
    partner.wait(timedelta(days=360))
    partner.renew_tokens()
    page = partner.open_consent_ui("reauthorise").press("Renew HooliGov")
    page = page.press("Sign in", loginId="gavinBelson", password="hooli2016")
    assert "jobId" in page.press("Share", account=page.checked).press("Return to the application").returned
    partner.wait()
    renewed = partner.get(f"/users/{partner.user}/connections/{connection}").json()
    assert renewed["expiryDate"].startswith("2028-03-04")
    assert partner.get(f"/users/{partner.user}/accounts").json()["data"][0]["id"] == before


def test_an_unknown_connection_cannot_be_updated(partner: Partner) -> None:
    assert partner.open_consent_ui(connectionId="none").response.status_code == 404


def test_a_page_that_is_sent_again_shows_where_the_visit_stands(partner: Partner) -> None:
    accounts = _sign_in(_institutions(partner), GAVIN)
    first = accounts.press("Share", account=accounts.checked)
    again = accounts.press("Share", account=accounts.checked)
    assert again.title == first.title == "Your data is on its way"
    assert "," not in again.press("Return to the application").returned["jobIds"]
    assert len(partner.get(f"/users/{partner.user}/connections").json()["data"]) == 1


def test_server_expired_and_foreign_tokens_do_not_open_the_page(partner: Partner) -> None:
    assert partner.client.get("/home", params={"token": partner.token()}).status_code == 403
    assert partner.client.get("/home", params={"token": "none"}).status_code == 401
    assert partner.client.get("/home").status_code == 401
    token = partner.token("CLIENT_ACCESS", partner.user)
    partner.wait(timedelta(hours=1))
    assert partner.client.get("/home", params={"token": token}).status_code == 401


def test_a_visit_ends_with_its_token(partner: Partner) -> None:
    page = partner.open_consent_ui()
    partner.wait(timedelta(hours=1))
    assert page.press("I consent").response.status_code == 401


def test_the_pages_keep_the_token_to_themselves(partner: Partner) -> None:
    response = partner.open_consent_ui().response
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-store"
