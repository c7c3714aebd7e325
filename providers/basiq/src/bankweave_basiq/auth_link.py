"""Connecting by a link that the person can be sent, instead of a page they are led to (section 2.3).

Nothing comes back from it: what became of it is read from the person's jobs. Basiq deletes the link when the person says that
all banks are connected; who just closes the window is taken to be done when nothing has happened for a while (undocumented).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bankweave.flow import Ask, Failed, Reason, Redirect, Step
from bankweave_basiq.following import conclude, fold
from bankweave_basiq.jobs import Outcome, Stopped, Succeeded, judge
from bankweave_basiq.mapping import to_instant
from bankweave_basiq.protocol import (
    create_auth_link,
    get_auth_link,
    list_jobs,
    read_auth_link,
    read_auth_link_lives,
    read_jobs,
)
from bankweave_basiq.session import Session
from bankweave_basiq.states import AwaitingAuthLink, AwaitingJobs
from bankweave_basiq.wire import WireJob

LIFE = timedelta(days=7)
QUIET = timedelta(minutes=10)


def is_by_link(options: Mapping[str, str]) -> bool:
    return options.get("via") == "auth_link"


async def begin_auth_link(
    session: Session, user_id: str, mobile: str | None = None, *, replaces: tuple[str, ...] = ()
) -> Step:
    """Make a link. The code by SMS goes to `mobile`, else to the number that Basiq knows of the person."""
    known = read_jobs(await session.as_server(list_jobs(session.settings, user_id)), user_id)
    response = await session.as_server(create_auth_link(session.settings, user_id, mobile))
    link = read_auth_link(response, user_id)
    state = AwaitingAuthLink(
        user_id=user_id,
        url=link.url,
        expires_at=to_instant(link.expires_at) or session.ctx.now() + LIFE,
        known_jobs=tuple(job.id for job in known),
        replaces=replaces,
    )
    return _ask(session, state)


async def after_auth_link(session: Session, state: AwaitingAuthLink) -> Step:
    """Look whether the person has been there, and whether they are done."""
    outcomes = await _outcomes(session, state)
    is_over = session.ctx.now() >= state.expires_at or not await _lives(session, state.user_id)
    ended = sum(isinstance(outcome, Succeeded | Stopped) for outcome in outcomes.values())
    if ended < len(outcomes):
        return _ask(session, state.model_copy(update={"ended": 0, "ended_at": None}))
    if ended != state.ended:
        state = state.model_copy(update={"ended": ended, "ended_at": session.ctx.now()})
    if is_over and not ended:
        return Failed(reason=Reason.EXPIRED, message="the link was not used, or is no longer valid; begin again")
    succeeded = any(isinstance(outcome, Succeeded) for outcome in outcomes.values())
    if is_over or (succeeded and _is_quiet(session, state)):
        return await _conclude(session, state, outcomes)
    return _ask(session, state)


async def _conclude(session: Session, state: AwaitingAuthLink, outcomes: Mapping[str, Outcome]) -> Step:
    now = session.ctx.now()
    following = AwaitingJobs(user_id=state.user_id, jobs=tuple(outcomes), deadline=now, replaces=state.replaces)
    return await conclude(session, fold(following, outcomes, now))


async def _outcomes(session: Session, state: AwaitingAuthLink) -> dict[str, Outcome]:
    jobs = read_jobs(await session.as_server(list_jobs(session.settings, state.user_id)), state.user_id)
    base = session.settings.base_url
    new = [job for job in jobs if job.id not in state.known_jobs and _is_login(job)]
    return {job.id: judge(job, base, state.user_id) for job in new}


def _is_login(job: WireJob) -> bool:
    """Whether a job is a person's at a bank: uploads and reports are jobs too, and lead to no connection (section 4.2)."""
    return any(step.title.casefold() == "verify-credentials" for step in job.steps)


async def _lives(session: Session, user_id: str) -> bool:
    return read_auth_link_lives(await session.as_server(get_auth_link(session.settings, user_id)))


def _is_quiet(session: Session, state: AwaitingAuthLink) -> bool:
    return state.ended_at is not None and session.ctx.now() >= state.ended_at + QUIET


def _ask(session: Session, state: AwaitingAuthLink) -> Step:
    """Go on waiting, and look less and less often: from every 15 seconds to every 5 minutes."""
    pause = timedelta(seconds=min(15 + 15 * state.polls, 300))
    return Ask(
        state=state.model_copy(update={"polls": state.polls + 1}),
        interaction=Redirect(url=state.url, expires_at=state.expires_at),
        poll_at=session.ctx.now() + pause,
        expires_at=state.expires_at + pause,  # the core ends a flow at its end, and jobs may have begun shortly before
    )
