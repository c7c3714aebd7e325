"""The text of a row, which need not stay as it was from one import to the next (providers/kontomatik.md section 5)."""

from __future__ import annotations

import textwrap
from hashlib import sha256

from bankweave_sandbox.kontomatik.holdings import Holdings
from bankweave_sandbox.kontomatik.switches import Switches
from bankweave_sandbox.world import Entry

_WIDTH = 12


class Titles:
    """Words the rows of one document."""

    def __init__(self, holdings: Holdings, switches: Switches, *, is_stored: bool) -> None:
        self._today = holdings.taken_at.astimezone(holdings.bank.zone).date()
        self._changes = switches.title_changes
        # Two recordings of the same rows differed in whitespace: an import, and the stored data of it (section 5).
        self._wraps = self._changes == "re-wrapped" and (holdings.number % 2 == 1) != is_stored

    def title(self, entry: Entry) -> str:
        text = entry.movement.text
        if self._wraps:
            # Only between words: what is broken elsewhere would be another text.
            lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
            return ("\n" + " " * 8).join(lines)
        return f"{text} REF{_reference(entry)}" if self._is_referenced(entry) else text

    def _is_referenced(self, entry: Entry) -> bool:
        if entry.booking_date is None:
            return False
        by_booking = self._changes == "reference-when-booked"
        return by_booking or (self._changes == "reference-next-day" and self._today > entry.booking_date)


def _reference(entry: Entry) -> str:
    return str(int.from_bytes(sha256(entry.movement.id.encode()).digest()[:8]) % 10**10).zfill(10)
