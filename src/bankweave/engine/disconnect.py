"""Ending a connection: at the provider where it can, and here in any case."""

from __future__ import annotations

import logging

from bankweave.adapter import Revocable
from bankweave.engine.bound import bind
from bankweave.engine.origin import located
from bankweave.engine.parts import Parts
from bankweave.engine.report import DisconnectReport
from bankweave.errors import BankweaveError, Failure
from bankweave.model import Connection

log = logging.getLogger("bankweave.disconnect")


async def disconnect(parts: Parts, connection: Connection) -> DisconnectReport:
    """Revoke at the provider, then erase everything of it here, whatever the provider said. Idempotent."""
    report = await end_access(parts, connection)
    await parts.store.erase_connection(connection.id)
    return report


async def end_access(parts: Parts, connection: Connection) -> DisconnectReport:
    """Revoke at the provider, where it can. Never raises for a provider that does not."""
    revoked, failure = False, None
    if connection.is_de_identified:  # its access went with its owner
        return DisconnectReport(connection_id=connection.id, revoked=False)
    try:
        with located(connection.adapter, connection.id):
            revoked = await _revoke(parts, connection)
    except BankweaveError as error:
        failure = Failure.of(error)
        log.warning("revoke_failed", extra={"connection_id": connection.id, "error": failure.kind})
    return DisconnectReport(connection_id=connection.id, revoked=revoked, failure=failure)


async def _revoke(parts: Parts, connection: Connection) -> bool:
    bound = bind(parts, connection)
    if not isinstance(bound.adapter, Revocable):
        return False
    await bound.adapter.revoke(bound.ctx, await bound.keeper.load())
    return True
