"""A flow goes on in a process that has never heard of it; two processes may sync at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from processes import elsewhere, ended, heard, lag_of, started, wait_until
from rigs import basiq_rig, kontist_rig, kontomatik_rig
from sandboxed import Control
from worker import LaggingClock

from bankweave import FlowStatus, Outcome
from bankweave.engine.report import Counts
from bankweave.testing import Rig
from bankweave.testing.driver import Driver


@pytest.mark.parametrize("make", [kontist_rig, kontomatik_rig, basiq_rig])
def test_a_flow_is_resumed_by_another_process(control: Control, tmp_path: Path, make: Callable[[Control], Rig]) -> None:
    drive = Driver(rig=make(control), store=tmp_path / "bank.db")
    flow = drive.connect()
    told = elsewhere(drive, "resume", callback=drive.rig.person.sign_in(flow))

    assert told["id"] == flow.id
    (moved,) = drive.flows()
    assert moved.status.value == told["status"]
    assert drive.complete(moved).status is FlowStatus.CONNECTED
    assert not drive.synced().failures
    assert not drive.differences()


def test_a_code_is_answered_by_another_process(control: Control, tmp_path: Path) -> None:
    drive = Driver(rig=basiq_rig(control, "jared"), store=tmp_path / "bank.db")
    drive.connected()
    drive.synced()
    (report,) = drive.sync().connections
    assert report.outcome is Outcome.NEEDS_USER
    assert report.flow is not None
    told = elsewhere(drive, "answer", flow=report.flow.id, answers="1234")

    assert told["status"] == "waiting"
    assert [one.outcome for one in drive.sync().connections] == [Outcome.SYNCED]


@pytest.fixture
def drive(control: Control, tmp_path: Path) -> Driver:
    drive = Driver(rig=kontist_rig(control, days=200), store=tmp_path / "bank.db")
    drive.connected()
    return drive


def test_a_sync_beside_another_one_waits_for_it(control: Control, drive: Driver) -> None:
    patient = replace(drive, rig=replace(drive.rig, clock=LaggingClock(lag_of(drive))))
    control.spoil("kontist", "/api/graphql", delay=1.0)
    with started(drive, "sync") as other:
        wait_until(lambda: len(control.requests("kontist", "/api/graphql")) > 0)
        (report,) = patient.sync().connections
        told = ended(other)

    assert told["outcomes"] == ["synced"]
    assert told["added"] == len(drive.transactions())
    assert (report.outcome, report.counts) == (Outcome.SYNCED, Counts())
    assert not drive.differences()


def test_two_syncs_that_start_together_end_well(drive: Driver) -> None:
    with started(drive, "sync") as one, started(drive, "sync") as other:
        outcomes = [*ended(one)["outcomes"], *ended(other)["outcomes"]]

    assert "synced" in outcomes
    assert set(outcomes) <= {"synced", "busy"}
    assert not drive.differences()


def test_a_sync_that_was_taken_for_dead_and_goes_on_does_no_harm(drive: Driver) -> None:
    with started(drive, "sync", pause_at=1) as slow:
        assert slow.stdout is not None
        heard(slow.stdout.readline())
        quick = drive.sync()
        told = ended(slow)

    assert [one.outcome for one in quick.connections] == [Outcome.SYNCED]
    assert told["outcomes"] == ["synced"]
    assert not drive.differences()
    assert len({change.transaction.id for change in drive.changes()}) == len(drive.changes())
