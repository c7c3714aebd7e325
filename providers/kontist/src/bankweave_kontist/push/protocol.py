"""The push to the Kontist app that makes up for a second factor left out at sign-in (section 3)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bankweave.adapter import Response
from bankweave_kontist.push.wire import CHALLENGE, CHALLENGES, ChallengeAnswer
from bankweave_kontist.refusals import another_user, decode, refusal_of_rest, refusal_of_rest_once
from bankweave_kontist.signin.wire import CONFIRMED_TOKEN, ConfirmedTokenAnswer

if TYPE_CHECKING:
    from bankweave_kontist.session import Session

CREATE_CHALLENGE = "create_challenge"
LIST_CHALLENGES = "list_challenges"
POLL_CHALLENGE = "poll_challenge"
DECIDE_CHALLENGE = "decide_challenge"
EXCHANGE_CHALLENGE = "exchange_challenge"
POLL_INTERVAL = timedelta(seconds=3)  # what the vendor's SDK does
_CHALLENGES = "/api/user/mfa/challenges"


async def create_challenge(session: Session) -> ChallengeAnswer:
    """Have a push sent. Never repeated: each one rings on somebody's phone."""
    request = session.rest("POST", _CHALLENGES, operation=CREATE_CHALLENGE, repeatable=False)
    return await session.send(request, read_challenge)


async def list_challenges(session: Session) -> list[ChallengeAnswer]:
    """List what waits for the person; Kontist shows it to bound devices only."""
    request = session.rest("GET", _CHALLENGES, operation=LIST_CHALLENGES, repeatable=True)
    return await session.send(request, read_challenges)


async def poll_challenge(session: Session, challenge: str) -> ChallengeAnswer:
    request = session.rest("GET", f"{_CHALLENGES}/{challenge}", operation=POLL_CHALLENGE, repeatable=True)
    return await session.send(request, lambda response: read_poll(response, challenge))


async def decide_challenge(session: Session, challenge: str, status: str) -> None:
    """Approve or deny, as the app does. To say the same twice is harmless."""
    request = session.rest("PATCH", f"{_CHALLENGES}/{challenge}", operation=DECIDE_CHALLENGE, repeatable=True)
    await session.send(request.json({"status": status}), read_decision)


async def exchange_challenge(session: Session, challenge: str) -> ConfirmedTokenAnswer:
    """Ask for the confirmed token of a verified challenge. Kontist answers this exactly once."""
    path = f"{_CHALLENGES}/{challenge}/token"
    request = session.rest("POST", path, operation=EXCHANGE_CHALLENGE, repeatable=False)
    return await session.send(request, read_confirmed_token)


def read_challenge(response: Response) -> ChallengeAnswer:
    """Read the answer to a creation. After a server error nobody knows whether the phone rings."""
    if not response.ok:
        raise refusal_of_rest_once(response, CREATE_CHALLENGE)
    return decode(CHALLENGE, response.body, CREATE_CHALLENGE)


def read_challenges(response: Response) -> list[ChallengeAnswer]:
    if not response.ok:
        raise refusal_of_rest(response, LIST_CHALLENGES)
    return decode(CHALLENGES, response.body, LIST_CHALLENGES)


def read_poll(response: Response, challenge: str) -> ChallengeAnswer:
    if not response.ok:
        raise refusal_of_rest(response, POLL_CHALLENGE)
    answer = decode(CHALLENGE, response.body, POLL_CHALLENGE)
    if answer.id != challenge:
        raise another_user(POLL_CHALLENGE)
    return answer


def read_decision(response: Response) -> None:
    if not response.ok:
        raise refusal_of_rest(response, DECIDE_CHALLENGE)


def read_confirmed_token(response: Response) -> ConfirmedTokenAnswer:
    if not response.ok:
        raise refusal_of_rest_once(response, EXCHANGE_CHALLENGE)
    return decode(CONFIRMED_TOKEN, response.body, EXCHANGE_CHALLENGE)
