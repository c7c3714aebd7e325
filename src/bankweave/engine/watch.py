"""Watching: what providers tell by themselves becomes a sync, and what the sync changed is handed out.

An event is only taken for a reason to look. So rows that arrive live go the same way into the store as all others, nothing
is handed out twice, and what happened while a connection was down is in the first sync after it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

from bankweave.adapter import Streams
from bankweave.engine.bound import Bound, bind
from bankweave.engine.origin import located
from bankweave.engine.parts import Parts
from bankweave.engine.report import Outcome
from bankweave.engine.sync import OnEvent, Syncing
from bankweave.errors import BankweaveError, ProviderUnavailable, UnknownConnection
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
                if all(follower.done() for follower in followers):
                    _raise_first(followers)
                    return
                await self._synced.wait()
        finally:
            await _end(followers)

    async def _bound(self) -> Sequence[Bound]:
        connections = await self._parts.store.connections(self._scope)
        if not connections:
            raise UnknownConnection("there is no connection to watch; list them with connections()")
        bound = [bind(self._parts, connection) for connection in connections]
        for one in bound:
            if not isinstance(one.adapter, Streams):
                raise one.unsupported("live events (watch those who have by adapter= or connection_id=)")
        return bound

    async def _follow(self, bound: Bound) -> None:
        """Sync after every signal; signals that come during a sync are one more sync together."""
        due = asyncio.Event()
        listening = asyncio.create_task(self._listen(bound, due))
        try:
            while True:
                waiting = asyncio.create_task(due.wait())
                await asyncio.wait({waiting, listening}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if not due.is_set():
                    return await listening
                due.clear()
                await self._sync(bound)
        except BankweaveError as error:
            log.warning("watch_ended", extra={"connection_id": bound.connection.id, "error": type(error).__name__})
            raise
        finally:
            await _end([listening])
            self._synced.set()

    async def _listen(self, bound: Bound, due: asyncio.Event) -> None:
        adapter = bound.adapter
        assert isinstance(adapter, Streams)  # noqa: S101 - _bound() has looked
        with located(bound.connection.adapter, bound.connection.id):
            async for _ in adapter.watch(bound.ctx, await bound.grant()):
                due.set()

    async def _sync(self, bound: Bound) -> None:
        """Sync until it is done: a bank that is down, or a process that is faster, only delays what an event has told."""
        clock = self._parts.clock
        while True:
            report = await self._syncing.sync(Scope(connection_id=bound.connection.id), on_event=self._on_event)
            self._synced.set()
            if all(one.outcome is not Outcome.BUSY for one in report.connections) and not report.failures:
                return
            errors = [failure.error for failure in report.failures if failure.error is not None]
            for error in errors:
                if not isinstance(error, ProviderUnavailable):
                    raise error
            times = [error.retry_at for error in errors if error.retry_at is not None]
            await clock.sleep(max([PAUSE, *((at - clock.now()).total_seconds() for at in times)]))


def _raise_first(followers: Sequence[asyncio.Task[None]]) -> None:
    for follower in followers:
        follower.result()


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
