"""Starts other processes over a driver's store."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bankweave.testing.driver import Driver

WORKER = Path(__file__).with_name("worker.py")
LONGEST = 30  # seconds that a worker may take


@contextmanager
def started(drive: Driver, step: str, **task: object) -> Iterator[subprocess.Popen[str]]:
    """Start a step in another process; it is gone when the block ends."""
    command = [sys.executable, "-W", "error", str(WORKER), json.dumps({**_setting(drive), "step": step, **task})]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Let a process go on and wait for it; returns the last line it said."""
    said, _ = process.communicate("\n", timeout=LONGEST)
    assert process.returncode == 0
    return heard(said.splitlines()[-1])


def heard(line: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(line)
    return told


def elsewhere(drive: Driver, step: str, **task: object) -> dict[str, Any]:
    """Do a step in another process, to its end."""
    with started(drive, step, **task) as process:
        return ended(process)


def killed(drive: Driver, after_pages: int, **task: object) -> None:
    """Sync in another process that is killed once so many pages were committed."""
    with started(drive, "sync", die_at=after_pages, **task) as process:
        process.communicate(timeout=LONGEST)
        assert process.returncode == -9, "the sync was over before it could be killed"


def _setting(drive: Driver) -> dict[str, object]:
    name = drive.rig.adapter.info.name
    config = {"store": str(drive.store), "vault_keys": drive.key, "adapters": {name: dict(drive.rig.settings)}}
    return {"config": config, "lag": lag_of(drive).total_seconds()}


def lag_of(drive: Driver) -> timedelta:
    """By how much the rig's clock is ahead of this machine's."""
    return drive.rig.clock.now() - datetime.now(UTC)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait, in real time, for what another process is about to do."""
    give_up = time.monotonic() + LONGEST
    while not is_so():
        assert time.monotonic() < give_up
        time.sleep(0.01)
