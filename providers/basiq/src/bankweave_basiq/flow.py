"""Connecting and renewing: a person goes to Basiq's consent page, comes back with job ids, and the jobs are followed.

Which connections came of it is read from the jobs, never from the address the person came back to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bankweave.errors import AccessRevoked, ConfigurationError, MalformedAnswer, Origin, ProviderRefused
from bankweave.flow import Ask, Connect, Connected, Failed, Reason, Redirect, Renew, Step, Wait
from bankweave.model import Institution
from bankweave_basiq.access import (
    fetch_connections,
    fetch_consents,
    has_expired,
    is_open_banking,
    needs_repair,
)
from bankweave_basiq.failures import connecting_failed
from bankweave_basiq.jobs import Outcome, Stopped, Succeeded, judge
from bankweave_basiq.links import NAME
from bankweave_basiq.mapping import newest, to_consent, to_institution
from bankweave_basiq.protocol import (
    consent_page,
    create_user,
    get_connector,
    get_job,
    get_user,
    read_connectors,
    read_created_user,
    read_job,
    read_user_exists,
)
from bankweave_basiq.session import Session
from bankweave_basiq.states import AwaitingConsent, AwaitingJobs, BasiqGrant, JobFailure
from bankweave_basiq.wire import WireConnection, WireConsent

PATIENCE = timedelta(minutes=30)  # undocumented; jobs take 3 to 30 seconds (section 3.1)
_MOST_JOBS = 20  # one per bank in one visit; more is no visit

_USER_FIELDS = {
    "email": "email",
    "mobile": "mobile",
    "first_name": "firstName",
    "middle_name": "middleName",
    "last_name": "lastName",
    "business_name": "businessName",
    "business_id_no": "businessIdNo",
    "business_id_no_type": "businessIdNoType",
}


# Beginning -----------------------------------------------------------------------------------------------------------------


async def begin_connect(session: Session, intent: Connect | Renew[BasiqGrant]) -> Step:
    """Send the person to the consent page. Without `action` it is the whole way: consent, bank, login (section 2.2)."""
    user_id = await _ensure_user(session, intent.options)
    query = {"action": intent.options.get("action"), "institutionId": intent.institution}
    return await _ask_for_consent(session, AwaitingConsent(user_id=user_id), query)


async def begin_renew(session: Session, intent: Renew[BasiqGrant]) -> Step:
    grant = intent.grant
    if not await _user_exists(session, grant.user_id):
        return await begin_connect(session, intent)
    consents = await fetch_consents(session, grant.user_id)
    connections = await fetch_connections(session, grant.user_id, grant.connections)
    query = {**choose_page(consents, connections), "institutionId": intent.institution}
    if "action" in intent.options:
        query["action"] = intent.options["action"]
    before = _standing(consents, connections)
    state = AwaitingConsent(user_id=grant.user_id, replaces=grant.connections, before=before)
    return await _ask_for_consent(session, state, query)


def choose_page(consents: Sequence[WireConsent], connections: Sequence[WireConnection]) -> dict[str, str | None]:
    """Choose what the consent page shall do to renew these connections (section 2.2).

    Never `update`: when the policy has changed, it deletes all of the person's connections.
    """
    consent = newest(consents)
    if consent is None or consent.status != "active":
        return {}  # all but `manage` want an active consent; the default consents anew
    data_holder = next((c for c in connections if is_open_banking(c)), None)
    if data_holder is not None:
        return {"action": "reauthorise", "connectionId": data_holder.id}
    broken = next((c for c in connections if needs_repair(c)), None)
    if broken is not None:
        # A web connection's id opens the form for its credentials; with which action is not documented, and `connect` is
        # the one that does not ask for consent again.
        return {"action": "connect", "connectionId": broken.id}
    # A connection id would open the form for credentials, and these are good.
    return {"action": "extend"} if connections else {"action": "connect"}


async def _ask_for_consent(session: Session, state: AwaitingConsent, query: Mapping[str, str | None]) -> Step:
    # A token of its own: it travels in an address, and the flow can last as long as it does, a whole hour.
    token = await session.fetch_token(state.user_id)
    correlation = session.ctx.secret()
    url = consent_page(session.settings, token.value, correlation, query)
    return Ask(
        state=state,
        interaction=Redirect(url=url, expires_at=token.expires_at),
        correlation=correlation,
        expires_at=token.expires_at,
    )


async def _ensure_user(session: Session, options: Mapping[str, str]) -> str:
    """The owner's user at Basiq, made when there is none yet or Basiq has deleted it."""
    known = await session.ctx.recall("user_id")
    if known is not None and await _user_exists(session, known):
        return known
    fields = {theirs: options[ours] for ours, theirs in _USER_FIELDS.items() if options.get(ours)}
    if not fields.keys() & {"email", "mobile"}:
        message = "Basiq wants an e-mail address or a mobile number of the person: connect with options email or mobile"
        raise ConfigurationError(message, origin=Origin(adapter=NAME, operation="create_user"))
    user_id = read_created_user(await session.as_server(create_user(session.settings, fields)))
    await session.ctx.remember("user_id", user_id)
    return user_id


