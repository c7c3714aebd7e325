"""Redirections: the hosted sign-in of one person, from the link to the final status (providers/kontomatik.md section 3)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontomatik.catalog import AccessMode, Target
from bankweave_sandbox.kontomatik.refusals import invalid_redirection, too_many_requests
from bankweave_sandbox.kontomatik.scenarios import Customer
from bankweave_sandbox.kontomatik.sessions import Session
from bankweave_sandbox.kontomatik.switches import Switches


@dataclass(frozen=True, slots=True)
class SignedIn:
    session: Session
    access_id: str | None
    at: datetime
    shown_at: datetime  # later than `at` in the scenario unknown-status only


@dataclass(frozen=True, slots=True)
class Broken:
    exception: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """What the integrator asked for."""

    redirect_uri: str
    owner: str
    country: str
    locale: str
    mode: AccessMode
    target: Target | None = None


@dataclass(slots=True)
class Redirection:
    id: str
    order: Order
    created_at: datetime
    tokens: float  # of the status endpoint's bucket
    tokens_at: datetime
    is_opened: bool = False
    target: Target | None = None
    session_id: str | None = None  # a session begins with the bank choice (section 2)
    has_consented: bool = False
    allows_reuse: bool = False
    customer: Customer | None = None  # name and password were right
    wrong_answers: int = 0
    ending: SignedIn | Broken | None = None


class Redirections:
    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._redirections: dict[str, Redirection] = {}

    def create(self, order: Order) -> Redirection:
        now = self._clock.now()
        tokens = float(self._switches.poll_burst)
        redirection = Redirection(str(uuid.uuid4()), order, now, tokens, tokens_at=now, target=order.target)
        self._redirections[redirection.id] = redirection
        return redirection

    def all(self) -> list[Redirection]:
        """Every redirection that is not forgotten."""
        return [r for r in self._redirections.values() if not self._is_forgotten(r)]

    def find(self, redirection_id: str) -> Redirection:
        redirection = self._redirections.get(redirection_id)
        if redirection is None or self._is_forgotten(redirection):
            raise invalid_redirection()
        return redirection

    def is_over(self, redirection: Redirection) -> bool:
        return redirection.ending is not None or self._clock.now() >= self._link_ends(redirection)

    def take_token(self, redirection: Redirection) -> None:
        """Count one status call: a burst, then one per five minutes; the true numbers are undocumented (14.9)."""
        burst, refill = self._switches.poll_burst, max(1, self._switches.poll_refill_seconds)
        if burst <= 0:
            return
        now = self._clock.now()
        gained = (now - redirection.tokens_at).total_seconds() / refill
        redirection.tokens = min(float(burst), redirection.tokens + gained)
        redirection.tokens_at = now
        if redirection.tokens < 1:
            wait = int((1 - redirection.tokens) * refill) + 1
            raise too_many_requests(wait if self._switches.poll_retry_after else None)
        redirection.tokens -= 1

    def status(self, redirection: Redirection) -> str:
        """Say the status in the word and letter case of the switches."""
        word = self._word(redirection)
        case = self._switches.status_letter_case
        return word.upper() if case == "upper" else word.capitalize() if case == "capitalised" else word

    def params(self, redirection: Redirection) -> dict[str, Any] | None:
        """What goes with the status; `None` where the switches say null (14.3, 14.4)."""
        match redirection.ending:
            case SignedIn() as ending if self._is_shown(ending):
                return self._success_params(ending)
            case Broken() as ending:
                return self._error_params(redirection, ending)
        return None if self._switches.pending_params == "null" else {}

    def is_final(self, redirection: Redirection) -> bool:
        ending = redirection.ending
        return self._is_shown(ending) if isinstance(ending, SignedIn) else self.is_over(redirection)

    def _word(self, redirection: Redirection) -> str:
        switches, ending = self._switches, redirection.ending
        if isinstance(ending, SignedIn):
            return switches.word_success if self._is_shown(ending) else switches.word_unknown
        if ending is not None:
            return switches.word_error
        if self.is_over(redirection):
            return switches.word_expired
        return switches.word_in_progress if redirection.is_opened else switches.word_created

    def _success_params(self, ending: SignedIn) -> dict[str, Any]:
        session = ending.session
        params: dict[str, Any] = {"sessionId": session.id, "sessionIdSignature": session.signature}
        if ending.access_id is not None or self._switches.missing_access_id == "null":
            params["multipleAccessId"] = ending.access_id
        return params | {"target": session.target.name, "officialName": session.target.official_name}

    def _error_params(self, redirection: Redirection, ending: Broken) -> dict[str, Any]:
        params: dict[str, Any] = {"exception": ending.exception}
        if self._switches.error_params == "minimal" or redirection.target is None:
            return params
        target = redirection.target
        session = {"sessionId": redirection.session_id} if redirection.session_id else {}
        return params | session | {"target": target.name, "officialName": target.official_name}

    def _is_shown(self, ending: SignedIn) -> bool:
        return self._clock.now() >= ending.shown_at

    def _link_ends(self, redirection: Redirection) -> datetime:
        return redirection.created_at + timedelta(minutes=self._switches.link_minutes)

    def _is_forgotten(self, redirection: Redirection) -> bool:
        counts_from = redirection.created_at
        if self._switches.status_hours_count_from == "final-status":
            counts_from = redirection.ending.at if redirection.ending else self._link_ends(redirection)
        return self._clock.now() >= counts_from + timedelta(hours=self._switches.status_hours)
