"""A subscription that calls back."""

from __future__ import annotations

import asyncio  # noqa: TID251  callbacks come from a task of their own, which the contract has no word for
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from bankweave.errors import BankweaveError

if TYPE_CHECKING:
    from bankweave_kontist.transactions.records import Transaction

Follow = Callable[[Callable[[], None]], AsyncGenerator["Transaction", None]]


class Subscription:
    """A running subscription."""

    def __init__(self, task: asyncio.Task[None]) -> None:
        self._task = task

    @property
    def is_running(self) -> bool:
        """Whether transactions still arrive."""
        return not self._task.done()

    async def unsubscribe(self) -> None:
        """End it at once: Kontist is told, and the connection closed. Idempotent; an asynchronous callback may await it."""
        self._task.cancel()
        if self._task is not asyncio.current_task():
            await asyncio.wait({self._task})

    async def ended(self) -> None:
        """Wait until it has ended. Raises what has ended it, unless that was `unsubscribe()` or went to `on_error`."""
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.result()


async def start(
    follow: Follow,
    on_transaction: Callable[[Transaction], Awaitable[None] | None],
    on_error: Callable[[BankweaveError], Awaitable[None] | None] | None,
) -> Subscription:
    """Subscribe in a task of its own; returns when the subscription stands for the first time."""
    stands, handed_out = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(_deliver(follow, stands, handed_out, on_transaction, on_error))
    standing = asyncio.create_task(stands.wait())
    try:
        await asyncio.wait({task, standing}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        await _cancel(task)
        raise
    finally:
        standing.cancel()
    if not stands.is_set():
        task.result()
    handed_out.set()
    return Subscription(task)


async def _deliver(
    follow: Follow,
    stands: asyncio.Event,
    handed_out: asyncio.Event,
    on_transaction: Callable[[Transaction], Any],
    on_error: Callable[[BankweaveError], Any] | None,
) -> None:
    try:
        async with aclosing(follow(stands.set)) as news:
            async for transaction in news:
                await handed_out.wait()  # a callback may want to unsubscribe
                await _call(on_transaction, transaction)
                await asyncio.sleep(0)  # here it ends if the callback has unsubscribed, whatever else has arrived
    except BankweaveError as error:
        if on_error is None or not stands.is_set():
            raise
        await handed_out.wait()
        await _call(on_error, error)


async def _call(callback: Callable[[Any], Any], value: object) -> None:
    answer = callback(value)
    if isawaitable(answer):
        await answer


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, BankweaveError):
        await task
