"""Transactions as they happen: none twice, none lost, and how a subscription ends."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from datetime import date
from decimal import Decimal

import pytest

from bankweave.adapter import Request, Response
from bankweave.errors import AccessRevoked, BankweaveError, MalformedAnswer, ProviderUnavailable
from bankweave.testing import FakeContext
from bankweave.testing.socket import Message, ScriptedSocket
from bankweave_kontist import KontistSettings
from bankweave_kontist.client.live import Live
from bankweave_kontist.session import Session
from bankweave_kontist.transactions.records import Transaction

pytestmark = pytest.mark.anyio

ACK = '{"type":"connection_ack"}'
PONG = '{"type":"pong"}'


def row(number: int, **changed: object) -> dict[str, object]:
    return {
        "id": f"t-{number}",
        "amount": -100 * number,
        "type": "CARD_USAGE",
        "bookingDate": "2026-11-20T23:00:00.000Z",
        "valutaDate": "2026-11-20T23:00:00.000Z",
        "createdAt": "2026-11-21T09:00:00.000Z",
        "name": f"Shop {number}",
        "iban": None,
        "paymentMethod": "card",
        "purpose": None,
        **changed,
    }


def page(*rows: dict[str, object], after: str | None = None) -> Response:
    info = {"hasNextPage": after is not None, "hasPreviousPage": False, "startCursor": None, "endCursor": after}
    connection = {"edges": [{"cursor": "c", "node": each} for each in rows], "pageInfo": info}
    data = {"data": {"viewer": {"mainAccount": {"transactions": connection}}}}
    return Response(status=200, body=json.dumps(data).encode())


def told(transaction: dict[str, object]) -> str:
    return json.dumps({"id": "live-1", "type": "next", "payload": {"data": {"newTransaction": transaction}}})


def standing(*messages: Message, code: str | None = "1006") -> ScriptedSocket:
    return ScriptedSocket([ACK, PONG, *messages], code=code)


@pytest.fixture
def ctx() -> FakeContext:
    return FakeContext()


@pytest.fixture
def live(ctx: FakeContext, settings: KontistSettings) -> Live:
    return Live(Session(settings, ctx))


async def take(live: Live, count: int, since: date | None = None) -> list[str]:
    taken: list[str] = []
    async with aclosing(live.transactions(since=since)) as transactions:
        async for transaction in transactions:
            taken.append(transaction.id)
            if len(taken) == count:
                return taken
    return taken


def asked_since(request: Request) -> str:
    return str(json.loads(request.body or b"")["variables"]["filter"]["bookingDate_gte"])


async def test_what_was_there_before_is_no_news(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(row(1)), page(row(1))]
    ctx.http.sockets = [standing(told(row(2)))]

    assert await take(live, 1) == ["t-2"]


async def test_what_happens_while_it_connects_is_caught_up_with(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(row(1)), page(row(3), row(2), row(1))]
    ctx.http.sockets = [standing(told(row(4)))]

    assert await take(live, 3) == ["t-2", "t-3", "t-4"]


async def test_the_catch_up_is_asked_for_after_the_server_has_read_the_subscription(
    ctx: FakeContext, live: Live
) -> None:
    said: list[str] = []
    socket = standing(told(row(2)))

    def answer(_request: Request) -> Response:
        said.extend(json.loads(text)["type"] for text in socket.sent)
        return page()

    ctx.http.answers = [page(), answer]
    ctx.http.sockets = [socket]
    await take(live, 1)

    assert said == ["connection_init", "subscribe", "ping"]


async def test_a_transaction_that_comes_both_ways_comes_once(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(), page(row(2))]
    ctx.http.sockets = [standing(told(row(2)), told(row(2)), told(row(3)))]

    assert await take(live, 2) == ["t-2", "t-3"]


async def test_what_happens_during_a_break_is_not_lost_and_nothing_comes_twice(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(), page(), page(row(3), row(2))]
    ctx.http.sockets = [standing(told(row(2)), code="1012"), standing(told(row(3)), told(row(4)))]

    assert await take(live, 3) == ["t-2", "t-3", "t-4"]


async def test_a_reservation_comes_again_when_it_is_booked(ctx: FakeContext, live: Live) -> None:
    reserved = row(2, valutaDate=None)
    ctx.http.answers = [page(reserved), page(reserved)]
    ctx.http.sockets = [standing(told(row(2)), told(row(3)))]

    assert await take(live, 2) == ["t-2", "t-3"]


async def test_what_the_user_does_to_a_transaction_is_no_news(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(row(1)), page(row(1, category="VAT_19", personalNote="lunch"))]
    ctx.http.sockets = [standing(told(row(2)))]

    assert await take(live, 1) == ["t-2"]


async def test_a_program_can_go_on_where_it_stopped(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(row(2), row(1))]
    ctx.http.sockets = [standing(told(row(3)))]

    assert await take(live, 3, since=date(2026, 11, 21)) == ["t-1", "t-2", "t-3"]
    assert asked_since(ctx.http.sent[0]) == "2026-11-20T23:00:00.000Z"


async def test_nothing_older_than_where_it_stopped_is_taken_for_news(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(row(1)), page(row(1))]
    ctx.http.sockets = [standing(code="1001"), standing(told(row(2)))]

    await take(live, 2, since=date(2026, 11, 21))

    assert asked_since(ctx.http.sent[1]) == "2026-11-20T23:00:00.000Z"


async def test_a_catch_up_reads_as_far_back_as_reservations_stay_open(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(), page()]
    ctx.http.sockets = [standing(told(row(2)))]

    await take(live, 1)

    assert [asked_since(request) for request in ctx.http.sent] == ["2026-10-22T22:00:00.000Z"] * 2


async def test_a_catch_up_reads_every_page(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(), page(row(3), after="c-1"), page(row(2), after="c-2"), page(row(1))]
    ctx.http.sockets = [standing()]

    assert await take(live, 3) == ["t-1", "t-2", "t-3"]


async def test_pages_that_lead_nowhere_end_it(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(row(3), after="c-1"), page(row(3), after="c-1")]

    with pytest.raises(MalformedAnswer):
        await take(live, 1)


async def test_a_catch_up_that_fails_is_tried_until_it_is_done(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(), ProviderUnavailable("down"), ProviderUnavailable("down"), page(row(2))]
    ctx.http.sockets = [standing()]

    assert await take(live, 1) == ["t-2"]
    assert ctx.slept == [30.0, 30.0]


async def test_amounts_are_euros_and_days_are_berlins(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(), page()]
    ctx.http.sockets = [standing(told(row(2)))]
    async with aclosing(live.transactions()) as transactions:
        transaction = await anext(transactions)

    assert (transaction.amount, transaction.booking_date) == (Decimal("-2.00"), date(2026, 11, 21))


async def test_an_event_that_cannot_be_read_ends_it(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(), page()]
    ctx.http.sockets = [standing(told({"id": "t-1"}))]

    with pytest.raises(MalformedAnswer):
        await take(live, 1)


# Callbacks ------------------------------------------------------------------------------------------------------------


async def test_callbacks_get_what_an_iterator_would(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(), page()]
    socket = standing(told(row(2)), told(row(3)), code=None)
    ctx.http.sockets = [socket]
    arrived: list[str] = []
    both = asyncio.Event()

    async def note(transaction: Transaction) -> None:
        arrived.append(transaction.id)
        if len(arrived) == 2:
            both.set()

    subscription = await live.subscribe(note)
    await asyncio.wait_for(both.wait(), 5)
    await subscription.unsubscribe()
    await subscription.unsubscribe()

    assert arrived == ["t-2", "t-3"]
    assert json.loads(socket.sent[-1])["type"] == "complete"
    assert (socket.is_open, subscription.is_running) == (False, False)
    await subscription.ended()


async def test_a_callback_may_unsubscribe(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(), page()]
    ctx.http.sockets = [standing(told(row(2)), told(row(3)), code=None)]
    arrived: list[str] = []

    async def once(transaction: Transaction) -> None:
        arrived.append(transaction.id)
        await subscription.unsubscribe()

    subscription = await live.subscribe(once)
    await asyncio.wait_for(subscription.ended(), 5)

    assert arrived == ["t-2"]


async def test_subscribing_says_at_once_why_it_cannot_be(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page()]
    ctx.http.sockets = [ScriptedSocket(code="4401"), ScriptedSocket(code="4401")]
    errors: list[BankweaveError] = []

    with pytest.raises(AccessRevoked):
        await live.subscribe(lambda _transaction: None, errors.append)

    assert errors == []


async def test_an_error_that_ends_it_goes_to_its_callback_once(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(), page()]
    ctx.http.sockets = [standing(told(row(2)), "no json")]
    errors: list[BankweaveError] = []

    subscription = await live.subscribe(lambda _transaction: None, errors.append)
    await asyncio.wait_for(subscription.ended(), 5)

    assert [type(error) for error in errors] == [MalformedAnswer]


async def test_without_a_callback_for_errors_the_end_raises_it(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(), page()]
    ctx.http.sockets = [standing("no json")]

    subscription = await live.subscribe(lambda _transaction: None)

    with pytest.raises(MalformedAnswer):
        await asyncio.wait_for(subscription.ended(), 5)


async def test_a_callback_that_fails_ends_it_with_its_error(ctx: FakeContext, live: Live) -> None:
    ctx.http.answers = [page(), page()]
    socket = standing(told(row(2)), code=None)
    ctx.http.sockets = [socket]

    def fail(_transaction: Transaction) -> None:
        raise KeyError("of the program's own")

    subscription = await live.subscribe(fail)

    with pytest.raises(KeyError):
        await asyncio.wait_for(subscription.ended(), 5)
    assert not socket.is_open
