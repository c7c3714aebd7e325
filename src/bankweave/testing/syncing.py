# ruff: noqa: S101 - what a test kit does is assert
"""The kit's cases about reading: what is stored, and what changes when the bank changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

from bankweave.engine.report import Counts, Outcome, SyncEvent
from bankweave.errors import UnknownConnection
from bankweave.flow import FlowStatus
from bankweave.model import ChangeKind, TransactionStatus
from bankweave.testing.connecting import answered_wrongly
from bankweave.testing.driver import Driver
from bankweave.testing.fixtures import RigFixtures

T = TypeVar("T")

PAGE_SIZES = (50, 7, 1)
NOTHING = Counts()


class SyncingCases(RigFixtures):
    """Read all, again, in other pages, after a payment or a booking, with ended access, with wrong answers; disconnect."""

    def test_what_is_true_is_stored(self, drive: Driver) -> None:
        drive.connected()
        report = drive.synced()

        assert not drive.differences()
        assert [one.outcome for one in report.connections] == [Outcome.SYNCED]
        assert not report.failures
        assert report.counts == Counts(added=sum(len(account.rows) for account in drive.rig.truth()))

    def test_a_second_sync_changes_nothing(self, drive: Driver) -> None:
        before = _filled(drive)
        for full in (False, True):
            report = drive.synced(full=full)
            drive.rest()
            assert not report.failures
            assert report.counts == NOTHING, [change.reason for change in drive.changes(before)]

        assert not drive.differences()

    def test_pages_of_any_size_give_the_same_store(self, drive: Driver) -> None:
        resize = _wanted(drive.rig.set_page_size, "set_page_size")
        drive.connected()
        stores = [drive.fork(f"pages-of-{size}") for size in PAGE_SIZES]
        for size, store in zip(PAGE_SIZES, stores, strict=True):
            resize(size)
            store.synced()
            assert not store.differences(), f"pages of {size}"

    def test_a_new_payment_is_one_addition(self, drive: Driver) -> None:
        pay = _wanted(drive.rig.pay, "pay")
        before = _filled(drive)
        pay()
        report = drive.synced()

        assert report.counts == Counts(added=1)
        (change,) = drive.changes(before)
        assert (change.kind, change.reason) == (ChangeKind.ADDED, "new")
        assert not drive.differences()

    def test_a_pending_payment_that_is_booked_stays_the_same_row(self, drive: Driver) -> None:
        reserve = _wanted(drive.rig.reserve, "reserve")
        before = _filled(drive)
        book = reserve()
        drive.synced()
        (pending,) = drive.changes(before)
        book()
        drive.rest()
        report = drive.synced()

        assert pending.transaction.status is TransactionStatus.PENDING
        assert report.counts == Counts(modified=1)
        (booked,) = drive.changes(pending.cursor)
        assert (booked.kind, booked.reason) == (ChangeKind.MODIFIED, "booked")
        assert booked.transaction.id == pending.transaction.id
        assert booked.transaction.status is TransactionStatus.BOOKED
        assert not drive.differences()

    def test_access_that_ends_on_the_way_is_renewed(self, drive: Driver) -> None:
        end_access = _wanted(drive.rig.end_access, "end_access")
        drive.connected()
        ended: list[str] = []

        def end_once(event: SyncEvent) -> None:
            if event.stage == "page" and not ended:
                ended.append(event.stage)
                end_access()

        report = drive.sync(on_event=end_once)

        assert ended
        assert not report.failures
        assert not drive.differences()

    def test_wrong_answers_to_a_sync_can_be_mended(self, drive: Driver) -> None:
        _filled(drive)
        flow = drive.sync().connections[0].flow
        if flow is None or not flow.asks:
            pytest.skip("this adapter asks nothing at a sync")
        flow = answered_wrongly(drive, flow)

        assert flow.status is FlowStatus.FAILED
        drive.rest()
        assert drive.synced().counts == NOTHING
        assert not drive.differences()

    def test_a_disconnected_connection_leaves_nothing(self, drive: Driver) -> None:
        flow = drive.connected()
        drive.synced()
        report = drive.disconnect(flow.connection_id)

        assert report.failure is None
        assert (drive.connections(), drive.accounts(), drive.flows()) == ((), (), ())
        assert drive.transactions() == []
        assert drive.changes() == []
        with pytest.raises(UnknownConnection):
            drive.disconnect(flow.connection_id)


def _filled(drive: Driver) -> int:
    """Connect and read everything; returns the cursor of the last change."""
    drive.connected()
    drive.synced()
    drive.rest()
    return max((change.cursor for change in drive.changes()), default=0)


def _wanted(part: Callable[..., T] | None, name: str) -> Callable[..., T]:
    if part is None:
        pytest.skip(f"the rig lacks {name}: the bank cannot be made to do that")
    return part
