"""How a person's name stands on a card: JOHN/LENNON (providers/kontist.md section 8)."""

from __future__ import annotations

import re
import unicodedata

from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.world import Person

_LONGEST = 21  # with its alphabet the rule of the bank underneath
_WELL_FORMED = re.compile(r"[A-Z0-9 .-]+/[A-Z0-9 .-]+")


def spell_for_card(person: Person) -> str:
    """Spell the name in capital letters without marks; what is too long has the first name as an initial."""
    first, last = _plain(person.first_name), _plain(person.last_name)
    full = f"{first}/{last}"
    return full if len(full) <= _LONGEST else f"{first[:1]}/{last}"[:_LONGEST]


def check_representation(representation: str) -> str:
    if len(representation) > _LONGEST or not _WELL_FORMED.fullmatch(representation):
        raise Problem(400, f"cardHolderRepresentation must be like JOHN/LENNON, with at most {_LONGEST} characters")
    return representation


def _plain(name: str) -> str:
    spelled = unicodedata.normalize("NFKD", name.replace("ß", "ss").upper()).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9 .-]", "", spelled)
