"""What becomes of a connection whose consent has ended, unless the person has consented anew meanwhile."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bankweave.flow import FlowStatus, Purpose
from bankweave.model import Access, Consent, Retention
from bankweave.store import connections, governance, identifying, schema

_flows = schema.flows


def end(
    db: sa.Connection,
    connection_id: str,
    consent: Consent,
    retention: Retention,
    *,
    asked_at: datetime,
    entry: Access,
    at: datetime,
) -> Retention:
    """Store the consent, and do what `retention` says; returns what was done."""
    connections.check_owned(db, connection_id)
    if _renewed_since(db, connection_id, asked_at):  # what the provider said is about the consent before
        return Retention.KEEP
    connections.save_consent(db, connection_id, consent, at)
    if _is_being_renewed(db, connection_id, at):
        return Retention.KEEP
    if retention is Retention.ERASE:
        connections.erase(db, connection_id)
    elif retention is Retention.DE_IDENTIFY:
        governance.note_accesses(db, [entry])
        identifying.remove(db, connection_id, at)
    return retention


def _renewed_since(db: sa.Connection, connection_id: str, asked_at: datetime) -> bool:
    done = _flows.c.status == FlowStatus.CONNECTED, _flows.c.updated_at > asked_at
    return _any_renewal(db, connection_id, *done)


def _is_being_renewed(db: sa.Connection, connection_id: str, at: datetime) -> bool:
    """Whether the person is about to consent anew: then it is decided when that is through, or has run out.

    A flow that only started does not count: no person has it yet, and one whose process was killed stays like that.
    """
    live = _flows.c.status.in_([FlowStatus.ASKING, FlowStatus.WAITING])
    return _any_renewal(db, connection_id, live, sa.or_(_flows.c.expires_at.is_(None), _flows.c.expires_at > at))


def _any_renewal(db: sa.Connection, connection_id: str, *such: sa.ColumnElement[bool]) -> bool:
    theirs = _flows.c.connection_id == connection_id, _flows.c.purpose == Purpose.RENEW
    return bool(db.execute(sa.select(sa.exists().where(*theirs, *such))).scalar())
