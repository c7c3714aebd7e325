"""Whatever Basiq sends, a program sees errors of bankweave and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from providers.basiq.tests.conftest import account, connection, connector, consent, mfa, step, transaction
from pydantic import TypeAdapter

from bankweave.adapter import Response
from bankweave.errors import BankweaveError
from bankweave_basiq import BasiqSettings
from bankweave_basiq import protocol as p
from bankweave_basiq.client import (
    BasiqAccount,
    BasiqConnection,
    BasiqConsent,
    BasiqEvent,
    BasiqTransaction,
    Connector,
    Job,
    Message,
)
from bankweave_basiq.client.record import Listing
from bankweave_basiq.jobs import judge
from bankweave_basiq.mapping import (
    belongs_to,
    to_account,
    to_balances,
    to_consent,
    to_institutions,
    to_records,
    to_transaction,
)
from bankweave_basiq.parties import to_parties
from bankweave_basiq.refusals import read
from bankweave_basiq.wire import WireAccount

SETTINGS = BasiqSettings.model_validate({"api_key": "key"})
NOW = datetime(2026, 11, 22, tzinfo=UTC)
SYDNEY = ZoneInfo("Australia/Sydney")


def _transactions(response: Response) -> None:
    rows = p.read_transactions(SETTINGS, response, "user-1", "acc-1").rows
    for row in rows:
        to_transaction(row, SYDNEY, "AUD")
    assert len(to_records(response.body, range(len(rows)))) == len(rows)


def _accounts(response: Response) -> None:
    accounts = p.read_accounts(response, "user-1")
    to_parties(accounts)
    for one in accounts:
        belongs_to(one, ("con-1",))
        to_account(one)
        to_balances(one, NOW)


def _job(response: Response) -> None:
    job = p.read_job(response, "job-1")
    if job is not None:
        judge(job, SETTINGS.base_url, "user-1")


_JOB = {"id": "job-1", "steps": [step("verify-credentials"), step("mfa-challenge", "in-progress", [mfa()])]}
_ERROR = {"data": [{"code": "resource-not-found", "source": {"parameter": "userId"}}], "correlationId": "c"}

_IDENTITY = {
    "id": "identity-1",
    "connectionID": "con-1",
    "fullName": "Gavin Belson",
    "DOB": "1971-02-03",
    "emailAddresses": ["gavin@hooli.com"],
    "physicalAddresses": [{"formattedAddress": "1 George St"}],
}
_ENRICHED = transaction(
    enrich={"tags": ["a:b"], "merchant": {"businessName": "B"}, "category": {"mcc": {"code": "1"}, "anzsic": {}}},
    paymentDetails={"bpay": {"billerName": "B"}},
    subClass={"code": "451", "title": "Cafes"},
)


def _identities(response: Response) -> None:
    accounts = [WireAccount.model_validate({**account(), "accountHolder": "GAVIN BELSON"})]
    to_parties(accounts, p.read_identities(response, "user-1"))


def _record(shape: TypeAdapter[Any]) -> Callable[[Response], object]:
    """What the client makes of an answer, with all that can be asked of it."""

    def read_all(response: Response) -> None:
        found = read(shape, response, "fuzz")
        for each in (found, *(found.data if isinstance(found, Listing) else ())):
            for name in dir(type(each)):
                if isinstance(getattr(type(each), name, None), property) and not name.startswith(("_", "model_")):
                    getattr(each, name)
            assert repr(each)

    return read_all


READERS: dict[str, tuple[Callable[[Response], object], object]] = {
    "token": (lambda response: p.read_token(response, NOW), {"access_token": "a", "expires_in": 3600}),
    "created user": (p.read_created_user, {"id": "user-1"}),
    "user": (lambda response: p.read_user_exists(response, "user-1"), {"id": "user-1"}),
    "consents": (lambda response: to_consent(p.read_consents(response, "user-1")), {"data": [consent()]}),
    "connections": (
        lambda response: to_consent([], p.read_connections(response, "user-1")),
        {"data": [connection()]},
    ),
    "connectors": (lambda response: to_institutions(p.read_connectors(response)), {"data": [connector()]}),
    "started job": (p.read_started_job, {"id": "job-1"}),
    "purged": (p.read_purged, _ERROR),
    "deleted": (p.read_deleted, _ERROR),
    "job": (_job, _JOB),
    "jobs": (lambda response: p.read_jobs(response, "user-1"), {"data": [_JOB]}),
    "answered": (p.read_answered, _ERROR),
    "accounts": (_accounts, {"data": [account()], "links": {"self": "/users/user-1/accounts"}}),
    "account": (lambda response: p.read_account(response, "acc-1"), account()),
    "identities": (_identities, {"data": [_IDENTITY]}),
    "auth link": (
        lambda response: p.read_auth_link(response, "user-1"),
        {
            "expiresAt": "2026-01-08T00:00:00Z",
            "links": {"public": "https://connect.basiq.io/1", "self": "/users/user-1"},
        },
    ),
    "auth link lives": (p.read_auth_link_lives, _ERROR),
    "enriched transactions": (_transactions, {"data": [_ENRICHED]}),
    "client's consents": (_record(TypeAdapter(Listing[BasiqConsent])), {"data": [consent()]}),
    "client's connection": (_record(TypeAdapter(BasiqConnection)), connection(profile={"fullName": "A"})),
    "client's connectors": (_record(TypeAdapter(Listing[Connector])), {"data": [connector()]}),
    "client's job": (_record(TypeAdapter(Job)), {**_JOB, "links": {"source": "/users/user-1/connections/c"}}),
    "client's accounts": (_record(TypeAdapter(Listing[BasiqAccount])), {"data": [account()]}),
    "client's transactions": (_record(TypeAdapter(Listing[BasiqTransaction])), {"data": [_ENRICHED]}),
    "client's event": (
        _record(TypeAdapter(BasiqEvent)),
        {"id": "e", "createdDate": "2026-01-01T00:00:00Z", "data": {"connection": {"id": "c"}}, "dataRef": "/users/u"},
    ),
    "client's message": (_record(TypeAdapter(Message)), {"id": "m", "attempts": [{"status": "Failed"}]}),
    "transactions": (
        _transactions,
        {"data": [transaction()], "links": {"next": "/users/user-1/transactions?next=a"}},
    ),
}
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["", "NaN", "//e/x", "T", "0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)
STATUSES = st.just(200) | st.sampled_from([200, 201, 202, 204, 301, 400, 401, 403, 404, 409, 410, 418, 429, 500, 503])


def spoil(value: Any, path: list[int], junk: object) -> Any:
    """Put junk somewhere into a good answer."""
    if not path or not isinstance(value, dict | list) or not value:
        return junk
    places = list(value) if isinstance(value, dict) else list(range(len(value)))
    place = places[path[0] % len(places)]
    items = {key: value[key] for key in places}
    items[place] = spoil(value[place], path[1:], junk)
    return items if isinstance(value, dict) else list(items.values())


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=200), status=STATUSES)
def test_any_bytes_give_a_value_or_an_error_of_ours(name: str, body: bytes, status: int) -> None:
    with suppress(BankweaveError):
        READERS[name][0](Response(status=status, body=body))


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=150, deadline=None)
@given(path=st.lists(st.integers(0, 20), max_size=6), junk=JUNK, status=STATUSES)
def test_spoilt_answer_gives_a_value_or_an_error_of_ours(name: str, path: list[int], junk: object, status: int) -> None:
    reader, good = READERS[name]
    body = json.dumps(spoil(good, path, junk)).encode()
    with suppress(BankweaveError):
        reader(Response(status=status, body=body))


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"\xef\xbb\xbf{}", b'{"data":[NaN]}', b"null"])
def test_nasty_bodies_give_an_error_of_ours(name: str, body: bytes) -> None:
    with suppress(BankweaveError):
        READERS[name][0](Response(status=200, body=body))
