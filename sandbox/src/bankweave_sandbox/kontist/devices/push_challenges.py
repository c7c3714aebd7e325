"""Push challenges: created by a login or a client, decided on the phone (providers/kontist.md section 3)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.oauth.tokens import Grant
from bankweave_sandbox.kontist.people import user_id
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.world import Person

Status: TypeAlias = Literal["PENDING", "VERIFIED", "DENIED"]  # there is no EXPIRED: clients compare `expiresAt`


@dataclass(slots=True)
class PushChallenge:
    id: str
    person: Person
    grant: Grant | None  # the unconfirmed token that asked; None: the hosted login page asked
    created_at: datetime
    expires_at: datetime
    status: Status = "PENDING"
    is_exchanged: bool = False

    def body(self) -> dict[str, str]:
        return {"id": self.id, "status": self.status, "expiresAt": self.expires_at.isoformat(timespec="milliseconds")}


class PushChallenges:
    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._all: dict[str, PushChallenge] = {}

    def push(self, person: Person, grant: Grant | None = None) -> PushChallenge:
        """Send a push to the person's phone."""
        now = self._clock.now()
        expires_at = now + timedelta(seconds=self._switches.challenge_seconds)
        challenge = PushChallenge(str(uuid.uuid4()), person, grant, now, expires_at)
        self._all[challenge.id] = challenge
        return challenge

    def find(self, challenge_id: str) -> PushChallenge | None:
        found = self._all.get(challenge_id)
        if found:
            self._approve_when_due(found)
        return found

    def of_user(self, wanted: str, challenge_id: str) -> PushChallenge | None:
        """Find a challenge that a client of this user created; another's is as unknown as none."""
        found = self.find(challenge_id)
        return found if found and found.grant and user_id(found.person) == wanted else None

    def pending(self) -> list[PushChallenge]:
        """What the phones show now, oldest first."""
        for challenge in self._all.values():
            self._approve_when_due(challenge)
        return [c for c in self._all.values() if self.is_open(c)]

    def is_expired(self, challenge: PushChallenge) -> bool:
        return challenge.expires_at <= self._clock.now()

    def is_open(self, challenge: PushChallenge) -> bool:
        return challenge.status == "PENDING" and not self.is_expired(challenge)

    def decide(self, challenge: PushChallenge, status: Status) -> bool:
        """Confirm or deny on the phone; False when there is nothing left to decide."""
        if not self.is_open(challenge):
            return False
        challenge.status = status
        return True

    def _approve_when_due(self, challenge: PushChallenge) -> None:
        wait = self._switches.push_auto_approve_seconds
        if wait >= 0 and challenge.created_at + timedelta(seconds=wait) <= self._clock.now():
            self.decide(challenge, "VERIFIED")
