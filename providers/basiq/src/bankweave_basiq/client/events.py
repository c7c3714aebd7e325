"""What has happened at Basiq in the last seven days (section 6.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bankweave_basiq.client.api import Api, segment
from bankweave_basiq.client.filters import Filter
from bankweave_basiq.client.record import Instant, Json, Linked, Listing
from bankweave_basiq.links import connection_in
from bankweave_basiq.news import calls_for_sync

KEPT = timedelta(days=7)
"""How long Basiq keeps an event."""

_FORGOTTEN_AFTER = timedelta(days=8)  # longer than Basiq keeps them, so that none is given twice


class BasiqEvent(Linked):
    """Something that happened: `kind` is its type, such as "transactions.updated"."""

    id: str
    created_date: Instant | None = None
    entity: str | None = None
    event_type: str | None = None
    user_id: str | None = None
    data_ref: str | None = None
    data: Json | str | None = None  # an object; the specification says text

    @property
    def kind(self) -> str:
        return f"{self.entity or ''}.{self.event_type or ''}"

    @property
    def connection(self) -> str | None:
        """Basiq's id of the connection that it is about, as far as the event names it."""
        named = self.data.get("connection") if isinstance(self.data, dict) else None
        id_ = named.get("id") if isinstance(named, dict) else None
        return id_ if isinstance(id_, str) else connection_in(self.data_ref)

    def calls_for_sync(self, synced_at: datetime | None) -> bool:
        """Whether a connection of this user that was synced last at an instant has not heard of it yet."""
        return calls_for_sync(self.kind, self.created_date, synced_at)


class EventType(Linked):
    id: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A time whose events nobody has read, and that Basiq no longer has. Sync all connections to make up for it."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Unread:
    """Events that were not read before, oldest first, and what was missed. Hand it to `mark_read` when it is dealt with."""

    events: tuple[BasiqEvent, ...]
    gap: Gap | None
    read_at: datetime
    everybody: bool = False
    known: tuple[str, ...] = field(default=(), repr=False)  # all that Basiq still has


class Bookmark(BaseModel):
    """Which events were dealt with, and when Basiq was last asked for all of them."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    read_at: datetime
    seen: dict[str, datetime] = {}


_EVENT = TypeAdapter(BasiqEvent)
_EVENTS = TypeAdapter(Listing[BasiqEvent])
_TYPE = TypeAdapter(EventType)
_TYPES = TypeAdapter(Listing[EventType])


def oldest_first(events: Iterable[BasiqEvent]) -> tuple[BasiqEvent, ...]:
    """Put events in the order in which they happened; those without a time come last."""
    latest = datetime.max.replace(tzinfo=UTC)
    return tuple(sorted(events, key=lambda event: event.created_date or latest))


class Events:
    """The events of the person, or of everybody that the application knows."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def list(
        self,
        *,
        entity: str | None = None,
        event_type: str | None = None,
        everybody: bool = False,
        where: Filter | None = None,
    ) -> tuple[BasiqEvent, ...]:
        """List the events of the last seven days: all, or those that fit, such as entity "consent" and type "revoked"."""
        user = None if everybody else await self._api.user_id()
        asked = (where or Filter()).equal("user.id", user).equal("event.entity", entity).equal("event.type", event_type)
        return await self._api.rows(_EVENTS, "list_events", "/events", asked.params)

    async def get(self, event: str) -> BasiqEvent:
        """Read one event."""
        return await self._api.get(_EVENT, "get_event", f"/events/{segment(event)}")

    async def types(self) -> tuple[EventType, ...]:
        """List what kinds of events there are."""
        return await self._api.rows(_TYPES, "list_event_types", "/events/types")

    async def type(self, event_type: str) -> EventType:
        """Read one kind of event, by its id."""
        return await self._api.get(_TYPE, "get_event_type", f"/events/types/{segment(event_type)}")

    async def unread(self, *, everybody: bool = False) -> Unread:
        """Give the events that were not marked as read, oldest first.

        Which were is kept in the store, by id: an event that Basiq adds late is not passed over, and one that was not
        marked comes again. Whoever asks less often than every seven days gets the time that was missed as `gap`.
        """
        now = self._api.session.ctx.now()
        mark = await self._bookmark(everybody=everybody)
        found = await self.list(everybody=everybody)
        fresh = {event.id: event for event in found if mark is None or event.id not in mark.seen}
        return Unread(
            events=oldest_first(fresh.values()),
            gap=Gap(mark.read_at, now - KEPT) if mark and now - mark.read_at > KEPT else None,
            read_at=now,
            everybody=everybody,
            known=tuple(event.id for event in found),
        )

    async def mark_read(self, unread: Unread) -> None:
        """Remember that these events were dealt with, durably; idempotent."""
        before = await self._bookmark(everybody=unread.everybody)
        kept = {
            id_: at for id_, at in (before.seen if before else {}).items() if at > unread.read_at - _FORGOTTEN_AFTER
        }
        seen = {**kept, **dict.fromkeys(unread.known, unread.read_at)}
        read_at = max(unread.read_at, before.read_at) if before else unread.read_at
        name = _name(everybody=unread.everybody)
        await self._api.session.ctx.remember(name, Bookmark(read_at=read_at, seen=seen).model_dump_json())

    async def _bookmark(self, *, everybody: bool) -> Bookmark | None:
        stored = await self._api.session.ctx.recall(_name(everybody=everybody))
        try:
            return Bookmark.model_validate_json(stored) if stored else None
        except ValidationError:  # written by another version: all that Basiq has comes again
            return None


def _name(*, everybody: bool) -> str:
    return "events/everybody" if everybody else "events"
