"""An echo bank that can be stopped in the middle of being asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from banks import KEY
from clocks import StillClock

from bankweave import AsyncBankweave, Config
from bankweave.adapter import Context
from bankweave.flow import Event, Step
from bankweave.testing import EchoBank
from bankweave.testing.paying_echo import PayingEchoAdapter


class TakingTurns(StillClock):
    """No time passes when somebody sleeps, but everybody else gets a turn."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await anyio.sleep(0.001)


@dataclass
class Stop:
    """Where asking stands still: `reached` when the bank has done what it was asked for, until `go_on`."""

    reached: anyio.Event = field(default_factory=anyio.Event)
    go_on: anyio.Event = field(default_factory=anyio.Event)
    failure: Exception | None = None  # raised then


def stopping(bank: EchoBank, stop: Stop) -> type[PayingEchoAdapter]:
    """The bank's adapter, which stops after every event that it was resumed with."""

    class Stopping(PayingEchoAdapter):
        async def resume(self, ctx: Context, state: Any, event: Event) -> Step:
            step = await super().resume(ctx, state, event)
            stop.reached.set()
            await stop.go_on.wait()
            if stop.failure is not None:
                raise stop.failure
            return step

    return type("Stopping", (Stopping,), {"bank": bank, "info": bank.adapter().info})


@asynccontextmanager
async def opened(
    store: Path, adapter: type[PayingEchoAdapter], clock: StillClock | None = None, keys: str = KEY
) -> AsyncIterator[AsyncBankweave]:
    config = Config(store=store, vault_keys=keys)
    async with AsyncBankweave(config=config, adapters=[adapter], clock=clock or TakingTurns()) as one:
        yield one
