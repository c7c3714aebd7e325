"""Fictional account numbers whose check digits hold (ISO 13616, mod 97)."""

from __future__ import annotations

import random

_DIGITS = {"DE": 10, "PL": 16, "CZ": 16}  # what follows the bank code in each country's account numbers
_FOREIGN_BANKS = {"DE": "99999900", "PL": "99900007", "CZ": "9990"}  # codes that no bank holds


def make_iban(country: str, bban: str) -> str:
    """Put the two check digits before a country's domestic number."""
    return f"{country}{98 - _remainder(bban + country + '00'):02d}{bban}"


def is_valid_iban(iban: str) -> bool:
    return _remainder(iban[4:] + iban[:4]) == 1


def draw_iban(country: str, rng: random.Random, bank_code: str | None = None) -> str:
    """Draw an account at the bank of `bank_code`, else at a bank that does not exist."""
    digits = _DIGITS[country]
    return make_iban(country, f"{bank_code or _FOREIGN_BANKS[country]}{rng.randrange(10**digits):0{digits}d}")


def _remainder(text: str) -> int:
    return int("".join(str(int(char, 36)) for char in text)) % 97
