"""The client's accounts, transactions and receipts against the sandbox's Kontist, over loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import anyio.to_thread
import pytest
from sandboxed import Control, Customer, SandboxClock

from bankweave import AsyncBankweave, Bankweave
from bankweave.config import Config
from bankweave.errors import InvalidOrder, OutcomeUnknown, ProviderRefused
from bankweave.vault import generate_key
from bankweave_kontist.blocking import KontistClient
from bankweave_kontist.client import AsyncKontistClient, ExternalPayment
from bankweave_kontist.transactions.categories import TransactionCategory
from bankweave_kontist.transactions.filters import Condition, Filter, any_of
from bankweave_kontist.transactions.splits import SplitOrder

pytestmark = pytest.mark.anyio

SIGN_IN = {"username": "anna@kontist.example", "password": "Anna-2026"}
DAYS = 60


@pytest.fixture
def config(control: Control, tmp_path: Path) -> Config:
    Customer(control.sandbox, "kontist", SIGN_IN["username"]).forget(DAYS)
    settings = {
        **control.settings("kontist"),
        "scopes": ["offline", "accounts", "users", "transactions", "transfers", "statements"],
    }
    return Config(store=tmp_path / "bank.db", vault_keys=generate_key(), adapters={"kontist": settings})


@pytest.fixture
async def connection(config: Config, control: Control, clock: SandboxClock) -> str:
    """Anna's connection, in the store."""
    async with AsyncBankweave(config=config, clock=clock) as bank:
        flow = await bank.connect("kontist", owner="anna", options=SIGN_IN)
        control.decide_push("VERIFIED")
        done = await bank.wait(flow.id)
    assert done.connection_id is not None
    return done.connection_id


@pytest.fixture
async def kontist(config: Config, clock: SandboxClock, connection: str) -> AsyncIterator[AsyncKontistClient]:
    async with AsyncBankweave(config=config, clock=clock) as bank:
        yield await bank.client(connection, AsyncKontistClient)


async def ids(kontist: AsyncKontistClient, where: Filter | None = None) -> list[str]:
    return [each.id async for each in kontist.transactions.list(where=where)]


async def test_the_account_is_what_the_statistics_say(kontist: AsyncKontistClient) -> None:
    account = await kontist.accounts.main()
    statistics = await kontist.accounts.statistics()
    solaris = await kontist.accounts.solaris_balance()
    assert statistics.account_balance == account.balance
    assert solaris.balance is not None
    assert solaris.balance.amount == account.balance
    assert (await kontist.accounts.iban_information(account.iban)).bic == account.bic
    assert (await kontist.accounts.system_status()).type is None
    assert (await kontist.accounts.profile()).email == SIGN_IN["username"]


async def test_pages_lead_through_everything_in_both_directions(kontist: AsyncKontistClient) -> None:
    newest_first = await ids(kontist)
    assert len(newest_first) > 50
    assert len(set(newest_first)) == len(newest_first)
    oldest_first = [each.id async for each in kontist.transactions.list(oldest_first=True)]
    assert oldest_first == newest_first[::-1]
    first = await kontist.transactions.newest(10)
    second = await first.next()
    assert second is not None
    back = await second.previous()
    assert back is not None
    assert [each.id for each in first.rows + second.rows] == newest_first[:20]
    assert [each.id for each in back.rows] == newest_first[:10]


