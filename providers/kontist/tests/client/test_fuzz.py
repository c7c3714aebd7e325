"""Whatever Kontist answers the client, it gives a record or an error of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from providers.kontist.tests.fuzzing import unhurried, values, written

from bankweave.adapter import Response
from bankweave.errors import BankweaveError
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import AsyncKontistClient, Kontist, KontistSettings
from bankweave_kontist.transactions.search import search_filter

Call = Callable[[AsyncKontistClient], Awaitable[object]]

CALLS: dict[str, Call] = {
    "main": lambda kontist: kontist.accounts.main(),
    "statistics": lambda kontist: kontist.accounts.statistics(),
    "solaris_balance": lambda kontist: kontist.accounts.solaris_balance(),
    "sub_accounts": lambda kontist: kontist.accounts.sub_accounts(),
    "profile": lambda kontist: kontist.accounts.profile(),
    "newest": lambda kontist: kontist.transactions.newest(),
    "get": lambda kontist: kontist.transactions.get("t-1"),
    "update": lambda kontist: kontist.transactions.update("t-1", personal_note="x"),
    "finish": lambda kontist: kontist.assets.finish("a-1"),
    "delete": lambda kontist: kontist.assets.delete("a-1"),
    "raw": lambda kontist: kontist.graphql.query("{ a }"),
}
fewer = settings(unhurried, max_examples=60)  # each runs an event loop of its own
dates = st.datetimes().map(lambda moment: moment.isoformat()) | st.integers() | values
rows = st.fixed_dictionaries(
    {
        "id": st.text(max_size=5),
        "amount": st.integers(-(10**6), 10**6) | values,
        "type": st.sampled_from(["ATM", "X"]),
        "bookingDate": dates,
        "valutaDate": dates,
        "createdAt": dates,
        "paymentMethod": st.just("card"),
        "originalAmount": st.none() | st.floats() | st.integers(),
        "splits": st.just([]) | values,
    }
)


def call(name: str, body: bytes, status: int = 200) -> None:
    answers: list[Any] = [Response(status=status, body=body)] * 2
    client = Kontist(KontistSettings(client_id="c")).client(FakeContext(http=ScriptedHttp(answers)))
    with suppress(BankweaveError):
        asyncio.run(_waited(CALLS[name](client)))


async def _waited(answer: Awaitable[object]) -> object:
    return await answer


@pytest.mark.parametrize("name", CALLS)
@fewer
@given(body=st.binary(max_size=100), status=st.sampled_from([200, 400, 401, 500]))
def test_any_bytes_give_a_record_or_an_error_of_ours(name: str, body: bytes, status: int) -> None:
    call(name, body, status)


@pytest.mark.parametrize("name", CALLS)
@fewer
@given(value=values)
def test_any_json_gives_a_record_or_an_error_of_ours(name: str, value: object) -> None:
    account = dict.fromkeys(("stats", "solarisBalance", "transaction", "transactions"), value)
    known = {"viewer": {"mainAccount": account}, "getSubAccounts": [value], "updateTransaction": value}
    call(name, written({"data": known}))
    call(name, written({"data": value, "errors": value}))


@fewer
@given(found=st.lists(rows, max_size=2))
def test_any_row_is_a_transaction_or_refused(found: list[dict[str, Any]]) -> None:
    info = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    connection = {"edges": [{"node": each} for each in found], "pageInfo": info}
    viewer = {"mainAccount": {"transactions": connection}}
    call("newest", written({"data": {"viewer": viewer}}))


@fewer
@given(text=st.text(max_size=300) | st.from_regex(r"-?\d{1,12}([.,]\d{0,3})? [A-Z]{2}\d{1,8}"))
def test_any_text_can_be_searched_for(text: str) -> None:
    found = search_filter(text)
    assert found is None or found.variable()["operator"] == "OR"
