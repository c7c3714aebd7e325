"""Doing to its end what must not be cut short, whoever waits for it and is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import anyio

T = TypeVar("T")


async def uninterrupted(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Do `work` to its end and return what it gives. Where the caller is cancelled meanwhile, it is so after that.

    A shielded scope alone is not enough: `asyncio.wait_for`, `asyncio.timeout` and `Task.cancel` reach into it. Hence a task.
    """
    task = asyncio.create_task(work())
    cancelled: asyncio.CancelledError | None = None
    with anyio.CancelScope(shield=True):
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as error:
                cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # asyncio would complain that nobody has looked at it
    raise cancelled