async def test_filters_mean_what_they_say(kontist: AsyncKontistClient) -> None:
    rows = [each async for each in kontist.transactions.list()]
    day = rows[len(rows) // 2].booking_date
    assert await ids(kontist, Filter(booking_date_eq=day)) == [each.id for each in rows if each.booking_date == day]
    spent = Filter(amount_lt=Decimal(-50), booking_date_gte=day)
    assert await ids(kontist, spent) == [each.id for each in rows if each.amount < -50 and each.booking_date >= day]
    name = next(each.name for each in rows if each.name)
    either = any_of(Condition(name_like=name.swapcase()), Condition(amount_gt=Decimal(100)))
    assert await ids(kontist, either) == [
        each.id for each in rows if (each.name and name.lower() in each.name.lower()) or each.amount > 100
    ]
    assert await ids(kontist, Filter(valuta_date_eq=date(1999, 1, 1))) == []


async def test_a_search_finds_names_and_amounts(kontist: AsyncKontistClient) -> None:
    rows = [each async for each in kontist.transactions.list()]
    wanted = next(each for each in rows if each.name and " " not in each.name)
    assert wanted.name is not None
    assert wanted.id in [each.id async for each in kontist.transactions.search(wanted.name.upper())]
    euros = abs(int(wanted.amount))
    found = [each async for each in kontist.transactions.search(str(euros), where=Filter(type_eq=wanted.type))]
    assert wanted.id in {each.id for each in found}
    assert {each.type for each in found} == {wanted.type}


async def test_a_transaction_is_annotated_split_and_made_whole(kontist: AsyncKontistClient) -> None:
    newest = (await kontist.transactions.newest(where=Filter(amount_lt=Decimal(-2)))).rows[0]
    noted = await kontist.transactions.update(
        newest.id, category=TransactionCategory.PRIVATE, personal_note="Mittagessen"
    )
    assert (noted.category, noted.personal_note) == ("PRIVATE", "Mittagessen")
    parts = (
        SplitOrder(amount=Decimal("-1.00"), category=TransactionCategory.VAT_19),
        SplitOrder(amount=newest.amount + 1, category=TransactionCategory.PRIVATE),
    )
    split = await kontist.transactions.create_splits(newest.id, parts)
    assert (split.category, [each.amount for each in split.splits]) == (None, [each.amount for each in parts])
    moved = [SplitOrder(id=each.id, amount=each.amount, category=TransactionCategory.VAT_7) for each in split.splits]
    changed = await kontist.transactions.update_splits(newest.id, moved)
    assert {each.category for each in changed.splits} == {"VAT_7"}
    assert await ids(kontist, Filter(splits_exist=True)) == [newest.id]
    assert (await kontist.transactions.delete_splits(newest.id)).splits == ()


async def test_csv_and_presets_are_there(kontist: AsyncKontistClient) -> None:
    everything = await kontist.transactions.csv()
    day = (await kontist.transactions.newest(1)).rows[0].booking_date
    assert len(await kontist.transactions.csv(since=day, until=day)) < len(everything)
    for preset in await kontist.transactions.presets():
        await kontist.transactions.newest(preset=preset)


async def test_a_receipt_goes_to_its_transaction_and_away(kontist: AsyncKontistClient) -> None:
    newest = (await kontist.transactions.newest(1)).rows[0]
    receipt = await kontist.assets.add(
        newest.id, name="Beleg.png", filetype="image/png", content=b"\x89PNG\r\n\x1a\n\x00--"
    )
    found = await kontist.transactions.get(newest.id)
    assert found is not None
    assert [(each.id, each.name) for each in found.assets] == [(receipt.id, "Beleg.png")]
    assert await kontist.assets.download(found.assets[0]) == b"\x89PNG\r\n\x1a\n\x00--"
    await kontist.assets.delete(receipt.id)
    with pytest.raises(ProviderRefused):
        await kontist.assets.delete(receipt.id)


async def test_a_draft_begins_with_its_receipt_and_becomes_a_payment_of_the_persons_own(
    kontist: AsyncKontistClient,
) -> None:
    before = await ids(kontist)
    draft = await kontist.drafts.create("Beleg.pdf", "application/pdf", b"%PDF-1.4")
    known = ExternalPayment(amount=Decimal("-12.50"), day=date(2026, 3, 29), name="Markt", is_cash=True)
    filled = await kontist.drafts.update(draft, known)
    assert (filled.amount, filled.payment_date, [each.name for each in filled.assets]) == (
        Decimal("-12.50"),
        date(2026, 3, 29),  # the day that summer time began
        ["Beleg.pdf"],
    )
    written = await kontist.external_transactions.write(known, transaction=draft)
    assert (written.amount, written.booking_date, written.type) == (
        Decimal("-12.50"),
        date(2026, 3, 29),
        "EXTERNAL_TRANSACTION_CASH",
    )
    assert await kontist.drafts.list() == []
    await kontist.external_transactions.delete(written.id)
    assert await ids(kontist) == before


async def test_what_is_no_payment_is_not_written(kontist: AsyncKontistClient) -> None:
    with pytest.raises(InvalidOrder):
        await kontist.external_transactions.write(ExternalPayment(amount=Decimal(1)))
    with pytest.raises(InvalidOrder):
        await kontist.drafts.update("d-1", ExternalPayment(iban="DE89370400440532013000"))
    with pytest.raises(InvalidOrder):
        ExternalPayment(amount=Decimal("0.001")).variable()


async def test_raw_graphql_reaches_everything_else(kontist: AsyncKontistClient) -> None:
    answer = await kontist.graphql.query(
        "query Some($first: Int) { viewer { mainAccount { transactions(first: $first) { edges { node { id } } } } } }",
        {"first": 3},
    )
    assert len(answer["viewer"]["mainAccount"]["transactions"]["edges"]) == 3
    with pytest.raises(ProviderRefused):
        await kontist.graphql.query("{ viewer { shoeSize } }")


async def test_a_token_that_ends_while_one_reads_loses_nothing(kontist: AsyncKontistClient, control: Control) -> None:
    rows = kontist.transactions.list()
    first = await anext(rows)
    control.elapse(hours=2)
    assert [first.id, *[each.id async for each in rows]] == await ids(kontist)


async def test_a_failed_query_is_repeated_and_a_failed_mutation_is_not(
    kontist: AsyncKontistClient, control: Control
) -> None:
    control.spoil("kontist", "/api/graphql", status=503, times=1)
    before = len(control.requests("kontist", "/api/graphql"))
    newest = (await kontist.transactions.newest(1)).rows[0]
    assert len(control.requests("kontist", "/api/graphql")) == before + 2
    control.spoil("kontist", "/api/graphql", status=503, times=1)
    with pytest.raises(OutcomeUnknown):
        await kontist.graphql.query(
            'mutation Note($id: String!) { updateTransaction(id: $id, personalNote: "x") { id } }', {"id": newest.id}
        )
    assert len(control.requests("kontist", "/api/graphql")) == before + 3


async def test_the_synchronous_twin_does_the_same(config: Config, clock: SandboxClock, connection: str) -> None:
    await anyio.to_thread.run_sync(_use_synchronously, config, clock, connection)


def _use_synchronously(config: Config, clock: SandboxClock, connection: str) -> None:
    with Bankweave(config=config, clock=clock) as bank:
        kontist = bank.client(connection, KontistClient)
        rows = list(kontist.transactions.list())
        page = kontist.transactions.newest(5)
        following = page.next()
        assert following is not None
        assert [each.id for each in page.rows + following.rows] == [each.id for each in rows[:10]]
        assert kontist.accounts.main().iban
        with pytest.raises(InvalidOrder):
            kontist.graphql.query("{")
