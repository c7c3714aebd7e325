"""Erasing a person: at the providers as far as they can, and here in any case."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from bankweave.adapter import Forgetful
from bankweave.engine.disconnect import end_access
from bankweave.engine.origin import located
from bankweave.engine.parts import Parts
from bankweave.engine.report import ErasureReport
from bankweave.errors import BankweaveError, Failure
from bankweave.store.base import Scope

log = logging.getLogger("bankweave.disconnect")


async def erase(parts: Parts, owner: str) -> ErasureReport:
    """End every access and have the providers forget the person; then, whatever they said, erase all that is stored."""
    connections = await parts.store.connections(Scope(owner=owner))
    ended = tuple([await end_access(parts, connection) for connection in connections])
    kept = await _forgotten_by_all(parts, owner)
    await parts.store.erase_owner(owner)
    return ErasureReport(owner=owner, connections=ended, kept=kept)


async def _forgotten_by_all(parts: Parts, owner: str) -> Mapping[str, Failure]:
    """Have every provider forget the person; why one may not have done so, by adapter."""
    told = {adapter: await _forgotten_by(parts, adapter, owner) for adapter in await parts.store.adapters_of(owner)}
    return {adapter: failure for adapter, failure in told.items() if failure is not None}


async def _forgotten_by(parts: Parts, name: str, owner: str) -> Failure | None:
    try:
        with located(name):
            adapter = parts.providers.get(name).adapter
            if isinstance(adapter, Forgetful):
                await adapter.forget(parts.providers.context(name, owner, connection_id=""))
    except BankweaveError as error:
        log.warning("forget_failed", extra={"adapter": name, "error": type(error).__name__})
        return Failure.of(error)
    return None
