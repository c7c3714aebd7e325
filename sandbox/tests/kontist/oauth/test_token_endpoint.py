"""Grants, client authentication, and the tokens themselves."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from sandbox.tests.kontist.callers import CALLBACK, Kontist, callback_query

from bankweave_sandbox.kontist.oauth.clients import CUSTOM_SCHEME_REDIRECT, PASSWORD_ONLY
from bankweave_sandbox.kontist.oauth.codes import s256

# The test vector of Kontist's own SDK.
VERIFIER = "Huag6ykQU7SaEYKtmNUeM8txt4HzEIfG"
CHALLENGE = "xc3uY4-XMuobNWXzzfEqbYx3rUYBH69_zu4EFQIJH8w"
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def authorize(kontist: Kontist, query: dict[str, str]) -> str:
    browser = kontist.browser()
    browser.open("/api/oauth/authorize", query)
    browser.sign_in()
    if query.get("skip_mfa") != "true":
        browser.submit("Confirm in the app")
    return callback_query(browser.submit("Accept"))["code"]


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def code_grant(code: str, **others: str) -> dict[str, str]:
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK} | others


def test_a_code_buys_tokens_with_the_documented_fields(kontist: Kontist, authorize_query: dict[str, str]) -> None:
    response = kontist.exchange(**code_grant(authorize(kontist, authorize_query), **kontist.client))
    body = response.json()
    assert response.status_code == 200
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3599)
    assert body["scope"] == "offline users accounts transactions"


def test_tokens_carry_the_documented_claims(kontist: Kontist, authorize_query: dict[str, str]) -> None:
    query = authorize_query | {"skip_mfa": "true"}
    body = kontist.exchange(**code_grant(authorize(kontist, query), **kontist.client)).json()
    access, refresh = claims(body["access_token"]), claims(body["refresh_token"])
    assert set(access) == set(refresh) == {"sub", "scope", "client_id", "iat", "exp"}
    assert access["exp"] - access["iat"] == 3600
    assert refresh["exp"] - refresh["iat"] == 365 * 86400
    assert refresh["scope"] == "refresh offline users accounts transactions"
    assert access["client_id"] == kontist.client["client_id"]
    header = json.loads(base64.urlsafe_b64decode(body["access_token"].split(".")[0] + "=="))
    assert header == {"alg": "HS256", "typ": "JWT"}


def test_a_login_with_push_gives_confirmed_tokens(kontist: Kontist, authorize_query: dict[str, str]) -> None:
    body = kontist.exchange(**code_grant(authorize(kontist, authorize_query), **kontist.client)).json()
    assert "kid" in claims(body["access_token"])["cnf"]


def test_without_offline_there_is_no_refresh_token(kontist: Kontist, authorize_query: dict[str, str]) -> None:
    code = authorize(kontist, authorize_query | {"scope": "accounts"})
    assert "refresh_token" not in kontist.exchange(**code_grant(code, **kontist.client)).json()


def test_the_secret_may_come_as_basic_credentials(kontist: Kontist, authorize_query: dict[str, str]) -> None:
    basic = base64.b64encode(":".join(kontist.client.values()).encode()).decode()
    code = authorize(kontist, authorize_query)
    headers = {"authorization": f"Basic {basic}"}
    assert kontist.send("POST", "/api/oauth/token", data=code_grant(code), headers=headers).status_code == 200


def test_a_json_body_is_read_as_well(kontist: Kontist) -> None:
    person = {"username": "anna@kontist.example", "password": "anna-secret", "scope": "accounts"}
    body = {"grant_type": "password"} | person | kontist.client
    assert kontist.send("POST", "/api/oauth/token", json=body).status_code == 200


def test_a_code_works_once(kontist: Kontist, authorize_query: dict[str, str]) -> None:
    grant = code_grant(authorize(kontist, authorize_query), **kontist.client)
    assert kontist.exchange(**grant).status_code == 200
    again = kontist.exchange(**grant)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_expires(kontist: Kontist, authorize_query: dict[str, str]) -> None:
    grant = code_grant(authorize(kontist, authorize_query), **kontist.client)
    kontist.advance(seconds=kontist.dialect.switches.code_seconds)
    assert kontist.exchange(**grant).json()["error"] == "invalid_grant"


def test_a_code_is_bound_to_its_redirect_uri_and_client(kontist: Kontist, authorize_query: dict[str, str]) -> None:
    grant = code_grant(authorize(kontist, authorize_query), **kontist.client)
    assert kontist.exchange(**(grant | {"redirect_uri": CALLBACK + "/"})).json()["error"] == "invalid_grant"
    grant = code_grant(authorize(kontist, authorize_query), client_id=kontist.public_id)
    assert kontist.exchange(**grant).json()["error"] == "invalid_grant"


def test_pkce_needs_no_secret_and_gives_no_refresh_token(kontist: Kontist, authorize_query: dict[str, str]) -> None:
    code = authorize(kontist, authorize_query | {"client_id": kontist.public_id} | PKCE)
    response = kontist.exchange(**code_grant(code, client_id=kontist.public_id, code_verifier=VERIFIER))
    assert response.status_code == 200
    assert "refresh_token" not in response.json()
    assert s256(VERIFIER) == CHALLENGE


def test_pkce_with_a_scheme_of_its_own_gives_a_refresh_token(kontist: Kontist, authorize_query: dict[str, str]) -> None:
    app = {"client_id": kontist.public_id, "redirect_uri": CUSTOM_SCHEME_REDIRECT}
    code = authorize(kontist, authorize_query | PKCE | app)
    bought = kontist.exchange(**code_grant(code, code_verifier=VERIFIER, **app)).json()
    # The SDK sends Basic with an empty secret here.
    basic = base64.b64encode(f"{kontist.public_id}:".encode()).decode()
    refreshed = kontist.send(
        "POST",
        "/api/oauth/token",
        data={"grant_type": "refresh_token", "refresh_token": bought["refresh_token"]},
        headers={"authorization": f"Basic {basic}"},
    )
    assert refreshed.status_code == 200


@pytest.mark.parametrize("verifier", [None, "wrong", CHALLENGE])
def test_pkce_refuses_a_wrong_verifier(kontist: Kontist, authorize_query: dict[str, str], verifier: str | None) -> None:
    code = authorize(kontist, authorize_query | {"client_id": kontist.public_id} | PKCE)
    given = {"code_verifier": verifier} if verifier else {}
    response = kontist.exchange(**code_grant(code, client_id=kontist.public_id, **given))
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("gets", [False, True])
def test_pkce_and_secret_together_follow_the_switch(
    kontist: Kontist, authorize_query: dict[str, str], *, gets: bool
) -> None:
    kontist.dialect.switches.pkce_with_secret_gets_refresh = gets
    grant = code_grant(authorize(kontist, authorize_query | PKCE), code_verifier=VERIFIER, **kontist.client)
    assert ("refresh_token" in kontist.exchange(**grant).json()) is gets


def test_a_refresh_token_is_reusable_and_not_returned_again(kontist: Kontist) -> None:
    grant = {"grant_type": "refresh_token", "refresh_token": kontist.password_token()["refresh_token"]}
    for _ in range(2):
        body = kontist.exchange(**grant, **kontist.client).json()
        assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
        assert kontist.read("{viewer{email}}", body["access_token"]) == {"viewer": {"email": "anna@kontist.example"}}


def test_rotation_makes_each_refresh_token_single_use(kontist: Kontist) -> None:
    kontist.dialect.switches.refresh_rotation = True
    first = kontist.password_token()["refresh_token"]
    second = kontist.exchange(grant_type="refresh_token", refresh_token=first, **kontist.client).json()["refresh_token"]
    spent = kontist.exchange(grant_type="refresh_token", refresh_token=first, **kontist.client)
    assert (spent.status_code, spent.json()["error"]) == (400, "invalid_grant")
    alive = kontist.exchange(grant_type="refresh_token", refresh_token=second, **kontist.client)
    assert alive.status_code == 200


def test_refresh_tokens_expire_after_the_switched_time(kontist: Kontist) -> None:
    kontist.dialect.switches.refresh_seconds = 7200
    token = kontist.password_token()["refresh_token"]
    kontist.advance(seconds=7200)
    body = kontist.exchange(grant_type="refresh_token", refresh_token=token, **kontist.client).json()
    assert body["error"] == "invalid_grant"


def test_a_refresh_token_of_another_client_is_refused(kontist: Kontist) -> None:
    token = kontist.password_token()["refresh_token"]
    body = kontist.exchange(grant_type="refresh_token", refresh_token=token, client_id=kontist.public_id).json()
    assert body["error"] == "invalid_grant"


def test_an_access_token_is_no_refresh_token_nor_the_reverse(kontist: Kontist) -> None:
    tokens = kontist.password_token()
    grant = {"grant_type": "refresh_token", "refresh_token": tokens["access_token"]}
    assert kontist.exchange(**grant, **kontist.client).json()["error"] == "invalid_grant"
    refused = kontist.send("POST", "/api/graphql", token=tokens["refresh_token"], json={"query": "{viewer{email}}"})
    assert refused.status_code == 401


def test_password_grant_works_only_for_clients_that_have_it(kontist: Kontist) -> None:
    person = {"username": "anna@kontist.example", "password": "anna-secret", "scope": "accounts"}
    response = kontist.exchange(grant_type="password", client_id=kontist.public_id, **person)
    assert (response.status_code, response.json()["error"]) == (400, "unauthorized_client")


def test_password_grant_needs_no_secret_where_the_client_has_none(kontist: Kontist) -> None:
    """As the SDK sends it: Basic with an empty secret, and no client_id in the body."""
    person = {"username": "anna@kontist.example", "password": "anna-secret", "scope": "users transfers accounts"}
    form = {"grant_type": "password", **person}
    response = kontist.send("POST", "/api/oauth/token", data=form, auth=(PASSWORD_ONLY.id, ""))
    assert response.status_code == 200
    assert response.json()["scope"] == "users transfers accounts"


@pytest.mark.parametrize(
    ("parameters", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, 400, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "0" * 40}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "not.a.jwt"}, 400, "invalid_grant"),
        ({"grant_type": "password", "username": "anna@kontist.example", "password": "no"}, 400, "invalid_grant"),
        (
            {"grant_type": "password", "username": "anna@kontist.example", "password": "anna-secret", "scope": "x"},
            400,
            "invalid_scope",
        ),
        ({"grant_type": "refresh_token", "client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "refresh_token", "client_id": "wrong"}, 401, "invalid_client"),
    ],
)
def test_errors_follow_rfc_6749(kontist: Kontist, parameters: dict[str, str], status: int, error: str) -> None:
    response = kontist.exchange(**(kontist.client | parameters))
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert response.json()["error_description"]


def test_wrong_basic_credentials_are_challenged(kontist: Kontist) -> None:
    response = kontist.send("POST", "/api/oauth/token", data={"grant_type": "password"}, auth=("nobody", "x"))
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Basic")


def test_browsers_of_any_origin_may_call_without_cookies(kontist: Kontist) -> None:
    preflight = {"origin": "https://app.example", "access-control-request-method": "POST"}
    asked = preflight | {"access-control-request-headers": "authorization,content-type"}
    allowed = kontist.send("OPTIONS", "/api/graphql", headers=asked)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "*"
    assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in allowed.headers
