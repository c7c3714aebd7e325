"""Another process: reads from its first argument what to do, does one step in a bankweave of its own, prints JSON lines.

`pause_at` and `die_at` name a number of committed pages: there it waits for a line on its standard input, or kills itself as
`kill -9` would. `lag` is by how many seconds the sandbox's clock is ahead of this machine's.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio

from bankweave import AsyncBankweave, Config, SyncEvent


@dataclass(frozen=True)
class LaggingClock:
    lag: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.lag

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(max(0.0, seconds))


@dataclass
class Watcher:
    """Counts committed pages; "opened" counts as page 0."""

    pause_at: int | None
    die_at: int | None
    pages: int = -1

    def __call__(self, event: SyncEvent) -> None:
        if event.stage not in {"opened", "page"}:
            return
        self.pages += 1
        if self.pages == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.pages == self.pause_at:
            say(paused=self.pages)
            sys.stdin.readline()


def say(**told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


async def work(task: dict[str, Any]) -> None:
    clock = LaggingClock(timedelta(seconds=task["lag"]))
    async with AsyncBankweave(config=Config.model_validate(task["config"]), clock=clock) as bank:
        match task["step"]:
            case "resume":
                flow = await bank.resume(task["callback"])
                say(id=flow.id, status=flow.status.value)
            case "answer":
                flow = await bank.answer(task["flow"], task["answers"])
                say(id=flow.id, status=flow.status.value)
            case "sync":
                watch = Watcher(task.get("pause_at"), task.get("die_at"))
                report = await bank.sync(full=task.get("full", False), on_event=watch)
                say(outcomes=[one.outcome.value for one in report.connections], added=report.counts.added)


if __name__ == "__main__":
    anyio.run(work, json.loads(sys.argv[1]))
