"""People's address books (providers/kontist.md section 7.1), and whom they have paid before."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.transactions.rows import Row
from bankweave_sandbox.kontist.transfers.ibans import read_iban
from bankweave_sandbox.world import Person


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    name: str
    iban: str
    favorite: bool


class Contacts:
    def __init__(self) -> None:
        self._all: dict[str, dict[str, Contact]] = {}  # by person, then by id

    def of(self, person: Person, wanted: str | None = None) -> list[Contact]:
        """List contacts by name; `wanted` is part of a name or IBAN. What the filter looks at is undocumented."""
        part = "".join((wanted or "").casefold().split())
        found = (c for c in self._book(person).values() if part in f"{c.name}\n{c.iban}".casefold().replace(" ", ""))
        return sorted(found, key=lambda contact: contact.name.casefold())

    def create(self, person: Person, fields: Mapping[str, Any]) -> Contact:
        favorite = bool(fields.get("favorite"))
        contact = Contact(str(uuid.uuid4()), _name(fields["name"]), read_iban(fields["iban"]), favorite)
        self._book(person)[contact.id] = contact
        return contact

    def update(self, person: Person, fields: Mapping[str, Any]) -> Contact:
        """Change what is given."""
        contact = self._require(person, fields["id"])
        name, iban, favorite = fields.get("name"), fields.get("iban"), fields.get("favorite")
        changed = replace(
            contact,
            name=contact.name if name is None else _name(name),
            iban=contact.iban if iban is None else read_iban(iban),
            favorite=contact.favorite if favorite is None else favorite,
        )
        self._book(person)[contact.id] = changed
        return changed

    def delete(self, person: Person, contact_id: str) -> None:
        self._require(person, contact_id)
        del self._book(person)[contact_id]

    def _book(self, person: Person) -> dict[str, Contact]:
        return self._all.setdefault(person.id, {})

    def _require(self, person: Person, contact_id: str) -> Contact:
        contact = self._book(person).get(contact_id)
        if contact is None:
            raise Problem(404, "Contact not found")
        return contact


def suggest_recipients(rows: Iterable[Row]) -> list[dict[str, str]]:
    """Name whom the person has paid, the latest first (section 7.3)."""
    paid = ((row.iban, row.movement.counterparty) for row in rows if row.amount < 0)
    names: dict[str, str] = {}
    for iban, name in paid:
        if iban and name:
            names.setdefault(iban, name)
    return [{"iban": iban, "name": name} for iban, name in names.items()]


def _name(name: str) -> str:
    if not name.strip():
        raise Problem(400, "name is empty")
    return name
