"""Contract of a store: accounts, balances and parties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from bankweave.errors import StoreError, UnknownConnection
from bankweave.model import (
    AccountStatus,
    AccountType,
    Balance,
    BalanceType,
    ObservedAccount,
    Party,
    PartyRole,
)
from bankweave.store.base import Scope, Store

if TYPE_CHECKING:
    from tests.store.conftest import Clock, Given

pytestmark = pytest.mark.anyio

GIRO = ObservedAccount(provider_id="p-1", currency="EUR", iban="DE89370400440532013000", name="Giro")
FULL = ObservedAccount(
    provider_id="p-2",
    currency="PLN",
    name="Konto ⚡ 'główne'",
    type=AccountType.CARD,
    provider_type="CREDIT",
    status=AccountStatus.BLOCKED,
    iban="PL61109010140000071219812874",
    bic="WBKPPLPP",
    number="**** 1234",
    owner_name="Anna %_",
    credit_limit=Decimal("123456789012345678901234567890.12"),
)


async def observe(store: Store, given: Given, *accounts: ObservedAccount) -> dict[str, str]:
    connection = await store.connection("c-1") or await given.connection()
    return dict(await store.save_snapshot(connection, accounts, [], [], connection.created_at))


async def test_an_account_comes_back_as_it_was_observed(store: Store, given: Given, clock: Clock) -> None:
    ids = await observe(store, given, FULL)
    (account,) = await store.accounts(Scope())
    assert {name: getattr(account, name) for name in FULL.__dataclass_fields__} == {
        name: getattr(FULL, name) for name in FULL.__dataclass_fields__
    }
    assert (account.id, account.connection_id, account.owner) == (ids["p-2"], "c-1", "anna")
    assert account.updated_at == clock.at


async def test_account_ids_depend_on_connection_and_provider_id_alone(store: Store, given: Given) -> None:
    first = await given.account("c-1", "same")
    second = await given.account("c-2", "same")
    await store.erase_connection("c-1")
    assert first != second
    assert await given.account("c-1", "same") == first
    assert len(first) == 32


async def test_a_second_snapshot_updates_and_leaves_the_rest(store: Store, given: Given, clock: Clock) -> None:
    before = await observe(store, given, GIRO, FULL)
    connection = given.new_connection()
    ids = await store.save_snapshot(connection, [replace(GIRO, name=None)], [], [], clock.forward(days=1))
    accounts = {account.provider_id: account for account in await store.accounts(Scope())}
    assert ids == {"p-1": before["p-1"]}
    assert (accounts["p-1"].name, accounts["p-1"].updated_at) == (None, clock.at)
    assert accounts["p-2"].name == FULL.name


async def test_an_account_with_a_new_id_is_found_by_its_iban(store: Store, given: Given) -> None:
    before = await observe(store, given, GIRO)
    after = await observe(store, given, replace(GIRO, provider_id="renewed"))
    assert after == {"renewed": before["p-1"]}
    assert [account.provider_id for account in await store.accounts(Scope())] == ["renewed"]


async def test_an_account_without_iban_is_found_by_number_and_currency(store: Store, given: Given) -> None:
    card = ObservedAccount(provider_id="p-1", currency="EUR", number="**** 1234")
    before = await observe(store, given, card)
    assert await observe(store, given, replace(card, provider_id="new")) == {"new": before["p-1"]}
    other_currency = await observe(store, given, replace(card, provider_id="usd", currency="USD"))
    assert other_currency["usd"] != before["p-1"]


async def test_currency_pockets_of_one_iban_stay_apart(store: Store, given: Given) -> None:
    before = await observe(store, given, GIRO, replace(GIRO, provider_id="usd", currency="USD"))
    after = await observe(
        store, given, replace(GIRO, provider_id="usd-2", currency="USD"), replace(GIRO, provider_id="eur-2")
    )
    assert after == {"usd-2": before["usd"], "eur-2": before["p-1"]}


async def test_an_iban_that_changes_currency_stays_the_same_account(store: Store, given: Given) -> None:
    lev = replace(GIRO, iban="BG80BNBG96611020345678", currency="BGN")
    before = await observe(store, given, lev)
    after = await observe(store, given, replace(lev, provider_id="new", currency="EUR"))
    assert after == {"new": before["p-1"]}


async def test_accounts_that_look_alike_are_not_guessed_apart(store: Store, given: Given) -> None:
    card = ObservedAccount(provider_id="a", currency="EUR", number="**** 1234")
    before = await observe(store, given, card, replace(card, provider_id="b"))
    after = await observe(store, given, replace(card, provider_id="c"), replace(card, provider_id="d"))
    assert len({*before.values(), *after.values()}) == 4


async def test_an_account_seen_under_its_own_id_is_not_taken_by_a_stranger(store: Store, given: Given) -> None:
    before = await observe(store, given, GIRO)
    after = await observe(store, given, replace(GIRO, provider_id="twin"), GIRO)
    assert after["p-1"] == before["p-1"]
    assert after["twin"] != before["p-1"]


async def test_a_provider_id_that_is_given_to_another_account_makes_a_new_one(store: Store, given: Given) -> None:
    before = await observe(store, given, GIRO)
    await observe(store, given, replace(GIRO, provider_id="renewed"))
    other = ObservedAccount(provider_id="p-1", currency="EUR", iban="DE02120300000000202051")
    after = await observe(store, given, other)
    assert after["p-1"] != before["p-1"]
    assert len(await store.accounts(Scope())) == 2


async def test_an_iban_of_another_connection_is_another_account(store: Store, given: Given, clock: Clock) -> None:
    before = await observe(store, given, GIRO)
    other = await given.connection("c-2")
    after = await store.save_snapshot(other, [replace(GIRO, provider_id="x")], [], [], clock.at)
    assert after["x"] != before["p-1"]


async def test_accounts_are_listed_by_scope(store: Store, given: Given) -> None:
    first = await given.account("c-1", "a")
    second = await given.account("c-1", "b")
    third = await given.account("c-2", "c", owner="ben", adapter="basiq")
    assert [a.id for a in await store.accounts(Scope(owner="anna"))] == [first, second]
    assert [a.id for a in await store.accounts(Scope(adapter="basiq"))] == [third]
    assert [a.id for a in await store.accounts(Scope(connection_id="c-1"))] == [first, second]
    assert [a.id for a in await store.accounts(Scope(account_id=second))] == [second]
    assert [a.id for a in await store.accounts(Scope(account_id=second, owner="ben"))] == []


async def test_a_snapshot_of_an_erased_connection_is_refused(store: Store, given: Given, clock: Clock) -> None:
    connection = await given.connection()
    await store.erase_connection("c-1")
    with pytest.raises(UnknownConnection):
        await store.save_snapshot(connection, [GIRO], [], [], clock.at)
    assert await store.accounts(Scope()) == []


# Balances and parties -------------------------------------------------------------------------------------------------


async def test_a_balance_replaces_the_one_of_its_type_and_leaves_the_others(
    store: Store, given: Given, clock: Clock
) -> None:
    connection = await given.connection()
    booked = Balance(
        account_provider_id="p-1",
        type=BalanceType.INTERIM_BOOKED,
        amount=Decimal("-0.10"),
        currency="EUR",
        observed_at=clock.at,
        reference_date=date(2026, 2, 28),
        credit_limit_included=False,
    )
    available = replace(booked, type=BalanceType.INTERIM_AVAILABLE, reference_date=None, credit_limit_included=None)
    ids = await store.save_snapshot(connection, [GIRO], [booked, available], [], clock.at)
    newer = replace(booked, amount=Decimal(5), observed_at=clock.forward(days=1))
    await store.save_snapshot(connection, [GIRO], [newer], [], clock.at)
    assert set(await store.balances(ids["p-1"])) == {newer, available}


async def test_a_balance_follows_its_account_to_a_new_provider_id(store: Store, given: Given, clock: Clock) -> None:
    connection = await given.connection()
    balance = Balance(
        account_provider_id="p-1",
        type=BalanceType.EXPECTED,
        amount=Decimal(1),
        currency="EUR",
        observed_at=clock.at,
    )
    ids = await store.save_snapshot(connection, [GIRO], [balance], [], clock.at)
    await store.save_snapshot(connection, [replace(GIRO, provider_id="renewed")], [], [], clock.at)
    assert await store.balances(ids["p-1"]) == [replace(balance, account_provider_id="renewed")]


async def test_a_balance_of_no_account_refuses_the_whole_snapshot(store: Store, given: Given, clock: Clock) -> None:
    connection = await given.connection()
    stray = Balance(
        account_provider_id="nowhere",
        type=BalanceType.EXPECTED,
        amount=Decimal(1),
        currency="EUR",
        observed_at=clock.at,
    )
    with pytest.raises(StoreError):
        await store.save_snapshot(connection, [GIRO], [stray], [], clock.at)
    assert await store.accounts(Scope()) == []


async def test_parties_are_replaced_when_a_snapshot_has_any(store: Store, given: Given, clock: Clock) -> None:
    connection = await given.connection()
    anna = Party(
        name="Anna 🏦",
        role=PartyRole.OWNER,
        account_provider_ids=("p-1", "p,2"),
        email="a@example.org",
        phone="+49 1",
        address="Weg 1\nBerlin",
        birth_date=date(1990, 2, 28),
    )
    ben = Party(name="Ben")
    await store.save_snapshot(connection, [], [], [anna, ben], clock.at)
    assert await store.parties("c-1") == [anna, ben]
    await store.save_snapshot(connection, [], [], [], clock.at)
    assert await store.parties("c-1") == [anna, ben]
    await store.save_snapshot(connection, [], [], [ben], clock.at)
    assert await store.parties("c-1") == [ben]
