"""Having Basiq fetch fresh data, with the bank's questions answered on the way (section 4.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from bankweave.errors import Origin, OutcomeUnknown, WrongSubject
from bankweave.flow import Ask, Challenge, ChallengeKind, Connected, Failed, Field, Reason, Refresh, Step, Wait
from bankweave_basiq.access import check_refreshable, note_refresh
from bankweave_basiq.failures import refreshing_failed
from bankweave_basiq.following import PATIENCE, look_at, pause, unknown_job
from bankweave_basiq.jobs import Asking, Outcome, Question, Stopped, Succeeded
from bankweave_basiq.links import NAME
from bankweave_basiq.protocol import (
    AnswerRefused,
    answer_challenge,
    read_answered,
    read_started_job,
    refresh_connection,
)
from bankweave_basiq.session import Session
from bankweave_basiq.states import AwaitingAnswer, BasiqGrant, RefreshingJobs

_KINDS = {"token": ChallengeKind.OTP, "security-questions": ChallengeKind.QUESTIONS}
_APP = {"app", "application", "device", "phone"}
_APPROVING = {"approve", "approval", "confirm", "confirmation", "confirmed"}
_CODES = {"answer", "code", "digit", "digits", "enter", "number", "otp", "password", "pin", "sms", "token", "type"}
_MESSAGES = {
    ChallengeKind.OTP: "Your bank has sent you a code.",
    ChallengeKind.QUESTIONS: "Your bank asks you to answer its security questions.",
    ChallengeKind.APP_APPROVAL: "Confirm in your bank's app.",
    ChallengeKind.UNKNOWN: "Your bank asks you something.",
}


async def begin_refresh(session: Session, intent: Refresh[BasiqGrant]) -> Step:
    """Start a job for every connection of the grant. `since` cannot be told to Basiq."""
    grant = intent.grant
    found = await check_refreshable(session, grant.user_id, grant.connections)
    for connection in found:
        await note_refresh(session, connection, user_present=intent.user_present)
    jobs = [await _start(session, grant.user_id, connection) for connection in grant.connections]
    state = RefreshingJobs(
        user_id=grant.user_id,
        connections=grant.connections,
        jobs=tuple(dict.fromkeys(jobs)),
        deadline=session.ctx.now() + PATIENCE,
    )
    return _wait(session, state)


async def after_refresh(session: Session, state: RefreshingJobs) -> Step:
    """Look at the jobs. One that fails ends the flow: a bank that stays behind must not do so in silence."""
    outcomes = {job: await look_at(session, state.user_id, job) for job in state.jobs}
    _check_connections(state, outcomes)
    failed = next((f for o in outcomes.values() if (f := _failed(session, o))), None)
    if failed is not None:
        return failed
    asking = {job: outcome for job, outcome in outcomes.items() if isinstance(outcome, Asking)}
    if asking:
        return _ask(session, state, asking)
    left = tuple(job for job, outcome in outcomes.items() if not isinstance(outcome, Succeeded))
    return _go_on(session, state.model_copy(update={"jobs": left}))


async def after_answer(session: Session, state: AwaitingAnswer, values: Mapping[str, str]) -> Step:
    """Hand the answers on, once. Whether they were right, the job tells."""
    # An approval in the bank's app is reported by a fixed word (section 4.4).
    answers = tuple(values.get(_field_name(n), "").strip() for n in range(state.inputs)) or ("confirmed",)
    refused = await _send_answers(session, state, answers)
    if refused is not None:
        return _answer_failed(session, state, refused)
    going_on = state.refreshing.model_copy(
        update={"answered": (*state.refreshing.answered, state.job), "deadline": session.ctx.now() + PATIENCE}
    )
    return _wait(session, going_on)


async def _start(session: Session, user_id: str, connection_id: str) -> str:
    return read_started_job(await session.as_server(refresh_connection(session.settings, user_id, connection_id)))


async def _send_answers(session: Session, state: AwaitingAnswer, answers: tuple[str, ...]) -> AnswerRefused | None:
    request = answer_challenge(session.settings, state.job, answers)
    try:
        return read_answered(await session.as_client(state.refreshing.user_id, request))
    except OutcomeUnknown:
        return None  # it may have arrived, and must not be sent again; the job tells


def _check_connections(state: RefreshingJobs, outcomes: Mapping[str, Outcome | None]) -> None:
    done = {outcome.connection for outcome in outcomes.values() if isinstance(outcome, Succeeded)}
    if not done <= set(state.connections):
        message = "Basiq refreshed another connection than was asked for; nothing of it was used"
        raise WrongSubject(message, origin=Origin(adapter=NAME, operation="get_job"))


def _failed(session: Session, outcome: Outcome | None) -> Failed | None:
    if outcome is None:
        return unknown_job().step()
    return refreshing_failed(outcome, session.ctx.now()).step() if isinstance(outcome, Stopped) else None


def _go_on(session: Session, state: RefreshingJobs) -> Step:
    if not state.jobs:
        grant = BasiqGrant(user_id=state.user_id, connections=state.connections)
        return Connected(grant=grant, subject=state.user_id)
    if session.ctx.now() < state.deadline:
        return _wait(session, state)
    return refreshing_failed(Stopped("job-timed-out"), session.ctx.now()).step()


def _wait(session: Session, state: RefreshingJobs) -> Step:
    later = session.ctx.now() + pause(state.polls)
    return Wait(state=state.model_copy(update={"polls": state.polls + 1}), poll_at=later)


def _ask(session: Session, state: RefreshingJobs, asking: Mapping[str, Asking]) -> Step:
    """Put the first bank's question to the person. One that comes back after an answer says that it was wrong."""
    job, outcome = next(iter(asking.items()))
    if job in state.answered:
        return refreshing_failed(Stopped(None, in_challenge=True), session.ctx.now()).step()
    question = outcome.question
    expires_at = session.ctx.now() + timedelta(seconds=question.seconds)
    return Ask(
        state=AwaitingAnswer(refreshing=state, job=job, inputs=len(_inputs(question)), expires_at=expires_at),
        interaction=_challenge(question, expires_at),
        expires_at=expires_at,
    )


