"""What becomes of what is stored of a connection when the provider says that the person's consent has ended."""

from __future__ import annotations

import logging

from bankweave.engine.accesses import Accesses
from bankweave.engine.parts import Parts
from bankweave.flow import FlowStatus, Purpose
from bankweave.model import Connection, Consent, Retention
from bankweave.store.base import Scope

log = logging.getLogger("bankweave.consent")

_LIVE = (FlowStatus.STARTED, FlowStatus.ASKING, FlowStatus.WAITING)


async def end(parts: Parts, connection: Connection, consent: Consent) -> Retention:
    """Store the consent as the provider states it, and do what the settings say for one that has ended so."""
    await parts.store.save_consent(connection.id, consent)
    retention = parts.retention.get(consent.status, Retention.KEEP)
    if retention is Retention.KEEP or await _is_being_renewed(parts, connection):
        return Retention.KEEP
    log.info("consent_ended", extra={"connection_id": connection.id, "status": retention.value})
    if retention is Retention.ERASE:
        await parts.store.erase_connection(connection.id)
    else:
        log_of_accesses = Accesses(parts, connection.id)
        await log_of_accesses.note(log_of_accesses.entry(Retention.DE_IDENTIFY.value))
        await parts.store.de_identify(connection.id)
    return retention


async def _is_being_renewed(parts: Parts, connection: Connection) -> bool:
    """Whether the person is consenting anew right now: then it is decided when that is through, or has run out."""
    flows = await parts.store.flows(Scope(connection_id=connection.id), _LIVE)
    return any(flow.purpose is Purpose.RENEW for flow in flows)
