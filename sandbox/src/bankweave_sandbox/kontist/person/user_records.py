"""What people told Kontist once: mail aliases, confirmations, terms (providers/kontist.md section 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.world import Person, world_id

TERMS = ("INSTANT_CREDIT_TRANSFER", "LOAN", "SUBACCOUNT", "TOP_UP")


@dataclass(frozen=True, slots=True)
class Decision:
    is_confirmed: bool
    business_id: str | None
    decided_at: datetime


class UserRecords:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._aliases: dict[str, Person] = {}
        self._confirmations: dict[tuple[str, str, int | None], datetime] = {}
        self._decisions: dict[tuple[str, str], Decision] = {}

    def add_alias(self, person: Person, alias: str, proof: str) -> None:
        """Give the person a mail alias. What the `hash` beside it proves is undocumented: it has to be there."""
        name = alias.strip().casefold()
        if not name or not proof:
            raise Problem(400, "alias and hash must not be empty")
        if self._aliases.get(name, person) != person:
            raise Problem(400, "The alias is taken")
        self._aliases[name] = person

    def by_alias(self, address: str) -> Person | None:
        """Tell whose mail comes to `address`: an alias, or anything @ some domain with the alias before it."""
        name = address.strip().casefold()
        return self._aliases.get(name) or self._aliases.get(name.partition("@")[0])

    def confirm(self, person: Person, confirmation: str, year: int | None) -> None:
        self._confirmations[person.id, confirmation, year] = self._clock.now()

    def has_confirmed(self, person: Person, confirmation: str, year: int | None) -> bool:
        """Tell whether it was confirmed, for this year or, where no year was given, for all."""
        return any((person.id, confirmation, known) in self._confirmations for known in (year, None))

    def decide_terms(self, person: Person, name: str, *, is_confirmed: bool, business_id: str | None) -> dict[str, Any]:
        if name not in TERMS:
            raise Problem(400, "Unknown terms; known: " + ", ".join(TERMS))
        self._decisions[person.id, name] = Decision(is_confirmed, business_id, self._clock.now())
        return self._terms_body(person, name)

    def terms(self, person: Person, name: str | None) -> list[dict[str, Any]]:
        return [self._terms_body(person, known) for known in TERMS if name in {None, known}]

    def _terms_body(self, person: Person, name: str) -> dict[str, Any]:
        decided = self._decisions.get((person.id, name))
        return {
            "id": world_id("kontist-terms", person.id, name),
            "name": name,
            "businessId": decided.business_id if decided else None,
            "confirmedAt": decided.decided_at if decided and decided.is_confirmed else None,
            "rejectedAt": decided.decided_at if decided and not decided.is_confirmed else None,
        }
