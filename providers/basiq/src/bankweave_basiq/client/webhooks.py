"""Webhooks: where Basiq reports events to, and what became of each message (section 6.2)."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field, TypeAdapter

from bankweave_basiq.client.api import Api, segment
from bankweave_basiq.client.filters import Filter
from bankweave_basiq.client.record import Instant, Json, Linked, Listing, Record, Texts
from bankweave_basiq.protocol import PAGE_SIZE

_PATH = "/notifications/webhooks"


class Webhook(Linked):
    """A webhook. `secret` is only there where it was made or changed: keep it, the endpoint needs it."""

    id: str
    name: str | None = None
    description: str | None = None
    url: str | None = None
    status: str | None = None
    secret: str | None = Field(default=None, repr=False)
    subscribed_events: Texts = ()


class Attempt(Record):
    id: str | None = None
    url: str | None = None
    response: str | None = None
    response_status_code: int | None = None
    timestamp: Instant | None = None
    status: str | None = None


class Message(Linked):
    """A message and the attempts to deliver it. `payload` is what is sent: an event's id and links, no data."""

    id: str
    event_type_id: str | None = None
    event_id: str | None = None
    payload: Json | None = None
    attempts: tuple[Attempt, ...] = ()

    @property
    def is_delivered(self) -> bool:
        return any((attempt.status or "").casefold() == "success" for attempt in self.attempts)


_WEBHOOK = TypeAdapter(Webhook)
_WEBHOOKS = TypeAdapter(Listing[Webhook])
_MESSAGE = TypeAdapter(Message)
_MESSAGES = TypeAdapter(Listing[Message])


class Webhooks:
    """The webhooks of the application: each event can be subscribed once, and each address used once."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def create(
        self, url: str, events: Sequence[str], *, name: str | None = None, description: str | None = None
    ) -> Webhook:
        """Have these events reported to an address; its `secret` signs them. Not idempotent.

        Deliveries may begin a quarter of an hour later. Raises `ProviderRefused` with the code `event-already-subscribed`
        or `resource-already-exists` where another webhook has the event or the address.
        """
        return await self._api.post(_WEBHOOK, "create_webhook", _PATH, _asked(url, events, name, description))

    async def list(self) -> tuple[Webhook, ...]:
        """List the webhooks."""
        return await self._api.rows(_WEBHOOKS, "list_webhooks", _PATH)

    async def get(self, webhook: str) -> Webhook:
        """Read one webhook."""
        return await self._api.get(_WEBHOOK, "get_webhook", _one(webhook))

    async def update(
        self,
        webhook: str,
        url: str,
        events: Sequence[str] | None = None,
        *,
        name: str | None = None,
        description: str | None = None,
    ) -> Webhook:
        """Change a webhook; what is None stays, but the address must be said. Gives its `secret`. Idempotent."""
        body = _asked(url, events, name, description)
        return await self._api.post(_WEBHOOK, "update_webhook", _one(webhook), body, repeatable=True)

    async def delete(self, webhook: str) -> None:
        """Delete a webhook."""
        await self._api.delete("delete_webhook", _one(webhook))

    async def test(self, event_type: str, text: str | None = None) -> None:
        """Have a message of this type sent to whoever subscribed to it. Not repeated when its answer is lost."""
        body = {"eventTypeId": event_type, **({"Text": text} if text else {})}
        await self._api.do("POST", "test_webhook", "/notifications/messages/test", body)

    async def messages(self, webhook: str, *, where: Filter | None = None) -> tuple[Message, ...]:
        """List the messages of a webhook: all, or those of a date, status, eventTypeId or eventId."""
        params = {"limit": str(PAGE_SIZE), **(where or Filter()).params}
        return await self._api.rows(_MESSAGES, "list_messages", f"{_one(webhook)}/messages", params)

    async def message(self, webhook: str, message: str) -> Message:
        """Read one message with its attempts."""
        return await self._api.get(_MESSAGE, "get_message", f"{_one(webhook)}/messages/{segment(message)}")


def _one(webhook: str) -> str:
    return f"{_PATH}/{segment(webhook)}"


def _asked(url: str, events: Sequence[str] | None, name: str | None, description: str | None) -> dict[str, object]:
    subscribed = None if events is None else list(events)
    asked: dict[str, object] = {"url": url, "name": name, "description": description, "subscribedEvents": subscribed}
    return {field: value for field, value in asked.items() if value is not None}
