"""Whether Basiq still lets us at a person's connections, and who has to do what if not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bankweave.errors import AccessRevoked, BankweaveError, ConsentExpired, NeedsUser, Origin
from bankweave.model import Consent, ConsentStatus
from bankweave_basiq.failures import needs_login
from bankweave_basiq.jobs import Stopped, judge
from bankweave_basiq.links import NAME
from bankweave_basiq.mapping import to_consent, to_instant
from bankweave_basiq.protocol import (
    delete_connection,
    list_connections,
    list_consents,
    list_jobs,
    purge_connection,
    read_connections,
    read_consents,
    read_deleted,
    read_jobs,
    read_purged,
)
from bankweave_basiq.session import Session
from bankweave_basiq.wire import WireConnection, WireConsent

_KEPT_FOR_THE_PERSON = 2  # refreshes a day
_GONE = frozenset({"revoked", "deleted"})  # not in the specification, but in the dashboard and documents (section 3.1)


class Reached(Protocol):
    """A connection as far as how its bank is reached: the adapter's, or that of Basiq's own client."""

    @property
    def id(self) -> str: ...

    @property
    def method(self) -> str | None: ...


async def fetch_consents(session: Session, user_id: str) -> tuple[WireConsent, ...]:
    response = await session.as_server(list_consents(session.settings, user_id))
    return read_consents(response, user_id)


async def fetch_connections(session: Session, user_id: str, wanted: Sequence[str]) -> tuple[WireConnection, ...]:
    """Those of the wanted connections that Basiq still has."""
    response = await session.as_server(list_connections(session.settings, user_id))
    found = read_connections(response, user_id)
    return tuple(c for c in found if c.id in wanted and _status(c) not in _GONE)


async def check_refreshable(session: Session, user_id: str, wanted: Sequence[str]) -> tuple[WireConnection, ...]:
    """The connections, all of which may be refreshed. Raises `NeedsUser` before a bank sees a try that cannot succeed."""
    found = await fetch_connections(session, user_id, wanted)
    if len(found) < len(set(wanted)):
        raise await lost(session, user_id)
    for connection in found:
        if has_expired(connection, session.ctx.now()):
            raise ConsentExpired("the consent at the bank ran out; renew the connection", origin=_origin())
        await _check_login(session, user_id, connection)
    return found


async def note_refresh(session: Session, connection: Reached, *, user_present: bool) -> None:
    """Count what open banking allows a day (section 7.3), some of it kept back for when the person is waiting.

    When that day begins is not documented: any 24 hours count.
    """
    if not is_open_banking(connection):
        return
    allowed = session.settings.refreshes_per_day
    at_most = allowed if user_present else max(1, allowed - _KEPT_FOR_THE_PERSON)
    await session.ctx.use_quota(f"refresh/{connection.id}", at_most=at_most, within=timedelta(days=1))


async def lost(session: Session, user_id: str) -> NeedsUser:
    """Why connections are no longer there: Basiq deletes them with the consent, revoked or run out (section 2.4)."""
    return why_ended(to_consent(await fetch_consents(session, user_id)))


def why_ended(consent: Consent | None) -> NeedsUser:
    """The error for connections that are gone, with what Basiq says of the consent."""
    if consent is not None and consent.status is ConsentStatus.EXPIRED:
        return ConsentExpired(
            "the consent given to Basiq ran out; renew the connection", origin=_origin(), consent=consent
        )
    if consent is not None and consent.status is ConsentStatus.REVOKED_BY_USER:
        return AccessRevoked(
            "the consent given to Basiq was revoked; renew the connection", origin=_origin(), consent=consent
        )
    return AccessRevoked("Basiq no longer has this connection; renew it", origin=_origin())


async def end_access(session: Session, user_id: str, connections: Sequence[str]) -> None:
    """Purge and delete connections; one that cannot be deleted keeps no other from being deleted, and is raised after."""
    failures = [await _delete(session, user_id, connection) for connection in connections]
    failure = next((failure for failure in failures if failure), None)
    if failure is not None:
        raise failure


async def _delete(session: Session, user_id: str, connection: str) -> BankweaveError | None:
    settings = session.settings
    try:
        read_purged(await session.as_server(purge_connection(settings, user_id, connection)))
        read_deleted(await session.as_server(delete_connection(settings, user_id, connection)))
    except BankweaveError as error:  # the caller forgets the connections in any case: the others must have their turn
        return error
    return None


def has_expired(connection: WireConnection, now: datetime) -> bool:
    """Only open banking connections have an end of their own (section 3.1)."""
    end = to_instant(connection.expiry_date)
    return end is not None and end <= now


def is_open_banking(connection: Reached) -> bool:
    # "open-banking" and "openbanking" are both seen (section 3.1)
    return (connection.method or "").replace("-", "") == "openbanking"


def needs_repair(connection: WireConnection) -> bool:
    return _status(connection) == "invalid"


async def _check_login(session: Session, user_id: str, connection: WireConnection) -> None:
    """An invalid connection may be refreshed after an outage, but not with a login that the bank refused (section 3.1)."""
    if not needs_repair(connection):
        return
    response = await session.as_server(list_jobs(session.settings, user_id, connection.id))
    jobs = sorted(read_jobs(response, user_id), key=lambda job: job.created or "")
    last = judge(jobs[-1], session.settings.base_url, user_id) if jobs else None
    if isinstance(last, Stopped) and needs_login(last):
        message = "the bank no longer takes the login that Basiq keeps; renew the connection"
        raise AccessRevoked(message, origin=_origin(), code=last.code)


def _status(connection: WireConnection) -> str:
    return (connection.status or "").casefold()


def _origin() -> Origin:
    return Origin(adapter=NAME, operation="check_access")
