"""Deposits and loans, of which nobody knows how they look, and what an account or a row says twice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bankweave.adapter import Page, Snapshot
from bankweave.errors import MalformedAnswer
from bankweave.model import AccountType
from bankweave.testing import FakeContext
from bankweave_kontomatik import Kontomatik
from bankweave_kontomatik.grant import Grant

from . import payloads
from .payloads import IBAN, OTHER_IBAN, Made, row

pytestmark = pytest.mark.anyio

ACCOUNT = Made(rows=(row("-1.00"),))


async def read(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant, rest: str, *accounts: Made
) -> tuple[Snapshot, list[Page]]:
    ctx.http.answers = [payloads.xml(payloads.result(*(accounts or (ACCOUNT,)), cards=rest))] * 2
    found = await adapter.open(ctx, grant)
    return found, [page async for page in adapter.pull(ctx, grant, found.streams[0], cursor=None, since=None)]


def deposits(*made: Made | str) -> str:
    return f"<deposits>{''.join(map(str, made))}</deposits>"


async def test_a_deposit_that_looks_like_an_account_is_read_as_savings(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    made = Made(tag="deposit", rows=(row("5.00"),), texts={"iban": OTHER_IBAN, "name": "Lokata"})
    found, pages = await read(adapter, ctx, grant, deposits(made))
    deposit = found.accounts[1]
    assert (deposit.provider_id, deposit.type, deposit.name, deposit.iban) == (
        f"deposit:{OTHER_IBAN}",
        AccountType.SAVINGS,
        "Lokata",
        OTHER_IBAN,
    )
    assert [balance.amount for balance in found.balances if balance.account_provider_id == deposit.provider_id] == [
        Decimal("100.00")
    ]
    assert found.streams[0].accounts == (IBAN, deposit.provider_id)
    assert [(page.account, page.rows[0].amount, page.partial) for page in pages] == [
        (IBAN, Decimal("-1.00"), False),
        (deposit.provider_id, Decimal("5.00"), False),
    ]


async def test_a_loan_is_a_loan(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    loan = Made(tag="loan", texts={"iban": None, "number": "77/2026", "currencyBalance": "-5000.00"})
    found, pages = await read(adapter, ctx, grant, f"<loans>{loan}</loans>")
    assert (found.accounts[1].provider_id, found.accounts[1].type, found.accounts[1].number) == (
        "loan:77/2026",
        AccountType.LOAN,
        "77/2026",
    )
    assert [len(page.rows) for page in pages] == [1, 0]


@pytest.mark.parametrize(
    "strange",
    [
        "<deposit/>",
        "<deposit><iban><country>PL</country></iban></deposit>",
        "<deposit><name>Lokata</name><currencyBalance>1.00</currencyBalance></deposit>",
        f"<deposit><iban>{OTHER_IBAN}</iban><currencyName>PLN</currencyName><currencyBalance>much</currencyBalance></deposit>",
        f"<deposit><iban>{OTHER_IBAN}</iban><iban>{IBAN}</iban></deposit>",
        f"<deposit><owners>{OTHER_IBAN}</owners><moneyTransactions><moneyTransaction/></moneyTransactions></deposit>",
    ],
)
async def test_a_deposit_that_cannot_be_read_is_left_out_and_the_rest_is_read(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant, strange: str
) -> None:
    found, pages = await read(adapter, ctx, grant, deposits(strange))
    assert [account.provider_id for account in found.accounts] == [IBAN]
    assert [(page.account, len(page.rows)) for page in pages] == [(IBAN, 1)]


async def test_rows_of_a_deposit_that_cannot_be_read_make_it_partial(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    rows = (row("5.00"), "<moneyTransaction><day>today</day></moneyTransaction>", row("much"))
    made = Made(tag="deposit", rows=rows, texts={"iban": OTHER_IBAN})
    _, pages = await read(adapter, ctx, grant, deposits(made))
    assert [(page.account, len(page.rows), page.partial) for page in pages] == [
        (IBAN, 1, False),
        (f"deposit:{OTHER_IBAN}", 1, True),
    ]


async def test_deposits_do_not_change_what_an_account_is_known_by(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    same = Made(tag="deposit", texts={"iban": IBAN, "currencyName": "EUR"})
    found, _ = await read(adapter, ctx, grant, deposits(same, same))
    assert [account.provider_id for account in found.accounts] == [IBAN, f"deposit:{IBAN}"]


async def test_an_empty_list_of_deposits_is_nothing(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    found, _ = await read(adapter, ctx, grant, "<creditCards/><deposits/><loans/>")
    assert [account.type for account in found.accounts] == [AccountType.UNKNOWN]


async def test_a_card_is_partial_as_an_account_is(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    card = Made(tag="creditCard", attributes='partialDueToTimeout="true"', texts={"iban": None, "cardId": "c-1"})
    _, pages = await read(adapter, ctx, grant, f"<creditCards>{card}</creditCards>")
    assert [page.partial for page in pages] == [False, True]


@pytest.mark.parametrize("limit", ["500.00", "500 PLN", None])
async def test_a_limit_that_is_no_number_is_no_reason_to_refuse_a_card(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant, limit: str | None
) -> None:
    card = Made(tag="creditCard", texts={"iban": None, "cardId": "c-1", "limit": limit, "interests": "9"})
    found, _ = await read(adapter, ctx, grant, f"<creditCards>{card}</creditCards>")
    assert found.accounts[1].credit_limit == (Decimal("500.00") if limit == "500.00" else None)


@pytest.mark.parametrize(
    "made",
    [
        Made(rows=(row(inner="<currencyAmount>9.00</currencyAmount>"),)),
        Made(rows=(row(inner="<title>Tea</title>"),)),
        Made(inner=f"<iban>{OTHER_IBAN}</iban>"),
        Made(inner="<currencyBalance>5.00</currencyBalance>"),
    ],
)
async def test_what_is_said_twice_of_an_account_or_a_row_is_refused(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant, made: Made
) -> None:
    with pytest.raises(MalformedAnswer, match="twice"):
        await read(adapter, ctx, grant, "", made)


async def test_two_accounts_of_one_number_and_currency_are_refused(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    with pytest.raises(MalformedAnswer, match="twice"):
        await read(adapter, ctx, grant, "", ACCOUNT, ACCOUNT)


async def test_nobody_is_no_owner(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    made = Made(inner="<owners><owner/><owner><name>Zofia</name><kind>CO-OWNER</kind></owner></owners>")
    found, _ = await read(adapter, ctx, grant, "", made)
    assert [(party.name, party.role.value) for party in found.parties] == [("Zofia", "co_owner")]
