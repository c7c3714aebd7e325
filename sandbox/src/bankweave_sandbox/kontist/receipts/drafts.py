"""Drafts of payments that the bank knows nothing of: a receipt first, its figures later (section 6.4)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.world import Person

_FIELDS = (
    "amount",
    "name",
    "description",
    "note",
    "paymentDate",
    "isCashTransaction",
    "categoryCode",
    "vatCategoryCode",
    "vatRate",
)


class Drafts:
    """A draft holds what was said of it; `updateExternalTransaction` with its id makes a transaction of it.

    That is our reading of the id there: how Kontist turns a draft into a transaction is undocumented.
    """

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, dict[str, Any]]] = {}

    def of(self, person: Person) -> list[dict[str, Any]]:
        return list(self._kept.get(person.id, {}).values())

    def create(self, person: Person, given: Mapping[str, Any]) -> dict[str, Any]:
        draft_id = str(uuid.uuid4())
        draft: dict[str, Any] = {"id": draft_id, "isCashTransaction": False} | _known(given)
        self._kept.setdefault(person.id, {})[draft_id] = draft
        return draft

    def update(self, person: Person, given: Mapping[str, Any]) -> dict[str, Any]:
        draft = self.find(person, given["id"])
        draft.update(_known(given))
        return draft

    def find(self, person: Person, draft_id: str) -> dict[str, Any]:
        draft = self._kept.get(person.id, {}).get(draft_id)
        if draft is None:
            raise Problem(404, "Draft transaction not found")
        return draft

    def delete(self, person: Person, draft_id: str) -> None:
        self.find(person, draft_id)
        self.forget(person, draft_id)

    def forget(self, person: Person, draft_id: str | None) -> bool:
        """Drop a draft that has become a transaction; tell whether there was one."""
        return self._kept.get(person.id, {}).pop(draft_id or "", None) is not None


def _known(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in _FIELDS if name in given}
