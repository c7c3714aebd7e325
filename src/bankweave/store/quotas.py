"""Uses of what a provider grants so often: counted here, so that all processes share one count."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bankweave.store import schema

_uses = schema.quota_uses


def use(
    db: sa.Connection, connection_id: str, name: str, at: datetime, *, at_most: int, within: timedelta
) -> datetime | None:
    """Note a use; if that many were made within the time before, note nothing and return when the next is free."""
    quota = (_uses.c.connection_id == connection_id) & (_uses.c.name == name)
    db.execute(sa.delete(_uses).where(quota, _uses.c.at <= at - within))
    made = list(db.execute(sa.select(_uses.c.at).where(quota).order_by(_uses.c.at)).scalars())
    if len(made) >= at_most:
        return made[len(made) - at_most] + within if at_most > 0 else at + within
    new = max(
        [at, *(last + timedelta(microseconds=1) for last in made[-1:])]
    )  # two uses are two, whatever the clock says
    db.execute(sa.insert(_uses).values(connection_id=connection_id, name=name, at=new))
    return None
