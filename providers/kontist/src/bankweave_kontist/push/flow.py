"""The push to the Kontist app, as steps of a flow (section 3).

    AwaitingChallenge --push sent--> AwaitingApproval --polls--> exchange --> Connected

`AwaitingChallenge` is passed through at once, unless Kontist could not send the push just then.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bankweave.errors import MalformedAnswer, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from bankweave.flow import Ask, Challenge, ChallengeKind, Failed, Reason, Step, Wait
from bankweave_kontist.grant import Grant
from bankweave_kontist.push.protocol import POLL_INTERVAL, create_challenge, exchange_challenge, poll_challenge
from bankweave_kontist.push.wire import ChallengeAnswer
from bankweave_kontist.session import Session
from bankweave_kontist.signin.endings import another_signed_in, confirmed_grant, connected, is_other_user, lost, refused
from bankweave_kontist.states import AwaitingApproval, AwaitingChallenge

PUSH_RETRY = timedelta(seconds=30)
PUSH_DEADLINE = timedelta(minutes=5)  # as long as a challenge is believed to live (section 3)


async def begin_push(session: Session, grant: Grant | None, scopes: tuple[str, ...]) -> Step:
    state = AwaitingChallenge(grant=grant, scopes=scopes, expires_at=session.now() + PUSH_DEADLINE)
    return await send_push(session, state)


async def send_push(session: Session, state: AwaitingChallenge) -> Step:
    try:
        answer = await create_challenge(session.under(state.grant))
    except ProviderUnavailable as later:
        return Wait(state=state, poll_at=later.retry_at or session.now() + PUSH_RETRY, expires_at=state.expires_at)
    except (OutcomeUnknown, MalformedAnswer) as error:
        return lost(error)
    except ProviderRefused as refusal:
        return refused(refusal)
    return _ask_to_approve(
        AwaitingApproval(
            grant=state.grant,
            scopes=state.scopes,
            challenge=answer.id,
            expires_at=answer.expires_at,
            poll_at=session.now() + POLL_INTERVAL,
        )
    )


def _ask_to_approve(state: AwaitingApproval) -> Ask[AwaitingApproval]:
    challenge = Challenge(
        kind=ChallengeKind.APP_APPROVAL,
        message="Confirm the login in the Kontist app on your phone",
        expires_at=state.expires_at,
    )
    return Ask(state=state, interaction=challenge, poll_at=state.poll_at, expires_at=state.expires_at)


async def poll(session: Session, state: AwaitingApproval) -> Step:
    try:
        answer = await poll_challenge(session.under(state.grant), state.challenge)
    except ProviderUnavailable as later:
        return _ask_again(state, session.now(), later.retry_at)
    except ProviderRefused as refusal:
        # what becomes of a challenge after its time is undocumented; its relatives turn into 404 (section 4)
        return _expired(refusal.code) if refusal.code == "404" else refused(refusal)
    return await _judge(session, state, answer)


async def _judge(session: Session, state: AwaitingApproval, answer: ChallengeAnswer) -> Step:
    """Decide in the order of the vendor's SDK: a challenge that has expired is lost, even a verified one (section 3)."""
    if answer.expires_at < session.now():
        return _expired(answer.status)
    match answer.status:
        case "DENIED":
            message = "the login was denied in the Kontist app; begin again"
            return Failed(reason=Reason.USER_REFUSED, message=message, provider_code="DENIED")
        case "VERIFIED":
            return await _exchange(session, state)
        case _:
            return _ask_again(state.model_copy(update={"expires_at": answer.expires_at}), session.now())


async def _exchange(session: Session, state: AwaitingApproval) -> Step:
    """Fetch the confirmed tokens, at once.

    No step lies between the verified poll and this: a record of "about to exchange" would not bring back an answer that
    was lost with the process. The next poll shows VERIFIED again, Kontist refuses a second exchange, and the flow ends.
    """
    subject = await session.under(state.grant).subject()
    try:
        answer = await exchange_challenge(session.under(state.grant), state.challenge)
    except ProviderUnavailable as later:  # surely not exchanged
        return _ask_again(state, session.now(), later.retry_at)
    except (OutcomeUnknown, MalformedAnswer) as error:
        return lost(error)
    except ProviderRefused as refusal:
        return refused(refusal)
    grant = confirmed_grant(answer, session.now())
    if is_other_user(subject, grant.subject):
        return another_signed_in()
    return connected(grant, state.scopes, session.now())


def _ask_again(state: AwaitingApproval, now: datetime, not_before: datetime | None = None) -> Step:
    """Ask on, and look again on the beat of the first poll, so that a slow look does not make all later ones late."""
    if state.expires_at < now:
        return _expired(None)
    missed = max((now - state.poll_at) // POLL_INTERVAL + 1, 0)
    beat = state.poll_at + missed * POLL_INTERVAL
    return _ask_to_approve(state.model_copy(update={"poll_at": max(beat, not_before or beat)}))


def _expired(code: str | None) -> Failed:
    message = "the login was not confirmed in the Kontist app in time; begin again"
    return Failed(reason=Reason.EXPIRED, message=message, provider_code=code)
