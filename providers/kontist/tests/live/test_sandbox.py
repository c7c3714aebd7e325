"""Live transactions over a real socket: across closed connections and expired tokens, and to the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from decimal import Decimal
from typing import TypeVar

import pytest
from kontist_client import SIGN_IN, tell
from sandboxed import Control, Customer

from bankweave import AsyncBankweave
from bankweave_kontist.client import AsyncKontistClient
from bankweave_kontist.transactions.records import Transaction

pytestmark = pytest.mark.anyio

T = TypeVar("T")


@pytest.fixture
def account(control: Control) -> str:
    """Anna's account, as the control origin names it."""
    return str(Customer(control.sandbox, "kontist", SIGN_IN["username"]).accounts[0].id)


async def is_listening(control: Control, *, but: str | None = None) -> str:
    """Wait until a socket has subscribed, another one than `but`; gives its id."""
    for _ in range(500):
        for socket in tell(control, "GET", "/sockets"):
            if socket["subscriptions"] and socket["id"] != but:
                return str(socket["id"])
        await asyncio.sleep(0.01)
    raise AssertionError("nobody has subscribed")


def next_of(stream: AsyncIterator[T]) -> asyncio.Task[T]:
    """Begin to wait for the next one."""

    async def wait() -> T:
        return await asyncio.wait_for(anext(stream), 10)

    return asyncio.create_task(wait())


async def test_a_payment_arrives_as_it_happens(
    kontist_client: AsyncKontistClient, control: Control, account: str
) -> None:
    async with aclosing(kontist_client.live.transactions()) as stream:
        arriving = next_of(stream)
        await is_listening(control)
        payment = control.pay(account, "-12.34", "Coffee")
        transaction = await arriving

    assert (transaction.id, transaction.amount, transaction.purpose) == (payment, Decimal("-12.34"), "Coffee")


async def test_leaving_closes_the_socket_at_once(kontist_client: AsyncKontistClient, control: Control) -> None:
    stream = kontist_client.live.transactions()
    arriving = next_of(stream)
    await is_listening(control)
    arriving.cancel()
    await asyncio.wait({arriving})
    await stream.aclose()

    for _ in range(100):
        if not tell(control, "GET", "/sockets"):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the socket is still open")


@pytest.mark.parametrize("code", [1001, 1006, 1012, 4401, 4500])
async def test_nothing_is_lost_and_nothing_comes_twice_across_a_break(
    code: int, kontist_client: AsyncKontistClient, control: Control, account: str
) -> None:
    control.switch("kontist", resubscribe_repeats_last=True)
    async with aclosing(kontist_client.live.transactions()) as stream:
        arriving = next_of(stream)
        first = await is_listening(control)
        expected = [control.pay(account, "-1", "before")]
        arrived = [(await arriving).id]
        control.elapse(seconds=5)  # tokens of the same second are the same

        tell(control, "POST", "/sockets/close", {"code": code})
        expected.append(control.pay(account, "-2", "meanwhile"))
        arriving = next_of(stream)
        await is_listening(control, but=first)
        arrived.append((await arriving).id)
        arriving = next_of(stream)
        expected.append(control.pay(account, "-3", "after"))
        arrived.append((await arriving).id)

    assert arrived == expected


@pytest.mark.parametrize("how", ["close_4401", "close_4403"])
async def test_an_expired_token_is_replaced_by_a_fresh_one(
    how: str, kontist_client: AsyncKontistClient, control: Control, account: str
) -> None:
    control.switch("kontist", socket_at_expiry=how)
    async with aclosing(kontist_client.live.transactions()) as stream:
        arriving = next_of(stream)
        await is_listening(control)
        control.elapse(hours=2)
        # The sandbox closes the socket instead of telling.
        payment = control.pay(account, "-1", "after the token's hour")

        assert (await arriving).id == payment


async def test_a_reservation_comes_again_when_kontist_tells_of_its_booking(
    kontist_client: AsyncKontistClient, control: Control, account: str
) -> None:
    control.switch("kontist", new_transaction_on_booking=True)
    async with aclosing(kontist_client.live.transactions()) as stream:
        arriving = next_of(stream)
        await is_listening(control)
        payment = control.pay(account, "-9.99", "Lunch", pending=True, kind="card")
        reserved = await arriving
        arriving = next_of(stream)
        control.book(payment)
        booked = await arriving

    assert (reserved.is_reservation, booked.is_reservation) == (True, False)
    assert booked.amount == Decimal("-9.99")


async def test_callbacks_are_called_until_unsubscribed(
    kontist_client: AsyncKontistClient, control: Control, account: str
) -> None:
    arrived: asyncio.Queue[Transaction] = asyncio.Queue()
    subscription = await kontist_client.live.subscribe(arrived.put_nowait)
    payment = control.pay(account, "-1", "one")
    assert (await asyncio.wait_for(arrived.get(), 10)).id == payment

    await subscription.unsubscribe()
    control.pay(account, "-2", "two")

    assert arrived.empty()
    assert not subscription.is_running


@pytest.mark.usefixtures("connected")
async def test_watching_turns_events_into_stored_changes(bank: AsyncBankweave, control: Control, account: str) -> None:
    await bank.sync()
    async with aclosing(bank.watch(owner="anna")) as changes:
        arriving = next_of(changes)
        await is_listening(control)
        control.pay(account, "-5", "seen live")
        change = await arriving

    assert change.transaction is not None
    assert change.transaction.amount == Decimal(-5)
