"""The seeded world through the dialect: long histories, whole and in pages."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal

import httpx
import pytest
from basiq_openapi import SPECIFICATION, load_contract
from starlette.applications import Starlette

from bankweave_sandbox.basiq import BasiqDialect
from bankweave_sandbox.history import make_world
from bankweave_sandbox.world import Kind, World

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


def test_summaries_of_a_long_history_agree_with_the_world_and_each_other(partner: Partner, world: World) -> None:
    body = {"fromMonth": "2025-03", "toMonth": "2026-02"}
    made = {
        kind: partner.post(f"/users/{partner.user}/{kind}", json=body).json()
        for kind in ("affordability", "income", "expenses")
    }
    truth = [
        entry.movement
        for account in world.accounts
        if account.bank.id == "au-hooli" and account.holders[0].username == GAVIN.name
        for entry in world.entries(account)
        if entry.booking_date and date(2025, 3, 1) <= entry.booking_date <= date(2026, 2, 28)
    ]
    salaries = sum(m.amount for m in truth if m.kind is Kind.SALARY)
    assert Decimal(made["income"]["summary"]["regularIncomeYear"]) == salaries
    # The interest on the loan is paid by its instalments: it leaves no account of its own.
    accrued = sum((m.amount for m in truth if m.amount < 0 and m.kind is Kind.INTEREST), Decimal(0))
    spent = sum((m.amount for m in truth if m.amount < 0 and m.category != "own_account"), Decimal(0)) - accrued
    assert Decimal(made["affordability"]["summary"]["expenses"]) == (spent / 12).quantize(Decimal("0.01"))
    expenses = made["expenses"]
    assert Decimal(expenses["loanInterests"]["avgMonthly"]) == (accrued / 12).quantize(Decimal("0.01")) < 0
    kinds = ("bankFees", "cashWithdrawals", "externalTransfers", "loanRepayments")
    parts = [Decimal(expenses[kind]["avgMonthly"]) for kind in kinds]
    parts += [Decimal(one["avgMonthly"]) for one in expenses["payments"]]
    assert abs(sum(parts) - spent / 12) < Decimal("0.20")
    assert made["affordability"]["summary"]["netPosition"]


def test_every_booked_row_of_a_report_is_in_one_group_or_internal(partner: Partner) -> None:
    filters = {"fromDate": "2025-09-01", "toDate": "2026-02-28", "accounts": [], "users": [partner.user]}
    listed = [{"name": name, "value": value} for name, value in filters.items()]
    body = {"reportType": "CON_AFFOR_01", "title": "Half a year", "filters": listed}
    job = partner.post("/reports", json=body).json()["id"]
    partner.wait()
    report = partner.get(partner.get(f"/jobs/{job}").json()["steps"][0]["result"]["url"]).json()
    groups = {group["title"]: group for group in report["data"]["groups"]}
    assert groups["Salary"]["analysis"]["frequency"]["display"] == "Monthly"
    assert groups["Rent"]["subgroup"][0]["analysis"]["summary"]["transactionCount"] == 6
    assert "Uncategorised Debits" not in groups
    debit = sum(group["analysis"]["summary"]["overallPercentage"]["debit"] for group in groups.values())
    assert debit == pytest.approx(100, abs=1)
