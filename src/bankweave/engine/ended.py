"""What becomes of what is stored of a connection when the provider says that the person's consent has ended."""

from __future__ import annotations

import logging
from datetime import datetime

from bankweave.engine.accesses import Accesses
from bankweave.engine.parts import Parts
from bankweave.model import Connection, Consent, Retention

log = logging.getLogger("bankweave.consent")


async def end(parts: Parts, connection: Connection, consent: Consent, *, asked_at: datetime) -> Retention:
    """Store the consent as the provider states it, and do what the settings say for one that has ended so.

    `asked_at` is an instant before the provider was asked: a renewal that was done after it counts for more.
    """
    wanted = parts.retention.get(consent.status, Retention.KEEP)
    entry = Accesses(parts, connection.id).entry(Retention.DE_IDENTIFY.value)
    done = await parts.store.end_consent(connection.id, consent, wanted, asked_at=asked_at, entry=entry)
    fields = {"connection_id": connection.id, "operation": done.value, "status": consent.status.value}
    log.info("consent_ended", extra=fields)
    return done
