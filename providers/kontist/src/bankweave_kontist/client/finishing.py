"""Finishing what must not be left halfway."""

from __future__ import annotations

import asyncio  # noqa: TID251  the contract has no word for work that outlives a cancellation
from collections.abc import Coroutine
from typing import Any, TypeVar

import anyio  # noqa: TID251  as above: who cancels may be anyone's task group, or a plain task

T = TypeVar("T")


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end what gives something only once; a cancellation that comes meanwhile is raised then.

    How long that takes is bounded by the time limits of the requests in it.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    with anyio.CancelScope(shield=True):
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError as error:  # of the task itself: a scope of anyio's stays outside
                cancelled = error
    if cancelled is None:
        return task.result()
    task.exception()  # looked at: whoever cancels has no use for it
    raise cancelled
