"""What a provider grants so often is counted once for all processes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bankweave.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from tests.store.conftest import Given

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


async def test_a_use_too_many_is_told_when_the_next_is_free(given: Given) -> None:
    await given.account()
    store = given.store
    for hour in range(4):
        assert await store.use_quota("c-1", "imports", NOON + timedelta(hours=hour), at_most=4, within=DAY) is None

    later = NOON + timedelta(hours=5)
    assert await store.use_quota("c-1", "imports", later, at_most=4, within=DAY) == NOON + DAY
    # one is kept back: with three allowed, the second oldest has to pass first
    assert await store.use_quota("c-1", "imports", later, at_most=3, within=DAY) == NOON + timedelta(hours=1) + DAY
    assert await store.use_quota("c-1", "imports", NOON + DAY, at_most=4, within=DAY) is None


async def test_uses_at_one_instant_are_as_many_as_they_are(given: Given) -> None:
    await given.account()
    for _ in range(3):
        assert await given.store.use_quota("c-1", "imports", NOON, at_most=3, within=DAY) is None
    assert await given.store.use_quota("c-1", "imports", NOON, at_most=3, within=DAY) is not None


async def test_names_and_connections_have_quotas_of_their_own(given: Given) -> None:
    await given.account()
    assert await given.store.use_quota("c-1", "imports", NOON, at_most=1, within=DAY) is None
    assert await given.store.use_quota("c-1", "exports", NOON, at_most=1, within=DAY) is None


async def test_the_count_is_kept_in_the_file(tmp_path: Path, new_given: type[Given]) -> None:
    store = SqliteStore.open(tmp_path / "bank.db")
    await new_given(store).account()
    await store.use_quota("c-1", "imports", NOON, at_most=1, within=DAY)
    await store.close()

    other = SqliteStore.open(tmp_path / "bank.db")
    assert await other.use_quota("c-1", "imports", NOON, at_most=1, within=DAY) == NOON + DAY
    await other.close()
