"""What persons may ask for: what they allowed, what was done under it, a copy of all of it, and its erasure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bankweave.engine.report import ErasureReport
from bankweave.errors import UnknownConnection
from bankweave.model import Access, ConsentRecord
from bankweave.store.base import Scope

if TYPE_CHECKING:
    from bankweave.adapter import Portal
    from bankweave.engine.parts import Parts

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AsyncGovernance:
    """`AsyncBankweave.governance`."""

    _parts: Parts

    async def consents(
        self, *, owner: str | None = None, adapter: str | None = None, connection_id: str | None = None
    ) -> tuple[ConsentRecord, ...]:
        """Every consent that there was, by connection, oldest first; those that stand have no `until`."""
        scope = Scope(owner=owner, adapter=adapter, connection_id=connection_id)
        return tuple(await self._parts.store.consents(scope))

    async def accesses(self, connection_id: str) -> tuple[Access, ...]:
        """What was read or done at the provider for a connection, oldest first, each entry with its consent."""
        return tuple(await self._parts.store.accesses(connection_id))

    async def export(self, owner: str) -> AsyncIterator[Record]:
        """Everything that is stored of a person, one record at a time, ready for JSON; nothing secret is in it.

        Each record names its `kind`: "connection", "consent", "access", "account", "balance", "party", "transaction" (with
        the provider's own `raw` record) and "flow". Read lazily.
        """
        from bankweave.engine.export import export

        async for record in export(self._parts, owner):
            yield record

    async def erase(self, owner: str) -> ErasureReport:
        """End every access of a person, have the providers forget them, and erase all that is stored, whatever those say.

        Idempotent. The report's `failures` say what a provider may still allow or keep.
        """
        from bankweave.engine.erase import erase

        if not owner:  # what is the application's own has no owner
            raise UnknownConnection("nobody has an empty id; give the id of the person who is to be erased")
        return await erase(self._parts, owner)


@dataclass(frozen=True, slots=True)
class Governance:
    """`Bankweave.governance`: the methods of `AsyncGovernance` for programs without an event loop."""

    _governance: AsyncGovernance
    _portal: Portal

    def consents(
        self, *, owner: str | None = None, adapter: str | None = None, connection_id: str | None = None
    ) -> tuple[ConsentRecord, ...]:
        return self._portal.call(self._governance.consents, owner=owner, adapter=adapter, connection_id=connection_id)

    def accesses(self, connection_id: str) -> tuple[Access, ...]:
        return self._portal.call(self._governance.accesses, connection_id)

    def export(self, owner: str) -> Iterator[Record]:
        return self._portal.iterate(self._governance.export(owner))

    def erase(self, owner: str) -> ErasureReport:
        return self._portal.call(self._governance.erase, owner)
