# ruff: noqa: S101 - what a test kit does is assert
"""The kit's cases about providers that fail: whichever answer goes wrong, it is told, and nothing is lost."""

from __future__ import annotations

import pytest

from bankweave.engine.report import Counts, Outcome, SyncReport
from bankweave.errors import BankweaveError, RateLimited
from bankweave.testing.driver import Driver
from bankweave.testing.fixtures import RigFixtures
from bankweave.testing.wire import DOWN, FAULTS, Fault


class FailingCases(RigFixtures):
    """Spoil the answers to a sync."""

    @pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
    def test_an_answer_that_goes_wrong_is_told_and_nothing_is_lost(self, drive: Driver, fault: Fault) -> None:
        drive.connected()
        for position in _positions(drive.fork("count")):
            hurt = drive.fork(f"hurt-{position}")
            hurt.wire.spoil(fault, position)
            _check_told(hurt.sync(), fault)
            hurt.wire.mend()
            report = hurt.synced()

            assert not report.failures, f"after request {position}"
            assert not hurt.differences(), f"after request {position}"

    def test_a_provider_that_is_down_at_a_later_sync_is_read_by_the_next(self, drive: Driver) -> None:
        drive.connected()
        drive.synced()
        for position in (0, 1, 2):
            drive.rest()
            drive.wire.spoil(DOWN, position)
            report = drive.sync()
            hurt = drive.wire.mend()
            assert report.counts == Counts(), "rows were changed by an answer that did not come"
            drive.rest()
            again = drive.synced()
            assert not again.failures
            assert again.counts == Counts()
            if not hurt:
                break

        assert not drive.differences()


def _positions(drive: Driver) -> list[int]:
    """The first, the middle and the last request of a first sync."""
    drive.synced()
    last = drive.wire.sent - 1
    if last < 0:
        pytest.skip("this adapter sends nothing over the wire")
    return sorted({0, last // 2, last})


def _check_told(report: SyncReport, fault: Fault) -> None:
    (one,) = report.connections
    assert one.outcome in {Outcome.FAILED, Outcome.PARTIAL}
    assert one.failures
    for failure in one.failures:
        error = failure.error
        assert isinstance(error, BankweaveError), f"{fault.name} was told as {failure.kind}: {failure.message}"
        assert isinstance(error, fault.means), f"{fault.name} was told as {failure.kind}: {failure.message}"
        assert (error.adapter, error.connection_id) == (one.adapter, one.connection_id)
        assert not isinstance(error, RateLimited) or error.retry_at is not None
