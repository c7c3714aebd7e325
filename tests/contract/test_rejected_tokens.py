"""A token that the provider rejects, though our clock says that it is good: another is fetched, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rigs import basiq_rig, kontist_rig
from sandboxed import Control

from bankweave import Outcome, SyncEvent
from bankweave.testing import Rig, StillClock
from bankweave.testing.driver import Driver


@pytest.mark.parametrize(
    ("make", "switches"),
    [
        (kontist_rig, {"unauthorized": "http_401"}),
        (kontist_rig, {"unauthorized": "graphql_200"}),
        (kontist_rig, {"refresh_rotation": True}),
        (basiq_rig, {"expired_token": "documented"}),
        (basiq_rig, {"expired_token": "401"}),
        (basiq_rig, {"expired_token": "403", "unauthorized_spelling": "unauthorised-access"}),
    ],
)
def test_a_token_that_is_rejected_on_the_way_is_replaced(
    control: Control, tmp_path: Path, make: Callable[[Control], Rig], switches: dict[str, object]
) -> None:
    drive = Driver(rig=make(control), store=tmp_path / "bank.db")
    drive.connected()
    control.switch(drive.rig.adapter.info.name, **switches)
    late = replace(drive, rig=replace(drive.rig, clock=StillClock(control.sandbox.clock.now())))
    pages: list[SyncEvent] = []

    def expire(event: SyncEvent) -> None:
        if event.stage == "page" and not pages:
            pages.append(event)
            control.elapse(hours=1, seconds=1)

    report = late.sync(on_event=expire)

    assert [one.outcome for one in report.connections] == [Outcome.SYNCED]
    assert pages
    assert not drive.differences()


def test_access_without_a_refresh_token_ends_with_its_hour_and_needs_the_person(
    control: Control, tmp_path: Path
) -> None:
    rig = replace(kontist_rig(control), settings=control.settings("kontist", "settings_pkce"))
    drive = Driver(rig=rig, store=tmp_path / "bank.db")
    drive.connected()
    drive.sync()
    control.elapse(hours=1, seconds=1)
    (report,) = drive.sync().connections

    assert report.outcome is Outcome.NEEDS_USER
    (failure,) = report.failures
    assert failure.kind == "ConsentExpired"
    assert "renew" in failure.message
    assert not drive.differences()