def _challenge(question: Question, expires_at: datetime) -> Challenge:
    """Make of Basiq's `mfa` result what can be shown. An unknown method is asked like any other, with its own labels."""
    method = question.method.casefold()
    inputs = _inputs(question)
    kind = _KINDS.get(method, ChallengeKind.UNKNOWN) if inputs else ChallengeKind.APP_APPROVAL
    spoken = question.message if question.message and question.message.casefold() != method else None
    fields = tuple(Field(name=_field_name(n), label=label) for n, label in enumerate(inputs))
    return Challenge(kind=kind, message=spoken or _MESSAGES[kind], fields=fields, expires_at=expires_at)


def _inputs(question: Question) -> tuple[str, ...]:
    """What the person has to type: nothing where an approval in the bank's app is wanted.

    How a bank puts that is not documented; only that its one input is answered by a fixed word (section 4.4). A code that is
    taken for an approval could not be typed any more, so nothing that could be a code is.
    """
    if len(question.inputs) != 1:
        return question.inputs
    words = set(re.findall(r"[a-z]+", f"{question.message or ''} {question.inputs[0]}".casefold()))
    is_approval = bool(words & _APP) and bool(words & _APPROVING) and not words & _CODES
    return () if is_approval else question.inputs


def _answer_failed(session: Session, state: AwaitingAnswer, refused: AnswerRefused) -> Failed:
    if refused.job_gone or session.ctx.now() >= state.expires_at:
        message = "the bank no longer waits for this answer; sync again, and it asks anew"
        return Failed(reason=Reason.EXPIRED, message=message, provider_code=refused.code)
    message = "the bank cannot take this answer; sync again, and it asks anew"
    return Failed(reason=Reason.WRONG_ANSWER, message=message, provider_code=refused.code)


def _field_name(position: int) -> str:
    return f"answer-{position + 1}"
