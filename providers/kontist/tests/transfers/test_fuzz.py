"""Whatever Kontist sends about transfers and devices, a reader gives a value or an error of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bankweave.adapter import Response
from bankweave.errors import BankweaveError
from bankweave.payment import TransferKind
from bankweave_kontist.devices.protocol import read_created, read_device_challenge, read_proof, read_verified
from bankweave_kontist.protocol import read_data
from bankweave_kontist.push.protocol import read_challenges, read_decision
from bankweave_kontist.records import account_shape, shape_of
from bankweave_kontist.transfers.mapping import neutral_transfer, of_batch
from bankweave_kontist.transfers.wire import BatchConfirmed, TransferCancelled, TransferPages


def _listed(response: Response) -> object:
    viewer = read_data(account_shape(TransferPages), response, "list_transfers").viewer
    pages = viewer.main_account if viewer else None
    edges = pages.transfers.edges if pages else []
    return [neutral_transfer(edge.node, "a", TransferKind.STANDING_ORDER) for edge in edges]


def _batch(response: Response) -> object:
    return of_batch(read_data(shape_of(BatchConfirmed), response, "confirm_transfers").confirm_transfers)


def _union(response: Response) -> object:
    return read_data(shape_of(TransferCancelled), response, "cancel_transfer").cancel_transfer


READERS = [
    read_created,
    read_verified,
    read_device_challenge,
    read_proof,
    read_challenges,
    read_decision,
    _listed,
    _batch,
    _union,
]
every_reader = pytest.mark.parametrize("read", READERS)
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
statuses = st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 422, 429, 500, 503])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))
days = st.datetimes().map(lambda moment: f"{moment.isoformat()}Z") | st.integers().map(str) | values
rows = st.fixed_dictionaries(
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
@given(body=st.binary(max_size=100), status=statuses)
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
    keys = ("deviceId", "challengeId", "id", "stringToSign", "token", "data", "errors", "cancelTransfer")
    body = json.dumps(dict.fromkeys(keys, value)).encode("utf-8", "surrogatepass")
    with suppress(BankweaveError):
        read(Response(status=status, body=body))


@unhurried
@example({"id": "t", "recipient": "", "iban": "", "amount": 1, "executeAt": "9999-12-31T23:30:00Z"})
@example({"id": "t", "recipient": "", "iban": "", "amount": 1, "executeAt": "0001-01-01T00:00:00Z"})
@given(rows)
def test_any_row_is_mapped_or_refused(row: dict[str, Any]) -> None:
    info = {"hasNextPage": False, "endCursor": None}
    account = {"publicId": "a", "transfers": {"edges": [{"node": row}], "pageInfo": info}}
    body = json.dumps({"data": {"viewer": {"mainAccount": account}}}).encode("utf-8", "surrogatepass")
    with suppress(BankweaveError):
        _listed(Response(status=200, body=body))
