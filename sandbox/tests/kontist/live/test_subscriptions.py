"""newTransaction over graphql-transport-ws, against the dialect in memory (providers/kontist.md section 6.6)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec

import pytest
from sandbox.tests.kontist.callers import START, Kontist, make_account, make_movement
from sandbox.tests.kontist.listeners import connect

from bankweave_sandbox.world import Movement, world_id

P = ParamSpec("P")
DETAILS = """subscription {newTransaction {
    id amount name iban type bookingDate valutaDate paymentMethod category categoryCode vatCategoryCode vatRate
    categorizationType userSelectedBookingDate purpose personalNote originalAmount foreignCurrency createdAt
    splits {id amount category categoryCode userSelectedBookingDate categorizationType vatCategoryCode}
    recurlyInvoiceNumber canBeRecategorized assets {id name filetype thumbnail fullsize} documentNumber
    documentPreviewUrl documentDownloadUrl documentType mandateNumber e2eId
}}"""


def in_loop(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Run an asynchronous test in a loop of its own, with an end to any waiting."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 10))

    return run


def pay(kontist: Kontist, number: int, amount: str = "-5.00", **values: Any) -> Movement:
    return kontist.world.pay(kontist.account, make_movement(number, amount, at=kontist.world.clock.now(), **values))


def set_switches(kontist: Kontist, **switches: Any) -> None:
    assert kontist.control("PATCH", "/switches", switches).status_code == 200


@pytest.fixture
def token(kontist: Kontist) -> str:
    return kontist.token()


@in_loop
async def test_a_payment_arrives_as_it_happens(kontist: Kontist, token: str) -> None:
    async with connect(kontist.dialect.app) as socket:
        await socket.begin(token)
        await socket.subscribe()

        paid = pay(kontist, 10)

        assert await socket.heard() == {
            "id": "s1",
            "type": "next",
            "payload": {"data": {"newTransaction": {"id": paid.id}}},
        }


@in_loop
async def test_everything_that_the_sdk_selects_is_answered(kontist: Kontist, token: str) -> None:
    async with connect(kontist.dialect.app) as socket:
        await socket.begin(token)
        await socket.subscribe(query=DETAILS)

        pay(kontist, 10, "-12.34", booked_at=None, text="DINNER")

        payload = (await socket.heard())["payload"]
        assert "errors" not in payload
        row = payload["data"]["newTransaction"]
        assert (row["amount"], row["purpose"], row["type"], row["valutaDate"]) == (-1234, "DINNER", "CARD_USAGE", None)


@in_loop
async def test_only_the_own_payments_arrive(kontist: Kontist, token: str) -> None:
    other = kontist.world.accounts[1]
    async with connect(kontist.dialect.app) as socket:
        await socket.begin(token)
        await socket.subscribe()

        kontist.world.pay(other, make_movement(11, at=START))
        await socket.settle()

        assert socket.has_heard_nothing()


@in_loop
async def test_what_the_clock_brings_arrives_in_order(kontist: Kontist, token: str) -> None:
    for number in (12, 13):
        kontist.account.movements.append(make_movement(number, at=START + timedelta(days=number)))
    async with connect(kontist.dialect.app) as socket:
        await socket.begin(token)
        await socket.subscribe()

        kontist.advance(days=20)

        arrived = [(await socket.heard())["payload"]["data"]["newTransaction"]["id"] for _ in range(2)]
        assert arrived == [world_id("movement", "12"), world_id("movement", "13")]


@pytest.mark.parametrize(("switches", "arrivals"), [({}, 1), ({"new_transaction_on_booking": True}, 2)])
def test_a_booking_fires_only_when_switched_on(
    kontist: Kontist, token: str, switches: dict[str, bool], arrivals: int
) -> None:
    set_switches(kontist, **switches)

    @in_loop
    async def listen() -> None:
        reserved = pay(kontist, 14, booked_at=None)
        async with connect(kontist.dialect.app) as socket:
            await socket.begin(token)
            await socket.subscribe()

            kontist.world.book(reserved)
            kontist.world.lapse(kontist.account, pay(kontist, 15, booked_at=None))
            await socket.settle()

            assert socket.from_server.qsize() == arrivals

    listen()


@pytest.mark.parametrize(("accounts", "arrivals"), [("main", 0), ("all", 1)])
def test_sub_accounts_are_told_of_only_when_switched_on(
    kontist: Kontist, token: str, accounts: str, arrivals: int
) -> None:
    set_switches(kontist, new_transaction_accounts=accounts)
    pocket = make_account(kontist.account.holders[0], "DE08110101001234567891", [])
    kontist.world.accounts.append(pocket)

    @in_loop
    async def listen() -> None:
        async with connect(kontist.dialect.app) as socket:
            await socket.begin(token)
            await socket.subscribe()

            kontist.world.pay(pocket, make_movement(16, at=START))
            await socket.settle()

            assert socket.from_server.qsize() == arrivals

    listen()


@in_loop
async def test_nothing_arrives_after_complete(kontist: Kontist, token: str) -> None:
    async with connect(kontist.dialect.app) as socket:
        await socket.begin(token)
        await socket.subscribe("first")
        await socket.subscribe("second")
        await socket.say(type="complete", id="first")
        await socket.settle()

        pay(kontist, 17)

        assert (await socket.heard())["id"] == "second"
        assert socket.has_heard_nothing()


@in_loop
async def test_two_sockets_of_one_person_both_hear(kontist: Kontist, token: str) -> None:
    async with connect(kontist.dialect.app) as one, connect(kontist.dialect.app) as two:
        for socket in (one, two):
            await socket.begin(token)
            await socket.subscribe()

        pay(kontist, 18)

        assert await one.heard() == await two.heard()


@in_loop
async def test_the_last_transaction_is_repeated_to_who_returns_when_switched_on(kontist: Kontist, token: str) -> None:
    kontist.dialect.switches.resubscribe_repeats_last = True
    async with connect(kontist.dialect.app) as socket:
        await socket.begin(token)
        await socket.subscribe()
        assert socket.has_heard_nothing()
        pay(kontist, 19)
        first = await socket.heard()
    async with connect(kontist.dialect.app) as socket:
        await socket.begin(token)
        await socket.subscribe()

        assert await socket.heard() == first


@in_loop
async def test_queries_are_answered_and_completed(kontist: Kontist, token: str) -> None:
    async with connect(kontist.dialect.app) as socket:
        await socket.begin(token)
        await socket.say(type="subscribe", id="q", payload={"query": "{viewer {email}}"})

        assert await socket.heard() == {
            "id": "q",
            "type": "next",
            "payload": {"data": {"viewer": {"email": "anna@kontist.example"}}},
        }
        assert await socket.heard() == {"id": "q", "type": "complete"}


@in_loop
async def test_an_invalid_document_is_an_error_message_and_the_socket_lives_on(kontist: Kontist, token: str) -> None:
    async with connect(kontist.dialect.app) as socket:
        await socket.begin(token)
        await socket.say(type="subscribe", id="s1", payload={"query": "subscription {newTransaction {nonsense}}"})

        message = await socket.heard()
        assert (message["id"], message["type"]) == ("s1", "error")
        assert "nonsense" in message["payload"][0]["message"]
        assert message["payload"][0]["extensions"]["status"] == 400
        await socket.settle()


@in_loop
async def test_a_subscription_needs_a_token(kontist: Kontist) -> None:
    async with connect(kontist.dialect.app) as socket:
        await socket.begin(None)
        await socket.say(type="subscribe", id="s1", payload={"query": "subscription {newTransaction {id}}"})

        assert (await socket.heard())["payload"][0]["message"] == "Unauthorized"


def test_a_subscription_needs_the_scope(kontist: Kontist) -> None:
    narrow = kontist.token("users offline")

    @in_loop
    async def listen() -> None:
        async with connect(kontist.dialect.app) as socket:
            await socket.begin(narrow)
            await socket.say(type="subscribe", id="s1", payload={"query": "subscription {newTransaction {id}}"})

            assert (await socket.heard())["payload"][0]["extensions"]["status"] == 403

    listen()


@in_loop
async def test_a_bad_token_is_refused_with_4403(kontist: Kontist) -> None:
    async with connect(kontist.dialect.app) as socket:
        await socket.say(type="connection_init", payload={"Authorization": "Bearer nonsense"})

        assert await socket.closed_with() == 4403


@in_loop
async def test_a_bad_token_can_show_at_the_first_subscription(kontist: Kontist) -> None:
    kontist.dialect.switches.socket_bad_token = "error_on_subscribe"
    async with connect(kontist.dialect.app) as socket:
        await socket.begin("nonsense")
        await socket.say(type="subscribe", id="s1", payload={"query": "subscription {newTransaction {id}}"})

        assert (await socket.heard())["payload"][0]["message"] == "Unauthorized"


@in_loop
async def test_a_socket_outlives_its_token(kontist: Kontist, token: str) -> None:
    async with connect(kontist.dialect.app) as socket:
        await socket.begin(token)
        await socket.subscribe()
        kontist.advance(hours=2)

        pay(kontist, 20)

        assert (await socket.heard())["type"] == "next"


@pytest.mark.parametrize(("switch", "code"), [("close_4401", 4401), ("close_4403", 4403)])
def test_a_socket_ends_with_its_token_when_switched_on(kontist: Kontist, token: str, switch: str, code: int) -> None:
    set_switches(kontist, socket_at_expiry=switch)

    @in_loop
    async def listen() -> None:
        async with connect(kontist.dialect.app) as socket:
            await socket.begin(token)
            await socket.subscribe()

            kontist.advance(hours=2)

            assert await socket.closed_with() == code

    listen()


@in_loop
async def test_subscribing_before_the_acknowledgement_closes_with_4401(kontist: Kontist) -> None:
    async with connect(kontist.dialect.app) as socket:
        await socket.say(type="subscribe", id="s1", payload={"query": "{status {type}}"})

        assert await socket.closed_with() == 4401


@in_loop
async def test_a_second_connection_init_closes_with_4429(kontist: Kontist, token: str) -> None:
    async with connect(kontist.dialect.app) as socket:
        await socket.begin(token)
        await socket.say(type="connection_init")

        assert await socket.closed_with() == 4429


@in_loop
async def test_a_name_in_use_closes_with_4409(kontist: Kontist, token: str) -> None:
    async with connect(kontist.dialect.app) as socket:
        await socket.begin(token)
        await socket.subscribe("s1")
        await socket.say(type="subscribe", id="s1", payload={"query": "subscription {newTransaction {id}}"})

        assert await socket.closed_with() == 4409


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"type": "start"}',
        '{"type": "subscribe"}',
        json.dumps({"type": "subscribe", "id": "", "payload": {}}),
    ],
)
def test_a_message_that_is_none_closes_with_4400(kontist: Kontist, token: str, text: str) -> None:
    @in_loop
    async def talk() -> None:
        async with connect(kontist.dialect.app) as socket:
            await socket.begin(token)
            await socket.say_text(text)

            assert await socket.closed_with() == 4400

    talk()


@in_loop
async def test_a_socket_without_connection_init_is_closed_with_4408(kontist: Kontist) -> None:
    kontist.dialect.switches.socket_init_seconds = 0.01
    async with connect(kontist.dialect.app) as socket:
        assert await socket.closed_with() == 4408


@in_loop
async def test_another_subprotocol_is_closed_with_4406(kontist: Kontist) -> None:
    async with connect(kontist.dialect.app, "graphql-ws") as socket:
        assert await socket.closed_with() == 4406


@in_loop
async def test_pings_are_answered_with_their_payload(kontist: Kontist) -> None:
    async with connect(kontist.dialect.app) as socket:
        await socket.say(type="ping", payload={"a": 1})
        assert await socket.heard() == {"type": "pong", "payload": {"a": 1}}
        await socket.say(type="ping")
        assert await socket.heard() == {"type": "pong"}


def test_over_http_a_subscription_is_refused(kontist: Kontist) -> None:
    answer = kontist.ask("subscription {newTransaction {id}}")

    assert "WebSocket" in answer["errors"][0]["message"]


def test_the_row_is_the_one_that_the_list_shows(kontist: Kontist, token: str) -> None:
    kontist.dialect.switches.booking_changes_id = True
    seen: list[str] = []

    @in_loop
    async def listen() -> None:
        later = replace(make_movement(21), booked_at=START + timedelta(days=2), amount=Decimal("-3.00"))
        kontist.account.movements.append(replace(later, occurred_at=START + timedelta(days=1)))
        async with connect(kontist.dialect.app) as socket:
            await socket.begin(token)
            await socket.subscribe()
            kontist.advance(days=3)
            seen.append((await socket.heard())["payload"]["data"]["newTransaction"]["id"])

    listen()

    assert seen == [kontist.transactions("first: 1", token=kontist.token())[0]["id"]]
