"""Accounts, balances, people and rows out of a finished import."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bankweave.adapter import Page, Request, Response, Snapshot, Stream, Streamed
from bankweave.errors import (
    BankweaveError,
    ConsentExpired,
    MalformedAnswer,
    ProviderRefused,
    WrongSubject,
)
from bankweave.model import AccountType, BalanceType, PartyRole, TransactionStatus
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontomatik import Kontomatik
from bankweave_kontomatik.grant import Grant

from . import payloads
from .payloads import IBAN, OTHER_IBAN, Made, row

pytestmark = pytest.mark.anyio

STREAM = Stream(id="import", accounts=(IBAN,))


async def pages_of(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant, document: str, since: date | None = None
) -> list[Page]:
    ctx.http.answers = [payloads.xml(document)]
    return [page async for page in adapter.pull(ctx, grant, STREAM, cursor=None, since=since)]


async def snapshot_of(adapter: Kontomatik, ctx: FakeContext, grant: Grant, document: str) -> Snapshot:
    ctx.http.answers = [payloads.xml(document)]
    return await adapter.open(ctx, grant)


class Drip(ScriptedHttp):
    """Hands out an answer in small pieces, and can be cut."""

    def __init__(self, body: bytes, size: int) -> None:
        super().__init__()
        self.body, self.size, self.taken = body, size, 0

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Streamed]:
        self.sent.append(request)
        yield _Drops(self)


class _Drops:
    def __init__(self, drip: Drip) -> None:
        self.drip = drip
        self.head = Response(status=200)

    async def chunks(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.drip.body), self.drip.size):
            self.drip.taken = start + self.drip.size
            yield self.drip.body[start : start + self.drip.size]


async def test_an_account_is_known_by_its_iban_with_both_balances(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    made = Made(texts={"friendlyName": "Daily", "currencyFundsAvailable": "-3.50"})
    found = await snapshot_of(adapter, ctx, grant, payloads.result(made))
    account = found.accounts[0]
    assert (account.provider_id, account.iban, account.number, account.currency) == (IBAN, IBAN, None, "PLN")
    assert (account.name, account.type) == ("Daily", AccountType.UNKNOWN)
    assert [(balance.type, balance.amount) for balance in found.balances] == [
        (BalanceType.INTERIM_BOOKED, Decimal("100.00")),
        (BalanceType.INTERIM_AVAILABLE, Decimal("-3.50")),
    ]
    assert found.balances[0].observed_at == grant.imported_at
    balances = {IBAN: Decimal("100.00")}
    assert found.streams == (
        Stream(id="import", accounts=(IBAN,), reaches_back_to=grant.since, booked_balances=balances),
    )


async def test_a_local_number_is_not_passed_off_as_an_iban(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    found = await snapshot_of(adapter, ctx, grant, payloads.result(Made(texts={"iban": "19-2000145399/0800"})))
    account = found.accounts[0]
    assert (account.provider_id, account.iban, account.number) == ("19-2000145399/0800", None, "19-2000145399/0800")


async def test_a_credit_card_is_an_account_of_its_own(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    texts = {"cardId": "c-1", "number": "4111********1111", "currencyBalance": "-250.10", "limit": "5000.00"}
    card = Made(tag="creditCard", texts=texts, rows=(row("-250.10"),))
    document = payloads.result(Made(), cards=f"<creditCards>{card}</creditCards>")
    found = await snapshot_of(adapter, ctx, grant, document)
    shown = found.accounts[1]
    assert (shown.provider_id, shown.type, shown.number) == ("c-1", AccountType.CARD, "4111********1111")
    assert shown.credit_limit == Decimal("5000.00")
    pages = await pages_of(adapter, ctx, grant, document)
    assert {page.account: len(page.rows) for page in pages} == {IBAN: 0, "c-1": 1}


async def test_a_card_that_shares_its_accounts_iban_stays_apart(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    cards = f"<creditCards>{Made(tag='creditCard')}</creditCards>"
    found = await snapshot_of(adapter, ctx, grant, payloads.result(Made(), cards=cards))
    assert [account.provider_id for account in found.accounts] == [IBAN, f"card:{IBAN}"]


async def test_pockets_of_one_number_are_told_apart_by_currency(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    document = payloads.result(Made(rows=(row(),)), Made(rows=(row("7.00"),), texts={"currencyName": "EUR"}))
    pages = await pages_of(adapter, ctx, grant, document)
    assert [(page.account, page.rows[0].currency) for page in pages] == [
        (f"{IBAN}:PLN", "PLN"),
        (f"{IBAN}:EUR", "EUR"),
    ]


async def test_people_are_joined_over_their_accounts(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    zofia = payloads.elements(name="Zofia  P.", email="z@example.com", birthDate="1990-02-14", kind="OWNER")
    marek = payloads.elements(name="Marek P.", kind="CO-OWNER", birthDate="unknown")
    people = f"<owners><owner>{zofia}</owner><owner>{marek}</owner></owners>"
    both = payloads.owners(("Zofia P.", "OWNER"), ("Marek P.", "CO_OWNER"))
    document = payloads.result(
        Made(inner=both),
        Made(texts={"iban": OTHER_IBAN}, inner=payloads.owners(("Zofia P.", "OWNER"))),
        people=people,
    )
    found = await snapshot_of(adapter, ctx, grant, document)
    assert [(party.name, party.role, party.account_provider_ids) for party in found.parties] == [
        ("Zofia P.", PartyRole.OWNER, (IBAN, OTHER_IBAN)),
        ("Marek P.", PartyRole.CO_OWNER, (IBAN,)),
    ]
    assert found.parties[0].email == "z@example.com"
    assert found.parties[0].birth_date == date(1990, 2, 14)
    assert found.parties[1].birth_date is None
    assert found.accounts[0].owner_name == "Zofia P."


async def test_someone_who_is_on_no_account_is_kept(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    document = payloads.result(Made(texts={"owner": "ACME"}), people=payloads.owners(("ACME", "COMPANY")))
    found = await snapshot_of(adapter, ctx, grant, document)
    assert [(party.name, party.role) for party in found.parties] == [("ACME", PartyRole.OWNER)]
    assert found.accounts[0].owner_name == "ACME"


async def test_a_row_keeps_its_exact_amount_its_days_and_its_record(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    made = row(
        "-1234567.80",
        transactionOn="2026-11-18",
        title="ZAKUPY\n   POD  LIPA",
        party=" Jan \n Kowalski ",
        partyIban="PL27 1140 2004 0000 3002 0135 5387",
        kind="PRZELEW",
        currencyBalance="-0.01",
        inner="<labels><label>rent</label><label>monthly</label></labels>",
    )
    page = (await pages_of(adapter, ctx, grant, payloads.result(Made(rows=(made,)))))[0]
    found = page.rows[0]
    assert (str(found.amount), str(found.balance_after)) == ("-1234567.80", "-0.01")
    assert (found.booking_date, found.transaction_date) == (date(2026, 11, 20), date(2026, 11, 18))
    assert found.remittance_information == ("ZAKUPY POD LIPA",)
    assert (found.counterparty_name, found.counterparty_iban) == ("Jan Kowalski", OTHER_IBAN)
    assert (found.provider_type, found.category, found.provider_id) == ("PRZELEW", "rent", None)
    assert found.labels == ("rent", "monthly")
    record = json.loads(page.raw[0])
    assert record["labels"] == ["rent", "monthly"]
    assert record["title"] == "ZAKUPY\n   POD  LIPA"
    assert record["currencyAmount"] == "-1234567.80"


async def test_a_field_nobody_knew_stays_in_the_record(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    made = row(variableSymbol="123", inner="<novelty><part>1</part></novelty><account>x</account>")
    page = (await pages_of(adapter, ctx, grant, payloads.result(Made(rows=(made,)))))[0]
    record = json.loads(page.raw[0])
    assert (record["variableSymbol"], record["novelty"], record["account"]) == ("123", {"part": "1"}, "x")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("DONE", TransactionStatus.BOOKED),
        (None, TransactionStatus.BOOKED),
        ("", TransactionStatus.BOOKED),
        ("HOLD", TransactionStatus.UNKNOWN),
    ],
)
async def test_only_done_rows_are_booked_and_none_is_skipped(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant, word: str | None, status: TransactionStatus
) -> None:
    document = payloads.result(Made(rows=(row(status=word),)))
    page = (await pages_of(adapter, ctx, grant, document))[0]
    assert [found.status for found in page.rows] == [status]
    assert json.loads(page.raw[0]).get("status") == (word or None)


async def test_equal_rows_both_come(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    document = payloads.result(Made(rows=(row(), row())))
    assert len((await pages_of(adapter, ctx, grant, document))[0].rows) == 2


async def test_pages_come_in_batches_of_one_account_without_a_cursor(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    many = tuple(row(f"-{number}.00") for number in range(1, 1002))
    document = payloads.result(
        Made(texts={"iban": OTHER_IBAN}), Made(rows=many), Made(rows=(row(),), texts={"iban": "19/0800"})
    )
    pages = await pages_of(adapter, ctx, grant, document)
    assert [(page.account, len(page.rows)) for page in pages] == [
        (IBAN, 500),
        (IBAN, 500),
        (IBAN, 1),
        ("19/0800", 1),
        (OTHER_IBAN, 0),
    ]
    assert [found.amount for page in pages[:3] for found in page.rows] == [Decimal(-n) for n in range(1, 1002)]
    assert {page.next for page in pages} == {None}
    assert all(len(page.raw) == len(page.rows) for page in pages)


async def test_since_leaves_older_rows_out_but_none_that_is_not_surely_booked(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    rows = (row("1.00", "2026-11-20"), row("2.00", "2026-11-10"), row("3.00", "2026-11-10", status="HOLD"))
    pages = await pages_of(adapter, ctx, grant, payloads.result(Made(rows=rows)), date(2026, 11, 20))
    assert [found.amount for found in pages[0].rows] == [Decimal(1), Decimal(3)]
    assert [json.loads(record)["currencyAmount"] for record in pages[0].raw] == ["1.00", "3.00"]


async def test_an_account_that_was_cut_short_is_partial_and_the_others_are_not(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    document = payloads.result(
        Made(rows=(row(),), attributes='partialDueToTimeout="true"'), Made(texts={"iban": OTHER_IBAN})
    )
    pages = await pages_of(adapter, ctx, grant, document)
    assert {page.account: page.partial for page in pages} == {IBAN: True, OTHER_IBAN: False}


async def test_an_import_tells_how_far_back_it_reaches(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    later = grant.model_copy(update={"since": date(2026, 8, 24)})
    found = await snapshot_of(adapter, ctx, later, payloads.result(Made(rows=(row(),))))
    assert [stream.reaches_back_to for stream in found.streams] == [date(2026, 8, 24)]


@pytest.mark.parametrize(
    "bad",
    [
        row("12,50"),
        row("1e9"),
        row("NaN"),
        row(""),
        row("١٢.٠٠"),
        row(booked="20261118"),
        row(booked="2026-W47-1"),
        row(booked="2026-02-30"),
        row(booked=""),
        row(currencyBalance="much"),
        "<moneyTransaction><currencyAmount><deep>1</deep></currencyAmount></moneyTransaction>",
        "</moneyTransactions><moneyTransaction/><moneyTransactions>",
    ],
)
async def test_one_bad_row_at_the_end_lets_no_page_out(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant, bad: str
) -> None:
    ctx.http.answers = [payloads.xml(payloads.result(Made(rows=(*[row()] * 600, bad))))]
    pulling = adapter.pull(ctx, grant, STREAM, cursor=None, since=None)
    with pytest.raises(MalformedAnswer):
        await anext(pulling)


async def test_a_truncated_document_lets_no_page_out_wherever_it_was_cut(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    document = payloads.result(Made(rows=(row(), row("5.00"))), people=payloads.owners(("A", "OWNER")))
    for length in range(len(document)):
        ctx.http.answers = [payloads.xml(document[:length])] * 2
        with pytest.raises(MalformedAnswer):
            await anext(adapter.pull(ctx, grant, STREAM, cursor=None, since=None))
        with pytest.raises(MalformedAnswer):
            await adapter.open(ctx, grant)


@pytest.mark.parametrize("size", [1, 2, 7, 4096])
async def test_the_size_of_the_pieces_makes_no_difference(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant, size: int
) -> None:
    document = payloads.result(Made(rows=(row(title="Łódź"), row("5.00"))), people=payloads.owners(("A", "OWNER")))
    whole = await snapshot_of(adapter, ctx, grant, document)
    pages = await pages_of(adapter, ctx, grant, document)
    ctx.http = Drip(document.encode(), size)
    assert await adapter.open(ctx, grant) == whole
    dripped = [page async for page in adapter.pull(ctx, grant, STREAM, cursor=None, since=None)]
    assert [(page.rows, list(page.raw)) for page in dripped] == [(page.rows, list(page.raw)) for page in pages]


async def test_asking_whether_it_is_done_does_not_read_the_data(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    from bankweave_kontomatik.reader import see_command

    document = payloads.result(Made(rows=tuple([row()] * 5000)))
    ctx.http = drip = Drip(document.encode(), 4096)
    settings = adapter._settings
    seen = await see_command(ctx, settings, grant.access, grant.command_id)
    assert seen.state == "successful"
    assert drip.taken == 4096


@pytest.mark.parametrize(
    "document",
    [
        payloads.result(Made(texts={"currencyName": None})),
        payloads.result(Made(texts={"currencyName": "zł"})),
        payloads.result(Made(texts={"iban": None})),
        payloads.result(Made(), Made()),
        payloads.command("in_progress"),
        payloads.reply("<nothing/>"),
        payloads.reply('<command state="successful"/>'),
        "<answer/>",
    ],
)
async def test_a_document_that_is_no_statement_is_refused(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant, document: str
) -> None:
    ctx.http.answers = [payloads.xml(document)] * 2
    with pytest.raises(MalformedAnswer):
        await adapter.open(ctx, grant)
    with pytest.raises(MalformedAnswer):
        await anext(adapter.pull(ctx, grant, STREAM, cursor=None, since=None))


async def test_an_import_without_accounts_has_nothing_to_pull(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    found = await snapshot_of(adapter, ctx, grant, payloads.result())
    assert (found.accounts, found.streams) == ((), ())


async def test_the_statement_of_another_owner_is_not_taken(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    ctx.http.answers = [payloads.xml(payloads.command("successful", "<result/>", owner="bert"))]
    with pytest.raises(WrongSubject):
        await adapter.open(ctx, grant)


@pytest.mark.parametrize("gone", [payloads.exception("InvalidCommandId", 404), payloads.xml("", 404)])
async def test_an_import_that_is_not_kept_any_more_says_who_is_needed(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant, single: Grant, gone: Response
) -> None:
    cases: list[tuple[Grant, type[BankweaveError]]] = [(grant, ProviderRefused), (single, ConsentExpired)]
    for held, expected in cases:
        ctx.http.answers = [gone]
        with pytest.raises(expected):
            await adapter.open(ctx, held)


async def test_a_result_may_be_larger_and_slower_than_other_answers(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    await pages_of(adapter, ctx, grant, payloads.result())
    sent = ctx.http.sent[0]
    assert sent.limit is not None
    assert sent.limit > 100 * 1024 * 1024
    assert sent.timeout is not None
    assert timedelta(seconds=sent.timeout) >= timedelta(minutes=2)
