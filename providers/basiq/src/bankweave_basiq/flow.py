"""Connecting and renewing: a person goes to Basiq's consent page, comes back with job ids, and the jobs are followed.

Which connections came of it is read from the jobs, never from the address the person came back to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bankweave.errors import MalformedAnswer, Origin
from bankweave.flow import Ask, Connect, Connected, Failed, Reason, Redirect, Renew, Step
from bankweave_basiq.access import fetch_connections, fetch_consents, is_open_banking, needs_repair
from bankweave_basiq.auth_link import begin_auth_link, is_by_link
from bankweave_basiq.following import PATIENCE, active_in, after_jobs, bank_of, note_replaced
from bankweave_basiq.links import NAME
from bankweave_basiq.mapping import newest, to_consent, to_instant
from bankweave_basiq.protocol import consent_page
from bankweave_basiq.session import Session
from bankweave_basiq.states import AwaitingConsent, AwaitingJobs, BasiqGrant
from bankweave_basiq.user import ensure_user, user_exists
from bankweave_basiq.wire import WireConnection, WireConsent

_WEEK = timedelta(days=7)
_MOST_JOBS = 20  # one per bank in one visit; more is no visit

ABOUT_ALL = frozenset({"extend", "update", "manage"})
"""Actions of the consent page that are not about one connection (section 2.2)."""


# Beginning -----------------------------------------------------------------------------------------------------------------


async def begin_connect(session: Session, intent: Connect | Renew[BasiqGrant]) -> Step:
    """Send the person to the consent page. Without `action` it is the whole way: consent, bank, login (section 2.2)."""
    user_id = await ensure_user(session, intent.options)
    if is_by_link(intent.options):
        return await begin_auth_link(session, user_id, intent.options.get("mobile"))
    query = {
        "action": intent.options.get("action"),
        "institutionId": intent.institution,
        "connectionId": intent.options.get("connection"),
    }
    return await _ask_for_consent(session, AwaitingConsent(user_id=user_id, institution=intent.institution), query)


async def begin_renew(session: Session, intent: Renew[BasiqGrant]) -> Step:
    grant = intent.grant
    if not await user_exists(session, grant.user_id):
        return await begin_connect(session, intent)
    if is_by_link(intent.options):
        mobile = intent.options.get("mobile")
        return await begin_auth_link(session, grant.user_id, mobile, replaces=grant.connections)
    consents = await fetch_consents(session, grant.user_id)
    connections = await fetch_connections(session, grant.user_id, grant.connections)
    query = {**_page(intent, consents, connections), "institutionId": intent.institution}
    state = AwaitingConsent(
        user_id=grant.user_id,
        replaces=grant.connections,
        before=_standing(consents, connections),
        consent=active_in(consents),
        institution=intent.institution or _only_bank(connections),
    )
    return await _ask_for_consent(session, state, query)


def _page(
    intent: Renew[BasiqGrant], consents: Sequence[WireConsent], connections: Sequence[WireConnection]
) -> dict[str, str | None]:
    chosen = choose_page(consents, connections)
    action = intent.options.get("action", chosen.get("action"))
    about_one = action not in ABOUT_ALL
    connection = intent.options.get("connection") or (chosen.get("connectionId") if about_one else None)
    return {"action": action, "connectionId": connection}


def choose_page(consents: Sequence[WireConsent], connections: Sequence[WireConnection]) -> dict[str, str | None]:
    """Choose what the consent page shall do to renew these connections (section 2.2).

    Never `update`: when the policy has changed, it deletes all of the person's connections.
    """
    consent = newest(consents)
    if consent is None or consent.status != "active":
        return {}  # all but `manage` want an active consent; the default consents anew
    broken = next((c for c in connections if needs_repair(c)), None)
    ending = broken or next((c for c in connections if _ends_with(c, consent)), None)
    if ending is not None and is_open_banking(ending):
        return {"action": "reauthorise", "connectionId": ending.id}
    if broken is not None:
        # A web connection's id opens the form for its credentials; with which action is not documented, and `connect` is
        # the one that does not ask for consent again.
        return {"action": "connect", "connectionId": broken.id}
    # A connection id would open the form for credentials, and these are good.
    return {"action": "extend"} if connections else {"action": "connect"}


def _ends_with(connection: WireConnection, consent: WireConsent) -> bool:
    """Whether the access at an open banking data holder ends before the consent to Basiq, or about when that does.

    Otherwise only `extend` lengthens anything; authorising again is offered in the last week of an access (section 2.2).
    """
    access, agreed = to_instant(connection.expiry_date), to_instant(consent.expiry_date)
    return is_open_banking(connection) and (access is None or agreed is None or access <= agreed + _WEEK)


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


# Coming back ---------------------------------------------------------------------------------------------------------------


async def after_consent(session: Session, state: AwaitingConsent, params: Mapping[str, str]) -> Step:
    jobs = jobs_in(params)
    if jobs:
        deadline = session.ctx.now() + PATIENCE
        following = AwaitingJobs(
            user_id=state.user_id, jobs=jobs, deadline=deadline, replaces=state.replaces, consent=state.consent
        )
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
    active = active_in(consents)
    if active is None:
        message = "the consent was ended, nothing can be read any more; begin again if it was meant to go on"
        return Failed(reason=Reason.USER_REFUSED, message=message)
    note_replaced(session, state.consent, active)
    if not connections and state.consent != active:
        return await _connect_again(session, state, active)
    if not connections or _standing(consents, connections) == state.before:
        return Failed(reason=Reason.USER_REFUSED, message="nothing was renewed; the old access stays as it is")
    grant = BasiqGrant(user_id=state.user_id, connections=tuple(c.id for c in connections))
    return Connected(grant=grant, consent=to_consent(consents, connections), subject=state.user_id)


async def _connect_again(session: Session, state: AwaitingConsent, consent: str) -> Step:
    """Have the bank connected under the new consent: with the old one, all connections were deleted (section 2.2)."""
    going_on = AwaitingConsent(user_id=state.user_id, consent=consent, institution=state.institution)
    return await _ask_for_consent(session, going_on, {"action": "connect", "institutionId": state.institution})


def _only_bank(connections: Sequence[WireConnection]) -> str | None:
    banks = {bank_of(connection) for connection in connections}
    return banks.pop() if len(banks) == 1 else None


def _standing(consents: Sequence[WireConsent], connections: Sequence[WireConnection]) -> str:
    """What a renewal changes, to be compared before and after."""
    told = [f"{c.id} {c.status} {c.updated} {c.expiry_date}" for c in consents]
    return "\n".join(sorted(told) + sorted(f"{c.id} {c.status} {c.expiry_date}" for c in connections))
