"""A sync that is killed costs nothing but the time to repeat a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from processes import heard, killed, started
from rigs import kontist_rig
from sandboxed import Control, Customer

from bankweave import Outcome
from bankweave.engine.report import Counts
from bankweave.testing.driver import Driver

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def drive(control: Control, tmp_path: Path) -> Driver:
    """Anna, with some ten pages of history."""
    drive = Driver(rig=kontist_rig(control, "anna@kontist.example", days=250), store=tmp_path / "bank.db")
    drive.connected()
    return drive


def content(drive: Driver) -> list[object]:
    """Everything of a store that does not tell when it was read."""
    accounts = drive.accounts()
    return [
        *(replace(account, updated_at=EPOCH) for account in accounts),
        *(replace(balance, observed_at=EPOCH) for account in accounts for balance in drive.balances(account)),
        *drive.transactions(),
        *sorted((change.kind, change.reason, change.transaction.id) for change in drive.changes()),
    ]


def test_what_a_killed_first_sync_left_is_finished_by_the_next(drive: Driver) -> None:
    undisturbed = drive.fork("undisturbed")
    expected = undisturbed.sync().connections[0].accounts[0]
    for pages in (0, 1, 5, 9):
        hurt = drive.fork(f"killed-after-{pages}")
        killed(hurt, pages)
        left = len(hurt.transactions())
        hurt.wire.mend()
        (rerun,) = hurt.sync().connections

        assert rerun.outcome is Outcome.SYNCED
        assert left >= pages * 50 - 50
        assert left + rerun.counts.added == expected.counts.added
        assert hurt.wire.sent <= undisturbed.wire.sent - pages + 1, "pages that were committed were read again"
        assert [replace(one, counts=expected.counts) for one in rerun.accounts] == [expected]
        assert content(hurt) == content(undisturbed), f"after {pages} pages"


def test_what_a_killed_later_sync_left_is_finished_by_the_next(control: Control, drive: Driver) -> None:
    drive.sync()
    account = Customer(control.sandbox, "kontist", "anna@kontist.example").accounts[0].number
    control.pay(account, "-1.11", "while nobody looked")
    control.book(control.pay(account, "-2.22", "twice", pending=True, kind="card"))
    undisturbed = drive.fork("undisturbed")
    assert undisturbed.sync().counts == Counts(added=2)
    for pages, full in ((1, False), (2, True)):
        hurt = drive.fork(f"killed-after-{pages}")
        killed(hurt, pages, full=full)

        assert not hurt.sync(full=full).failures
        assert content(hurt) == content(undisturbed), f"after {pages} pages"


def test_a_process_that_is_killed_at_any_moment_leaves_a_store_that_can_be_read(drive: Driver) -> None:
    with started(drive, "sync", pause_at=3) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        heard(process.stdout.readline())
        process.stdin.write("\n")
        process.stdin.flush()
        process.kill()

    assert len(drive.transactions()) >= 100
    assert not drive.sync().failures
    assert not drive.differences()


def test_a_dead_process_holds_a_sync_for_seconds_only(control: Control, drive: Driver) -> None:
    killed(drive, 1)
    before = control.sandbox.clock.now()

    assert [one.outcome for one in drive.sync().connections] == [Outcome.SYNCED]
    assert control.sandbox.clock.now() - before < timedelta(seconds=45)
