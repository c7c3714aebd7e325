from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bankweave_sandbox.history import make_world
from bankweave_sandbox.kontomatik import KontomatikDialect
from bankweave_sandbox.world import World

from .signin_service import Service, StandingClock

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def history() -> World:
    """The seeded world, made once; tests get copies of its Kontomatik part."""
    return make_world(StandingClock(NOON))


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@pytest.fixture
def service(history: World, runner: asyncio.Runner) -> Service:
    banks = history.banks_of("kontomatik")
    accounts = [replace(a, movements=list(a.movements)) for a in history.accounts if a.bank in banks]
    world = World(banks, accounts, StandingClock(NOON))
    return Service(KontomatikDialect(world), world, runner)
