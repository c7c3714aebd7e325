"""Users, consents and magic links (providers/basiq.md, sections 2.1, 2.3 and 2.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .bank import GAVIN
from .caller import Page, Partner, code

YEAR = timedelta(days=365)


def test_a_created_user_has_empty_texts_for_what_was_not_sent(partner: Partner) -> None:
    response = partner.post("/users", json={"mobile": "+61491570006", "firstName": "Gavin"})
    assert response.status_code == 201
    user = response.json()
    assert (user["mobile"], user["email"], user["firstName"], user["lastName"]) == ("+61491570006", "", "Gavin", "")
    assert partner.get(user["links"]["self"]).json()["id"] == user["id"]


def test_the_same_data_twice_makes_two_users(partner: Partner) -> None:
    ids = {partner.post("/users", json={"email": "a@b.example"}).json()["id"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "parameter-not-supplied")),
        ({"firstName": "Gavin"}, (400, "parameter-not-supplied")),
        ({"email": "nowhere"}, (400, "parameter-not-valid")),
        ({"mobile": "0491570006"}, (400, "parameter-not-valid")),
        ({"mobile": 61491570006}, (400, "parameter-not-valid")),
        ({"email": "a@b.example", "businessIdNo": "51824753556"}, (400, "parameter-not-supplied")),
        ({"email": "a@b.example", "businessIdNoType": "TFN"}, (400, "parameter-not-valid")),
        ({"email": "a@b.example", "businessIdNoType": {}}, (400, "parameter-not-valid")),
        ({"email": "a@b.example", "businessAddress": "Sydney"}, (400, "parameter-not-valid")),
        ({"email": "a@b.example", "verificationStatus": "yes"}, (400, "parameter-not-valid")),
        ([], (400, "invalid-content")),
    ],
)
def test_a_user_that_cannot_be_is_refused(partner: Partner, body: object, expected: tuple[int, str]) -> None:
    assert code(partner.post("/users", json=body)) == expected


def test_all_that_is_wrong_with_a_user_is_told_at_once(partner: Partner) -> None:
    response = partner.post("/users", json={"email": "nowhere", "mobile": "0491570006", "businessIdNo": "51824753556"})
    errors = [(error["code"], error.get("source", {}).get("parameter")) for error in response.json()["data"]]
    assert response.status_code == 400
    assert errors == [
        ("parameter-not-valid", "email"),
        ("parameter-not-valid", "mobile"),
        ("parameter-not-supplied", "businessName"),
    ]
    response = partner.post("/users", json={"email": 1, "mobile": 2})
    assert [error["source"]["parameter"] for error in response.json()["data"]] == ["email", "mobile"]


def test_a_body_that_is_no_json_is_refused(partner: Partner) -> None:
    sent = {"Content-Type": "application/json"}
    assert code(partner.post("/users", content=b"{", headers=sent)) == (400, "invalid-content")
    response = partner.post("/users", content=b"a=b", headers={"Content-Type": "text/plain"})
    assert code(response) == (415, "unsupported-content-type")


def test_an_update_leaves_what_is_not_sent(partner: Partner) -> None:
    response = partner.post(f"/users/{partner.user}", json={"lastName": "Belson"})
    assert response.status_code == 200
    user = partner.get(f"/users/{partner.user}").json()
    assert (user["email"], user["lastName"]) == ("gavin@hooli.example", "Belson")


def test_a_user_shows_its_connections_and_accounts(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    user = partner.get(f"/users/{partner.user}").json()
    assert [c["id"] for c in user["connections"]["data"]] == [connection]
    assert user["accounts"]["count"] == 2


def test_a_deleted_user_is_gone_with_all_jobs(partner: Partner) -> None:
    job = partner.connect(GAVIN)["jobId"]
    assert partner.delete(f"/users/{partner.user}").status_code == 204
    assert code(partner.get(f"/users/{partner.user}")) == (404, "resource-not-found")
    assert code(partner.get(f"/jobs/{job}")) == (404, "resource-not-found")


def test_an_id_that_is_none_is_a_bad_request(partner: Partner) -> None:
    assert code(partner.get("/users/me")) == (400, "parameter-not-valid")


def test_users_can_be_listed_up_to_a_limit(partner: Partner) -> None:
    for number in range(3):
        partner.post("/users", json={"email": f"user{number}@b.example"})
    assert len(partner.get("/users", limit=2).json()["data"]) == 2
    assert len(partner.get("/users").json()["data"]) == 3
    assert code(partner.get("/users", limit="none")) == (400, "parameter-not-valid")


def test_a_consent_names_what_was_permitted_and_until_when(partner: Partner) -> None:
    partner.connected(GAVIN)
    consents = partner.get(f"/users/{partner.user}/consents", "CLIENT_ACCESS").json()
    assert consents["size"] == 1
    consent = consents["data"][0]
    assert consent["status"] == "active"
    assert consent["expiryDate"] == "2027-03-10T01:00:00Z"
    scopes = [permission["scope"] for permission in consent["data"]["permissions"]]
    assert {"account.basic", "account.detail", "transaction.detail"} <= set(scopes)
    assert consent["links"]["consentPolicy"] == consent["links"]["latestConsentPolicy"]


def test_a_revoked_consent_takes_connections_and_data_along_and_stays_visible(partner: Partner) -> None:
    partner.connected(GAVIN)
    consent = partner.get(f"/users/{partner.user}/consents").json()["data"][0]
    partner.wait(timedelta(minutes=1))
    assert partner.delete(f"/users/{partner.user}/consents/{consent['id']}").status_code == 204
    after = partner.get(f"/users/{partner.user}/consents").json()["data"][0]
    assert (after["status"], after["revoked"]) == ("revoked", "2026-03-10T01:01:10Z")
    assert partner.get(f"/users/{partner.user}/connections").json()["data"] == []
    assert partner.transactions() == []


def test_a_revoked_consent_takes_along_what_a_deleted_connection_left(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    partner.delete(f"/users/{partner.user}/connections/{connection}")
    consent = partner.get(f"/users/{partner.user}/consents").json()["data"][0]
    partner.delete(f"/users/{partner.user}/consents/{consent['id']}")
    assert partner.get(f"/users/{partner.user}/accounts").json()["data"] == []


def test_an_unknown_consent_is_not_found(partner: Partner) -> None:
    assert code(partner.delete(f"/users/{partner.user}/consents/none")) == (404, "resource-not-found")


def test_an_expired_consent_takes_connections_and_data_along(partner: Partner) -> None:
    partner.connected(GAVIN)
    partner.wait(YEAR)
    partner.renew_tokens()
    assert partner.get(f"/users/{partner.user}/consents").json()["data"][0]["status"] == "expired"
    assert partner.get(f"/users/{partner.user}/accounts").json()["data"] == []


def test_a_job_under_way_when_its_consent_is_revoked_fails(partner: Partner) -> None:
    job = partner.connect(GAVIN)["jobId"]
    consent = partner.get(f"/users/{partner.user}/consents").json()["data"][0]
    partner.delete(f"/users/{partner.user}/consents/{consent['id']}")
    partner.wait()
    assert partner.result(job, "verify-credentials")["code"] == "invalid-connection"


def test_a_magic_link_opens_the_consent_ui_once_with_the_code_of_the_message(partner: Partner) -> None:
    path = f"/users/{partner.user}/auth_link"
    link = partner.post(path, json={"mobile": "+61491570006"}).json()
    assert partner.get(path).json()["expiresAt"] == link["expiresAt"] == "2026-03-17T01:00:00Z"
    page = Page(partner.client.get(link["links"]["public"]), partner.client)
    assert "not the code" in page.press("Continue", code="wrong").text
    sent = partner.control.get("/auth-links").json()[0]["code"]
    assert "I consent" in page.press("Continue", code=sent).buttons
    assert partner.client.get(link["links"]["public"]).status_code == 410
    assert code(partner.get(path)) == (410, "resource-no-longer-available")


def test_a_magic_link_needs_a_mobile_and_is_replaced_by_the_next(partner: Partner) -> None:
    path = f"/users/{partner.user}/auth_link"
    assert code(partner.post(path)) == (400, "parameter-not-supplied")
    assert code(partner.post(path, json={"mobile": "0491570006"})) == (400, "parameter-not-valid")
    assert code(partner.post(path, json={"mobile": 61491570006})) == (400, "parameter-not-valid")
    assert code(partner.get(path)) == (404, "resource-not-found")
    first = partner.post(path, json={"mobile": "+61491570006"}).json()["links"]["public"]
    second = partner.post(path, json={"mobile": "+61491570006"}).json()["links"]["public"]
    assert partner.client.get(first).status_code == 410
    assert partner.client.get(second).status_code == 200
    assert partner.delete(path).status_code == 204
    assert code(partner.get(path)) == (404, "resource-not-found")
