"""How hard a provider is driven: requests at a time, and requests per minute, for one program."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType

import anyio

from bankweave.adapter import Limits
from bankweave.clock import Clock


class Throttle:
    """Enter it around every request. Waits for a free place, and for the minute's allowance to refill."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._places = anyio.Semaphore(limits.concurrency)
        self._bucket = _Bucket(limits.per_minute, clock) if limits.per_minute else None

    async def __aenter__(self) -> None:
        await self._places.acquire()
        try:
            if self._bucket is not None:
                await self._bucket.take()
        except BaseException:
            self._places.release()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._places.release()


class _Bucket:
    """Refills evenly: `per_minute` may be used at once, then one every 60 / per_minute seconds."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._size = float(per_minute)
        self._per_second = per_minute / 60.0
        self._clock = clock
        self._left = self._size
        self._counted_at = clock.now()
        self._turn = anyio.Lock()

    async def take(self) -> None:
        async with self._turn:
            self._refill(self._clock.now())
            if self._left < 1.0:
                await self._clock.sleep((1.0 - self._left) / self._per_second)
                self._refill(self._clock.now())
            self._left -= 1.0

    def _refill(self, now: datetime) -> None:
        passed = max(0.0, (now - self._counted_at).total_seconds())
        self._left = min(self._size, self._left + passed * self._per_second)
        self._counted_at = now
