"""Payments of which nobody knows what became: every way to get there ends in `OutcomeUnknown`, and nothing is sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest
from asking import Stop, TakingTurns, opened, stopping
from banks import CALLBACK, KEY, synced, weave
from clocks import StillClock

from bankweave import AsyncBankweave, Flow, FlowStatus, Transfer, TransferOrder
from bankweave.adapter import Context
from bankweave.engine import claims
from bankweave.errors import (
    BankweaveError,
    FlowBusy,
    MalformedAnswer,
    OutcomeUnknown,
    ProviderUnavailable,
    StoreError,
    UnknownFlow,
)
from bankweave.flow import Ask, Challenge, ChallengeKind, Done, Due, Event, PaymentIntent, Redirect, Step, Wait
from bankweave.testing import EchoBank
from bankweave.testing.paying_echo import AskedToConfirm, PayingEchoAdapter

pytestmark = pytest.mark.anyio

IBAN = "DE89370400440532013000"
CODE = "4711"


def an_order() -> TransferOrder:
    return TransferOrder(creditor_name="Anna Blum", creditor_iban=IBAN, amount=Decimal("12.50"))


@pytest.fixture
def bank() -> EchoBank:
    return EchoBank(accounts={"giro": []}, pays=True)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


@pytest.fixture
async def account(store: Path, bank: EchoBank) -> str:
    account_id = await synced(store, bank)
    bank.code = CODE
    return account_id


@pytest.fixture
def stop() -> Stop:
    return Stop()


class Confirming:
    """A confirmation that is under way, in a task of its own."""

    def __init__(self, one: AsyncBankweave, flow: Flow) -> None:
        self.result: tuple[Transfer, ...] | BankweaveError | None = None
        self._one = one
        self._flow = flow

    async def __call__(self) -> None:
        try:
            self.result = await self._one.confirm(self._flow.id, CODE)
        except BankweaveError as error:
            self.result = error


# Others, while the bank is asked ------------------------------------------------------------------------------------------


async def test_of_two_who_confirm_at_once_one_sends(store: Path, bank: EchoBank, account: str, stop: Stop) -> None:
    adapter = stopping(bank, stop)
    async with opened(store, adapter) as one, opened(store, adapter) as other, anyio.create_task_group() as tasks:
        flow = await one.transfer(account, an_order())
        first = Confirming(one, flow)
        tasks.start_soon(first)
        await stop.reached.wait()
        for bankweave in (one, other):
            with pytest.raises(FlowBusy):
                await bankweave.confirm(flow.id, CODE)
        stop.go_on.set()

    assert isinstance(first.result, tuple)
    assert len(bank.transfers) == 1


async def test_cancelling_waits_for_a_confirmation_and_does_not_hide_it(
    store: Path, bank: EchoBank, account: str, stop: Stop
) -> None:
    ended: list[Flow] = []
    adapter = stopping(bank, stop)
    async with opened(store, adapter) as one, opened(store, adapter) as other, anyio.create_task_group() as tasks:
        flow = await one.transfer(account, an_order())
        first = Confirming(one, flow)
        tasks.start_soon(first)
        await stop.reached.wait()

        async def cancel() -> None:
            ended.append(await other.cancel(flow.id))

        tasks.start_soon(cancel)
        await anyio.sleep(0.02)
        assert ended == []
        stop.go_on.set()

    assert isinstance(first.result, tuple)
    assert [(one.status, len(one.transfers)) for one in ended] == [(FlowStatus.DONE, 1)]


async def test_a_deadline_that_passes_while_the_bank_executes_changes_nothing(
    store: Path, bank: EchoBank, account: str, stop: Stop
) -> None:
    clock = StillClock()
    adapter = stopping(bank, stop)
    async with (
        opened(store, adapter, clock) as one,
        opened(store, adapter, clock) as other,
        anyio.create_task_group() as tasks,
    ):
        flow = await one.transfer(account, an_order())
        clock.instant += timedelta(minutes=4, seconds=50)
        first = Confirming(one, flow)
        tasks.start_soon(first)
        await stop.reached.wait()
        clock.instant += timedelta(seconds=20)
        with pytest.raises(FlowBusy):
            await other.confirm(flow.id, CODE)
        await other.wait(flow.id, seconds=0)
        stop.go_on.set()

    assert isinstance(first.result, tuple)


async def test_a_connection_that_is_ended_meanwhile_does_not_swallow_the_answer(
    store: Path, bank: EchoBank, account: str, stop: Stop
) -> None:
    adapter = stopping(bank, stop)
    async with opened(store, adapter) as one, opened(store, adapter) as other, anyio.create_task_group() as tasks:
        flow = await one.transfer(account, an_order())
        first = Confirming(one, flow)
        tasks.start_soon(first)
        await stop.reached.wait()
        await other.disconnect(flow.connection_id)
        stop.go_on.set()

    assert isinstance(first.result, tuple)
    assert len(first.result) == 1
    async with opened(store, adapter) as later:
        with pytest.raises(UnknownFlow):
            await later.flow(flow.id)  # and nothing of it is left


async def test_asking_may_take_longer_than_a_claim_lives(
    store: Path, bank: EchoBank, account: str, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "BEAT", 0.005)
    clock = StillClock()
    adapter = stopping(bank, stop)
    async with (
        opened(store, adapter, clock) as one,
        opened(store, adapter, clock) as other,
        anyio.create_task_group() as tasks,
    ):
        flow = await one.transfer(account, an_order())
        first = Confirming(one, flow)
        tasks.start_soon(first)
        await stop.reached.wait()
        clock.instant += timedelta(seconds=80)
        await anyio.sleep(0.1)
        clock.instant += timedelta(seconds=80)
        with pytest.raises(FlowBusy):
            await other.confirm(flow.id, CODE)
        stop.go_on.set()

    assert isinstance(first.result, tuple)


# Ways to lose an answer ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure", [KeyError("id"), MalformedAnswer("no JSON"), StoreError("the disk is full", code="disk_full")]
)
async def test_an_answer_that_cannot_be_used_leaves_the_outcome_open(
    store: Path, bank: EchoBank, account: str, stop: Stop, failure: Exception
) -> None:
    stop.failure = failure
    stop.go_on.set()
    async with opened(store, stopping(bank, stop)) as one:
        flow = await one.transfer(account, an_order())
        for _ in range(2):
            with pytest.raises(OutcomeUnknown, match=r"outcome\(\)"):
                await one.confirm(flow.id, CODE)
        assert len(await one.outcome(flow.id)) == 1
    assert len(bank.transfers) == 1


async def test_a_bank_that_took_nothing_may_be_asked_again(
    store: Path, bank: EchoBank, account: str, stop: Stop
) -> None:
    stop.failure = ProviderUnavailable("surely not taken")
    stop.go_on.set()
    async with opened(store, stopping(bank, stop)) as one:
        flow = await one.transfer(account, an_order())
        with pytest.raises(ProviderUnavailable):
            await one.confirm(flow.id, CODE)
        assert (await one.flow(flow.id)).asks


def full_disk(one: AsyncBankweave, is_full: Callable[[Any], bool]) -> None:
    """Let no flow be written of which this is so."""
    store: Any = one._parts.store
    save = store.save_flow

    async def save_flow(record: Any) -> bool:
        if is_full(record):
            raise StoreError("the store cannot grow: the disk is full", code="disk_full")
        return bool(await save(record))

    store.save_flow = save_flow


@pytest.mark.parametrize("recovers", [True, False])
async def test_a_store_that_cannot_take_down_what_the_bank_did_is_no_reason_to_try_again(
    store: Path, bank: EchoBank, account: str, *, recovers: bool
) -> None:
    clock = StillClock()
    async with weave(store, bank, clock) as one:
        flow = await one.transfer(account, an_order())
        full_disk(one, lambda record: record.status is FlowStatus.DONE or not (recovers or record.lease_until))
        with pytest.raises(OutcomeUnknown, match=r"outcome\(\)"):
            await one.confirm(flow.id, CODE)

    clock.instant += timedelta(minutes=2)
    async with weave(store, bank, clock) as other:
        with pytest.raises(OutcomeUnknown):
            await other.confirm(flow.id, CODE)
        assert len(await other.outcome(flow.id)) == 1
    assert len(bank.transfers) == 1


@pytest.mark.parametrize("how", ["task", "scope", "timeout"])
async def test_an_interrupted_confirmation_is_said_to_be_in_doubt_at_once(
    store: Path, bank: EchoBank, account: str, stop: Stop, how: str
) -> None:
    adapter = stopping(bank, stop)
    async with opened(store, adapter) as one, opened(store, adapter) as other:
        flow = await one.transfer(account, an_order())
        await INTERRUPTED[how](one, flow, stop)
        seen = await other.flow(flow.id)
        assert (seen.status, seen.interaction) == (FlowStatus.FAILED, None)
        assert seen.failure is not None
        assert seen.failure.kind == "OutcomeUnknown"
        with pytest.raises(OutcomeUnknown):
            await other.confirm(flow.id, CODE)
        assert len(await other.outcome(flow.id)) == 1
    assert len(bank.transfers) == 1


async def _cancelled_as_a_task(one: AsyncBankweave, flow: Flow, stop: Stop) -> None:
    task = asyncio.create_task(one.confirm(flow.id, CODE))
    await stop.reached.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def _cancelled_by_a_scope(one: AsyncBankweave, flow: Flow, stop: Stop) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one.confirm, flow.id, CODE)
        await stop.reached.wait()
        tasks.cancel_scope.cancel()


async def _timed_out(one: AsyncBankweave, flow: Flow, stop: Stop) -> None:  # noqa: ARG001 - as the others
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(one.confirm(flow.id, CODE), 0.05)


INTERRUPTED = {"task": _cancelled_as_a_task, "scope": _cancelled_by_a_scope, "timeout": _timed_out}


async def test_a_claim_that_was_never_given_back_is_seen_as_what_it_is(
    store: Path, bank: EchoBank, account: str
) -> None:
    """As after a crash of the process."""
    clock = StillClock()
    async with weave(store, bank, clock) as one:
        flow = await one.transfer(account, an_order())
        record = await one._parts.store.flow(flow.id)
        assert record is not None
        await claims.take(one._parts.store, one._parts.clock, record)
        assert (await one.flow(flow.id)).asks  # somebody may be at it

        clock.instant += timedelta(minutes=2)
        (listed,) = [each for each in await one.flows() if each.id == flow.id]
        for seen in (await one.flow(flow.id), listed, await one.cancel(flow.id), await one.wait(flow.id)):
            assert seen.status is FlowStatus.FAILED
            assert seen.failure is not None
            assert seen.failure.kind == "OutcomeUnknown"
        with pytest.raises(OutcomeUnknown):
            await one.answer(flow.id, CODE)
    assert bank.transfers == []


# What happens at the bank without us --------------------------------------------------------------------------------------


class Slow(PayingEchoAdapter):
    """Executes by itself: after the code it is at work, or the person approves on another device."""

    approves = False

    async def begin_payment(self, ctx: Context, grant: Any, intent: PaymentIntent) -> Step:
        step = await super().begin_payment(ctx, grant, intent)
        assert isinstance(step, Ask)
        if not self.approves:
            return step
        challenge = Challenge(kind=ChallengeKind.APP_APPROVAL, message="Approve it on your phone")
        return Ask(
            state=step.state,
            interaction=challenge,
            poll_at=ctx.now() + timedelta(seconds=3),
            expires_at=ctx.now() + timedelta(seconds=60),
        )

    async def resume(self, ctx: Context, state: Any, event: Event) -> Step:
        if isinstance(state, AskedToConfirm) and not isinstance(event, Due):
            later, end = ctx.now() + timedelta(seconds=5), ctx.now() + timedelta(seconds=60)
            return Wait(state=state, poll_at=later, expires_at=end)
        return await super().resume(ctx, state, event)


def slow(bank: EchoBank, *, approves: bool) -> type[PayingEchoAdapter]:
    return type("Slow", (Slow,), {"bank": bank, "info": bank.adapter().info, "approves": approves})


@pytest.mark.parametrize("approves", [True, False], ids=["the person approves", "the bank is at work"])
async def test_what_the_bank_may_have_done_by_itself_is_not_said_to_be_too_late_or_cancelled(
    store: Path, bank: EchoBank, account: str, *, approves: bool
) -> None:
    for end in ("expires", "is cancelled"):
        clock = StillClock()
        async with opened(store, slow(bank, approves=approves), clock) as one:
            flow = await one.transfer(account, an_order())
            if not approves:
                await one.answer(flow.id, CODE)
            if end == "expires":
                clock.instant += timedelta(minutes=2)
                await one.wait(flow.id, seconds=0)
            else:
                await one.cancel(flow.id)
            ended = await one.flow(flow.id)
            assert ended.failure is not None, (end, ended.status)
            assert (ended.status, ended.failure.kind) == (FlowStatus.FAILED, "OutcomeUnknown")
            with pytest.raises(OutcomeUnknown):
                await one.confirm(flow.id, CODE)


async def test_a_payment_that_came_to_its_end_by_a_callback_reports_so_again(
    store: Path, bank: EchoBank, account: str
) -> None:
    class AtTheBank(PayingEchoAdapter):
        async def begin_payment(self, ctx: Context, grant: Any, intent: PaymentIntent) -> Step:
            step = await super().begin_payment(ctx, grant, intent)
            assert isinstance(step, Ask)
            key = ctx.secret()
            return Ask(
                state=step.state, interaction=Redirect(url=f"https://echo.example/?state={key}"), correlation=key
            )

        async def resume(self, ctx: Context, state: Any, event: Event) -> Step:  # noqa: ARG002
            return Done(transfers=())

    adapter = type("AtTheBank", (AtTheBank,), {"bank": bank, "info": bank.adapter().info})
    async with opened(store, adapter) as one:
        flow = await one.transfer(account, an_order())
        assert isinstance(flow.interaction, Redirect)
        back = f"{CALLBACK}?{flow.interaction.url.partition('?')[2]}"
        assert (await one.resume(back)).status is FlowStatus.DONE
        assert (await one.resume(back)).status is FlowStatus.DONE


async def test_a_cancelled_order_is_forgotten(store: Path, bank: EchoBank, account: str) -> None:
    async with opened(store, bank.adapter(), TakingTurns(), KEY) as one:  # type: ignore[arg-type]  # it pays
        flow = await one.transfer(account, an_order())
        assert (await one.cancel(flow.id)).status is FlowStatus.CANCELLED
    assert bank.transfers == []
