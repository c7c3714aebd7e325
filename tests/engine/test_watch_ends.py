"""Watching: every way in which it ends, or is let go of, and what is left behind: nothing."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import anyio
import pytest
from asking import opened
from banks import KEY, a_row, connected, synced, weave

from bankweave import Bankweave, Config, SyncEvent
from bankweave.adapter import Context, Signal
from bankweave.errors import (
    AccessRevoked,
    AdapterBug,
    BankweaveError,
    ConsentExpired,
    NeedsUser,
    ProviderRefused,
    StoreError,
    UnknownConnection,
)
from bankweave.testing import EchoBank
from bankweave.testing.echo import EchoGrant
from bankweave.testing.paying_echo import PayingEchoAdapter

pytestmark = pytest.mark.anyio


@pytest.fixture
def bank() -> EchoBank:
    return EchoBank(accounts={"giro": [a_row(1)]}, pays=True)


@pytest.fixture
async def store(tmp_path: Path, bank: EchoBank) -> Path:
    await synced(tmp_path / "bank.db", bank)
    return tmp_path / "bank.db"


def ours() -> list[str]:
    """The tasks that watching has made."""
    codes = [getattr(task.get_coro(), "cr_code", None) for task in asyncio.all_tasks()]
    files = [(code.co_qualname, code.co_filename) for code in codes if code is not None]
    return [name for name, file in files if "bankweave" in Path(file).parts or file.endswith("asyncio/locks.py")]


@pytest.fixture
async def nothing_left(bank: EchoBank, caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    yield
    await anyio.sleep(0.02)
    assert ours() == []
    gc.collect()
    assert bank.watchers == []
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - what is waited for tells nobody
        await anyio.sleep(0.005)


def watched(bank: EchoBank, tell: Callable[[], AsyncGenerator[Signal, None]]) -> type[PayingEchoAdapter]:
    """The bank's adapter, which tells something else."""

    class Watched(PayingEchoAdapter):
        async def watch(self, ctx: Context, grant: EchoGrant) -> AsyncIterator[Signal]:  # noqa: ARG002
            async with aclosing(tell()) as told:
                async for each in told:
                    yield each

    return type("Watched", (Watched,), {"bank": bank, "info": bank.adapter().info})


