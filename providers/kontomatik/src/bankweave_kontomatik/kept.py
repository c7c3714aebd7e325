"""Rows that wait until the document they come from has been read to its end.

Compressed, in memory: an account's history does not belong on a disk unencrypted, and it shrinks to a twentieth.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic_core import from_json, to_json

from bankweave.errors import MalformedAnswer
from bankweave_kontomatik import mapping
from bankweave_kontomatik.holdings import Row


class Kept:
    """The wanted rows of a document as JSON, in batches of one account."""

    def __init__(self, since: date | None, size: int = 500) -> None:
        self.unread: set[int] = set()  # accounts of a vague kind with rows that cannot be read
        self._since = since
        self._size = size
        self._batches: deque[tuple[int, bytes]] = deque()
        self._account = 0
        self._open: list[dict[str, Any]] = []

    def take(self, row: Row) -> None:
        """Check a row, and keep it if it is wanted."""
        try:
            is_wanted = mapping.check_transaction(row.record, self._since)
        except MalformedAnswer:
            if not row.is_vague:
                raise
            self.unread.add(row.account)
            return
        if is_wanted:
            self._keep(row)

    def _keep(self, row: Row) -> None:
        if row.account != self._account or len(self._open) >= self._size:
            self.seal()
        self._account = row.account
        self._open.append(row.fields)

    def seal(self) -> None:
        """Close the batch."""
        if self._open:
            self._batches.append((self._account, zlib.compress(to_json(self._open), level=1)))
            self._open = []

    def batches(self) -> Iterator[tuple[int, list[Any]]]:
        """Hand out the rows, each with its account's place, and keep them no longer."""
        while self._batches:
            account, packed = self._batches.popleft()
            yield account, from_json(zlib.decompress(packed))

    def of(self, account: int) -> Iterator[Any]:
        """Hand out the rows of one account, and keep them."""
        for place, packed in self._batches:
            if place == account:
                yield from from_json(zlib.decompress(packed))
