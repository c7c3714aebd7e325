"""Which messages are to be delivered, when, and what becomes of an endpoint that does not answer (sections 6.2, 6.3)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bankweave_sandbox.basiq.events.journal import Event
from bankweave_sandbox.basiq.notifications.records import Attempt, Message, Webhook
from bankweave_sandbox.basiq.switches import Switches


@dataclass(slots=True)
class Postbox:
    switches: Switches
    now: Callable[[], datetime]
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    base: str = ""  # the origin that the links in messages begin with: where the last request came to

    def hear(self, event: Event) -> None:
        """Queue a message for each webhook that is subscribed to the event."""
        for webhook in self.webhooks.values():
            if event.type_id in webhook.events:
                self.post(webhook, event.type_id, event.id, event.path_with_filter)

    def post(self, webhook: Webhook, event_type: str, event_id: str, entity_path: str) -> Message:
        due = max(self.now(), webhook.served_from)
        message = Message(str(uuid.uuid4()), webhook.id, event_type, event_id, entity_path, due)
        self.messages[message.id] = message
        return message

    def due(self) -> list[Message]:
        """List what is to be sent now, oldest first; endpoints that wait for approval or are disabled get nothing."""
        now = self.now()
        return [message for message in self._waiting() if message.due is not None and message.due <= now]

    @property
    def dues(self) -> list[datetime]:
        """List when attempts are to be made."""
        return [message.due for message in self._waiting() if message.due is not None]

    def body(self, message: Message) -> bytes:
        """Write the thin body: it names the event and holds none of its data."""
        return json.dumps(self.payload(message), separators=(",", ":")).encode()

    def payload(self, message: Message) -> dict[str, object]:
        links = {
            "event": f"{self.base}/events/{message.event_id}",
            "eventEntity": self.base + message.entity_path,
        }
        return {"eventTypeId": message.event_type, "eventId": message.event_id, "links": links}

    def record(self, message: Message, status_code: int, response: str) -> None:
        """Note an attempt, and when the next one is made: pauses count from this attempt."""
        webhook = self.webhooks.get(message.webhook_id)
        if webhook is None:
            message.due = None
            return
        attempt = Attempt(uuid.uuid4().hex[:9], webhook.url, self.now(), status_code, response)
        message.attempts.append(attempt)
        if attempt.succeeded:
            message.due = None
            return
        tried = len(message.attempts)
        pauses = self.switches.retry_pauses
        message.due = attempt.at + timedelta(seconds=pauses[tried - 1]) if tried <= len(pauses) else None
        if message.due is None:
            self._give_up(webhook)

    def redeliver(self, message: Message) -> None:
        """Send a message once more, as the provider's dashboard does; its attempts begin anew."""
        message.attempts.clear()
        message.due = self.now()

    def remove(self, webhook_id: str) -> None:
        """Forget a webhook with its messages."""
        del self.webhooks[webhook_id]
        self.messages = {m.id: m for m in self.messages.values() if m.webhook_id != webhook_id}

    def _give_up(self, webhook: Webhook) -> None:
        if self.switches.after_last_attempt == "removed":
            self.remove(webhook.id)
            return
        webhook.status = "disabled"

    def _waiting(self) -> list[Message]:
        active = {webhook.id for webhook in self.webhooks.values() if webhook.status == "active"}
        return [message for message in self.messages.values() if message.webhook_id in active]
