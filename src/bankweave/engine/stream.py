"""Reading one stream to its end: page by page, each committed together with how far the stream was read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, cast

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from bankweave.adapter import AnyAdapter, Context, Page, Stream
from bankweave.engine.balance import BalanceProof
from bankweave.engine.beside import running_beside
from bankweave.engine.identity import observe
from bankweave.engine.reconcile import Reading
from bankweave.engine.report import AccountReport, Counts
from bankweave.errors import Origin, WrongSubject
from bankweave.store.base import Store, StreamState, Write

MARGIN = timedelta(days=2)  # read so much further back than is reconciled: a filter and a row may differ in their zone

OnPage = Callable[[str, int, Counts], None]


@dataclass(slots=True, kw_only=True)
class StreamReader:
    """One pass over one stream of one connection.

    A first reading goes on where an interrupted one stopped. Later ones read the window in which banks still change their
    minds, and are repeated whole when interrupted: what is gone can only be told by one who saw all the rest.
    """

    store: Store
    adapter: AnyAdapter
    ctx: Context
    grant: Any
    stream: Stream
    account_ids: Mapping[str, str]  # ours by the provider's
    full: bool
    began: datetime
    on_page: OnPage
    reports: dict[str, AccountReport] = field(default_factory=dict)  # by our account id
    _readings: dict[str, Reading] = field(default_factory=dict)
    _proofs: dict[str, BalanceProof] = field(default_factory=dict)
    _state: StreamState = field(default_factory=StreamState)
    _lacks_rows: bool = False

    async def read(self) -> None:
        """Read to the end. What was committed before an error stays; `reports` has what came until then."""
        stored = await self.store.stream_state(self.ctx.connection_id, self.stream.id)
        resumed = stored.cursor is not None and not self.full
        self._state = stored if resumed else replace(stored, cursor=None, started_at=self.began)
        since = None if resumed else self._window(stored)
        await self._prepare(since, resumed=resumed)
        self._look_for_a_gap(stored)
        pages = self.adapter.pull(
            self.ctx, self.grant, self.stream, cursor=self._state.cursor, since=since and since - MARGIN
        )
        async with _one_ahead(pages) as arriving:
            async for page in arriving:
                await self._take(page if isinstance(page, Page) else _raise(page), first_reading=since is None)
        await self._finish()

    def _window(self, stored: StreamState) -> date | None:
        if self.full or stored.read_at is None:
            return None
        return stored.read_at.date() - timedelta(days=self.adapter.info.look_back_days)

    async def _prepare(self, since: date | None, *, resumed: bool) -> None:
        for provider_id in self.stream.accounts:
            account_id = self.account_ids[provider_id]
            # Of a first reading nothing stored can be missed when it goes on, or have another identity by now.
            first_ever = self._state.read_at is None
            expected = () if resumed and first_ever else await self.store.expected(account_id, self._reach(since))
            self._readings[account_id] = Reading(account_id, expected, whole=not resumed)
            self._proofs[account_id] = BalanceProof()
            self.reports[account_id] = AccountReport(account_id=account_id)

    def _reach(self, since: date | None) -> date | None:
        """The first day of which this reading shows every row."""
        return max((day for day in (since, self.stream.reaches_back_to) if day), default=None)

    def _look_for_a_gap(self, stored: StreamState) -> None:
        """Say so when the days since the last reading are more than the provider shows: rows between may be missing."""
        reach = self.stream.reaches_back_to
        if reach is not None and stored.read_at is not None and stored.read_at.date() < reach:
            for account_id in self._readings:
                self._count(account_id, [], complete=False)

    async def _take(self, page: Page, *, first_reading: bool) -> None:
        account_id = self.account_ids.get(page.account, "")
        reading = self._readings.get(account_id)
        if reading is None:
            message = "the provider answered with transactions of an account that was not asked for; nothing was stored"
            raise WrongSubject(message, origin=Origin(adapter=self.adapter.info.name, operation="pull"))
        if page.partial:
            reading.lacks_rows()
            self._lacks_rows = True
        self._proofs[account_id].take(page.rows)
        seen = observe(page.rows, page.raw)
        known = await self.store.known(account_id, reading.unknown(seen))
        writes = reading.page(seen, known)
        if first_reading and all(reading.can_resume for reading in self._readings.values()):
            self._state = replace(self._state, cursor=page.next)
        await self._commit(writes)
        self._count(account_id, writes, complete=not page.partial)
        self.on_page(account_id, len(page.rows), Counts.of(writes))

    async def _finish(self) -> None:
        self._prove()
        settled = {account_id: reading.finish() for account_id, reading in self._readings.items()}
        read_at = self._state.read_at if self._lacks_rows else self._state.started_at
        self._state = StreamState(read_at=read_at)
        await self._commit([write for writes in settled.values() for write in writes])
        for account_id, writes in settled.items():
            self._count(account_id, writes)

    def _prove(self) -> None:
        """Say where the balances do not add up, unless the provider itself says that it left rows out."""
        for provider_id in self.stream.accounts:
            account_id = self.account_ids[provider_id]
            findings = self._proofs[account_id].finish(self.stream.booked_balances.get(provider_id))
            if findings and self.reports[account_id].complete:
                self.reports[account_id] = replace(self.reports[account_id], findings=tuple(findings))
                self._readings[account_id].lacks_booked_rows()

    async def _commit(self, writes: list[Write]) -> None:
        await self.store.commit(self.ctx.connection_id, self.stream.id, self._state, writes)

    def _count(self, account_id: str, writes: list[Write], *, complete: bool = True) -> None:
        before = self.reports[account_id]
        counts = before.counts + Counts.of(writes)
        self.reports[account_id] = replace(before, counts=counts, complete=before.complete and complete)


@asynccontextmanager
async def _one_ahead(pages: AsyncIterator[Page]) -> AsyncIterator[MemoryObjectReceiveStream[Page | Exception]]:
    """Fetch the next page while this one is committed. An error arrives as a value, in its place."""
    send, receive = anyio.create_memory_object_stream[Page | Exception](0)

    async def fetch() -> None:
        async with send, aclosing(cast("AsyncGenerator[Page, None]", pages)) as generator:
            try:
                async for page in generator:
                    await send.send(page)
            except Exception as error:  # noqa: BLE001 - handed to the reader, who raises it
                await send.send(error)

    async with running_beside(fetch), receive:
        yield receive


def _raise(error: Exception) -> Page:
    raise error
