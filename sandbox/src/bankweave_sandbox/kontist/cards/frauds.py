"""Card payments that looked like fraud, and what the person says of them (providers/kontist.md section 8)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.cards.card import Card
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.kontist.timestamps import format_instant
from bankweave_sandbox.world import Person

Resolution: TypeAlias = Literal["PENDING", "WHITELISTED", "CONFIRMED", "TIMEOUT"]


@dataclass(slots=True)
class FraudCase:
    id: str
    card: Card
    expires_at: datetime
    resolution: Resolution = "PENDING"


class FraudCases:
    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._all: list[FraudCase] = []

    def suspect(self, card: Card) -> FraudCase:
        """Open a case about a card's last payment."""
        expires_at = self._clock.now() + timedelta(seconds=self._switches.fraud_case_seconds)
        case = FraudCase(str(uuid.uuid4()), card, expires_at)
        self._all.append(case)
        return case

    def pending(self, person: Person) -> FraudCase | None:
        """Find the person's oldest case that waits for an answer."""
        for case in self._all:
            if case.resolution == "PENDING" and case.expires_at <= self._clock.now():
                case.resolution = "TIMEOUT"
        return next((c for c in self._all if c.resolution == "PENDING" and c.card.person.id == person.id), None)

    def whitelist(self, person: Person) -> dict[str, str]:
        """Say that it was the person: the card may be used for that for a while, how long is undocumented."""
        case = self._required(person)
        case.resolution = "WHITELISTED"
        until = self._clock.now() + timedelta(seconds=self._switches.whitelist_seconds)
        return {"id": case.id, "resolution": case.resolution, "whitelistedUntil": format_instant(until)}

    def confirm(self, person: Person) -> dict[str, str]:
        """Say that it was fraud: the bank blocks the card."""
        case = self._required(person)
        case.resolution = "CONFIRMED"
        if case.card.status != "CLOSED":
            case.card.status = "BLOCKED_BY_SOLARIS"
        return {"id": case.id, "resolution": case.resolution}

    def _required(self, person: Person) -> FraudCase:
        case = self.pending(person)
        if case is None:
            raise Problem(404, "There is no pending card fraud case")
        return case
