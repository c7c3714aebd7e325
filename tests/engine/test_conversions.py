"""What became of the sign-ins that were begun."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from banks import CALLBACK, OWNER, callback_of, connected, weave
from clocks import StillClock

from bankweave.testing import EchoBank

pytestmark = pytest.mark.anyio


async def test_sign_ins_are_counted_by_bank_and_by_what_became_of_them(tmp_path: Path) -> None:
    clock = StillClock()
    async with weave(tmp_path / "bank.db", EchoBank(accounts={"giro": []}), clock=clock) as one:
        await connected(one)
        refused = await one.connect("echo", owner=OWNER, redirect_uri=CALLBACK, institution="other-bank")
        await one.resume(callback_of(refused, error="access_denied"))
        await one.connect("echo", owner=OWNER, redirect_uri=CALLBACK)  # and never comes
        clock.instant += timedelta(hours=2)
        await one.sweep()
        began_late = clock.instant
        await one.connect("echo", owner=OWNER, redirect_uri=CALLBACK)

        nobody, other, done = await one.conversions()
        late = await one.conversions(adapter="echo", since=began_late)
        assert await one.conversions(adapter="another") == ()

    assert (nobody.institution_id, nobody.begun, nobody.open, nobody.expired, nobody.rate) == (None, 2, 1, 1, 0.0)
    assert (done.institution_id, done.country, done.connected, done.rate) == ("echo-bank", "DE", 1, 1.0)
    assert (other.institution_id, other.failed, other.rate) == ("other-bank", {"user_refused": 1}, 0.0)
    assert [one.begun for one in late] == [1]
    assert late[0].rate is None
