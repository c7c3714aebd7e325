"""Whatever Kontist sends, a reader gives a value or an error of ours."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from providers.kontist.tests.fuzzing import unhurried, values, written

from bankweave.adapter import Response
from bankweave.errors import BankweaveError
from bankweave.payment import TransferKind
from bankweave_kontist.claims import read_claims
from bankweave_kontist.devices.protocol import read_created, read_device_challenge, read_proof, read_verified
from bankweave_kontist.grant import Grant
from bankweave_kontist.mapping import ForeignAmounts, records, transaction
from bankweave_kontist.protocol import read_data, read_page, read_user
from bankweave_kontist.push.protocol import (
    read_challenge,
    read_challenges,
    read_confirmed_token,
    read_decision,
    read_poll,
)
from bankweave_kontist.records import account_shape, shape_of
from bankweave_kontist.signin.protocol import read_callback, read_renewal, read_token
from bankweave_kontist.transfers.mapping import neutral_transfer, of_batch
from bankweave_kontist.transfers.wire import BatchConfirmed, TransferCancelled, TransferPages

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


def _transfers(response: Response) -> object:
    viewer = read_data(account_shape(TransferPages), response, "list_transfers").viewer
    pages = viewer.main_account if viewer else None
    edges = pages.transfers.edges if pages else []
    return [neutral_transfer(edge.node, "a", TransferKind.STANDING_ORDER) for edge in edges]


def _batch(response: Response) -> object:
    return of_batch(read_data(shape_of(BatchConfirmed), response, "confirm_transfers").confirm_transfers)


def _union(response: Response) -> object:
    return read_data(shape_of(TransferCancelled), response, "cancel_transfer").cancel_transfer


every_reader = pytest.mark.parametrize(
    "read",
    [
        *(read_token, _renewal, read_user, _rows),
        *(read_challenge, read_challenges, _poll, read_decision, read_confirmed_token),
        *(read_created, read_verified, read_device_challenge, read_proof),
        *(_transfers, _batch, _union),
    ],
)
statuses = st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 422, 429, 500, 503])
KEYS = (
    *("access_token", "expires_in", "error", "errors", "data", "id", "status", "expiresAt", "token"),
    *("deviceId", "challengeId", "stringToSign", "cancelTransfer"),
)


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
days = st.datetimes().map(lambda moment: f"{moment.isoformat()}Z") | st.integers().map(str) | values
transfers = st.fixed_dictionaries(
    {"id": st.text(max_size=9), "recipient": st.text(), "iban": st.text(), "amount": st.integers() | values},
    optional={
        "status": st.none() | st.text(max_size=9),
        "executeAt": days,
        "lastExecutionDate": days,
        "nextOccurrence": days,
        "reoccurrence": st.none() | st.text(max_size=9),
    },
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
    with suppress(BankweaveError):
        read(Response(status=status, body=written(dict.fromkeys(KEYS, value))))


@unhurried
@given(found=st.lists(rows, max_size=2))
def test_any_row_is_mapped_or_refused(found: list[dict[str, Any]]) -> None:
    edges = [{"node": each} for each in found]
    connection = {"edges": edges, "pageInfo": {"hasNextPage": False, "endCursor": None}}
    viewer = {"mainAccount": {"publicId": "a", "transactions": connection}}
    with suppress(BankweaveError):
        _rows(Response(status=200, body=written({"data": {"viewer": viewer}})))


@unhurried
@example({"id": "t", "recipient": "", "iban": "", "amount": 1, "executeAt": "9999-12-31T23:30:00Z"})
@example({"id": "t", "recipient": "", "iban": "", "amount": 1, "executeAt": "0001-01-01T00:00:00Z"})
@given(transfers)
def test_any_transfer_is_mapped_or_refused(row: dict[str, Any]) -> None:
    info = {"hasNextPage": False, "endCursor": None}
    account = {"publicId": "a", "transfers": {"edges": [{"node": row}], "pageInfo": info}}
    with suppress(BankweaveError):
        _transfers(Response(status=200, body=written({"data": {"viewer": {"mainAccount": account}}})))


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
