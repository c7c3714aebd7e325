from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bankweave_kontist.berlin import berlin_day, berlin_today, midnight, read_instant


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ("2019-05-28T22:00:00.000Z", date(2019, 5, 29)),
        ("2019-01-06T23:00:00.000Z", date(2019, 1, 7)),
        ("2019-10-06T22:00:00.000+00:00", date(2019, 10, 7)),
        ("1570399200000", date(2019, 10, 7)),
        (1570399200000, date(2019, 10, 7)),
        ("2026-03-28T23:00:00.000Z", date(2026, 3, 29)),  # the day that has 23 hours
        ("2026-03-29T22:00:00.000Z", date(2026, 3, 30)),
        ("2026-10-24T22:00:00.000Z", date(2026, 10, 25)),  # the day that has 25
        ("2026-10-25T23:00:00.000Z", date(2026, 10, 26)),
        ("2024-02-28T23:00:00.000Z", date(2024, 2, 29)),
        ("2025-12-31T23:00:00.000Z", date(2026, 1, 1)),
        ("2026-01-01", date(2026, 1, 1)),
    ],
)
def test_a_day_is_the_berlin_day_of_the_instant_sent(sent: str | int, day: date) -> None:
    assert berlin_day(sent) == day


def test_a_challenge_and_a_booking_write_the_same_instant_in_two_ways() -> None:
    assert read_instant("2019-12-02T16:25:15.933+00:00") == read_instant("2019-12-02T16:25:15.933Z")
    assert read_instant("2019-12-02T16:25:15").tzinfo is UTC


@pytest.mark.parametrize("sent", ["", "soon", "2026-13-01", "9" * 40, "9" * 5000, "²", -(10**30)])
def test_what_is_no_instant_is_one_kind_of_error(sent: str | int) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_instant(sent)


@pytest.mark.parametrize("sent", ["9999-12-31T23:30:00Z", "0001-01-01T00:00:00+05:00", "2026-99-99"])
def test_a_day_outside_the_calendar_is_that_error_too(sent: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        berlin_day(sent)


@pytest.mark.parametrize(
    ("day", "sent"),
    [
        (date(2026, 7, 1), "2026-06-30T22:00:00.000Z"),
        (date(2026, 1, 1), "2025-12-31T23:00:00.000Z"),
        (date(2026, 3, 29), "2026-03-28T23:00:00.000Z"),
        (date(2026, 3, 30), "2026-03-29T22:00:00.000Z"),
    ],
)
def test_a_filter_begins_at_berlin_midnight(day: date, sent: str) -> None:
    assert midnight(day) == sent
    assert berlin_day(sent) == day


def test_a_filter_from_the_beginning_of_time_is_possible() -> None:
    assert midnight(date.min) == "1999-12-31T23:00:00.000Z"


def test_today_is_already_tomorrow_in_berlin_late_in_the_utc_evening() -> None:
    assert berlin_today(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) == date(2026, 7, 1)
