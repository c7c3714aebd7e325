"""How people can be written to (providers/basiq.md, section 2.1)."""

from __future__ import annotations

import re

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")  # what else is refused is undocumented; hosts without a dot are in use
_MOBILE = re.compile(r"\+[0-9]{6,15}")


def is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def is_mobile(text: str) -> bool:
    """Say whether this is `+`, the country's code and the number, without blanks."""
    return _MOBILE.fullmatch(text) is not None
