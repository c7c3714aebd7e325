"""POST /token, and what a token then opens (providers/basiq.md, sections 1 and 7.2)."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest

from bankweave_sandbox.basiq.tokens import API_KEY

from .bank import GAVIN
from .caller import Partner, code

SERVER = {"scope": "SERVER_ACCESS"}
HOUR = timedelta(hours=1)


def _claims(token: str) -> dict[str, object]:
    payload = token.split(".")[1]
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def test_a_token_is_a_bearer_for_an_hour(partner: Partner) -> None:
    body = partner.ask_token(SERVER).json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600
    assert _claims(body["access_token"])["version"] == "3.0"
    assert "userid" not in _claims(body["access_token"])


def test_a_client_token_is_bound_to_its_user(partner: Partner) -> None:
    claims = _claims(partner.token("CLIENT_ACCESS", partner.user))
    assert claims["userid"] == partner.user
    assert claims["scope"] == "CLIENT_ACCESS"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Authorization": ""}, (400, "parameter-not-supplied")),
        ({"Authorization": f"Bearer {API_KEY}"}, (400, "parameter-not-valid")),
        ({"Authorization": "Basic not~base64"}, (400, "parameter-not-valid")),
        ({"basiq-version": ""}, (400, "parameter-not-supplied")),
        ({"basiq-version": "2.0"}, (400, "parameter-not-valid")),
    ],
)
def test_a_wrong_header_is_refused(partner: Partner, headers: dict[str, str], expected: tuple[int, str]) -> None:
    assert code(partner.ask_token(SERVER, **headers)) == expected


@pytest.mark.parametrize("wrapped", [API_KEY, f"{API_KEY}:"])
def test_a_key_encoded_once_more_is_a_malformed_header(partner: Partner, wrapped: str) -> None:
    twice = base64.b64encode(wrapped.encode()).decode()
    response = partner.ask_token(SERVER, Authorization=f"Basic {twice}")
    assert code(response) == (400, "parameter-not-valid")
    assert response.json()["data"][0]["detail"] == "Invalid authorization header"


def test_an_unknown_key_is_not_found(partner: Partner) -> None:
    unknown = base64.b64encode(b"11111111-1111-4111-8111-111111111111:22222222-2222-4222-8222-222222222222").decode()
    assert code(partner.ask_token(SERVER, Authorization=f"Basic {unknown}")) == (404, "parameter-not-valid")


def test_a_client_token_needs_a_user(partner: Partner) -> None:
    assert code(partner.ask_token({"scope": "CLIENT_ACCESS"})) == (400, "parameter-not-supplied")
    unknown = {"scope": "CLIENT_ACCESS", "userId": "00000000-0000-4000-8000-000000000000"}
    assert code(partner.ask_token(unknown)) == (404, "resource-not-found")


@pytest.mark.parametrize("form", [None, {}, {"scope": "ALL"}])
def test_without_a_known_scope_in_the_body_every_call_is_forbidden(
    partner: Partner, form: dict[str, str] | None
) -> None:
    token = partner.ask_token(form).json()["access_token"]
    response = partner.request("GET", "/connectors", headers={"Authorization": f"Bearer {token}"})
    assert code(response) == (403, "forbidden-access")


def test_a_scope_in_a_json_body_is_not_seen(partner: Partner) -> None:
    headers = {"Authorization": f"Basic {API_KEY}", "basiq-version": "3.0"}
    token = partner.client.post("/token", json=SERVER, headers=headers).json()["access_token"]
    response = partner.request("GET", "/connectors", headers={"Authorization": f"Bearer {token}"})
    assert code(response) == (403, "forbidden-access")


@pytest.mark.parametrize(("status", "name"), [(403, "request-not-valid"), (429, "too-many-requests")])
def test_too_many_tokens_are_refused_until_the_window_has_passed(partner: Partner, status: int, name: str) -> None:
    partner.switch(token_limit=3, token_limit_status=status)
    answers = [partner.ask_token(SERVER) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, status]
    assert code(answers[-1]) == (status, name)
    partner.wait(timedelta(minutes=5))
    assert partner.ask_token(SERVER).status_code == 200


def test_a_call_without_or_with_a_forged_token_is_unauthorised(partner: Partner) -> None:
    assert code(partner.client.get("/connectors")) == (401, "invalid-authorization-token")
    token = partner.token()
    forged = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    response = partner.request("GET", "/connectors", headers={"Authorization": f"Bearer {forged}"})
    assert code(response) == (401, "invalid-authorization-token")


def test_an_expired_token_is_403_and_401_for_creating_users(partner: Partner) -> None:
    partner.get("/users")
    partner.wait(HOUR)
    assert code(partner.get("/users")) == (403, "access-denied")
    assert code(partner.post("/users", json={"email": "a@b.example"})) == (401, "access-denied")


@pytest.mark.parametrize("status", ["401", "403"])
def test_an_expired_token_is_refused_as_the_switch_says(partner: Partner, status: str) -> None:
    partner.switch(expired_token=status)
    partner.get("/users")
    partner.wait(HOUR)
    assert code(partner.get("/users")) == (int(status), "access-denied")
    assert code(partner.post("/users", json={"email": "a@b.example"})) == (int(status), "access-denied")


def test_a_client_token_may_read_its_own_user_and_connectors_only(partner: Partner) -> None:
    client = "CLIENT_ACCESS"
    assert partner.get(f"/users/{partner.user}", client).status_code == 200
    assert partner.get(f"/users/{partner.user}/consents", client).status_code == 200
    assert partner.get("/connectors", client).status_code == 200
    assert code(partner.get(f"/users/{partner.user}/accounts", client)) == (403, "forbidden-access")
    assert code(partner.get("/users", client)) == (403, "forbidden-access")


def test_a_client_token_is_not_valid_for_another_user(partner: Partner) -> None:
    other = partner.post("/users", json={"email": "other@hooli.example"}).json()["id"]
    assert code(partner.get(f"/users/{other}", "CLIENT_ACCESS")) == (401, "unauthorized-access")


def test_the_wide_reading_of_client_rights_lets_browsers_delete_but_hides_status(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    partner.switch(client_rights="wide")
    seen = partner.get(f"/users/{partner.user}/connections", "CLIENT_ACCESS").json()["data"][0]
    assert not {"status", "createdDate", "lastUsed"} & set(seen)
    path = f"/users/{partner.user}/connections/{connection}"
    assert partner.delete(path, "CLIENT_ACCESS").status_code == 204


def test_the_strict_reading_of_client_rights_leaves_jobs_only(partner: Partner) -> None:
    partner.switch(client_rights="strict")
    assert code(partner.get(f"/users/{partner.user}", "CLIENT_ACCESS")) == (403, "forbidden-access")


def test_an_answer_in_another_representation_cannot_be_had(partner: Partner) -> None:
    response = partner.request("GET", "/connectors", headers={"Accept": "text/csv"})
    assert code(response) == (400, "unsupported-accept")


def test_what_is_not_served_is_not_found_whatever_the_method(partner: Partner) -> None:
    assert code(partner.get("/nothing")) == (404, "resource-not-found")
    # Connections are made in the Consent UI, no longer over the API (section 3.1).
    assert code(partner.post(f"/users/{partner.user}/connections", json={})) == (404, "resource-not-found")
    assert code(partner.get("/users//accounts")) == (403, "request-not-valid")


def test_browsers_of_other_origins_may_call(partner: Partner) -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    asked["Access-Control-Request-Headers"] = "authorization"
    allowed = partner.client.options("/jobs/1", headers=asked)
    assert allowed.status_code == 200
    assert "authorization" in allowed.headers["access-control-allow-headers"].casefold()
