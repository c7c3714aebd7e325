"""Running something beside a block of code, without a task group's wrapping of errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import anyio


@asynccontextmanager
async def running_beside(work: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run `work` while the block runs; it is cancelled at the end of the block, and its error ends the block."""
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(work)
            yield
            tasks.cancel_scope.cancel()
    except ExceptionGroup as group:
        raise only_error(group) from None


def only_error(error: Exception) -> Exception:
    """What a task group wrapped, where it is one error: callers act on its class."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
