"""Sessions: what a finished sign-in gives, good for one import (providers/kontomatik.md sections 2, 4 and 14.13)."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontomatik.catalog import Target
from bankweave_sandbox.kontomatik.consents import Consent
from bankweave_sandbox.kontomatik.refusals import invalid_session, invalid_signature, refused_with, sessions_limit
from bankweave_sandbox.kontomatik.scenarios import Customer
from bankweave_sandbox.kontomatik.switches import Switches


class Numbers:
    """The one number series that session and command ids come from: decimal digits, nine of them in 2023."""

    def __init__(self) -> None:
        self._series = itertools.count(512_000_000 + secrets.randbelow(1_000_000))

    def next(self) -> str:
        return str(next(self._series))


@dataclass(slots=True)
class Session:
    id: str
    signature: str
    owner: str
    target: Target
    customer: Customer
    created_at: datetime
    consent: Consent | None = None
    is_reuse: bool = False  # opened from a multiple access, without the person
    is_closed: bool = False
    import_started: bool = False
    advanced_commands: int = 0  # the older step-by-step imports of section 4.3
    import_ends_at: datetime | None = None


class Sessions:
    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._sessions: dict[str, Session] = {}

    def open(self, session_id: str, target: Target, customer: Customer, owner: str) -> Session:
        signature = secrets.token_hex(32)
        session = Session(session_id, signature, owner, target, customer, self._clock.now())
        self._sessions[session.id] = session
        return session

    def check_room(self) -> None:
        """Refuse when too many sessions are under way; the limit is undocumented (switch sessions_at_once)."""
        limit = self._switches.sessions_at_once
        if limit and sum(self._is_under_way(s) for s in self._sessions.values()) >= limit:
            raise sessions_limit()

    def find(self, session_id: str, signature: str) -> Session:
        session = self._sessions.get(session_id)
        if session is None or session.is_closed:
            raise invalid_session()
        if self._has_expired(session):
            raise refused_with(self._switches.expired_session_exception, "Session expired.")
        if not secrets.compare_digest(session.signature.encode(), signature.encode()):
            raise invalid_signature()
        return session

    def _has_expired(self, session: Session) -> bool:
        return self._clock.now() >= session.created_at + timedelta(minutes=self._switches.session_minutes)

    def _is_under_way(self, session: Session) -> bool:
        if session.is_closed:
            return False
        if session.import_ends_at is None:
            return not self._has_expired(session)
        return self._clock.now() < session.import_ends_at
