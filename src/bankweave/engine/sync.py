"""Syncing: every connection side by side, and no failure beyond its own account."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import anyio

from bankweave.adapter import Snapshot, Stream
from bankweave.engine.accesses import Accesses
from bankweave.engine.bound import bind
from bankweave.engine.consent import warning_for
from bankweave.engine.ended import end
from bankweave.engine.flows import Flows
from bankweave.engine.lease import leased
from bankweave.engine.origin import located
from bankweave.engine.parts import Parts
from bankweave.engine.report import (
    AccountReport,
    ConnectionReport,
    Counts,
    Outcome,
    SyncEvent,
    SyncReport,
    outcome_of,
)
from bankweave.engine.stream import MARGIN, StreamReader
from bankweave.errors import BankweaveError, Failure, NeedsUser, ProviderUnavailable
from bankweave.flow import Flow, FlowStatus, Purpose, Refresh
from bankweave.model import Connection, Retention
from bankweave.store.base import Scope

log = logging.getLogger("bankweave.sync")

AT_ONCE = 64  # connections synced side by side
FRESH_FOR = timedelta(hours=12)  # what a provider fetched longer ago is fetched again
PATIENCE = timedelta(minutes=3)  # how long a sync waits for a provider that fetches fresh data

OnEvent = Callable[[SyncEvent], None]


class Syncing:
    """Syncs many connections."""

    def __init__(self, parts: Parts, flows: Flows) -> None:
        self._parts = parts
        self._flows = flows

    async def sync(
        self,
        scope: Scope,
        *,
        full: bool = False,
        due: bool = False,
        user_present: bool = False,
        on_event: OnEvent | None = None,
    ) -> SyncReport:
        """Bring every connection of `scope`, or all of them that are due, up to date; never raises for one that fails."""
        clock, store = self._parts.clock, self._parts.store
        started = clock.now()
        marks = await store.due(scope)
        owned = [one for one in await store.connections(scope) if not one.is_de_identified]
        meant = [one for one in owned if one.id in marks or not due]
        known = {connection.id: connection for connection in meant}
        flows = await self._live_flows(scope) if not due else defaultdict(list)
        reports: dict[str, ConnectionReport] = {}
        places = anyio.CapacityLimiter(AT_ONCE)

        async def one(connection_id: str) -> None:
            made = [await self._settle(flow) for flow in flows[connection_id]]
            connection = known.get(connection_id) or next(filter(None, made), None)
            if connection is not None:
                async with places:
                    run = ConnectionSync(
                        self._parts,
                        self._flows,
                        connection,
                        full=full,
                        user_present=user_present,
                        on_event=on_event,
                    )
                    reports[connection_id] = report = await run.report()
                if connection_id in marks and report.outcome in {Outcome.SYNCED, Outcome.PARTIAL}:
                    await store.settle_due(connection_id, marks[connection_id])

        ids = dict.fromkeys((*known, *flows))
        async with anyio.create_task_group() as tasks:
            for connection_id in ids:
                tasks.start_soon(one, connection_id)
        ordered = tuple(reports[connection_id] for connection_id in ids if connection_id in reports)
        return SyncReport(connections=ordered, seconds=(clock.now() - started).total_seconds())

    async def _live_flows(self, scope: Scope) -> defaultdict[str, list[Flow]]:
        """The flows that may be done by now, by the connection that they make or renew."""
        found: defaultdict[str, list[Flow]] = defaultdict(list)
        for flow in await self._flows.flows(scope, [FlowStatus.ASKING, FlowStatus.WAITING]):
            if flow.purpose in {Purpose.CONNECT, Purpose.RENEW}:
                found[flow.connection_id].append(flow)
        return found

    async def _settle(self, flow: Flow) -> Connection | None:
        """Wait for a provider; for a person only look, once and where it is due. Returns the connection, if there is one."""
        try:
            flow = await self._flows.look(flow.id)
            if flow.waits:
                await self._flows.settle(flow.id, self._parts.clock.now() + PATIENCE)
            return await self._parts.store.connection(flow.connection_id)
        except BankweaveError as error:  # the flow keeps its own failure; its connection may still have its old access
            log.warning("flow_not_settled", extra={"flow_id": flow.id, "error": type(error).__name__})
            return None


class _Parked(Exception):
    """The refresh of this connection is not through; `flow` says what it waits for."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self.flow = flow


