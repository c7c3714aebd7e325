"""Processes that die while they pay, or pay at the same time: nothing is executed twice, and what was, can be found."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import paying_worker
import pytest
from banks import connected
from paying_worker import CODE, an_order, bankweave, executed, parts
from processes import LONGEST, heard

from bankweave import Bankweave, BankweaveError, FlowStatus
from bankweave.errors import FlowBusy, FlowOver, OutcomeUnknown
from bankweave.vault import generate_key

pytestmark = pytest.mark.anyio
KEY = generate_key()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


@pytest.fixture
async def account(store: Path) -> str:
    async with bankweave(store, KEY) as one:
        await connected(one)
        await one.sync()
        (account,) = await one.accounts()
    return account.id


@contextmanager
def elsewhere(store: Path, step: str, **task: str) -> Iterator[subprocess.Popen[str]]:
    given = json.dumps({"store": str(store), "key": KEY, "step": step, **task})
    command = [sys.executable, "-W", "error", paying_worker.__file__, given]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    said, _ = process.communicate("\n", timeout=LONGEST)
    assert process.returncode == 0
    return heard(said.splitlines()[-1])


def died(store: Path, step: str, at: str, **task: str) -> None:
    with elsewhere(store, step, at=at, there="die", **task) as process:
        process.communicate(timeout=LONGEST)
        assert process.returncode == -9, f"it came past {at}"


async def ordered(store: Path, account: str) -> str:
    async with bankweave(store, KEY) as one:
        return (await one.transfer(account, an_order())).id


@pytest.mark.parametrize(("at", "sent"), [("confirming", 0), ("confirmed", 1)])
async def test_a_confirmation_that_was_killed_is_never_sent_again(
    store: Path, account: str, at: str, sent: int
) -> None:
    flow = await ordered(store, account)
    died(store, "confirm", at, flow=flow)

    async with bankweave(store, KEY) as soon:
        with pytest.raises(FlowBusy):  # for all that anybody knows, it is still at work
            await soon.confirm(flow, CODE)
    async with bankweave(store, KEY, minutes_later=2) as later:
        for _ in range(2):
            with pytest.raises(OutcomeUnknown, match=r"outcome\(\)"):
                await later.confirm(flow, CODE)
        assert (await later.cancel(flow)).status is FlowStatus.FAILED
        assert [one.end_to_end_id for one in await later.outcome(flow)] == [flow] * sent
    assert len(executed(store.with_name("books"))) == sent


@pytest.mark.parametrize("at", ["ordering", "ordered"])
async def test_an_order_that_was_killed_executes_nothing_and_is_over(store: Path, account: str, at: str) -> None:
    died(store, "transfer", at, account=account)

    async with bankweave(store, KEY, minutes_later=2) as later:
        (flow,) = [each for each in await later.flows() if each.purpose == "pay"]
        assert flow.over
        with pytest.raises(OutcomeUnknown):
            await later.confirm(flow.id, CODE)
        assert await later.outcome(flow.id) == ()
        again = await later.transfer(account, an_order())
        assert len(await later.confirm(again.id, CODE)) == 1


async def test_a_confirmation_in_another_process_is_not_disturbed(store: Path, account: str) -> None:
    flow = await ordered(store, account)
    with elsewhere(store, "confirm", flow=flow, at="confirmed", there="wait") as process:
        assert process.stdout is not None
        await anyio.to_thread.run_sync(process.stdout.readline)
        async with bankweave(store, KEY) as one:
            with pytest.raises(FlowBusy):
                await one.confirm(flow, CODE)
            await one.sync()
            await one.rotate_keys()
        assert told(process) == {"done": [flow]}
    assert executed(store.with_name("books")) == [flow]


async def test_of_two_processes_that_confirm_at_the_same_time_one_does(store: Path, account: str) -> None:
    flow = await ordered(store, account)
    with elsewhere(store, "confirm", flow=flow) as one, elsewhere(store, "confirm", flow=flow) as other:
        answers = [told(one), told(other)]
    assert {"done": [flow]} in answers
    assert all(answer in ({"done": [flow]}, {"error": "FlowBusy"}) for answer in answers)
    assert executed(store.with_name("books")) == [flow]


async def test_a_confirmation_that_was_taken_for_dead_and_goes_on_has_the_last_word(store: Path, account: str) -> None:
    flow = await ordered(store, account)
    with elsewhere(store, "confirm", flow=flow, at="confirmed", there="wait") as process:
        assert process.stdout is not None
        await anyio.to_thread.run_sync(process.stdout.readline)
        async with bankweave(store, KEY, minutes_later=2) as later:
            with pytest.raises(OutcomeUnknown):
                await later.confirm(flow, CODE)
            assert (await later.cancel(flow)).status is FlowStatus.FAILED
        assert told(process) == {"done": [flow]}
    async with bankweave(store, KEY, minutes_later=2) as later:
        assert (await later.flow(flow)).status is FlowStatus.DONE
        with pytest.raises(FlowOver):
            await later.answer(flow, CODE)


async def test_two_threads_of_one_program_pay_once(store: Path, account: str) -> None:
    flow = await ordered(store, account)
    said: list[object] = []

    def pay(bank: Bankweave) -> None:
        try:
            said.append([transfer.end_to_end_id for transfer in bank.confirm(flow, CODE)])
        except BankweaveError as error:
            said.append(type(error))

    def both() -> None:
        with Bankweave(**parts(store, KEY)) as bank, ThreadPoolExecutor(2) as threads:
            list(threads.map(pay, [bank, bank]))

    await anyio.to_thread.run_sync(both)
    assert [flow] in said
    assert all(one in ([flow], FlowBusy) for one in said)
    assert executed(store.with_name("books")) == [flow]
