"""An endpoint for Basiq's webhooks, to be mounted in any ASGI server (section 6.3).

    app = webhook_endpoint(secret, on_event, seen="webhooks.db")

Deliveries are signed by the scheme of Standard Webhooks: needs the extra `bankweave-basiq[webhooks]`.
"""

from __future__ import annotations

import logging
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from inspect import isawaitable, iscoroutinefunction
from pathlib import Path
from sqlite3 import connect
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

# The endpoint stands in the program's own server, beside the core and not below it.
import anyio.to_thread  # noqa: TID251  as above
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from bankweave.errors import ConfigurationError, MalformedAnswer
from bankweave_basiq.links import connection_in, id_in
from bankweave_basiq.news import ON_THE_WAY, calls_for_sync

if TYPE_CHECKING:
    from standardwebhooks import Webhook

log = logging.getLogger("bankweave.basiq.webhooks")

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

TOLERANCE = timedelta(minutes=5)
REMEMBERED = timedelta(days=7)  # Basiq tries for about 28 hours, and keeps events for as long as this
_BODY_LIMIT = 64 * 1024  # a delivery holds an id and two links
_MOST_SIGNATURES = 10


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """What a delivery says: that something happened. The data have to be fetched; `events.get` reads the event itself."""

    message_id: str  # the same at every try to deliver it
    sent_at: datetime
    event_id: str
    event_type: str  # such as "transactions.updated"
    user_id: str | None  # Basiq's, as `users.id` gives it
    connection: str | None  # Basiq's own connection, not one of bankweave's
    entity_link: str | None = field(repr=False, default=None)

    def calls_for_sync(self, synced_at: datetime | None) -> bool:
        """Whether a connection of this user that was synced last at an instant has not heard of it yet."""
        return calls_for_sync(self.event_type, self.sent_at - ON_THE_WAY, synced_at)


OnEvent: TypeAlias = Callable[[WebhookEvent], Awaitable[object] | object]


class Seen(Protocol):
    """Remembers which messages were dealt with. Called from worker threads."""

    def has(self, message_id: str) -> bool: ...

    def add(self, message_id: str, at: datetime) -> None: ...


@dataclass
class SeenInMemory:
    """For one process, until it ends."""

    _ids: dict[str, datetime] = field(default_factory=dict)

    def has(self, message_id: str) -> bool:
        return message_id in self._ids

    def add(self, message_id: str, at: datetime) -> None:
        self._ids = {id_: then for id_, then in self._ids.items() if then > at - REMEMBERED}
        self._ids[message_id] = at


@dataclass(frozen=True)
class SeenInFile:
    """For all processes, in a SQLite file of its own."""

    path: Path

    def has(self, message_id: str) -> bool:
        with closing(self._open()) as file:
            return file.execute("SELECT 1 FROM seen WHERE id = ?", (message_id,)).fetchone() is not None

    def add(self, message_id: str, at: datetime) -> None:
        with closing(self._open()) as file, file:
            file.execute("DELETE FROM seen WHERE at < ?", ((at - REMEMBERED).timestamp(),))
            file.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (message_id, at.timestamp()))

    def _open(self) -> Any:
        file = connect(self.path, timeout=10)
        file.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at REAL NOT NULL)")
        return file


def webhook_endpoint(
    secret: str | Sequence[str],
    on_event: OnEvent,
    *,
    seen: str | Path | Seen | None = None,
    now: Callable[[], datetime] | None = None,
) -> App:
    """Make an ASGI application that takes Basiq's deliveries, checks them and hands each event to `on_event`.

    `on_event` may be a coroutine function or a plain one, which runs in a worker thread. It must be quick and keep what
    it is told: when it returns, Basiq is told that the event was taken; when it raises, Basiq delivers again. So an event
    may come more than once when a process dies, but is never lost. Messages that were dealt with are kept in the file
    `seen`; without one, in this process only. Several secrets are for a time of change.

    Raises `ConfigurationError` for a secret that is none.
    """
    secrets = [secret] if isinstance(secret, str) else list(secret)
    if not secrets:
        raise ConfigurationError("a webhook's secret is missing; webhooks.create and webhooks.update give it")
    kept: Seen = SeenInMemory() if seen is None else SeenInFile(Path(seen)) if isinstance(seen, str | Path) else seen
    return Endpoint([_signer(each) for each in secrets], on_event, kept, now or _now)


