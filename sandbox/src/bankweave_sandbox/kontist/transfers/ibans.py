"""Account numbers as people type them."""

from __future__ import annotations

import re

from bankweave_sandbox.iban import is_valid_iban
from bankweave_sandbox.kontist.problems import Problem

_FORM = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)


def read_iban(text: str) -> str:
    """Return the IBAN without blanks, in upper case; a 400 problem when its form or check digits are wrong."""
    compact = "".join(text.split()).upper()
    if not _FORM.fullmatch(compact) or not is_valid_iban(compact):
        raise Problem(400, "Invalid IBAN")
    return compact
