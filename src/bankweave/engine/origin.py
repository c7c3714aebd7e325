"""Saying of an error which connection it is about, where the adapter that raised it did not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from bankweave.errors import BankweaveError


@contextmanager
def located(adapter: str, connection_id: str) -> Iterator[None]:
    """Complete the origin of every error of ours that leaves the block."""
    try:
        yield
    except BankweaveError as error:
        known = error.origin
        error.origin = replace(
            known, adapter=known.adapter or adapter, connection_id=known.connection_id or connection_id
        )
        raise
