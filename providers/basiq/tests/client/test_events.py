"""Events: none is passed over, none is lost, and what could not be read is said."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from providers.basiq.tests.conftest import NOW, USER, Desk, listing, refusal, token

from bankweave.errors import ProviderUnavailable
from bankweave_basiq.client import AsyncBasiqClient
from bankweave_basiq.client.events import Gap, Unread
from bankweave_basiq.links import connection_in

pytestmark = pytest.mark.anyio


def event(id_: str, at: datetime = NOW, kind: str = "consent.revoked", **more: object) -> dict[str, Any]:
    entity, _, event_type = kind.partition(".")
    created = at.isoformat().replace("+00:00", "Z")
    about = {"createdDate": created, "entity": entity, "eventType": event_type, "userId": USER}
    return {"type": "event", "id": id_, **about, **more}


def client(desk: Desk) -> AsyncBasiqClient:
    return desk.know_user().adapter.client(desk.ctx)


async def unread(desk: Desk, *events: object, everybody: bool = False) -> Unread:
    desk.answers(listing(*events))
    return await client(desk).events.unread(everybody=everybody)


@pytest.fixture
def reading(desk: Desk) -> Desk:
    return desk.answers(token())


def ids(found: Unread) -> list[str]:
    return [event.id for event in found.events]


async def test_first_reading_gives_all_there_is_oldest_first(reading: Desk) -> None:
    found = await unread(reading, event("b"), event("a", NOW - timedelta(days=6)))
    assert (ids(found), found.gap) == (["a", "b"], None)
    assert reading.sent("list_events")[0].params == {"filter": f"user.id.eq('{USER}')"}


async def test_what_was_not_marked_comes_again_in_another_process(reading: Desk) -> None:
    first = await unread(reading, event("a"))
    assert ids(await unread(reading, event("a"))) == ["a"]
    await client(reading).events.mark_read(first)
    assert ids(await unread(reading, event("a"), event("b"))) == ["b"]


async def test_event_that_is_added_late_is_not_passed_over(reading: Desk) -> None:
    await client(reading).events.mark_read(await unread(reading, event("a", NOW)))
    reading.wait(minutes=1)
    assert ids(await unread(reading, event("a"), event("late", NOW - timedelta(hours=5)))) == ["late"]


async def test_event_is_given_once_even_at_the_end_of_its_week(reading: Desk) -> None:
    await client(reading).events.mark_read(await unread(reading, event("a", NOW)))
    for _ in range(6):
        reading.wait(days=1)
        await client(reading).events.mark_read(await unread(reading, event("a", NOW)))
    reading.wait(days=1)
    assert ids(await unread(reading, event("a", NOW))) == []


async def test_time_that_nobody_read_is_said_until_it_is_dealt_with(reading: Desk) -> None:
    await client(reading).events.mark_read(await unread(reading))
    reading.wait(days=9)
    for _ in range(2):
        found = await unread(reading)
        assert found.gap == Gap(NOW, NOW + timedelta(days=2))
    await client(reading).events.mark_read(found)
    assert (await unread(reading)).gap is None


async def test_a_week_exactly_is_no_gap(reading: Desk) -> None:
    await client(reading).events.mark_read(await unread(reading))
    reading.wait(days=7)
    assert (await unread(reading)).gap is None


async def test_failed_reading_moves_nothing(reading: Desk) -> None:
    await client(reading).events.mark_read(await unread(reading, event("a")))
    remembered = dict(reading.ctx.remembered)
    reading.answers(refusal(503, "service-unavailable"))
    with pytest.raises(ProviderUnavailable):
        await client(reading).events.unread()
    assert reading.ctx.remembered == remembered


async def test_two_readers_forget_nothing_of_each_others(reading: Desk) -> None:
    one = await unread(reading, event("a"))
    reading.wait(minutes=1)
    two = await unread(reading, event("a"), event("b"))
    await client(reading).events.mark_read(two)
    await client(reading).events.mark_read(one)
    assert ids(await unread(reading, event("a"), event("b"))) == []


async def test_what_is_remembered_does_not_grow_for_ever(reading: Desk) -> None:
    for n in range(30):
        reading.wait(days=1)
        await client(reading).events.mark_read(await unread(reading, event(f"e{n}")))
    assert reading.ctx.remembered["events"].count('"e') <= 9


async def test_everybodys_events_have_a_place_of_their_own(reading: Desk) -> None:
    await client(reading).events.mark_read(await unread(reading, event("a"), everybody=True))
    assert ids(await unread(reading, event("a"))) == ["a"]
    assert ids(await unread(reading, event("a"), everybody=True)) == []
    assert [request.params for request in reading.sent("list_events")][::2] == [{}, {}]


@pytest.mark.parametrize("kept", ["nonsense", "{}", '{"read_at":"never"}'])
async def test_bookmark_of_another_version_begins_anew(reading: Desk, kept: str) -> None:
    reading.ctx.remembered["events"] = kept
    assert ids(await unread(reading, event("a"))) == ["a"]


@pytest.mark.parametrize(
    "about",
    [
        {"data": {"connection": {"id": "con-1"}}},
        {"dataRef": f"/users/{USER}/connections/con-1"},
        {"dataRef": f"https://au-api.basiq.io/users/{USER}/transactions?filter=connection.id.eq('con-1')"},
        {"dataRef": f"/users/{USER}/accounts?filter=a.b.eq('x'),connection.id.eq('con-1')", "data": "text"},
    ],
)
async def test_event_says_which_connection_it_is_about(reading: Desk, about: dict[str, Any]) -> None:
    (found,) = (await unread(reading, event("a", kind="transactions.updated", **about))).events
    assert (found.kind, found.connection) == ("transactions.updated", "con-1")


@pytest.mark.parametrize("link", [None, "", "/users/u1", "/x?filter=", "/x?filter=connection.id.eq("])
def test_link_may_name_no_connection(link: str | None) -> None:
    assert not connection_in(link)
