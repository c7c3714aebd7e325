"""Where a person's business is and was (providers/kontist.md section 9). The first address is the world's."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.people import People
from bankweave_sandbox.kontist.person.profiles import split_address
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.world import Person, world_id


@dataclass(frozen=True, slots=True)
class Address:
    id: str
    street: str
    post_code: str
    city: str
    moved_at: datetime

    def body(self) -> dict[str, Any]:
        place = {"street": self.street, "postCode": self.post_code, "city": self.city, "country": "DE"}
        return place | {"id": self.id, "movingDate": self.moved_at}


class Addresses:
    def __init__(self, clock: Clock, people: People) -> None:
        self._clock = clock
        self._people = people
        self._added: dict[str, list[Address]] = {}

    def of(self, person: Person) -> list[Address]:
        """List all addresses, the latest move first."""
        known = [self._first(person), *self._added.get(person.id, [])]
        return sorted(known, key=lambda address: address.moved_at, reverse=True)

    def current(self, person: Person) -> Address:
        """The address in force now; a move that lies ahead does not count yet."""
        now = self._clock.now()
        return next((a for a in self.of(person) if a.moved_at <= now), self._first(person))

    def add(self, person: Person, payload: Mapping[str, Any]) -> Address:
        street, post_code, city = (payload[name].strip() for name in ("street", "postCode", "city"))
        if not (street and post_code and city):
            raise Problem(400, "street, postCode and city must not be empty")
        address = Address(str(uuid.uuid4()), street, post_code, city, payload["movingDate"])
        self._added.setdefault(person.id, []).append(address)
        return address

    def _first(self, person: Person) -> Address:
        street, post_code, city = split_address(person)
        opened = min((account.opened_on for account in self._people.accounts(person)), default=person.birth_date)
        moved = datetime.combine(opened, time(0), UTC)
        return Address(world_id("kontist-address", person.id), street, post_code, city, moved)
