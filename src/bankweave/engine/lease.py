"""One process at a time: a lease that lives as long as its holder does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import anyio

from bankweave.clock import Clock
from bankweave.engine.beside import running_beside
from bankweave.store.base import Store

LIFE = timedelta(seconds=20)  # how long the lease of a killed process blocks the others
BEAT = 5.0  # real seconds between two prolongations
LOOK_AGAIN = 0.5


@asynccontextmanager
async def leased(store: Store, clock: Clock, name: str) -> AsyncIterator[bool]:
    """Hold the lease `name` during the block, and say whether we do.

    While another holds it we wait, but no longer than the lease of a dead process lives: then its holder is alive and busy.
    """
    holder = uuid4().hex

    async def take() -> bool:
        return await store.take_lease(name, holder, clock.now(), clock.now() + LIFE)

    async def prolong() -> None:
        while True:
            await anyio.sleep(BEAT)
            await take()

    give_up = clock.now() + LIFE + timedelta(seconds=1)
    while not (ours := await take()) and clock.now() < give_up:
        await clock.sleep(LOOK_AGAIN)
    if not ours:
        yield False
        return
    try:
        async with running_beside(prolong):
            yield True
    finally:
        with anyio.CancelScope(shield=True):
            await store.release_lease(name, holder)
