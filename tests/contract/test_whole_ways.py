"""The whole way at all three providers, by either surface: people with years of history are read without a difference."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from rigs import ALL_DAYS, basiq_rig, kontist_rig, kontomatik_rig
from sandboxed import CALLBACK, Control, Customer

from bankweave import AsyncBankweave, BalanceType, Bankweave, Config, FlowStatus, Outcome
from bankweave.testing import Rig
from bankweave.testing.comparison import differences
from bankweave.testing.driver import Driver
from bankweave.vault import generate_key

pytestmark = pytest.mark.anyio

WAYS: dict[str, tuple[Callable[[Control], Rig], tuple[str, str]]] = {
    "kontist": (
        lambda control: kontist_rig(control, "anna@kontist.example", days=ALL_DAYS),
        ("kontist", "anna@kontist.example"),
    ),
    "kontomatik": (
        lambda control: kontomatik_rig(control, "test1", "KontoBankApi", days=ALL_DAYS),
        ("KontoBankApi", "test1"),
    ),
    "kontomatik in Czechia": (
        lambda control: kontomatik_rig(
            control, "test1", "KontoBankApi_cz", days=ALL_DAYS, country="cz", locale="cz", access_mode="SINGLE"
        ),
        ("KontoBankApi_cz", "test1"),
    ),
    "basiq": (
        lambda control: basiq_rig(control, "gavinBelson", "AU00000", days=ALL_DAYS),
        ("AU00000", "gavinBelson"),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_years_of_history_are_stored_without_a_difference(control: Control, tmp_path: Path, way: str) -> None:
    make, who = WAYS[way]
    drive = Driver(rig=make(control), store=tmp_path / "bank.db")
    drive.connected()
    report = drive.synced()

    assert not report.failures
    assert not drive.differences()
    assert balances_in(drive) == true_balances(Customer(control.sandbox, *who))


async def test_one_sync_brings_all_banks_of_an_owner(control: Control, tmp_path: Path) -> None:
    rigs = three_rigs(control)
    async with AsyncBankweave(config=config_of(rigs, tmp_path), clock=rigs[0].clock) as bank:
        for rig in rigs:
            flow = await bank.connect(rig.adapter.info.name, owner="anna", redirect_uri=CALLBACK, options=rig.options)
            back = rig.person.sign_in(flow)
            flow = await bank.wait((await bank.resume(back or "")).id)
            assert flow.status is FlowStatus.CONNECTED

        report = await bank.sync(owner="anna")
        accounts = await bank.accounts(owner="anna")
        stored = [(one, [row async for row in bank.transactions(account_id=one.id)]) for one in accounts]

    assert [one.outcome for one in report.connections] == [Outcome.SYNCED] * 3
    assert not differences([account for rig in rigs for account in rig.truth()], stored)


def test_a_program_without_an_event_loop_does_the_same(control: Control, tmp_path: Path) -> None:
    rigs = three_rigs(control)
    with Bankweave(config=config_of(rigs, tmp_path), clock=rigs[0].clock) as bank:
        for rig in rigs:
            flow = bank.connect(rig.adapter.info.name, owner="anna", redirect_uri=CALLBACK, options=rig.options)
            back = rig.person.sign_in(flow)
            flow = bank.wait(bank.resume(back or "").id)
            assert flow.status is FlowStatus.CONNECTED

        report = bank.sync(owner="anna")
        stored = [(one, list(bank.transactions(account_id=one.id))) for one in bank.accounts(owner="anna")]

    assert [one.outcome for one in report.connections] == [Outcome.SYNCED] * 3
    assert not differences([account for rig in rigs for account in rig.truth()], stored)


def three_rigs(control: Control) -> list[Rig]:
    return [kontist_rig(control), kontomatik_rig(control), basiq_rig(control)]


def config_of(rigs: list[Rig], folder: Path) -> Config:
    settings = {rig.adapter.info.name: dict(rig.settings) for rig in rigs}
    return Config(store=folder / "bank.db", vault_keys=generate_key(), adapters=settings)


def balances_in(drive: Driver) -> dict[tuple[str, str], Decimal]:
    return {
        (account.iban or account.number or "", account.currency): balance.amount
        for account in drive.accounts()
        for balance in drive.balances(account)
        if balance.type is BalanceType.INTERIM_BOOKED
    }


def true_balances(customer: Customer) -> dict[tuple[str, str], Decimal]:
    world = customer.sandbox.world
    return {(one.number, one.currency): world.booked_balance(one) for one in customer.accounts}
