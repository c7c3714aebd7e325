"""The seeded world through the dialect: long histories, whole and in pages."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import httpx
import pytest
from basiq_openapi import SPECIFICATION, load_contract
from starlette.applications import Starlette

from bankweave_sandbox.basiq import BasiqDialect
from bankweave_sandbox.history import make_world
from bankweave_sandbox.world import World

from .bank import GAVIN, NOON, StandingClock
from .caller import BASE, Bridge, Partner


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(StandingClock(NOON))


@pytest.fixture(scope="module")
def partner(world: World, runner: asyncio.Runner) -> Partner:
    dialect = BasiqDialect(world)
    client = httpx.Client(transport=Bridge(dialect.app, runner), base_url=BASE)
    control = httpx.Client(transport=Bridge(Starlette(routes=list(dialect.controls)), runner), base_url=BASE)
    partner = Partner(dialect, world, client, control)
    partner.switch(retrieval_days=10_000)
    partner.connected(GAVIN)
    return partner


def test_pages_of_five_hundred_hold_all_that_is_true(partner: Partner, world: World) -> None:
    page = partner.get(f"/users/{partner.user}/transactions").json()
    rows = list(page["data"])
    while "next" in page["links"]:
        assert page["count"] == 500
        page = partner.get(page["links"]["next"]).json()
        rows += page["data"]
    for account in world.accounts:
        entries = (
            world.entries(account)
            if account.bank.id == "au-hooli" and account.holders[0].username == GAVIN.name
            else []
        )
        seen = [row for row in rows if row["account"] == account.id]
        assert [Decimal(row["amount"]) for row in seen] == [entry.movement.amount for entry in entries]
    assert len(rows) > 2500


def test_balances_are_the_worlds(partner: Partner, world: World) -> None:
    for shown in partner.get(f"/users/{partner.user}/accounts").json()["data"]:
        account = world.account(shown["id"])
        assert account
        assert Decimal(shown["balance"]) == world.booked_balance(account)
        assert Decimal(shown["availableFunds"]) == world.available_balance(account)


def test_the_answers_are_held_against_the_specification() -> None:
    if load_contract() is None:
        pytest.skip(f"the vendor's specification is not at {SPECIFICATION}; answers were not held against it")
