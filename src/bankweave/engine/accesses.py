"""The access log: what was read or done at a provider, when, by which program and under which consent."""

from __future__ import annotations

from dataclasses import dataclass

from bankweave.engine.parts import Parts
from bankweave.model import Access


@dataclass(frozen=True, slots=True)
class Accesses:
    """The log of one connection."""

    parts: Parts
    connection_id: str

    def entry(self, what: str, account_id: str | None = None, rows: int | None = None) -> Access:
        now, actor = self.parts.clock.now(), self.parts.actor
        return Access(
            connection_id=self.connection_id, at=now, actor=actor, what=what, account_id=account_id, rows=rows
        )

    async def note(self, *entries: Access) -> None:
        """Write entries together."""
        await self.parts.store.note_accesses(entries)
