"""Transfers and cards: what is asked, sent once, stored, and found again when an answer was lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import anyio
import pytest
from banks import OWNER, connected, synced, weave
from clocks import StillClock

from bankweave import (
    CardAction,
    CardStatus,
    FlowStatus,
    Frequency,
    Transfer,
    TransferKind,
    TransferOrder,
    TransferStatus,
)
from bankweave.errors import (
    FlowExpired,
    FlowOver,
    InvalidOrder,
    NotAsking,
    OutcomeUnknown,
    ProviderRefused,
    UnknownConnection,
    Unsupported,
)
from bankweave.flow import Challenge
from bankweave.payment import Card
from bankweave.testing import EchoBank

pytestmark = pytest.mark.anyio

IBAN = "DE89370400440532013000"


def an_order(amount: object = "12.50", **more: object) -> TransferOrder:
    amount = Decimal(amount) if isinstance(amount, str) else amount
    given = {"creditor_name": "Recht und Ordnung", "creditor_iban": IBAN, "amount": amount} | more
    return TransferOrder(**given)  # type: ignore[arg-type]  # a test's shorthand


@pytest.fixture
def bank() -> EchoBank:
    return EchoBank(accounts={"giro": []}, pays=True)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


@pytest.fixture
async def account(store: Path, bank: EchoBank) -> str:
    account_id = await synced(store, bank)
    bank.code = "4711"
    return account_id


async def test_a_transfer_is_confirmed_in_another_process(store: Path, bank: EchoBank, account: str) -> None:
    async with weave(store, bank) as one:
        flow = await one.transfer(account, an_order())
    assert isinstance(flow.interaction, Challenge)
    assert bank.transfers == []

    async with weave(store, bank) as other:
        (transfer,) = await other.confirm(flow.id, "4711")

    assert (transfer.amount, transfer.kind, transfer.status) == (
        Decimal("12.50"),
        TransferKind.CREDIT_TRANSFER,
        TransferStatus.ACCEPTED,
    )
    assert transfer.end_to_end_id == flow.id  # by which it can be found again
    assert bank.transfers == [transfer]


async def test_a_second_confirmation_sends_nothing(store: Path, bank: EchoBank, account: str) -> None:
    async with weave(store, bank) as one:
        flow = await one.transfer(account, an_order())
        first = await one.confirm(flow.id, "4711")
        bank.calls.clear()

        assert await one.confirm(flow.id, "4711") == first
        assert bank.calls == []
        done = await one.flow(flow.id)
    assert (done.status, done.transfers, done.over) == (FlowStatus.DONE, first, True)


async def test_many_are_confirmed_at_once(store: Path, bank: EchoBank, account: str) -> None:
    async with weave(store, bank) as one:
        flow = await one.transfer(account, [an_order("1"), an_order("2"), an_order("3", end_to_end_id="MINE")])
        made = await one.confirm(flow.id, {"code": "4711"})

    assert [transfer.amount for transfer in made] == [1, 2, 3]
    assert len({transfer.end_to_end_id for transfer in made}) == 3
    assert made[2].end_to_end_id == "MINE"


async def test_a_wrong_code_ends_the_order(store: Path, bank: EchoBank, account: str) -> None:
    async with weave(store, bank) as one:
        flow = await one.transfer(account, an_order())
        with pytest.raises(ProviderRefused, match="order again") as refused:
            await one.confirm(flow.id, "0000")
        assert refused.value.code == "wrong_answer"
        with pytest.raises(FlowOver):
            await one.confirm(flow.id, "4711")
    assert bank.transfers == []


async def test_a_code_that_comes_too_late_is_not_sent(store: Path, bank: EchoBank, account: str) -> None:
    clock = StillClock()
    async with weave(store, bank, clock=clock) as one:
        flow = await one.transfer(account, an_order())
        bank.calls.clear()
        clock.instant += timedelta(minutes=6)
        with pytest.raises(FlowExpired):
            await one.confirm(flow.id, "4711")
    assert bank.calls == []


async def test_a_lost_answer_is_never_sent_again_and_can_be_looked_up(
    store: Path, bank: EchoBank, account: str
) -> None:
    bank.pay_failure = OutcomeUnknown("the answer was lost")
    async with weave(store, bank) as one:
        flow = await one.transfer(account, an_order())
        for _ in range(2):  # the second time too: "begin a new one" would pay twice
            with pytest.raises(OutcomeUnknown):
                await one.confirm(flow.id, "4711")
        shown = (await one.flow(flow.id)).public()
    assert len(bank.transfers) == 1
    assert shown["status"] == "failed"
    assert shown["failure"]["kind"] == "OutcomeUnknown"

    async with weave(store, bank) as later:
        assert [found.id for found in await later.outcome(flow.id)] == ["transfer-1"]


async def test_a_payment_that_was_cut_short_is_not_confirmed_again(store: Path, bank: EchoBank, account: str) -> None:
    """As after a crash: the claim was never given back, so nobody knows whether the bank has heard."""
    clock = StillClock()
    bank.pay_failure = anyio.get_cancelled_exc_class()()  # type: ignore[assignment]  # the task ends while the bank works
    async with weave(store, bank, clock=clock) as one:
        flow = await one.transfer(account, an_order())
        with pytest.raises(anyio.get_cancelled_exc_class()):
            await one.confirm(flow.id, "4711")
    bank.pay_failure = None

    clock.instant += timedelta(minutes=2)
    async with weave(store, bank, clock=clock) as other:
        with pytest.raises(OutcomeUnknown, match=r"outcome\(\)"):
            await other.confirm(flow.id, "4711")
        assert len(await other.outcome(flow.id)) == 1
    assert len(bank.transfers) == 1


async def test_what_became_of_a_cancellation_is_found_without_an_end_to_end_id(
    store: Path, bank: EchoBank, account: str
) -> None:
    bank.transfers = [
        Transfer(
            id="old-1",
            account_provider_id="giro",
            kind=TransferKind.STANDING_ORDER,
            status=TransferStatus.ACTIVE,
            amount=Decimal(5),
            currency="EUR",
        )
    ]
    async with weave(store, bank) as one:
        flow = await one.cancel_transfer(account, bank.transfers[0])
        assert [found.status for found in await one.outcome(flow.id)] == [TransferStatus.ACTIVE]
        await one.confirm(flow.id, "4711")
        assert [found.status for found in await one.outcome(flow.id)] == [TransferStatus.CANCELLED]


async def test_two_orders_cannot_have_one_end_to_end_id(store: Path, bank: EchoBank, account: str) -> None:
    async with weave(store, bank) as one:
        with pytest.raises(InvalidOrder, match="end_to_end_id"):
            await one.transfer(account, [an_order(end_to_end_id="MINE"), an_order(end_to_end_id="MINE")])
    assert bank.calls == []


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (an_order(amount=12.5), "amount"),
        (an_order("0"), "amount"),
        (an_order("-1"), "amount"),
        (an_order("0.001"), "amount"),
        (an_order(currency="USD"), "currency"),
        (an_order(creditor_iban="DE00370400440532013000"), "creditor_iban"),
        (an_order(creditor_name=" "), "creditor_name"),
        (an_order(remittance_information="x" * 141), "remittance_information"),
        (an_order(remittance_information="50 €"), "remittance_information"),
        (an_order(end_to_end_id="x" * 36), "end_to_end_id"),
    ],
)
async def test_what_no_bank_would_take_is_not_sent(
    store: Path, bank: EchoBank, account: str, order: TransferOrder, field: str
) -> None:
    async with weave(store, bank) as one:
        with pytest.raises(InvalidOrder, match=field) as invalid:
            await one.transfer(account, order)
        assert invalid.value.code == field
        assert [flow for flow in await one.flows() if flow.purpose == "pay"] == []
    assert bank.calls == []


async def test_a_transfer_is_listed_and_cancelled(store: Path, bank: EchoBank, account: str) -> None:
    async with weave(store, bank) as one:
        flow = await one.transfer(account, an_order())
        await one.confirm(flow.id, "4711")
        (listed,) = [transfer async for transfer in one.transfers(account)]
        assert [t async for t in one.transfers(account, kind=TransferKind.STANDING_ORDER)] == []

        cancelling = await one.cancel_transfer(account, listed)
        (cancelled,) = await one.confirm(cancelling.id, "4711")
    assert isinstance(cancelled, Transfer)
    assert cancelled.status is TransferStatus.CANCELLED


async def test_only_a_payment_can_be_confirmed(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one:
        flow = await one.connect("echo", owner=OWNER, redirect_uri="https://app.example/back")
        with pytest.raises(NotAsking, match="no payment"):
            await one.confirm(flow.id)


async def test_a_sync_leaves_payments_alone(store: Path, bank: EchoBank, account: str) -> None:
    async with weave(store, bank) as one:
        flow = await one.transfer(account, an_order())
        await one.sync()
        assert (await one.flow(flow.id)).asks


async def test_a_provider_without_transfers_and_cards_says_so(store: Path) -> None:
    bank = EchoBank(accounts={"giro": []})
    async with weave(store, bank) as one:
        await connected(one)
        await one.sync()
        (account,) = await one.accounts()
        with pytest.raises(Unsupported, match="Echo has no transfers"):
            await one.transfer(account.id, an_order())
        with pytest.raises(Unsupported, match="Echo has no cards"):
            await one.cards(account.id)
        with pytest.raises(Unsupported, match="Echo has no client"):
            await one.client(account.connection_id, EchoBank)
        with pytest.raises(UnknownConnection):
            await one.cards("nobody's")


async def test_cards_are_listed_and_changed(store: Path, bank: EchoBank, account: str) -> None:
    bank.cards = [Card(id="card-1", account_provider_id="giro", status=CardStatus.INACTIVE)]
    async with weave(store, bank) as one:
        (card,) = await one.cards(account)
        with pytest.raises(InvalidOrder, match="code"):
            await one.change_card(account, card.id, CardAction.ACTIVATE)
        assert (await one.change_card(account, card.id, CardAction.ACTIVATE, code="29AIAF")).status is CardStatus.ACTIVE
        assert (await one.change_card(account, card.id, CardAction.BLOCK)).status is CardStatus.BLOCKED


async def test_an_iban_and_an_amount_go_to_the_bank_as_they_are_written_there(
    store: Path, bank: EchoBank, account: str
) -> None:
    async with weave(store, bank) as one:
        for amount in ("1E+2", "100.000", "100"):
            flow = await one.transfer(account, an_order(amount, creditor_iban="de89 3704 0044 0532 0130 00"))
            (made,) = await one.confirm(flow.id, "4711")
            assert (made.creditor_iban, str(made.amount)) == (IBAN, "100.00")


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (an_order("1E+999999"), "amount"),
        (an_order("1E-999999"), "amount"),
        (an_order("NaN"), "amount"),
        (an_order("sNaN"), "amount"),
        (an_order("-Infinity"), "amount"),
        (an_order(12), "amount"),
        (an_order(creditor_name=None), "creditor_name"),
        (an_order(creditor_iban=None), "creditor_iban"),
        (an_order(remittance_information=17), "remittance_information"),
        (an_order(requested_execution_date="2027-01-01"), "requested_execution_date"),
        (an_order(requested_execution_date=datetime(2027, 1, 1, tzinfo=UTC)), "requested_execution_date"),
        (
            an_order(requested_execution_date=date(2027, 1, 1), end_date="never", frequency=Frequency.MONTHLY),
            "end_date",
        ),
    ],
)
async def test_what_a_program_got_wrong_is_named_and_not_sent(
    store: Path, bank: EchoBank, account: str, order: TransferOrder, field: str
) -> None:
    async with weave(store, bank) as one:
        with pytest.raises(InvalidOrder, match=field) as invalid:
            await one.transfer(account, order)
        assert invalid.value.code == field
    assert bank.calls == []


async def test_of_many_orders_the_wrong_one_is_named(store: Path, bank: EchoBank, account: str) -> None:
    async with weave(store, bank) as one:
        with pytest.raises(InvalidOrder, match=r"order 2 of 3.*amount"):
            await one.transfer(account, [an_order("1"), an_order("0"), an_order("3")])
    assert bank.calls == []


async def test_a_blank_end_to_end_id_is_none(store: Path, bank: EchoBank, account: str) -> None:
    async with weave(store, bank) as one:
        flow = await one.transfer(account, an_order(end_to_end_id="  "))
        (made,) = await one.confirm(flow.id, "4711")
    assert made.end_to_end_id == flow.id
