"""Saying of an error which adapter and connection it is about, where the one who raised it did not."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from bankweave.engine.beside import only_error
from bankweave.errors import AdapterBug, BankweaveError, Origin

log = logging.getLogger("bankweave.adapter")


@contextmanager
def located(adapter: str, connection_id: str | None = None) -> Iterator[None]:
    """Complete the origin of every error that leaves the block; what is no error of ours leaves it as an `AdapterBug`.

    Every call of an adapter is in such a block, so that callers have one tree of errors to act on.
    """
    try:
        yield
    except BankweaveError as error:
        known = error.origin
        error.origin = replace(
            known, adapter=known.adapter or adapter, connection_id=known.connection_id or connection_id
        )
        raise
    except Exception as error:  # noqa: BLE001 - isolation: a bug in one adapter must not stop the other banks
        bug = _bug(adapter, connection_id, only_error(error))
        try:
            raise bug from None
        finally:
            bug.__context__ = None  # `from None` only hides the strange error; it would still carry what that says


def _bug(adapter: str, connection_id: str | None, error: Exception) -> AdapterBug:
    """Tell where it happened, and not what: the text of a strange error may hold what the bank said."""
    kind, trace = type(error).__name__, traceback.format_tb(error.__traceback__)
    origin = Origin(adapter=adapter, connection_id=connection_id)
    fields = {"adapter": adapter, "connection_id": connection_id, "error": kind, "trace": trace}
    log.error("adapter_bug", extra=fields)
    return AdapterBug(f"the {adapter} adapter failed unexpectedly ({kind}); report it", origin=origin)
