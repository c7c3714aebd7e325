"""Push MFA over REST, and the phone at the control origin."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from sandbox.tests.kontist.callers import Kontist

CHALLENGES = "/api/user/mfa/challenges"


def push(kontist: Kontist, token: str) -> dict[str, Any]:
    # As the SDK sends it: a JSON content type and no body.
    headers = {"content-type": "application/json", "accept": "application/json"}
    response = kontist.send("POST", CHALLENGES, token, headers=headers)
    assert response.status_code == 201, response.text
    return dict(response.json())


def decide(kontist: Kontist, challenge_id: str, status: str = "VERIFIED") -> httpx.Response:
    return kontist.control("POST", f"/challenges/{challenge_id}", {"status": status})


def status_of(kontist: Kontist, challenge_id: str, token: str) -> str:
    return str(kontist.send("GET", f"{CHALLENGES}/{challenge_id}", token).json()["status"])


def test_a_verified_push_is_exchanged_for_confirmed_tokens(kontist: Kontist) -> None:
    kontist.dialect.switches.strict_mfa = "banking"
    token = kontist.token()
    challenge = push(kontist, token)
    assert status_of(kontist, challenge["id"], token) == "PENDING"
    assert decide(kontist, challenge["id"]).status_code == 200
    assert status_of(kontist, challenge["id"], token) == "VERIFIED"
    bought = kontist.send("POST", f"{CHALLENGES}/{challenge['id']}/token", token)
    assert bought.status_code == 200
    assert set(bought.json()) == {"token", "refresh_token"}
    kontist.read("{viewer{mainAccount{iban}}}", bought.json()["token"])


def test_tokens_refreshed_from_a_confirmed_one_are_confirmed(kontist: Kontist) -> None:
    kontist.dialect.switches.strict_mfa = "banking"
    token = kontist.token()
    challenge = push(kontist, token)
    decide(kontist, challenge["id"])
    bought = kontist.send("POST", f"{CHALLENGES}/{challenge['id']}/token", token).json()
    refreshed = kontist.exchange(
        grant_type="refresh_token", refresh_token=bought["refresh_token"], **kontist.client
    ).json()
    kontist.read("{viewer{mainAccount{iban}}}", refreshed["access_token"])


def test_a_challenge_has_three_fields_and_an_offset_in_its_time(kontist: Kontist) -> None:
    challenge = push(kontist, kontist.token())
    assert set(challenge) == {"id", "status", "expiresAt"}
    assert challenge["expiresAt"] == "2026-06-15T10:05:00.000+00:00"
    assert re.fullmatch(r"[0-9a-f-]{36}", challenge["id"])


def test_a_challenge_is_exchanged_exactly_once(kontist: Kontist) -> None:
    token = kontist.token()
    challenge = push(kontist, token)
    decide(kontist, challenge["id"])
    exchange = f"{CHALLENGES}/{challenge['id']}/token"
    assert [kontist.send("POST", exchange, token).status_code for _ in range(2)] == [200, 403]


@pytest.mark.parametrize("status", ["PENDING", "DENIED"])
def test_only_a_verified_challenge_is_exchanged(kontist: Kontist, status: str) -> None:
    token = kontist.token()
    challenge = push(kontist, token)
    if status == "DENIED":
        decide(kontist, challenge["id"], "DENIED")
    refused = kontist.send("POST", f"{CHALLENGES}/{challenge['id']}/token", token)
    assert status_of(kontist, challenge["id"], token) == status
    assert refused.status_code == 403
    assert refused.json()["type"] == "http://www.iana.org/assignments/http-status-codes#403"
    assert refused.json()["title"] == "Forbidden"


def test_expiry_shows_only_in_expires_at_and_in_the_refusal(kontist: Kontist) -> None:
    token = kontist.token()
    challenge = push(kontist, token)
    kontist.advance(minutes=5)
    assert status_of(kontist, challenge["id"], token) == "PENDING"
    assert decide(kontist, challenge["id"]).status_code == 400
    assert kontist.send("POST", f"{CHALLENGES}/{challenge['id']}/token", token).status_code == 404


def test_challenge_life_follows_the_switch(kontist: Kontist) -> None:
    kontist.dialect.switches.challenge_seconds = 600
    assert push(kontist, kontist.token())["expiresAt"].startswith("2026-06-15T10:10")


def test_without_offline_the_exchange_gives_no_refresh_token(kontist: Kontist) -> None:
    token = kontist.token("accounts")
    challenge = push(kontist, token)
    decide(kontist, challenge["id"])
    assert set(kontist.send("POST", f"{CHALLENGES}/{challenge['id']}/token", token).json()) == {"token"}


def test_another_persons_challenge_is_unknown(kontist: Kontist) -> None:
    challenge = push(kontist, kontist.token())
    assert kontist.send("GET", f"{CHALLENGES}/{challenge['id']}", kontist.token(name="ben")).status_code == 404
    assert kontist.send("GET", CHALLENGES, kontist.token(name="ben")).json() == []


def test_the_list_shows_what_is_pending(kontist: Kontist) -> None:
    token = kontist.token()
    first, second = push(kontist, token), push(kontist, token)
    decide(kontist, first["id"])
    assert kontist.send("GET", CHALLENGES, token).json() == [second]


def test_deciding_over_the_api_needs_device_binding(kontist: Kontist) -> None:
    token = kontist.token()
    challenge = push(kontist, token)
    decide(kontist, challenge["id"])
    confirmed = kontist.send("POST", f"{CHALLENGES}/{challenge['id']}/token", token).json()["token"]
    other = push(kontist, token)["id"]
    body = {"status": "DENIED"}
    assert kontist.send("PATCH", f"{CHALLENGES}/{other}", confirmed, json=body).status_code == 403
    kontist.dialect.switches.patch_needs_device = False
    assert kontist.send("PATCH", f"{CHALLENGES}/{other}", token, json=body).status_code == 403
    accepted = kontist.send("PATCH", f"{CHALLENGES}/{other}", confirmed, json=body)
    assert (accepted.status_code, accepted.content) == (204, b"")
    assert status_of(kontist, other, token) == "DENIED"


def test_the_phone_confirms_by_itself_when_switched_on(kontist: Kontist) -> None:
    kontist.dialect.switches.push_auto_approve_seconds = 3.0
    token = kontist.token()
    challenge = push(kontist, token)
    kontist.advance(seconds=2.9)
    assert status_of(kontist, challenge["id"], token) == "PENDING"
    kontist.advance(seconds=0.1)
    assert status_of(kontist, challenge["id"], token) == "VERIFIED"


def test_the_control_origin_names_person_and_application(kontist: Kontist) -> None:
    challenge = push(kontist, kontist.token(name="ben"))
    assert kontist.control("GET", "/challenges").json() == [
        challenge | {"person": "ben@kontist.example", "asked_by": "Bankweave"}
    ]


@pytest.mark.parametrize("body", [None, [], {}, {"status": "MAYBE"}, {"status": ["VERIFIED"]}])
def test_the_control_origin_says_what_it_expects(kontist: Kontist, body: object) -> None:
    challenge = push(kontist, kontist.token())
    refused = kontist.control("POST", f"/challenges/{challenge['id']}", body)
    assert refused.status_code == 400
    assert "VERIFIED" in refused.text


def test_an_unknown_challenge_is_not_found_at_the_control_origin(kontist: Kontist) -> None:
    assert decide(kontist, "nothing").status_code == 404


@pytest.mark.parametrize("token", [None, "not.a.jwt"])
def test_challenges_need_a_token(kontist: Kontist, token: str | None) -> None:
    refused = kontist.send("POST", CHALLENGES, token)
    assert refused.status_code == 401
    assert refused.json()["status"] == 401


def test_an_expired_access_token_is_refused(kontist: Kontist) -> None:
    token = kontist.token()
    kontist.advance(seconds=3600)
    assert kontist.send("POST", CHALLENGES, token).status_code == 401
