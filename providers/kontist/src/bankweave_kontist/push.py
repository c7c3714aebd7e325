"""The push to the Kontist app that makes up for a second factor left out at sign-in (section 3). Pure."""

from __future__ import annotations

from bankweave.adapter import Request, Response
from bankweave_kontist.refusals import (
    another_user,
    decode,
    refusal_by_status,
    refusal_of_single_use,
)
from bankweave_kontist.settings import KontistSettings
from bankweave_kontist.wire import CHALLENGE, CONFIRMED_TOKEN, ChallengeAnswer, ConfirmedTokenAnswer

CREATE_CHALLENGE = "create_challenge"
POLL_CHALLENGE = "poll_challenge"
EXCHANGE_CHALLENGE = "exchange_challenge"


def create_challenge(settings: KontistSettings, token: str) -> Request:
    """Have a push sent. Never repeated: each one rings on somebody's phone."""
    return _request(settings, token, "POST", "", CREATE_CHALLENGE)


def poll_challenge(settings: KontistSettings, token: str, challenge: str) -> Request:
    return _request(settings, token, "GET", f"/{challenge}", POLL_CHALLENGE)


def exchange_challenge(settings: KontistSettings, token: str, challenge: str) -> Request:
    """Ask for the confirmed token of a verified challenge. Kontist answers this exactly once."""
    return _request(settings, token, "POST", f"/{challenge}/token", EXCHANGE_CHALLENGE)


def _request(settings: KontistSettings, token: str, method: str, path: str, operation: str) -> Request:
    # the content type goes with empty bodies and GETs too, as the vendor's SDK sends it (section 1)
    return Request(
        method=method,
        url=f"{settings.base_url}/api/user/mfa/challenges{path}",
        operation=operation,
        repeatable=method == "GET",
        headers={"Accept": "application/json", "Content-Type": "application/json"},
    ).bearer(token)


def read_challenge(response: Response) -> ChallengeAnswer:
    """Read the answer to a creation. After a server error nobody knows whether the phone rings."""
    if not response.ok:
        raise refusal_of_single_use(response, CREATE_CHALLENGE)
    return decode(CHALLENGE, response.body, CREATE_CHALLENGE)


def read_poll(response: Response, challenge: str) -> ChallengeAnswer:
    if not response.ok:
        raise refusal_by_status(response, POLL_CHALLENGE)
    answer = decode(CHALLENGE, response.body, POLL_CHALLENGE)
    if answer.id != challenge:
        raise another_user(POLL_CHALLENGE)
    return answer


def read_confirmed_token(response: Response) -> ConfirmedTokenAnswer:
    if not response.ok:
        raise refusal_of_single_use(response, EXCHANGE_CHALLENGE)
    return decode(CONFIRMED_TOKEN, response.body, EXCHANGE_CHALLENGE)
