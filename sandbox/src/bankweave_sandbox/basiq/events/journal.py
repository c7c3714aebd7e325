"""What has happened, in order, and who wants to hear of it at once (providers/basiq.md, section 6.1)."""

from __future__ import annotations

import hashlib
import uuid
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

Data = dict[str, object]


@dataclass(frozen=True, slots=True)
class Event:
    """One happening. Paths stand for URLs: which origin they are read from is known when they are told."""

    id: str
    at: datetime
    type_id: str
    user_id: str
    path: str  # of what it is about
    data: Data = field(repr=False)

    @property
    def path_with_filter(self) -> str:
        """Lead to what it is about: for transactions, those of its connection."""
        links = self.data.get("links")
        return str(links["self"]) if isinstance(links, dict) else self.path

    @property
    def entity(self) -> str:
        return self.type_id.partition(".")[0]

    @property
    def kind(self) -> str:
        return self.type_id.partition(".")[2]


@dataclass(slots=True)
class Journal:
    """Keeps events by time: one request may find out about several jobs that ran side by side."""

    _events: list[Event] = field(default_factory=list)
    _listeners: list[Callable[[Event], None]] = field(default_factory=list)
    _count: int = 0

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        self._listeners.append(listener)

    def note(self, at: datetime, type_id: str, user_id: str, path: str, data: Data, *, as_uuid: bool = False) -> None:
        """Note a happening under an id of 64 hexadecimal digits, as recorded ones have, or a UUID."""
        self._count += 1
        digest = hashlib.sha256(f"{self._count}/{at.isoformat()}/{path}".encode())
        id_ = str(uuid.UUID(bytes=digest.digest()[:16], version=4)) if as_uuid else digest.hexdigest()
        event = Event(id_, at, type_id, user_id, path, data)
        insort(self._events, event, key=lambda one: one.at)
        for listener in self._listeners:
            listener(event)

    def since(self, oldest: datetime) -> list[Event]:
        return [event for event in self._events if event.at > oldest]


def absolute(value: object, base: str) -> object:
    """Make the paths in an event's data links of `base`."""
    if isinstance(value, dict):
        return {name: absolute(inner, base) for name, inner in value.items()}
    if isinstance(value, list):
        return [absolute(inner, base) for inner in value]
    return base + value if isinstance(value, str) and value.startswith("/") else value
