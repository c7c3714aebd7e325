"""Whatever comes over the wire, a reader raises nothing but our own errors."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankweave.adapter import Response
from bankweave.errors import BankweaveError, MalformedAnswer
from bankweave_kontomatik import protocol
from bankweave_kontomatik.mapping import (
    check_transaction,
    identify_accounts,
    map_account,
    map_balances,
    map_transaction,
)
from bankweave_kontomatik.result import ResultReader

from . import payloads
from .conftest import NOW
from .payloads import Made, row

SETTINGS = payloads.settings(api_key="k")


def read_result(response: Response) -> None:
    reader = ResultReader()
    for found in reader.feed(response.body):
        check_transaction(found.record)
        map_transaction(found.record, "PLN")
    accounts = reader.close().accounts
    for account, known_as in zip(accounts, identify_accounts(accounts), strict=True):
        if known_as is not None:
            map_account(account, known_as)
            map_balances(account, known_as, NOW)


READERS: dict[str, Callable[[Response], object]] = {
    "redirection": lambda response: protocol.read_redirection(response, SETTINGS),
    "status": protocol.read_status,
    "started": lambda response: protocol.read_started(response, "anna"),
    "session": lambda response: protocol.read_session(response, "anna"),
    "deleted": protocol.read_deleted,
    "targets": protocol.read_targets,
    "result": read_result,
}
GOOD = [
    payloads.redirection().body,
    payloads.success().body,
    payloads.started().body,
    payloads.session().body,
    payloads.exception("X").body,
    payloads.result(Made(rows=(row(), row())), people=payloads.owners(("A", "OWNER"))).encode(),
]
json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["status", "params", "exception", "name", "redirectionId"]), inner)
    ),
    max_leaves=10,
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good answer with a piece replaced."""
    body = draw(st.sampled_from(GOOD))
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 40)))
    return body[:start] + draw(st.binary(max_size=20)) + body[end:]


bodies = st.binary() | damaged() | json_like.map(lambda value: payloads.json(value).body)


@pytest.mark.parametrize("name", READERS)
@given(body=bodies, status=st.sampled_from([200, 202, 302, 400, 401, 404, 429, 500, 503]))
def test_any_answer_is_read_or_refused(name: str, body: bytes, status: int) -> None:
    with suppress(BankweaveError):
        READERS[name](Response(status=status, body=body))


@pytest.mark.parametrize("name", sorted(set(READERS) - {"result"}))
@pytest.mark.parametrize("status", [401, 418, 500])
def test_a_refusal_holds_nothing_of_the_answer(name: str, status: int) -> None:
    for body in (b'{"exception": {"name": "PL61 1090"}}', b"<reply>PL61 1090</reply>", b"PL61 1090"):
        with pytest.raises(BankweaveError) as caught:
            READERS[name](Response(status=status, body=body))
        assert "PL61" not in f"{caught.value} {caught.value.code}"


@pytest.mark.parametrize("name", ["redirection", "status", "started", "session", "result"])
def test_an_unreadable_answer_is_not_shown(name: str) -> None:
    for body in (b'{"redirectionId": "PL61 1090"}', b"<reply>PL61 1090</reply>", b"PL61 1090"):
        with pytest.raises(MalformedAnswer) as caught:
            READERS[name](Response(status=200, body=body))
        assert "PL61" not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
