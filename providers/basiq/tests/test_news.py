"""Which events call for a sync, so that nothing is missed and no sync calls for itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from providers.basiq.tests.conftest import NOW

from bankweave_basiq.client import BasiqEvent
from bankweave_basiq.webhooks import WebhookEvent

MINUTE = timedelta(minutes=1)


def event(kind: str, at: datetime | None) -> BasiqEvent:
    entity, event_type = kind.split(".")
    return BasiqEvent(id="e-1", entity=entity, event_type=event_type, created_date=at)


@pytest.mark.parametrize(
    "kind", ["transactions.updated", "account.updated", "connection.invalidated", "consent.updated"]
)
def test_what_a_sync_may_bring_about_itself_counts_only_after_it(kind: str) -> None:
    assert event(kind, NOW).calls_for_sync(NOW - MINUTE)
    assert not event(kind, NOW).calls_for_sync(NOW)
    assert not event(kind, NOW).calls_for_sync(NOW + MINUTE)


def test_what_was_never_synced_or_tells_no_time_is_synced() -> None:
    assert event("transactions.updated", NOW).calls_for_sync(None)
    assert event("transactions.updated", None).calls_for_sync(NOW)


@pytest.mark.parametrize("kind", ["consent.revoked", "consent.expired", "connection.deleted"])
def test_an_end_counts_even_if_a_sync_was_under_way(kind: str) -> None:
    assert event(kind, NOW).calls_for_sync(NOW + MINUTE)


@pytest.mark.parametrize("kind", ["connection.updated", "consent.warning", "user.updated", "unheard.of"])
def test_what_changes_no_data_calls_for_nothing(kind: str) -> None:
    assert not event(kind, NOW).calls_for_sync(None)


def test_a_delivery_may_have_been_a_minute_on_its_way() -> None:
    delivery = WebhookEvent(
        message_id="m-1", sent_at=NOW, event_id="e-1", event_type="transactions.updated", user_id="u-1", connection=None
    )
    assert delivery.calls_for_sync(NOW - 2 * MINUTE)
    assert not delivery.calls_for_sync(NOW - MINUTE / 2)