# Letting go ---------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_left")
async def test_closing_leaves_no_task_behind(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one:
        async with aclosing(one.watch(since=0)) as changes:
            await anext(changes)
            await anyio.sleep(0.02)
        assert bank.watchers == []
        await asyncio.sleep(0)
        assert ours() == []


@pytest.mark.usefixtures("nothing_left")
async def test_an_iterator_that_is_dropped_ends_by_itself(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one:
        async for _ in one.watch(since=0):
            break
        gc.collect()
        await anyio.sleep(0.05)
        assert bank.watchers == []


@pytest.mark.usefixtures("nothing_left")
async def test_a_bankweave_may_be_closed_before_its_iterator(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one:
        changes = one.watch(since=0)
        await anext(changes)
        waiting = asyncio.create_task(anext(changes))
        await anyio.sleep(0.02)
    bank.signal()
    with pytest.raises(BankweaveError):
        await asyncio.wait_for(waiting, 5)


@pytest.mark.usefixtures("nothing_left")
async def test_a_task_that_is_cancelled_while_it_lets_go_is_cancelled(store: Path, bank: EchoBank) -> None:
    async def says_goodbye_slowly() -> AsyncGenerator[Signal, None]:
        try:
            yield Signal()
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.05)

    async with opened(store, watched(bank, says_goodbye_slowly)) as one:
        changes = one.watch(since=0)
        await anext(changes)
        await anyio.sleep(0.02)
        letting_go = asyncio.create_task(changes.aclose())
        await anyio.sleep(0.01)
        letting_go.cancel()
        with pytest.raises(asyncio.CancelledError):
            await letting_go
        await anyio.sleep(0.1)


@pytest.mark.usefixtures("nothing_left")
async def test_a_cancelled_scope_ends_it(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one:
        with anyio.move_on_after(0.05) as scope:
            async for _ in one.watch():
                pytest.fail("nothing happened")
        assert scope.cancelled_caught


async def _all(changes: AsyncIterator[object]) -> list[object]:
    return [change async for change in changes]


# Errors -------------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_left")
async def test_a_connection_that_is_ended_ends_its_watch(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one, weave(store, bank) as other:
        (connection,) = await one.connections()
        async with aclosing(one.watch(since=0)) as changes:
            await anext(changes)
            await anyio.sleep(0.05)
            await other.disconnect(connection.id)
            bank.signal()
            with pytest.raises(UnknownConnection):
                await asyncio.wait_for(anext(changes), 5)


@pytest.mark.usefixtures("nothing_left")
async def test_a_store_that_another_process_writes_to_only_delays(store: Path, bank: EchoBank) -> None:
    busy = StoreError("being written", code="busy")
    async with weave(store, bank) as one:
        bank.accounts["giro"].insert(0, a_row(2))
        bank.open_failure = busy

        def clears(event: SyncEvent) -> None:
            bank.open_failure = None if event.stage == "done" else bank.open_failure

        async with aclosing(one.watch(on_event=clears)) as changes:
            assert (await asyncio.wait_for(anext(changes), 5)).transaction.amount == 2


@pytest.mark.usefixtures("nothing_left")
async def test_a_display_that_breaks_does_not_stop_it(store: Path, bank: EchoBank) -> None:
    def breaks(_: SyncEvent) -> None:
        raise ValueError("no display")

    async with weave(store, bank) as one, aclosing(one.watch(on_event=breaks)) as changes:
        bank.accounts["giro"].insert(0, a_row(2))
        assert (await asyncio.wait_for(anext(changes), 5)).transaction.amount == 2


@pytest.mark.usefixtures("nothing_left")
async def test_what_was_told_before_the_end_is_handed_out_before_it(store: Path, bank: EchoBank) -> None:
    async with weave(store, bank) as one, aclosing(one.watch(since=0)) as changes:
        await anext(changes)
        await anyio.sleep(0.02)
        bank.accounts["giro"].insert(0, a_row(2))
        bank.signal()
        bank.signal(AccessRevoked("the person took it back"))
        assert (await asyncio.wait_for(anext(changes), 5)).transaction.amount == 2
        with pytest.raises(AccessRevoked):
            await asyncio.wait_for(anext(changes), 5)


@pytest.mark.usefixtures("nothing_left")
async def test_the_error_of_the_last_one_counts(store: Path, bank: EchoBank, caplog: pytest.LogCaptureFixture) -> None:
    async with weave(store, bank) as one:
        await connected(one)
        async with aclosing(one.watch(since=0)) as changes:
            await anext(changes)
            await until(lambda: len(bank.watchers) == 2)
            bank.watchers[1].put_nowait(AccessRevoked("the second"))
            await until(lambda: "watch_ended" in caplog.messages)
            bank.watchers[0].put_nowait(ConsentExpired("the first"))
            with pytest.raises(ConsentExpired):
                await asyncio.wait_for(_all(changes), 5)


@pytest.mark.usefixtures("nothing_left")
async def test_one_whose_listening_and_syncing_fail_together_says_so_once(store: Path, bank: EchoBank) -> None:
    """Nothing is left unheard: that would be a warning, and so an error."""
    async with weave(store, bank) as one:
        bank.open_failure = ProviderRefused("no")

        def fails(event: SyncEvent) -> None:
            if event.stage == "done":
                bank.signal(AccessRevoked("took it back"))

        async with aclosing(one.watch(on_event=fails)) as mine:
            with pytest.raises((ProviderRefused, AccessRevoked)):
                await asyncio.wait_for(anext(mine), 5)


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("failure", [None, KeyError("SECRET")])
async def test_an_adapter_that_stops_telling_is_a_bug(store: Path, bank: EchoBank, failure: Exception | None) -> None:
    async def once() -> AsyncGenerator[Signal, None]:
        yield Signal()
        if failure is not None:
            raise failure

    async with opened(store, watched(bank, once)) as one, aclosing(one.watch()) as changes:
        with pytest.raises(AdapterBug) as bug:
            await asyncio.wait_for(anext(changes), 5)
        assert "SECRET" not in str(bug.value)


@pytest.mark.usefixtures("nothing_left")
async def test_a_bank_that_asks_the_person_before_it_tells_more_ends_it(store: Path, bank: EchoBank) -> None:
    bank.refreshes, bank.code = True, "4711"
    async with weave(store, bank) as one:
        await one.sync()  # the data of the sign-in
        async with aclosing(one.watch()) as changes:
            with pytest.raises(NeedsUser, match="flow"):
                await asyncio.wait_for(anext(changes), 5)


# Without an event loop ----------------------------------------------------------------------------------------------------


async def test_an_iterator_that_is_collected_in_the_loop_s_own_thread_lets_go(store: Path, bank: EchoBank) -> None:
    """Cycles are collected in whatever thread happens to allocate; there nobody may wait for the loop."""

    async def collect() -> None:
        gc.collect()
        await anyio.sleep(0.05)

    def watch() -> None:
        with Bankweave(config=Config(store=store, vault_keys=KEY), adapters=[bank.adapter()]) as one:
            changes = one.watch(since=0)
            next(changes)
            cycle: dict[str, object] = {"changes": changes}
            cycle["itself"] = cycle
            gc.disable()
            try:
                one._call(anyio.sleep, 0.05)
                assert len(bank.watchers) == 1
                del cycle, changes
                one._call(collect)
            finally:
                gc.enable()
            assert bank.watchers == []

    await anyio.to_thread.run_sync(watch)


async def test_a_program_may_end_while_it_watches(store: Path, bank: EchoBank) -> None:
    def watch() -> None:
        with Bankweave(config=Config(store=store, vault_keys=KEY), adapters=[bank.adapter()]) as one:
            changes = one.watch(since=0)
            next(changes)
        with pytest.raises(BankweaveError):
            next(changes)
        changes.close()

    await anyio.to_thread.run_sync(watch)
    gc.collect()
    assert bank.watchers == []
