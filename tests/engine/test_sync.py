"""Syncing: what is read, and what is left alone when something fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from banks import CALLBACK, KEY, OWNER, callback_of, connected, weave
from clocks import StillClock
from ledger import DAY, booked, history, pending

from bankweave import AsyncBankweave, ChangeKind, Config, FlowStatus, Outcome, SyncEvent, Transaction
from bankweave.errors import (
    ConsentExpired,
    ProviderUnavailable,
    RateLimited,
    SyncFailed,
    UnknownConnection,
)
from bankweave.model import TransactionStatus
from bankweave.testing import EchoBank

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


async def stored(bank: AsyncBankweave) -> list[Transaction]:
    return [row async for row in bank.transactions()]


async def test_every_account_is_read_to_its_end(store: Path) -> None:
    echo = EchoBank(accounts={"giro": history(5), "savings": history(3)})
    async with weave(store, echo) as bank:
        await connected(bank)
        report = await bank.sync()
        rows = await stored(bank)

    assert report.counts.added == 8
    assert [one.outcome for one in report.connections] == [Outcome.SYNCED]
    assert len(rows) == 8
    assert rows[0].date >= rows[-1].date  # type: ignore[operator]  # booked rows have a date


async def test_a_second_sync_of_unchanged_data_changes_nothing(store: Path) -> None:
    echo = EchoBank(accounts={"giro": [*history(5), booked(), booked(), pending()]})
    async with weave(store, echo) as bank:
        await connected(bank)
        await bank.sync()
        again = await bank.sync()
        full = await bank.sync(full=True)

    assert again.counts.added == again.counts.modified == again.counts.removed == 0
    assert full.counts == again.counts


async def test_later_syncs_read_only_the_days_in_which_banks_change_their_minds(store: Path) -> None:
    clock = StillClock()
    echo = EchoBank(accounts={"giro": history(100)}, page_size=10)
    async with weave(store, echo, clock) as bank:
        await connected(bank)
        await bank.sync()
        echo.calls.clear()
        await bank.sync()

    assert 3 <= len([call for call in echo.calls if call.startswith("page")]) <= 4


async def test_balances_and_parties_are_kept_with_the_instant_they_were_stated(store: Path) -> None:
    clock = StillClock()
    echo = EchoBank(accounts={"giro": history(2)})
    async with weave(store, echo, clock) as bank:
        await connected(bank)
        await bank.sync()
        (account,) = await bank.accounts(owner=OWNER)
        (balance,) = await bank.balances(account.id)

    assert balance.amount == Decimal("-3.00")
    assert balance.observed_at == clock.instant


async def test_one_failing_account_does_not_stop_the_others(store: Path) -> None:
    echo = EchoBank(
        accounts={"giro": history(5), "savings": history(3)},
        failures={("giro", 1): ProviderUnavailable("down")},
    )
    async with weave(store, echo) as bank:
        await connected(bank)
        report = await bank.sync()
        (failure,) = report.failures
        assert report.counts.added == 2 + 3
        assert report.connections[0].outcome is Outcome.PARTIAL
        assert failure.kind == "ProviderUnavailable"

        rest = await bank.sync()

    assert rest.counts.added == 3
    assert rest.failures == ()


async def test_one_failing_connection_does_not_stop_the_others(store: Path) -> None:
    good, bad = EchoBank(accounts={"giro": history(3)}), EchoBank()
    bad.open_failure = ZeroDivisionError("a bug in an adapter")
    config = Config(store=store, vault_keys=KEY)
    async with AsyncBankweave(config=config, adapters=[good.adapter(), bad.adapter("bad")], clock=StillClock()) as bank:
        await connected(bank)
        flow = await bank.connect("bad", owner=OWNER, redirect_uri=CALLBACK)
        await bank.resume(callback_of(flow))
        report = await bank.sync(owner=OWNER)

    assert report.counts.added == 3
    outcomes = {one.adapter: one.outcome for one in report.connections}
    assert outcomes == {"echo": Outcome.SYNCED, "bad": Outcome.FAILED}
    with pytest.raises(SyncFailed, match="1 of 2"):
        report.raise_for_failures()


async def test_a_first_reading_goes_on_where_it_was_interrupted(store: Path) -> None:
    echo = EchoBank(accounts={"giro": history(10)}, failures={("giro", 3): ProviderUnavailable("down")})
    async with weave(store, echo) as bank:
        await connected(bank)
        await bank.sync()
    echo.calls.clear()

    async with weave(store, echo) as bank:
        report = await bank.sync()
        rows = await stored(bank)

    assert "page giro 0" not in echo.calls
    assert report.counts.added == 4
    assert len(rows) == 10


async def test_a_balance_that_cannot_be_read_keeps_the_old_one(store: Path) -> None:
    clock = StillClock()
    echo = EchoBank(accounts={"giro": history(2)})
    async with weave(store, echo, clock) as bank:
        await connected(bank)
        await bank.sync()
        before = clock.instant
        await clock.sleep(3600)
        echo.open_failure = ProviderUnavailable("down")
        report = await bank.sync()
        (account,) = await bank.accounts()
        (balance,) = await bank.balances(account.id)

    assert report.connections[0].outcome is Outcome.FAILED
    assert (balance.amount, balance.observed_at) == (Decimal("-3.00"), before)


async def test_a_consent_that_ran_out_needs_the_person(store: Path) -> None:
    echo = EchoBank(open_failure=ConsentExpired("the consent ran out; renew the connection"))
    async with weave(store, echo) as bank:
        await connected(bank)
        (one,) = (await bank.sync()).needs_user

    assert one.failure is not None
    assert one.failure.needs_user


async def test_a_used_up_quota_says_when_to_try_again(store: Path) -> None:
    later = StillClock().instant + timedelta(hours=5)
    echo = EchoBank(open_failure=RateLimited("used up", retry_at=later))
    async with weave(store, echo) as bank:
        await connected(bank)
        (failure,) = (await bank.sync()).failures

    assert failure.retry_at == later


async def test_what_a_provider_shows_no_more_is_not_taken_for_removed(store: Path) -> None:
    echo = EchoBank(accounts={"giro": history(60)}, page_size=100)
    async with weave(store, echo) as bank:
        await connected(bank)
        await bank.sync()
        echo.reaches_back_to = DAY - timedelta(days=20)
        report = await bank.sync(full=True)

    assert report.counts.removed == 0
    assert report.connections[0].outcome is Outcome.SYNCED


async def test_days_between_two_readings_that_the_provider_no_longer_shows_are_reported(store: Path) -> None:
    clock = StillClock()
    echo = EchoBank(accounts={"giro": history(5)}, page_size=100)
    async with weave(store, echo, clock) as bank:
        await connected(bank)
        await bank.sync()
        await clock.sleep(120 * 86400)
        echo.reaches_back_to = clock.now().date() - timedelta(days=90)
        first, second = await bank.sync(), await bank.sync()

    assert first.connections[0].outcome is Outcome.PARTIAL
    assert second.connections[0].outcome is Outcome.SYNCED


async def test_what_changed_is_a_stream_that_can_be_followed(store: Path) -> None:
    echo = EchoBank(accounts={"giro": [pending(), *history(2)]})
    async with weave(store, echo) as bank:
        await connected(bank)
        await bank.sync()
        seen = [change async for change in bank.changes()]
        echo.accounts["giro"] = [booked(provider_id="posted"), *echo.accounts["giro"][1:-1]]
        await bank.sync()
        later = [change async for change in bank.changes(seen[-1].cursor)]

    assert [change.kind for change in seen] == [ChangeKind.ADDED] * 3
    assert {(change.kind, change.reason) for change in later} == {
        (ChangeKind.MODIFIED, "booked"),
        (ChangeKind.REMOVED, "gone"),
    }
    booked_one = next(change for change in later if change.reason == "booked")
    assert booked_one.transaction.status is TransactionStatus.BOOKED
    assert booked_one.transaction.id in {change.transaction.id for change in seen}


async def test_progress_is_told_as_it_happens(store: Path) -> None:
    events: list[SyncEvent] = []
    echo = EchoBank(accounts={"giro": history(5)})
    async with weave(store, echo) as bank:
        await connected(bank)
        await bank.sync(on_event=events.append)

    assert [event.stage for event in events] == ["opened", "page", "page", "page", "done"]
    assert sum(event.rows for event in events) == 5
    assert [event.outcome for event in events] == [None, None, None, None, Outcome.SYNCED]


async def test_only_the_connections_meant_are_synced(store: Path) -> None:
    echo = EchoBank(accounts={"giro": history(1)})
    async with weave(store, echo) as bank:
        flow = await connected(bank)

        assert (await bank.sync(owner="somebody else")).connections == ()
        assert len((await bank.sync(connection_id=flow.connection_id)).connections) == 1


async def test_a_disconnected_connection_leaves_nothing_behind(store: Path) -> None:
    echo = EchoBank(accounts={"giro": [booked(remittance_information=("CANARY-TEXT",))]})
    async with weave(store, echo) as bank:
        flow = await connected(bank)
        await bank.sync()
        done = await bank.disconnect(flow.connection_id)
        assert done.revoked
        assert await bank.connections() == ()
        assert await stored(bank) == []
        with pytest.raises(UnknownConnection):
            await bank.disconnect(flow.connection_id)

    assert "revoke" in echo.calls
    assert all(b"CANARY-TEXT" not in file.read_bytes() for file in store.parent.iterdir())


async def test_a_provider_that_does_not_answer_keeps_nobody_connected_here(store: Path) -> None:
    echo = EchoBank()
    async with weave(store, echo) as bank:
        flow = await connected(bank)
        echo.open_failure = ProviderUnavailable("down")
        done = await bank.disconnect(flow.connection_id)

        assert not done.revoked
        assert done.failure is not None
        assert await bank.connections() == ()
        assert (await bank.flows(owner=OWNER)) == ()


async def test_connected_flows_keep_no_secret(store: Path) -> None:
    async with weave(store, EchoBank()) as bank:
        flow = await connected(bank)

    assert flow.status is FlowStatus.CONNECTED
    assert flow.interaction is None


async def test_a_row_that_the_bank_left_out_is_told_by_the_balances(store: Path) -> None:
    shown = [
        (1, "95"),
        (2, "96"),
        (4, "98"),
    ]  # days ago, and the balance after a row of -1; that of three days ago is missing
    rows = [
        booked("-1", day=DAY - timedelta(days=ago), provider_id=f"{ago}", balance_after=Decimal(after))
        for ago, after in shown
    ]
    async with weave(store, EchoBank(accounts={"giro": rows})) as one:
        await connected(one)
        (report,) = (await one.sync()).connections

    (finding,) = report.findings
    assert (finding.kind, finding.day, finding.amount) == ("balance_gap", DAY - timedelta(days=4), Decimal(-1))
    assert report.outcome is Outcome.SYNCED  # what there is, is stored
    assert report.counts.added == 3


async def test_a_row_that_the_balances_miss_is_kept(store: Path) -> None:
    """A later statement leaves out what an earlier one had: by the balances it is lost, not gone."""
    whole = [
        booked("-1", day=DAY - timedelta(days=ago), provider_id=f"{ago}", balance_after=Decimal(100 + ago))
        for ago in (1, 2, 3)
    ]
    bank = EchoBank(accounts={"giro": list(whole)})
    async with weave(store, bank) as one:
        await connected(one)
        await one.sync()
        bank.accounts["giro"] = [whole[0], whole[2]]
        report = await one.sync()
        assert report.connections[0].findings
        assert report.counts.removed == 0

        bank.accounts["giro"] = [replace(whole[0], balance_after=Decimal(102)), whole[2]]  # taken back, and so booked
        assert (await one.sync()).counts.removed == 1
