"""When a consent that ends is warned of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bankweave.engine.consent import warning_for
from bankweave.model import Connection, Consent, ConsentStatus

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
ENDS = BEGAN + timedelta(days=180)


LONG = Consent(status=ConsentStatus.VALID, valid_from=BEGAN, valid_until=ENDS)


def connection(
    synced_before_end: float | None = None, consent: Consent | None = LONG, created_at: datetime = BEGAN
) -> Connection:
    return Connection(
        id="c",
        owner="anna",
        adapter="echo",
        institution_id=None,
        institution_name=None,
        consent=consent,
        created_at=created_at,
        synced_at=None if synced_before_end is None else ENDS - timedelta(days=synced_before_end),
    )


@pytest.mark.parametrize(
    ("synced", "now", "days_left"),
    [
        (31, 30, 30),
        (31, 29.5, 29),
        (30, 29, None),  # told by the sync before
        (29, 8, None),
        (8, 7, 7),
        (7, 6, None),
        (2, 0.5, 0),
        (100, 5, 5),  # nobody looked for a long time: told once, of what is left
        (31, -1, None),  # it has ended: the sync itself says so
        (None, 20, 20),
    ],
)
def test_each_day_of_warning_is_told_once(synced: float | None, now: float, days_left: int | None) -> None:
    warning = warning_for(connection(synced), ENDS - timedelta(days=now))
    assert (warning and warning.days_left) == days_left


def test_a_consent_that_was_short_from_the_beginning_is_not_warned_of_for_what_it_never_had() -> None:
    short = Consent(status=ConsentStatus.VALID, valid_from=ENDS - timedelta(days=5), valid_until=ENDS)
    fresh = connection(consent=short, created_at=ENDS - timedelta(days=5))
    assert warning_for(fresh, ENDS - timedelta(days=4)) is None
    assert warning_for(fresh, ENDS - timedelta(hours=20)) is not None


def test_what_has_no_end_is_not_warned_of() -> None:
    assert warning_for(connection(consent=None), ENDS) is None
    endless = Consent(status=ConsentStatus.VALID, valid_until=None)
    assert warning_for(connection(consent=endless), ENDS) is None
