"""Following the jobs of a visit to the consent page until banks are connected, or are not (section 4.2)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bankweave.errors import AccessRevoked, Origin, ProviderError, ProviderRefused
from bankweave.flow import Connected, Failed, Reason, Step, Wait
from bankweave.model import Institution
from bankweave_basiq.access import fetch_connections, fetch_consents, has_expired
from bankweave_basiq.failures import connecting_failed
from bankweave_basiq.jobs import Outcome, Stopped, Succeeded, judge
from bankweave_basiq.links import NAME
from bankweave_basiq.mapping import newest, to_consent, to_institution
from bankweave_basiq.protocol import get_connector, get_job, read_connectors, read_job
from bankweave_basiq.session import Session
from bankweave_basiq.states import AwaitingJobs, BasiqGrant, JobFailure
from bankweave_basiq.wire import WireConnection, WireConsent

log = logging.getLogger("bankweave.basiq")

PATIENCE = timedelta(minutes=30)  # undocumented; jobs take 3 to 30 seconds (section 3.1)


async def after_jobs(session: Session, state: AwaitingJobs) -> Step:
    outcomes = {job: await look_at(session, state.user_id, job) for job in state.jobs}
    state = fold(state, outcomes, session.ctx.now())
    if state.jobs and session.ctx.now() < state.deadline:
        later = session.ctx.now() + pause(state.polls)
        return Wait(state=state.model_copy(update={"polls": state.polls + 1}), poll_at=later)
    return await conclude(session, state)


async def conclude(session: Session, state: AwaitingJobs) -> Step:
    """Connect what succeeded; where nothing did, say why and at which bank."""
    if state.connections:
        return await _connected(session, state)
    failure = state.failure or connecting_failed(Stopped("job-timed-out"), session.ctx.now())
    return await _failed(session, state.user_id, failure)


async def look_at(session: Session, user_id: str, job_id: str) -> Outcome | None:
    """Where a job stands; None when Basiq does not know it, or no longer."""
    job = read_job(await session.as_server(get_job(session.settings, job_id)), job_id)
    return judge(job, session.settings.base_url, user_id) if job else None


def pause(polls: int) -> timedelta:
    """From 2 to 10 seconds; Basiq's own programs ask every 1, 2 or 5 (section 4.5)."""
    return timedelta(seconds=min(2 + polls // 2, 10))


def unknown_job() -> JobFailure:
    return JobFailure(reason=Reason.EXPIRED, message="Basiq does not know this job, or no longer; begin again")


def fold(state: AwaitingJobs, outcomes: Mapping[str, Outcome | None], now: datetime) -> AwaitingJobs:
    """Take up what has ended. A question of the bank is left alone: the consent page puts it itself (section 4.4)."""
    done = {job for job, outcome in outcomes.items() if outcome is None or isinstance(outcome, Succeeded | Stopped)}
    made = tuple(outcome.connection for outcome in outcomes.values() if isinstance(outcome, Succeeded))
    return state.model_copy(
        update={
            "jobs": tuple(job for job in state.jobs if job not in done),
            "connections": tuple(dict.fromkeys(state.connections + made)),
            "failure": state.failure or _first_failure(outcomes, now),
        }
    )


def _first_failure(outcomes: Mapping[str, Outcome | None], now: datetime) -> JobFailure | None:
    failures = (_failure(outcome, now) for outcome in outcomes.values())
    return next((failure for failure in failures if failure), None)


def _failure(outcome: Outcome | None, now: datetime) -> JobFailure | None:
    if outcome is None:
        return unknown_job()
    return connecting_failed(outcome, now) if isinstance(outcome, Stopped) else None


async def _failed(session: Session, user_id: str, failure: JobFailure) -> Failed:
    wanted = (failure.connection,) if failure.connection else ()
    try:
        found = await fetch_connections(session, user_id, wanted) if wanted else ()
        bank = await _institution(session, found[0]) if found else None
    except (ProviderError, AccessRevoked):  # where it failed is not worth hiding why
        bank = None
    return replace(failure.step(), institution=bank)


async def _connected(session: Session, state: AwaitingJobs) -> Step:
    """Connected by whatever succeeded; a bank of several that failed can be connected again by itself."""
    wanted = (*state.connections, *state.replaces)
    found = {c.id: c for c in await fetch_connections(session, state.user_id, wanted)}
    new = [found[id_] for id_ in state.connections if id_ in found]
    if not new:
        message = "the connection was deleted while it was being made; begin again"
        raise AccessRevoked(message, origin=Origin(adapter=NAME, operation="list_connections"))
    kept = [found[id_] for id_ in state.replaces if id_ in found and _is_still_wanted(found[id_], new)]
    connections = [*new, *(c for c in kept if c not in new)]
    consents = await fetch_consents(session, state.user_id)
    note_replaced(session, state.consent, active_in(consents))
    return Connected(
        grant=BasiqGrant(user_id=state.user_id, connections=tuple(c.id for c in connections)),
        consent=to_consent(consents, [c for c in connections if not has_expired(c, session.ctx.now())]),
        institution=await _institution(session, new[0]),
        subject=state.user_id,
    )


def active_in(consents: Sequence[WireConsent]) -> str | None:
    """The id of the consent that holds now."""
    consent = newest(consents)
    return consent.id if consent is not None and consent.status == "active" else None


def note_replaced(session: Session, before: str | None, now: str | None) -> None:
    """Log that another consent has taken the place of the one that was there when a renewal began."""
    if before is not None and now not in {before, None}:
        log.info("consent_replaced", extra={"adapter": NAME, "connection_id": session.ctx.connection_id})


def _is_still_wanted(old: WireConnection, new: Sequence[WireConnection]) -> bool:
    """Whether a renewed grant keeps an older connection: not when its bank was connected anew."""
    bank = bank_of(old)
    return bank is None or bank not in {bank_of(connection) for connection in new}


def bank_of(connection: WireConnection) -> str | None:
    return connection.institution.id if connection.institution else None


async def _institution(session: Session, connection: WireConnection) -> Institution | None:
    bank = bank_of(connection)
    if bank is None:
        return None
    try:
        connectors = read_connectors(await session.as_server(get_connector(session.settings, bank)))
    except ProviderRefused:  # a name is not worth a connection
        connectors = ()
    named = (to_institution(connector) for connector in connectors if connector.id == bank)
    return next(named, Institution(id=bank, adapter=NAME, name=bank))
