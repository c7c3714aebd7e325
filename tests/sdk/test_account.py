"""What the published SDK reads of accounts and transactions, against the world."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from sandboxed import Control

from bankweave_sandbox.world import Entry, Movement

from .conftest import Anna, until
from .sdk_process import SdkError, SdkProcess, callback


def cents(amount: Decimal) -> int:
    return int(amount * 100)


def entries(anna: Anna) -> list[Entry]:
    return anna.sandbox.world.entries(anna.account)


@pytest.fixture(autouse=True)
def _short_history(anna: Anna) -> None:
    """Keep the last hundred movements or so: two pages and a bit."""
    oldest = entries(anna)[110].movement.occurred_at
    movements: list[Movement] = anna.account.movements
    anna.sandbox.run(lambda: movements.__setitem__(slice(None), [m for m in movements if m.occurred_at >= oldest]))
    anna.sandbox.advance(0)


def test_the_account_and_its_balances_are_the_worlds(sdk: SdkProcess, anna: Anna) -> None:
    world, account = anna.sandbox.world, anna.account
    read = sdk.call("models.account.get")
    assert (read["iban"], read["bic"]) == (account.iban, account.bic)
    assert read["balance"] == cents(world.booked_balance(account))
    assert read["availableBalance"] == cents(world.available_balance(account))
    stats = sdk.call("models.account.getStats")
    assert stats["accountBalance"] == stats["main"] + stats["vatTotal"] + stats["taxTotal"] == read["balance"]
    balance = sdk.call("models.account.getSolarisBalance")["balance"]
    assert balance == {"value": read["balance"], "currency": "EUR", "unit": "cents"}


def test_a_raw_query_with_variables_reads_what_it_asks_for(sdk: SdkProcess, anna: Anna) -> None:
    query = "query ($first: Int) {viewer{firstName mainAccount{transactions(first: $first){edges{node{id}}}}}}"
    viewer = sdk.call("graphQL.rawQuery", query, {"first": 2})["viewer"]
    assert viewer["firstName"] == anna.person.first_name
    assert len(viewer["mainAccount"]["transactions"]["edges"]) == 2


def test_pages_lead_forward_and_back(sdk: SdkProcess) -> None:
    first = sdk.call("models.transaction.fetch")
    assert (len(first["items"]), first["pageInfo"]["hasPreviousPage"]) == (50, False)
    second = sdk.call("last.nextPage")
    assert not {t["id"] for t in first["items"]} & {t["id"] for t in second["items"]}
    last = sdk.call("models.transaction.fetch", {"last": 20})
    assert last["pageInfo"]["hasNextPage"] is False
    assert len(sdk.call("last.previousPage")["items"]) == 20


def test_all_transactions_are_the_worlds(sdk: SdkProcess, anna: Anna) -> None:
    found = sdk.call("own.all", "transaction", {}, 1000)
    assert {t["id"]: t["amount"] for t in found} == {e.movement.id: cents(e.movement.amount) for e in entries(anna)}
    assert [t["bookingDate"] for t in found] == sorted((t["bookingDate"] for t in found), reverse=True)


def test_a_search_finds_names_and_amounts(sdk: SdkProcess, anna: Anna) -> None:
    wanted = next(e.movement for e in entries(anna) if e.movement.counterparty)
    amount = f"{abs(wanted.amount):.2f}"
    found = sdk.call("models.transaction.search", amount)["items"]
    assert wanted.id in {t["id"] for t in found}
    assert {abs(t["amount"]) for t in found} == {abs(cents(wanted.amount))}
    word = str(wanted.counterparty).split()[0].swapcase()
    named = sdk.call("models.transaction.search", word)["items"]
    assert wanted.id in {t["id"] for t in named}


def test_one_transaction_is_read_and_changed(sdk: SdkProcess) -> None:
    row = sdk.call("models.transaction.fetch", {"first": 1})["items"][0]
    changed = sdk.call(
        "models.transaction.update", {"id": row["id"], "category": "VAT_19", "personalNote": "for the office"}
    )
    one = sdk.call("models.transaction.fetchOne", {"id": row["id"]})
    assert (one["category"], one["personalNote"]) == ("VAT_19", "for the office")
    assert (changed["id"], one["amount"]) == (row["id"], row["amount"])
    parts = [{"amount": one["amount"] - 1, "category": "PRIVATE"}, {"amount": 1, "category": "VAT_7"}]
    if one["amount"] < 0:
        parts = [{"amount": one["amount"] + 1, "category": "PRIVATE"}, {"amount": -1, "category": "VAT_7"}]
    split = sdk.call("models.transaction.createSplit", {"transactionId": row["id"], "splits": parts})
    assert sorted(part["amount"] for part in split["splits"]) == sorted(part["amount"] for part in parts)
    assert sdk.call("models.transaction.deleteSplit", {"transactionId": row["id"]})["splits"] == []


def test_the_csv_has_a_line_for_each_transaction(sdk: SdkProcess, anna: Anna) -> None:
    text = sdk.call("models.transaction.fetchCSV")
    lines = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ","))
    assert len(lines) == 1 + len(entries(anna))


def test_two_of_the_sdks_methods_always_throw(sdk: SdkProcess) -> None:
    for path in ("models.account.fetch", "models.user.fetch"):
        with pytest.raises(SdkError) as thrown:
            sdk.call(path)
        assert thrown.value.name == "KontistSDKError"


def test_a_payment_is_told_at_once_until_unsubscribed(sdk: SdkProcess, control: Control, anna: Anna) -> None:
    sdk.call("models.transaction.subscribe", callback("transaction"), callback("failure"))
    wait_for_subscriptions(control, 1)
    paid = control.pay(str(anna.account.iban), "12.34", "Thanks")
    told = sdk.next_event("transaction")
    assert (told["id"], told["amount"], told["purpose"]) == (paid, 1234, "Thanks")
    sdk.call("own.unsubscribe")
    wait_for_subscriptions(control, 0)
    control.pay(str(anna.account.iban), "1.00", "Unheard")
    assert sdk.call("models.account.get")
    assert not sdk.has_event("transaction")
    assert not sdk.has_event("failure")


def wait_for_subscriptions(control: Control, count: int) -> None:
    def served() -> int:
        return sum(len(shown["subscriptions"]) for shown in control.client.get("/kontist/sockets").json())

    until(lambda: served() == count)
