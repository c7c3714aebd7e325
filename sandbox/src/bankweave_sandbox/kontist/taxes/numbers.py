"""A person's tax numbers, as they entered them (providers/kontist.md section 9)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.world import Person


@dataclass(frozen=True, slots=True)
class TaxNumber:
    id: str
    type: str
    number: str
    description: str
    is_main_business: bool
    valid_from: datetime | None
    changed_at: datetime

    def body(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": self.type,
            "taxNumber": self.number,
            "description": self.description,
            "isMainBusinessTaxNumber": self.is_main_business,
            "validFrom": self.valid_from,
            "modificationDate": self.changed_at,
        }


class TaxNumbers:
    """Deleted ones are forgotten, so that `deletedAt` is always null; what Kontist shows of them is undocumented."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, dict[str, TaxNumber]] = {}

    def of(self, person: Person) -> list[TaxNumber]:
        return list(self._kept.get(person.id, {}).values())

    def create(self, person: Person, payload: Mapping[str, Any]) -> TaxNumber:
        return self._keep(person, str(uuid.uuid4()), payload)

    def update(self, person: Person, number_id: str, payload: Mapping[str, Any]) -> TaxNumber:
        self._require(person, number_id)
        return self._keep(person, number_id, payload)

    def delete(self, person: Person, number_id: str) -> None:
        self._require(person, number_id)
        del self._kept[person.id][number_id]

    def _require(self, person: Person, number_id: str) -> None:
        if number_id not in self._kept.get(person.id, {}):
            raise Problem(404, "Tax number not found")

    def _keep(self, person: Person, number_id: str, payload: Mapping[str, Any]) -> TaxNumber:
        # Which forms Kontist accepts is undocumented: the sixteen states write theirs differently.
        if not any(char.isdigit() for char in payload["taxNumber"]):
            raise Problem(400, "taxNumber has no digits")
        number = TaxNumber(
            id=number_id,
            type=payload["type"],
            number=payload["taxNumber"],
            description=payload["description"],
            is_main_business=payload["isMainBusinessTaxNumber"],
            valid_from=payload.get("validFrom"),
            changed_at=self._clock.now(),
        )
        mine = self._kept.setdefault(person.id, {})
        if number.is_main_business:  # there is one main number: the last that was said to be it
            mine.update({other.id: replace(other, is_main_business=False) for other in mine.values()})
        mine[number_id] = number
        return number