class ConnectionSync:
    """One sync of one connection: refresh if the provider needs it, open, read every stream."""

    def __init__(
        self,
        parts: Parts,
        flows: Flows,
        connection: Connection,
        *,
        full: bool,
        user_present: bool,
        on_event: OnEvent | None,
    ) -> None:
        self._parts = parts
        self._flows = flows
        self._connection = connection
        self._full = full
        self._user_present = user_present
        self._rows_read: Counter[str] = Counter()  # by account id
        self._on_event = on_event
        self._began = parts.clock.now()

    async def report(self) -> ConnectionReport:
        """Sync, and turn whatever happens into a report."""
        try:
            with located(self._connection.adapter, self._connection.id):
                return await self._alone()
        except BankweaveError as error:
            return self._failed(Failure.of(error))

    async def _alone(self) -> ConnectionReport:
        """Sync while no other process syncs this connection."""
        async with leased(self._parts.store, self._parts.clock, f"sync/{self._connection.id}") as ours:
            if not ours:
                return self._report(Outcome.BUSY)
            try:
                accounts = await self._pull_or_refresh_next_time()
            except _Parked as parked:
                return self._parked(parked.flow)
            except NeedsUser as error:
                return await self._ended([error]) or self._failed(Failure.of(error))
            return await self._ended(_needing_user(accounts)) or self._report(outcome_of(accounts), accounts=accounts)

    async def _ended(self, errors: Iterable[NeedsUser]) -> ConnectionReport | None:
        """Act on what the provider says of a consent that has ended; None: it says nothing, or what is stored was kept."""
        stated = next((error for error in errors if error.consent is not None), None)
        if stated is None or stated.consent is None:
            return None
        retention = await end(self._parts, self._connection, stated.consent, asked_at=self._began)
        self._connection = replace(self._connection, consent=stated.consent)
        if retention is Retention.KEEP:
            return None
        return self._report(Outcome.ENDED, failure=Failure.of(stated), retention=retention)

    async def _pull_or_refresh_next_time(self) -> tuple[AccountReport, ...]:
        """Pull. Only a provider that is down right now is asked for the same data once more; else fresh ones are fetched."""
        store = self._parts.store
        try:
            accounts = await self._pull()
        except (ProviderUnavailable, _Parked):
            raise
        except BankweaveError:
            await store.mark_pulled(self._connection.id)
            raise
        failures = [account.failure for account in accounts if account.failure]
        if not any(isinstance(failure.error, ProviderUnavailable) for failure in failures):
            await store.mark_pulled(self._connection.id)
        return accounts

    async def _pull(self) -> tuple[AccountReport, ...]:
        bound = bind(self._parts, self._connection)
        adapter = bound.adapter
        if adapter.info.refreshes and not await self._has_data_to_pull():
            await self._refresh(await bound.keeper.load(), adapter.info.look_back_days)
        grant = await bound.keeper.load()
        snapshot = await adapter.open(bound.ctx, grant)
        ids = await self._save(snapshot)
        reports = {account_id: AccountReport(account_id=account_id) for account_id in ids.values()}

        async def read(stream: Stream) -> None:
            reader = StreamReader(
                store=self._parts.store,
                adapter=adapter,
                ctx=bound.ctx,
                grant=grant,
                stream=stream,
                account_ids=ids,
                full=self._full,
                began=self._began,
                on_page=self._tell_page,
            )
            reports.update(await self._read(reader))

        async with anyio.create_task_group() as tasks:
            for stream in snapshot.streams:
                tasks.start_soon(read, stream)
        await self._note_accesses(bound.accesses, ids.values())
        if outcome_of(reports.values()) is Outcome.SYNCED:
            await self._parts.store.mark_synced(self._connection.id, self._parts.clock.now())
        return tuple(reports.values())

    async def _note_accesses(self, log: Accesses, account_ids: Collection[str]) -> None:
        read = [log.entry("transactions", account_id, self._rows_read[account_id]) for account_id in account_ids]
        await log.note(log.entry("accounts", rows=len(account_ids)), *read)

    async def _read(self, reader: StreamReader) -> dict[str, AccountReport]:
        """Read a stream; its failure is its accounts' own."""
        try:
            with located(self._connection.adapter, self._connection.id):
                await reader.read()
        except BankweaveError as error:
            log.warning("stream_failed", extra={**self._fields(), "error": type(error).__name__})
            failure = Failure.of(error)
            return {key: replace(one, complete=False, failure=failure) for key, one in reader.reports.items()}
        return reader.reports

    async def _save(self, snapshot: Snapshot) -> Mapping[str, str]:
        store = self._parts.store
        accounts, balances, parties = snapshot.accounts, snapshot.balances, snapshot.parties
        ids = await store.save_snapshot(self._connection, accounts, balances, parties, self._parts.clock.now())
        if snapshot.consent is not None:
            await store.save_consent(self._connection.id, snapshot.consent)
        self._tell("opened", accounts=len(ids))
        return ids

    async def _has_data_to_pull(self) -> bool:
        """Whether a flow has just ended whose data are still to be pulled: a person who has connected waits for no second."""
        since = await self._parts.store.unpulled_since(self._connection.id)
        return since is not None and self._began < since + FRESH_FOR

    # Fresh data -------------------------------------------------------------------------------------------------------

    async def _refresh(self, grant: Any, look_back_days: int) -> None:
        """Have the provider fetch from the bank; raises `_Parked` while that is not through."""
        self._tell("refreshing")
        flow = await self._running_refresh()
        if flow is None:
            since = self._refresh_since(look_back_days)
            intent = Refresh(grant=grant, since=since, user_present=self._user_present)
            one = self._connection
            flow = await self._flows.begin(one.adapter, one.owner, Purpose.REFRESH, intent, one.id)
        flow = await self._flows.settle(flow.id, self._began + PATIENCE)
        if flow.status is not FlowStatus.CONNECTED:
            raise _Parked(flow)

    async def _running_refresh(self) -> Flow | None:
        """The refresh that an earlier sync parked: a second one would send the person a second code."""
        live = [FlowStatus.ASKING, FlowStatus.WAITING]
        flows = await self._flows.flows(Scope(connection_id=self._connection.id), live)
        refreshes = [flow for flow in flows if flow.purpose is Purpose.REFRESH]
        if not refreshes:
            return None
        flow = await self._flows.look(refreshes[-1].id)
        return None if flow.over and flow.status is not FlowStatus.CONNECTED else flow

    def _refresh_since(self, look_back_days: int) -> date | None:
        """Far enough back for every window that the streams will read; None until all was read once."""
        if self._full or self._connection.synced_at is None:
            return None
        return self._connection.synced_at.date() - timedelta(days=look_back_days) - 2 * MARGIN

    # Reports ----------------------------------------------------------------------------------------------------------

    def _tell_page(self, account_id: str, rows: int, counts: Counts) -> None:
        self._rows_read[account_id] += rows
        self._tell("page", account_id=account_id, rows=rows, counts=counts)

    def _tell(self, stage: str, **more: Any) -> None:
        if self._on_event is None:
            return
        event = SyncEvent(connection_id=self._connection.id, adapter=self._connection.adapter, stage=stage, **more)
        try:
            self._on_event(event)
        except Exception:  # isolation: a display that breaks must not stop the banks
            log.exception("on_event_failed", extra=self._fields())

    def _parked(self, flow: Flow) -> ConnectionReport:
        if not flow.over:
            return self._report(Outcome.NEEDS_USER if flow.asks else Outcome.WAITING, flow=flow)
        ended = f"fetching fresh data has ended ({flow.status.value}); sync again"
        return self._failed(flow.failure or Failure(kind="FlowOver", message=ended), flow)

    def _failed(self, failure: Failure, flow: Flow | None = None) -> ConnectionReport:
        log.warning("sync_failed", extra={**self._fields(), "error": failure.kind})
        outcome = Outcome.NEEDS_USER if failure.needs_user else Outcome.FAILED
        return self._report(outcome, failure=failure, flow=flow)

    def _report(self, outcome: Outcome, **more: Any) -> ConnectionReport:
        self._tell("done", outcome=outcome)
        return ConnectionReport(
            connection_id=self._connection.id,
            adapter=self._connection.adapter,
            owner=self._connection.owner,
            institution_name=self._connection.institution_name,
            outcome=outcome,
            consent_warning=warning_for(self._connection, self._began),
            seconds=(self._parts.clock.now() - self._began).total_seconds(),
            **more,
        )

    def _fields(self) -> dict[str, str]:
        return {"adapter": self._connection.adapter, "connection_id": self._connection.id}


def _needing_user(accounts: Iterable[AccountReport]) -> list[NeedsUser]:
    errors = [account.failure.error for account in accounts if account.failure]
    return [error for error in errors if isinstance(error, NeedsUser)]
