from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette

from bankweave_sandbox.basiq import BasiqDialect
from bankweave_sandbox.world import World

from .bank import make_small_world
from .caller import BASE, Bridge, Partner
from .receiver import Receiver, receiving


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@pytest.fixture
def world() -> World:
    return make_small_world()


@pytest.fixture
def partner(world: World, runner: asyncio.Runner) -> Iterator[Partner]:
    dialect = BasiqDialect(world)
    with (
        httpx.Client(transport=Bridge(dialect.app, runner), base_url=BASE) as client,
        httpx.Client(transport=Bridge(Starlette(routes=list(dialect.controls)), runner), base_url=BASE) as control,
    ):
        yield Partner(dialect, world, client, control)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running