@dataclass(frozen=True)
class Endpoint:
    """The ASGI application."""

    signers: Sequence[Webhook] = field(repr=False)
    on_event: OnEvent
    seen: Seen
    now: Callable[[], datetime]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError("webhooks come over HTTP")
        status = await self._answer(scope, receive)
        headers = [(b"content-length", b"0")] if status != 204 else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _answer(self, scope: Scope, receive: Receive) -> int:
        if scope["method"] != "POST":
            return 405
        body = await _read(receive)
        if body is None:
            return 413
        head = verify(self.signers, _headers(scope), body, self.now())
        if head is None:
            log.warning("delivery_refused")
            return 401
        return await self._take(*head, body)

    async def _take(self, message_id: str, sent_at: datetime, body: bytes) -> int:
        if await anyio.to_thread.run_sync(self.seen.has, message_id):
            return 204
        event = read_event(message_id, sent_at, body)
        if event is None:
            # Signed, so Basiq's, but nothing that is known. Refusing it for a day would cost the whole endpoint.
            log.error("delivery_unreadable")
            return 204
        try:
            await self._hand_on(event)
        except Exception as error:  # noqa: BLE001  the program's own code: whatever it is, Basiq shall come again
            log.error("event_not_taken", extra={"operation": event.event_type, "status": type(error).__name__})  # noqa: TRY400  a trace may hold a person's data
            return 500
        await anyio.to_thread.run_sync(self.seen.add, message_id, self.now())
        return 204

    async def _hand_on(self, event: WebhookEvent) -> None:
        if iscoroutinefunction(self.on_event):
            await self.on_event(event)
            return
        told = await anyio.to_thread.run_sync(self.on_event, event)
        if isawaitable(told):
            await told


# Reading -------------------------------------------------------------------------------------------------------------------


def verify(
    signers: Sequence[Webhook], headers: Mapping[str, str], body: bytes, now: datetime
) -> tuple[str, datetime] | None:
    """Give a delivery's id and time if it is signed with one of the secrets and not older or newer than five minutes.

    The library's own check reads the real clock and stumbles over signatures without a comma, so only its signing is used.
    """
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    sent_at = _instant(stamp)
    if not 0 < len(message_id) <= 200 or not message_id.isprintable() or sent_at is None:
        return None
    given = headers.get("webhook-signature", "").split(" ")[:_MOST_SIGNATURES]
    try:
        right = [signer.sign(message_id, sent_at, body.decode()).encode() for signer in signers]
    except UnicodeDecodeError:
        return None
    fits = [compare_digest(each.encode(), one) for each in given for one in right]
    return (message_id, sent_at) if any(fits) and abs(now - sent_at) <= TOLERANCE else None


class _Links(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, hide_input_in_errors=True)

    event_entity: str | None = None


class _Payload(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, hide_input_in_errors=True)

    event_id: str = Field(min_length=1)
    event_type_id: str = Field(min_length=1)
    links: _Links | None = None


def read_event(message_id: str, sent_at: datetime, body: bytes) -> WebhookEvent | None:
    """Read a delivery; None for what is none."""
    try:
        payload = _Payload.model_validate_json(body)
        link = payload.links.event_entity if payload.links else None
        return WebhookEvent(
            message_id=message_id,
            sent_at=sent_at,
            event_id=payload.event_id,
            event_type=payload.event_type_id,
            user_id=id_in(link, "users") if link else None,
            connection=connection_in(link),
            entity_link=link,
        )
    except (ValidationError, MalformedAnswer, RecursionError, ValueError):
        return None


def _signer(secret: str) -> Webhook:
    try:
        from standardwebhooks import Webhook
    except ImportError:
        message = "webhooks need a library more: install bankweave-basiq[webhooks]"
        raise ConfigurationError(message) from None
    try:
        return Webhook(_key(secret))
    except Exception:  # noqa: BLE001  the library has an error of its own for every way in which a secret is none
        raise ConfigurationError("a webhook's secret is none; copy it as webhooks.create gave it") from None


def _key(secret: str) -> str | bytes:
    """The key of a secret. An example of the specification lacks the prefix, and need not be Base64 (section 6.3)."""
    if secret.startswith("whsec_"):
        return secret
    try:
        return b64decode(secret, validate=True)
    except NoBase64:
        return secret.encode()


def _instant(stamp: str) -> datetime | None:
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 11):
        return None
    return datetime.fromtimestamp(int(stamp), UTC)


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


async def _read(receive: Receive) -> bytes | None:
    """Read the raw body; None when it is too large, or the sender has gone."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if message["type"] == "http.disconnect" or len(body) > _BODY_LIMIT:
            return None
        if not message.get("more_body", False):
            return body


async def _live(receive: Receive, send: Send) -> None:
    """Answer a server that begins and ends: there is nothing to do."""
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  as at the top
