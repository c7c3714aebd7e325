"""Watching: what providers tell by themselves becomes a sync, and what the sync changed is handed out.

An event is only taken for a reason to look. So rows that arrive live go the same way into the store as all others, nothing
is handed out twice, and what happened while a connection was down is in the first sync after it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import cast

import anyio

from bankweave.adapter import Signal, Streams
from bankweave.engine.bound import Bound, bind
from bankweave.engine.origin import located
from bankweave.engine.parts import Parts
from bankweave.engine.report import ConnectionReport, Outcome
from bankweave.engine.sync import OnEvent, Syncing
from bankweave.errors import (
    AdapterBug,
    BankweaveError,
    Failure,
    NeedsUser,
    ProviderUnavailable,
    StoreError,
    UnknownConnection,
)
from bankweave.model import Change
from bankweave.store.base import Scope

log = logging.getLogger("bankweave.watch")

PAUSE = 30.0  # seconds before a sync that could not be done is tried again


class Watching:
    """Follows the connections of a scope for as long as somebody reads its changes.

    Plain asyncio tasks and not a task group: an iterator may be let go of in the middle, in whatever task.
    """

    def __init__(self, parts: Parts, syncing: Syncing, scope: Scope, on_event: OnEvent | None) -> None:
        self._parts = parts
        self._syncing = syncing
        self._scope = scope
        self._on_event = on_event
        self._synced = asyncio.Event()
        self._last: BankweaveError | None = None  # why the last follower that has ended did so

    async def changes(self, since: int | None) -> AsyncGenerator[Change, None]:
        """Yield changes after the cursor `since`, or from now on; raises when no connection can be followed any more."""
        bound = await self._bound()
        cursor = await self._parts.store.newest_change() if since is None else since
        followers = [asyncio.create_task(self._follow(one)) for one in bound]
        try:
            while True:
                self._synced.clear()
                async for change in self._parts.store.changes(self._scope, cursor):
                    cursor = change.cursor
                    yield change
                if self._synced.is_set():
                    continue
                if self._last is not None and all(follower.done() for follower in followers):
                    raise self._last
                await self._synced.wait()
        finally:
            await _end(followers)

    async def _bound(self) -> Sequence[Bound]:
        found = await self._parts.store.connections(self._scope)
        connections = [connection for connection in found if not connection.is_de_identified]
        if not connections:
            raise UnknownConnection("there is no connection to watch; list them with connections()")
        bound = [bind(self._parts, connection) for connection in connections]
        for one in bound:
            if not isinstance(one.adapter, Streams):
                raise one.unsupported("live events (watch those who have by adapter= or connection_id=)")
        return bound

    async def _follow(self, bound: Bound) -> None:
        """Follow one connection to its end."""
        connection = bound.connection
        try:
            with located(connection.adapter, connection.id):
                await self._sync_when_told(bound)
        except BankweaveError as error:
            log.warning("watch_ended", extra={"connection_id": connection.id, "error": type(error).__name__})
            self._last = error
        finally:
            # done a moment after this: whoever is woken by it would see a task that is not
            asyncio.get_running_loop().call_soon(self._synced.set)

    async def _sync_when_told(self, bound: Bound) -> None:
        """Sync after every signal; signals that come during a sync are one more sync together."""
        due = asyncio.Event()
        listening = asyncio.create_task(self._listen(bound, due))
        try:
            while True:
                await _due_or_over(due, listening)
                if not due.is_set():
                    await listening
                due.clear()
                await self._sync(bound)
        finally:
            await _end([listening])

    async def _listen(self, bound: Bound, due: asyncio.Event) -> None:
        """Pass on what the provider tells; ends only with an error."""
        adapter = bound.adapter
        assert isinstance(adapter, Streams)  # noqa: S101 - _bound() has looked
        with located(bound.connection.adapter, bound.connection.id):
            told = cast("AsyncGenerator[Signal, None]", adapter.watch(bound.ctx, await bound.keeper.load()))
            async with aclosing(told):
                async for _ in told:
                    due.set()
            raise AdapterBug(f"the {bound.connection.adapter} adapter stopped telling and did not say why; report it")

    async def _sync(self, bound: Bound) -> None:
        """Sync until it is done: a bank that is down, or a process that is faster, only delays what an event has told."""
        clock = self._parts.clock
        while True:
            reports = (
                await self._syncing.sync(Scope(connection_id=bound.connection.id), on_event=self._on_event)
            ).connections
            self._synced.set()
            if not reports:
                raise UnknownConnection("the connection was disconnected while it was watched")
            pause = _pause(reports[0], clock.now())
            if pause is None:
                return
            await clock.sleep(pause)


def _pause(report: ConnectionReport, now: datetime) -> float | None:
    """How many seconds to wait for another try; None where all is done. Raises what will not pass."""
    for failure in report.failures:
        if not _passes(failure):
            raise failure.error or NeedsUser(failure.message, code=failure.code)
    if report.outcome is Outcome.NEEDS_USER:
        raise NeedsUser("the bank asks the person before it tells more; sync() has the flow that asks")
    if not report.failures and report.outcome in {Outcome.SYNCED, Outcome.PARTIAL}:
        return None
    return max([PAUSE, *((each.retry_at - now).total_seconds() for each in report.failures if each.retry_at)])


def _passes(failure: Failure) -> bool:
    error = failure.error
    if isinstance(error, StoreError):
        return error.code == "busy"
    return isinstance(error, ProviderUnavailable) or (error is None and not failure.needs_user)


async def _due_or_over(due: asyncio.Event, listening: asyncio.Task[None]) -> None:
    """Wait until there is something to do, or nothing more to be heard."""
    waiting = asyncio.create_task(due.wait())
    try:
        await asyncio.wait({waiting, listening}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel tasks, and wait until they have put their things in order. What they raise has been told, or does not matter."""
    for task in tasks:
        task.cancel()
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
    with anyio.CancelScope(shield=True):
        await asyncio.wait(tasks)
