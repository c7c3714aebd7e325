"""Webhooks, the messages to them, and every attempt to deliver one (providers/basiq.md, sections 6.2 and 6.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(slots=True)
class Webhook:
    id: str
    url: str
    name: str
    description: str
    events: tuple[str, ...]
    secret: str = field(repr=False)
    served_from: datetime  # a new one waits (section 6.2)
    status: Literal["active", "pending-approval", "disabled"] = "active"


@dataclass(frozen=True, slots=True)
class Attempt:
    id: str
    url: str
    at: datetime
    status_code: int  # 0: nobody answered
    response: str

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status_code < 300


@dataclass(slots=True)
class Message:
    """One event for one webhook; the same id with every attempt."""

    id: str
    webhook_id: str
    event_type: str
    event_id: str
    entity_path: str
    due: datetime | None  # when the next attempt is made; None: delivered, or given up
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def status(self) -> Literal["Success", "Failed", "Pending"]:
        if any(attempt.succeeded for attempt in self.attempts):
            return "Success"
        return "Failed" if self.due is None else "Pending"
