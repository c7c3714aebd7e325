"""Multiple access: a consent that is used again without the person (providers/kontomatik.md section 8)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontomatik.catalog import Target
from bankweave_sandbox.kontomatik.refusals import access_used_up, invalid_access
from bankweave_sandbox.kontomatik.scenarios import Customer, scenario_in_force
from bankweave_sandbox.kontomatik.switches import Switches

_DAY = timedelta(hours=24)


@dataclass(slots=True)
class Consent:
    id: str
    owner: str
    target: Target
    customer: Customer
    granted_at: datetime
    uses: list[datetime] = field(default_factory=list)
    is_ended: bool = False


class Consents:
    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._consents: dict[str, Consent] = {}

    def grant(self, owner: str, target: Target, customer: Customer) -> Consent:
        now = self._clock.now()
        uses = [now] if self._switches.first_import_counts else []
        consent = Consent(str(uuid.uuid4()), owner, target, customer, now, uses)
        self._consents[consent.id] = consent
        return consent

    def find(self, access_id: str) -> Consent:
        """Find a consent that still holds; what ended and what never was get the same answer."""
        consent = self._consents.get(access_id)
        if consent is None or not self.is_valid(consent):
            raise invalid_access()
        return consent

    def check_uses(self, consent: Consent) -> None:
        """Refuse another import when there were four within the last 24 hours."""
        now = self._clock.now()
        consent.uses = [use for use in consent.uses if now - use < _DAY]
        if len(consent.uses) >= self._uses_left_by_others(consent):
            raise access_used_up()

    def count_use(self, consent: Consent) -> None:
        consent.uses.append(self._clock.now())

    def end(self, access_id: str) -> None:
        self.find(access_id).is_ended = True

    def is_valid(self, consent: Consent) -> bool:
        scenario = scenario_in_force(consent.customer, self._switches)
        days = self._switches.early_end_days if scenario.access_is_short else self._switches.consent_days
        lasts = timedelta(days=days)
        return not consent.is_ended and self._clock.now() < consent.granted_at + lasts

    def _uses_left_by_others(self, consent: Consent) -> int:
        """The bank counts imports of all companies together: with another one there are fewer than four (section 8)."""
        scenario = scenario_in_force(consent.customer, self._switches)
        return self._switches.consent_uses_per_day - max(scenario.uses_by_others, self._switches.uses_by_others)

    def all(self) -> list[Consent]:
        return list(self._consents.values())
