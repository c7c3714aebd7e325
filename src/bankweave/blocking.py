"""`Bankweave`: the methods of `AsyncBankweave` for programs without an event loop.

One implementation, driven from here through anyio's blocking portal: an event loop in a thread of its own. So a synchronous
program pulls its banks side by side as well. May be used from several threads; a callback of `sync` runs in the loop's.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from threading import Event, get_ident
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from bankweave.adapter import AdapterInfo, AnyAdapter, Twin
from bankweave.client import Answers, AsyncBankweave
from bankweave.clock import Clock
from bankweave.engine.conversions import Conversion
from bankweave.engine.report import DisconnectReport, SyncReport
from bankweave.errors import ConfigurationError
from bankweave.flow import Flow
from bankweave.governance import Governance
from bankweave.model import Account, Balance, Change, Connection, Institution, Party, Transaction, TransactionStatus
from bankweave.payment import Card, CardAction, Transfer, TransferKind, TransferOrder

if TYPE_CHECKING:
    import httpx
    from anyio.from_thread import BlockingPortal

    from bankweave.config import Config
    from bankweave.engine.sync import OnEvent

T = TypeVar("T")
W = TypeVar("W", bound=Twin)
P = ParamSpec("P")

BATCH = 500  # rows fetched from the loop's thread at a time
LONGEST_CLEANUP = 15.0  # seconds that an interrupted call may take to give back what it holds


class Bankweave:
    """All banks of all owners in one store. See `AsyncBankweave` for what each method does."""

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        config: Config | None = None,
        adapters: Sequence[type[AnyAdapter]] = (),
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        actor: str = "",
    ) -> None:
        self._bank = AsyncBankweave(
            path, config=config, adapters=adapters, clock=clock, transport=transport, actor=actor
        )
        self._resources = ExitStack()
        self._loop: BlockingPortal | None = None
        self._loop_thread = 0

    def __enter__(self) -> Self:
        from anyio.from_thread import start_blocking_portal

        with ExitStack() as opening:
            portal = opening.enter_context(start_blocking_portal())
            # A call that was interrupted before its future was in hand is still running, and nobody waits for it any more.
            opening.callback(portal.start_task_soon, portal.stop, True)  # noqa: FBT003 - cancel_remaining
            opening.enter_context(portal.wrap_async_context_manager(self._bank))
            self._resources = opening.pop_all()
        self._loop, self._loop_thread = portal, portal.call(get_ident)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop = None
        self._resources.close()

    def adapters(self) -> tuple[AdapterInfo, ...]:
        return self._bank.registry.infos()

    def institutions(self, adapter: str, *, country: str | None = None) -> tuple[Institution, ...]:
        return self._call(self._bank.institutions, adapter, country=country)

    def connect(
        self,
        adapter: str,
        *,
        owner: str,
        redirect_uri: str | None = None,
        institution: str | None = None,
        options: Mapping[str, str] | None = None,
    ) -> Flow:
        return self._call(
            self._bank.connect,
            adapter,
            owner=owner,
            redirect_uri=redirect_uri,
            institution=institution,
            options=options,
        )

    def renew(
        self, connection_id: str, *, redirect_uri: str | None = None, options: Mapping[str, str] | None = None
    ) -> Flow:
        return self._call(self._bank.renew, connection_id, redirect_uri=redirect_uri, options=options)

    def resume(self, callback_url: str, *, owner: str | None = None) -> Flow:
        return self._call(self._bank.resume, callback_url, owner=owner)

    def answer(self, flow_id: str, answers: Answers = ()) -> Flow:
        return self._call(self._bank.answer, flow_id, answers)

    def wait(self, flow_id: str, *, seconds: float = 300) -> Flow:
        return self._call(self._bank.wait, flow_id, seconds=seconds)

    def cancel(self, flow_id: str) -> Flow:
        return self._call(self._bank.cancel, flow_id)

    def flow(self, flow_id: str) -> Flow:
        return self._call(self._bank.flow, flow_id)

    def flows(self, *, owner: str | None = None, connection_id: str | None = None) -> tuple[Flow, ...]:
        return self._call(self._bank.flows, owner=owner, connection_id=connection_id)

    def sweep(self, *, owner: str | None = None, adapter: str | None = None) -> tuple[Flow, ...]:
        return self._call(self._bank.sweep, owner=owner, adapter=adapter)

    def conversions(self, *, adapter: str | None = None, since: datetime | None = None) -> tuple[Conversion, ...]:
        return self._call(self._bank.conversions, adapter=adapter, since=since)

    def transfer(
        self,
        account_id: str,
        orders: TransferOrder | Sequence[TransferOrder],
        *,
        options: Mapping[str, str] | None = None,
    ) -> Flow:
        return self._call(self._bank.transfer, account_id, orders, options=options)

    def confirm(self, flow_id: str, answers: Answers = ()) -> tuple[Transfer, ...]:
        return self._call(self._bank.confirm, flow_id, answers)

    def outcome(self, flow_id: str) -> tuple[Transfer, ...]:
        return self._call(self._bank.outcome, flow_id)

    def cancel_transfer(self, account_id: str, transfer: Transfer, *, options: Mapping[str, str] | None = None) -> Flow:
        return self._call(self._bank.cancel_transfer, account_id, transfer, options=options)

    def transfers(self, account_id: str, *, kind: TransferKind | None = None) -> Iterator[Transfer]:
        return self._iterate(self._bank.transfers(account_id, kind=kind))  # asks the bank on the way

    def cards(self, account_id: str) -> tuple[Card, ...]:
        return self._call(self._bank.cards, account_id)

    def change_card(self, account_id: str, card_id: str, action: CardAction, *, code: str | None = None) -> Card:
        return self._call(self._bank.change_card, account_id, card_id, action, code=code)

    def connections(
        self, *, owner: str | None = None, adapter: str | None = None, subject: str | None = None
    ) -> tuple[Connection, ...]:
        return self._call(self._bank.connections, owner=owner, adapter=adapter, subject=subject)

    def accounts(
        self, *, owner: str | None = None, adapter: str | None = None, connection_id: str | None = None
    ) -> tuple[Account, ...]:
        return self._call(self._bank.accounts, owner=owner, adapter=adapter, connection_id=connection_id)

    def balances(self, account_id: str) -> tuple[Balance, ...]:
        return self._call(self._bank.balances, account_id)

    def parties(self, connection_id: str) -> tuple[Party, ...]:
        return self._call(self._bank.parties, connection_id)

    def transactions(
        self,
        *,
        owner: str | None = None,
        adapter: str | None = None,
        connection_id: str | None = None,
        account_id: str | None = None,
        since: date | None = None,
        until: date | None = None,
        status: TransactionStatus | None = None,
    ) -> Iterator[Transaction]:
        rows = self._bank.transactions(
            owner=owner,
            adapter=adapter,
            connection_id=connection_id,
            account_id=account_id,
            since=since,
            until=until,
            status=status,
        )
        return self._iterate(rows, BATCH)

    def raw(self, transaction_id: str) -> bytes | None:
        return self._call(self._bank.raw, transaction_id)

    def changes(
        self, since: int = 0, *, owner: str | None = None, connection_id: str | None = None
    ) -> Iterator[Change]:
        return self._iterate(self._bank.changes(since, owner=owner, connection_id=connection_id), BATCH)

    def sync(
        self,
        *,
        owner: str | None = None,
        adapter: str | None = None,
        connection_id: str | None = None,
        full: bool = False,
        due: bool = False,
        user_present: bool = False,
        on_event: OnEvent | None = None,
    ) -> SyncReport:
        return self._call(
            self._bank.sync,
            owner=owner,
            adapter=adapter,
            connection_id=connection_id,
            full=full,
            due=due,
            user_present=user_present,
            on_event=on_event,
        )

    def mark_due(self, connection_id: str) -> None:
        self._call(self._bank.mark_due, connection_id)

    def watch(
        self,
        *,
        owner: str | None = None,
        adapter: str | None = None,
        connection_id: str | None = None,
        since: int | None = None,
        on_event: OnEvent | None = None,
    ) -> Generator[Change, None, None]:
        changes = self._bank.watch(
            owner=owner, adapter=adapter, connection_id=connection_id, since=since, on_event=on_event
        )
        return self._iterate(changes)

    def client(self, connection_id: str, kind: type[W]) -> W:
        """The provider's own client for a connection; `kind` is its synchronous class."""
        client = self._call(self._bank.client, connection_id, kind.twin_of)
        return kind(client, _Portal(self))

    def client_of(self, adapter: str, kind: type[W], *, owner: str = "") -> W:
        """A provider's own client without a connection; `kind` is its synchronous class."""
        return kind(self._call(self._bank.client_of, adapter, kind.twin_of, owner=owner), _Portal(self))

    @property
    def governance(self) -> Governance:
        return Governance(self._bank.governance, _Portal(self))

    def disconnect(self, connection_id: str) -> DisconnectReport:
        return self._call(self._bank.disconnect, connection_id)

    def rotate_keys(self) -> int:
        return self._call(self._bank.rotate_keys)

    def _call(self, method: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a method in the loop. Ctrl-C ends it there too, and waits until it has put its records in order."""
        ended = Event()

        async def run() -> T:
            try:
                return await method(*args, **kwargs)
            finally:
                ended.set()

        future = self._portal.start_task_soon(run)
        try:
            return future.result()
        except BaseException:
            if future.cancel():
                ended.wait(LONGEST_CLEANUP)
            raise

    def _iterate(self, rows: AsyncIterator[T], at_a_time: int = 1) -> Generator[T, None, None]:
        """Fetch in batches where nothing is waited for: crossing a thread for every row would cost more than reading it."""
        try:
            while batch := self._call(_next_batch, rows, at_a_time):
                yield from batch
        finally:
            # In the loop's own thread, where a cycle may be collected, nobody can wait for it; it closes what is dropped.
            if self._loop is not None and get_ident() != self._loop_thread:
                self._call(_let_go, rows)

    @property
    def _portal(self) -> BlockingPortal:
        if self._loop is None:
            raise ConfigurationError("open it first: with Bankweave(...) as bank")
        return self._loop


@dataclass(frozen=True, slots=True)
class _Portal:
    """What the synchronous twins of the providers' clients run through. Fulfils `bankweave.adapter.Portal`."""

    bank: Bankweave

    def call(self, method: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        return self.bank._call(method, *args, **kwargs)  # noqa: SLF001 - its other half

    def iterate(self, rows: AsyncIterator[T]) -> Iterator[T]:
        return self.bank._iterate(rows)  # noqa: SLF001 - its other half


async def _next_batch(rows: AsyncIterator[T], size: int) -> list[T]:
    batch: list[T] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == size:
            break
    return batch


async def _let_go(rows: AsyncIterator[Any]) -> None:
    if isinstance(rows, AsyncGenerator):
        await rows.aclose()
