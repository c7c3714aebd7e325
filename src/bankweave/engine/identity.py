"""How a transaction is told apart from every other one of its account. Pure.

A provider's stable id is the identity where there is one. Elsewhere it is a fingerprint of what banks do not change, which
identical twins share; an ordinal tells those apart. The digest covers the whole content: equal digests, nothing to write.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter

from bankweave.model import ObservedTransaction

_CONTENT = attrgetter(*(field.name for field in fields(ObservedTransaction)))
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Seen:
    """A row that a provider showed, with what follows from its content."""

    row: ObservedTransaction
    identity: str
    digest: bytes
    records: Sequence[bytes] = ()  # those of the whole page, or none: they may be costly to make
    place: int = 0

    @property
    def raw(self) -> bytes | None:
        """The provider's own record. Ask for it only where it is written."""
        return self.records[self.place] if self.records else None

    def alone(self) -> Seen:
        """The same without its page, which must not stay in memory for the sake of one row."""
        return Seen(self.row, self.identity, self.digest, () if self.raw is None else (self.raw,))

    @property
    def is_stable(self) -> bool:
        """Whether the provider itself names this row, and always will by that name."""
        return self.row.provider_id is not None


def observe(rows: Sequence[ObservedTransaction], raw: Sequence[bytes] = ()) -> list[Seen]:
    """Derive identity and digest of every row of a page."""
    if raw and len(raw) != len(rows):
        raise ValueError("a page has a record for each of its rows, or for none")
    return [Seen(row, _identity(row), _digest(row), raw, place) for place, row in enumerate(rows)]


def is_fingerprint(identity: str) -> bool:
    return identity.startswith("fp:")


def id_of(account_id: str, identity: str, ordinal: int) -> str:
    """Our own id of a row, the same for the same row on every machine; it stays when the identity changes later.

    Ids of one account begin alike: the new rows of a page then lie together in the store's index of ids, and a commit writes
    a few of its pages instead of some hundred (benchmarks/README.md). Rows that were stored before have ids without that.
    """
    return _account_part(account_id) + blake2b(_joined((account_id, identity, ordinal)), digest_size=12).hexdigest()


@lru_cache(maxsize=256)
def _account_part(account_id: str) -> str:
    return blake2b(account_id.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def _identity(row: ObservedTransaction) -> str:
    return f"id:{row.provider_id}" if row.provider_id is not None else f"fp:{_fingerprint(row)}"


def _digest(row: ObservedTransaction) -> bytes:
    return blake2b(_joined(_CONTENT(row)), digest_size=16).digest()


def _fingerprint(row: ObservedTransaction) -> str:
    """Leaves out the balance (a late booking moves it) and whatever differs only in spacing, case or punctuation."""
    text = _squeezed(*row.remittance_information, row.counterparty_name or "")
    parts = (
        row.status, row.booking_date, row.transaction_date, row.amount, row.currency, row.counterparty_iban, text
    )  # fmt: skip
    return blake2b(_joined(parts), digest_size=16).hexdigest()


def _squeezed(*texts: str) -> str:
    normal = unicodedata.normalize("NFKC", "".join(texts)).casefold()
    return "".join(letter for letter in normal if letter.isalnum())


def _joined(parts: tuple[object, ...]) -> bytes:
    # Most parts of a row are None, and asking for that costs less than having it written.
    return _SEPARATOR.join(["None" if part is None else str(part) for part in parts]).encode("utf-8", "surrogatepass")
