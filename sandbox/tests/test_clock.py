"""The clock runs with real time, starts where it is told to and moves forward only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bankweave_sandbox.clock import Clock

A_MINUTE = timedelta(minutes=1)


def test_the_clock_shows_real_time_at_first() -> None:
    assert abs(Clock().now() - datetime.now(UTC)) < A_MINUTE


def test_the_clock_starts_where_it_is_told_to() -> None:
    start = datetime(2030, 2, 28, 12, tzinfo=UTC)

    assert start <= Clock(start).now() < start + A_MINUTE


def test_advancing_adds_up() -> None:
    clock = Clock(datetime(2030, 1, 1, tzinfo=UTC))

    clock.advance(timedelta(days=1))
    answered = clock.advance(timedelta(hours=2))

    assert datetime(2030, 1, 2, 2, tzinfo=UTC) <= answered <= clock.now() < datetime(2030, 1, 2, 2, 1, tzinfo=UTC)


def test_the_clock_never_goes_back() -> None:
    with pytest.raises(ValueError, match="only moves forward"):
        Clock().advance(timedelta(seconds=-1))
