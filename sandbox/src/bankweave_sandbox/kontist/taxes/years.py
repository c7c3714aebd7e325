"""How a person's taxes are reckoned, year by year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bankweave_sandbox.world import Person

_DEFAULT_FREQUENCY = "QUARTERLY"


class TaxYears:
    def __init__(self) -> None:
        self._taxes: dict[str, dict[int, dict[str, Any]]] = {}
        self._frequencies: dict[str, dict[int, str]] = {}

    def taxes(self, person: Person) -> list[dict[str, Any]]:
        return list(self._taxes.get(person.id, {}).values())

    def set_taxes(self, person: Person, settings: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
        self._taxes.setdefault(person.id, {}).update({given["year"]: dict(given) for given in settings})
        return self.taxes(person)

    def frequency(self, person: Person, year: int) -> str:
        """How often advance VAT returns are due: as set for the year or the last one before it."""
        known = self._frequencies.get(person.id, {})
        earlier = [known_year for known_year in known if known_year <= year]
        return known[max(earlier)] if earlier else _DEFAULT_FREQUENCY

    def set_frequency(self, person: Person, year: int, frequency: str) -> None:
        self._frequencies.setdefault(person.id, {})[year] = frequency

    def years_set(self, person: Person) -> list[int]:
        return sorted(self._frequencies.get(person.id, {}))