async def _user_exists(session: Session, user_id: str) -> bool:
    return read_user_exists(await session.as_server(get_user(session.settings, user_id)), user_id)


# Coming back ---------------------------------------------------------------------------------------------------------------


async def after_consent(session: Session, state: AwaitingConsent, params: Mapping[str, str]) -> Step:
    jobs = jobs_in(params)
    if jobs:
        deadline = session.ctx.now() + PATIENCE
        following = AwaitingJobs(user_id=state.user_id, jobs=jobs, deadline=deadline, replaces=state.replaces)
        return await after_jobs(session, following)
    if state.before is None:
        # Cancelling is not reported; it is a way back without jobs (section 2.2).
        return Failed(reason=Reason.USER_REFUSED, message="nothing was connected; begin again to try once more")
    return await _after_silent_renewal(session, state)


def jobs_in(params: Mapping[str, str]) -> tuple[str, ...]:
    """The jobs that the address claims: `jobIds` with commas, `jobId` with the last one, one of them or both (section 2.2)."""
    listed = f"{params.get('jobIds', '')},{params.get('jobId', '')}".split(",")
    jobs = tuple(dict.fromkeys(stripped for job in listed if (stripped := job.strip())))
    if len(jobs) > _MOST_JOBS:
        message = (
            "the address that the person came back to names more jobs than one visit can make; it was not followed"
        )
        raise MalformedAnswer(message, origin=Origin(adapter=NAME, operation="after_consent"))
    return jobs


async def _after_silent_renewal(session: Session, state: AwaitingConsent) -> Step:
    """Look whether anything was renewed: `extend` makes no job, and turning back does not either (undocumented)."""
    consents = await fetch_consents(session, state.user_id)
    connections = await fetch_connections(session, state.user_id, state.replaces)
    consent = newest(consents)
    active = consent is not None and consent.status == "active" and connections
    if not active or _standing(consents, connections) == state.before:
        return Failed(reason=Reason.USER_REFUSED, message="nothing was renewed; the old access stays as it is")
    grant = BasiqGrant(user_id=state.user_id, connections=tuple(c.id for c in connections))
    return Connected(grant=grant, consent=to_consent(consents, connections))


def _standing(consents: Sequence[WireConsent], connections: Sequence[WireConnection]) -> str:
    """What a renewal changes, to be compared before and after."""
    told = [f"{c.id} {c.status} {c.updated} {c.expiry_date}" for c in consents]
    return "\n".join(sorted(told) + sorted(f"{c.id} {c.status} {c.expiry_date}" for c in connections))


# Following the jobs ----------------------------------------------------------------------------------------------------------


async def after_jobs(session: Session, state: AwaitingJobs) -> Step:
    outcomes = {job: await look_at(session, state.user_id, job) for job in state.jobs}
    state = _fold(state, outcomes, session.ctx.now())
    if state.jobs and session.ctx.now() < state.deadline:
        later = session.ctx.now() + pause(state.polls)
        return Wait(state=state.model_copy(update={"polls": state.polls + 1}), poll_at=later)
    if state.connections:
        return await _connected(session, state)
    return (state.failure or connecting_failed(Stopped("job-timed-out"), session.ctx.now())).step()


async def look_at(session: Session, user_id: str, job_id: str) -> Outcome | None:
    """Where a job stands; None when Basiq does not know it, or no longer."""
    job = read_job(await session.as_server(get_job(session.settings, job_id)), job_id)
    return judge(job, session.settings.base_url, user_id) if job else None


def pause(polls: int) -> timedelta:
    """From 2 to 10 seconds; Basiq's own programs ask every 1, 2 or 5 (section 4.5)."""
    return timedelta(seconds=min(2 + polls // 2, 10))


def unknown_job() -> JobFailure:
    return JobFailure(reason=Reason.EXPIRED, message="Basiq does not know this job, or no longer; begin again")


def _fold(state: AwaitingJobs, outcomes: Mapping[str, Outcome | None], now: datetime) -> AwaitingJobs:
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
    return Connected(
        grant=BasiqGrant(user_id=state.user_id, connections=tuple(c.id for c in connections)),
        consent=to_consent(consents, [c for c in connections if not has_expired(c, session.ctx.now())]),
        institution=await _institution(session, new[0]),
    )


def _is_still_wanted(old: WireConnection, new: Sequence[WireConnection]) -> bool:
    """Whether a renewed grant keeps an older connection: not when its bank was connected anew."""
    bank = _bank_of(old)
    return bank is None or bank not in {_bank_of(connection) for connection in new}


def _bank_of(connection: WireConnection) -> str | None:
    return connection.institution.id if connection.institution else None


async def _institution(session: Session, connection: WireConnection) -> Institution | None:
    bank = _bank_of(connection)
    if bank is None:
        return None
    try:
        connectors = read_connectors(await session.as_server(get_connector(session.settings, bank)))
    except ProviderRefused:  # a name is not worth a connection
        connectors = ()
    named = (to_institution(connector) for connector in connectors if connector.id == bank)
    return next(named, Institution(id=bank, adapter=NAME, name=bank))
