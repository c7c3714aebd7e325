"""Invented papers of the world's people: a PESEL, a document, a masked phone. Derived, so that they never change."""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256

from bankweave_sandbox.world import Person

_PESEL_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
_NIP_WEIGHTS = (6, 5, 7, 2, 3, 4, 5, 6, 7)
_REGON_WEIGHTS = (8, 9, 2, 3, 4, 5, 6, 7)
DOCUMENTS = {"PL": "Dowód osobisty", "CZ": "Občanský průkaz"}


def pesel(person: Person) -> str:
    """Make a Polish personal number with a valid check digit from the birth date."""
    stem = _pesel_date(person.birth_date) + f"{_number(person, 'pesel') % 10_000:04d}"
    return f"{stem}{-_weighed(stem, _PESEL_WEIGHTS) % 10}"


def company(person: Person) -> str:
    """Name the person's business, as sole traders are."""
    return f"{person.name} - Usługi"


def nip(person: Person) -> str:
    """Make a Polish tax number. A check that comes to ten is never given out: the next number is taken then."""
    number = _number(person, "nip") % 800_000_000 + 100_000_000
    while _weighed(number, _NIP_WEIGHTS) % 11 == 10:
        number += 1
    return f"{number}{_weighed(number, _NIP_WEIGHTS) % 11}"


def regon(person: Person) -> str:
    """Make a Polish business register number; a check of ten counts as nought."""
    number = _number(person, "regon") % 80_000_000 + 10_000_000
    return f"{number}{_weighed(number, _REGON_WEIGHTS) % 11 % 10}"


def contract_number(person: Person, purpose: str) -> str:
    return f"{_number(person, purpose) % 100_000_000:08d}"


def document_number(person: Person) -> str:
    return f"ZZZ{_number(person, 'document') % 1_000_000:06d}"


def masked_phone(person: Person) -> str:
    """Hide three digits in the middle, as recorded phones are."""
    digits = re.sub(r"[^0-9+]", "", person.mobile)
    return f"{digits[:-6]}***{digits[-3:]}" if len(digits) > 6 else digits


def birth_place(person: Person) -> str | None:
    """Take the town of the address: the words after the postal code."""
    found = re.search(r"\d{2}-?\d{3}\s+(.+)|\d{3} \d{2}\s+(.+)", person.address)
    return next((town.strip() for town in found.groups() if town), None) if found else None


def _pesel_date(born: date) -> str:
    # The century is in the month: 1900s as they are, 2000s plus 20.
    return f"{born.year % 100:02d}{born.month + (20 if born.year >= 2000 else 0):02d}{born.day:02d}"


def _weighed(number: int | str, weights: tuple[int, ...]) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, str(number), strict=True))


def _number(person: Person, purpose: str) -> int:
    return int.from_bytes(sha256(f"{purpose}/{person.id}".encode()).digest()[:8])
