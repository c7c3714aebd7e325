"""The sandbox's clock: it runs with real time and can be moved forward or set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset. Every rule of the sandbox reads time from here, so that a test can move it."""

    def __init__(self, start: datetime | None = None) -> None:
        self._offset = timedelta(0) if start is None else start - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def advance(self, by: timedelta) -> datetime:
        """Move time forward. Moving it back is refused: no provider un-happens what it has answered."""
        if by < timedelta(0):
            raise ValueError("the sandbox clock only moves forward; reset the sandbox to go back")
        self._offset += by
        return self.now()
