"""Whatever a provider sends, a reader gives a value or an error of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankweave.adapter import Response
from bankweave.errors import BankweaveError
from bankweave_kontist.claims import read_claims
from bankweave_kontist.grant import Grant
from bankweave_kontist.mapping import ForeignAmounts, records, transaction
from bankweave_kontist.protocol import read_page, read_user
from bankweave_kontist.push.protocol import read_challenge, read_confirmed_token, read_poll
from bankweave_kontist.signin.protocol import read_callback, read_renewal, read_token

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GRANT = Grant(access_token="a", refresh_token="r")


def _renewal(response: Response) -> object:
    return read_renewal(response, GRANT, NOW)


def _poll(response: Response) -> object:
    return read_poll(response, "chal-1")


def _rows(response: Response) -> object:
    page = read_page(response)
    edges = page.transactions["edges"] if page else []
    assert not edges or len(records(response.body, range(len(edges)))) == len(edges)
    return [transaction(edge["node"], ForeignAmounts()) for edge in edges]


READERS = [read_token, _renewal, read_challenge, _poll, read_confirmed_token, read_user, _rows]
every_reader = pytest.mark.parametrize("read", READERS)
# a busy machine is no reason to fail
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
statuses = st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503])

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


def _row(**fields: Any) -> dict[str, Any]:
    known = dict.fromkeys(("name", "iban", "purpose", "e2eId", "mandateNumber", "category", "categoryCode"))
    return {**known, "merchantCategoryCode": None, "type": "ATM", **fields}


rows = st.builds(
    _row,
    id=st.text(max_size=10),
    amount=st.integers() | values,
    bookingDate=st.datetimes().map(datetime.isoformat) | st.integers().map(str) | values,
    valutaDate=st.none() | values,
    originalAmount=st.none() | st.floats() | st.integers(),
    foreignCurrency=st.none() | st.sampled_from(["CHF", "JPY", ""]),
)


@every_reader
@unhurried
@given(body=st.binary(max_size=200), status=statuses)
def test_any_bytes_give_a_value_or_an_error_of_ours(
    read: Callable[[Response], object], body: bytes, status: int
) -> None:
    with suppress(BankweaveError):
        read(Response(status=status, body=body))


@every_reader
@unhurried
@given(value=values, status=statuses)
def test_any_json_gives_a_value_or_an_error_of_ours(
    read: Callable[[Response], object], value: object, status: int
) -> None:
    keys = ("access_token", "expires_in", "error", "errors", "data", "id", "status", "expiresAt", "token")
    body = json.dumps(dict.fromkeys(keys, value)).encode("utf-8", "surrogatepass")
    with suppress(BankweaveError):
        read(Response(status=status, body=body))


@unhurried
@given(found=st.lists(rows, max_size=2))
def test_any_row_is_mapped_or_refused(found: list[dict[str, Any]]) -> None:
    edges = [{"node": each} for each in found]
    connection = {"edges": edges, "pageInfo": {"hasNextPage": False, "endCursor": None}}
    viewer = {"mainAccount": {"publicId": "a", "transactions": connection}}
    with suppress(BankweaveError):
        _rows(Response(status=200, body=json.dumps({"data": {"viewer": viewer}}).encode("utf-8", "surrogatepass")))


@unhurried
@given(params=st.dictionaries(st.sampled_from(["code", "state", "error", "x"]), st.text(max_size=30)))
def test_any_callback_gives_a_code_or_an_error_of_ours(params: dict[str, str]) -> None:
    for state in ("state-1", params.get("state") or "state-1"):
        with suppress(BankweaveError):
            assert read_callback(params, state)


@unhurried
@given(token=st.text() | st.binary().map(lambda raw: f"a.{raw.hex()}.c"))
def test_any_token_has_claims_or_none(token: str) -> None:
    read_claims(token)
