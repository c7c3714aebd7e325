from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bankweave.adapter import Response
from bankweave.errors import (
    AccessRevoked,
    BankweaveError,
    MalformedAnswer,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
)
from bankweave_kontist.protocol import read_page, read_user

LATER = datetime(2026, 11, 22, 10, 1, tzinfo=UTC)
FUNDS = "https://api.kontist.com/problems/transfer/insufficient-funds"
IANA = "http://www.iana.org/assignments/http-status-codes#"


def answer(value: object, status: int = 200) -> Response:
    return Response(status=status, body=json.dumps(value).encode(), retry_at=LATER)


def errors(*extensions: object, message: object = "it failed", data: object = None, status: int = 200) -> Response:
    listed = [{"message": message, "path": ["viewer"], "extensions": each} for each in extensions]
    return answer({"errors": listed or [{"message": message}], "data": data}, status)


def refused(response: Response) -> BankweaveError:
    with pytest.raises(BankweaveError) as raised:
        read_page(response)
    assert raised.value.origin.adapter == "kontist"
    assert raised.value.origin.operation == "list_transactions"
    return raised.value


@pytest.mark.parametrize(
    "response",
    [
        Response(status=401, body=b"Unauthorized"),
        errors(message="Unauthorized"),
        errors({"status": "strange"}, message="Unauthorized"),
        errors({"status": 401, "type": f"{IANA}401"}),
        errors({"status": 400}, {"status": 401}),
        errors(message="Unauthorized", status=500),
        answer({"data": {"viewer": None}}),
    ],
)
def test_an_access_that_is_not_accepted_is_recognised_wherever_it_is_said(response: Response) -> None:
    assert isinstance(refused(response), AccessRevoked)


@pytest.mark.parametrize("response", [errors({"status": 429}), Response(status=429, retry_at=LATER)])
def test_a_used_up_quota_says_when_to_come_back(response: Response) -> None:
    error = refused(response)
    assert isinstance(error, RateLimited)
    assert error.retry_at == LATER


@pytest.mark.parametrize(
    "response",
    [
        errors({"status": 500, "type": f"{IANA}500"}),
        errors({"status": 503}),
        errors({"code": "INTERNAL_SERVER_ERROR"}),
        errors(),
        errors(None),
        errors(status=500),
        Response(status=502, body=b"<html>bad gateway</html>"),
        answer({"message": "down"}, 503),
        answer({"data": {"viewer": None}}, 500),
    ],
)
def test_a_failure_of_the_server_is_for_another_time(response: Response) -> None:
    error = refused(response)
    assert isinstance(error, ProviderUnavailable)
    assert not isinstance(error, RateLimited)


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (errors({"status": 400, "type": FUNDS}), FUNDS),
        (errors({"status": 400, "type": FUNDS}, status=500), FUNDS),
        (errors({"status": 403}), "403"),
        (errors({"status": 404, "type": f"{IANA}404"}, {"status": 500}), f"{IANA}404"),
        (errors({"code": "GRAPHQL_VALIDATION_FAILED"}, status=400), "GRAPHQL_VALIDATION_FAILED"),
        (errors({"status": 400, "type": "two words\n"}), "unknown"),
        (answer({"title": "no"}, 403), "403"),
    ],
)
def test_a_refusal_carries_kontists_word_for_it(response: Response, code: str) -> None:
    error = refused(response)
    assert isinstance(error, ProviderRefused)
    assert error.code == code


def test_a_forbidden_field_names_the_settings_that_may_be_behind_it() -> None:
    assert "scopes" in str(refused(errors({"status": 403})))


def test_data_beside_errors_are_not_used() -> None:
    page = {"viewer": {"mainAccount": {"publicId": "a", "transactions": {"edges": [], "pageInfo": {
        "hasNextPage": False, "endCursor": None}}}}}  # fmt: skip
    assert read_page(answer({"data": page})) is not None
    assert isinstance(refused(errors({"status": 403}, data=page)), ProviderRefused)


def test_data_with_a_hole_are_explained_by_their_errors() -> None:
    hole = {"viewer": {"mainAccount": {"publicId": "a", "transactions": None}}}
    assert isinstance(refused(errors({"status": 403}, data=hole)), ProviderRefused)
    assert isinstance(refused(answer({"data": hole})), MalformedAnswer)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>maintenance</html>", b"null", b"[]", b"{}", b'{"data":null}', b'{"data":{}}', b"\xff\xfe",
     b'{"data":{"viewer":{}}}', b'{"errors":"no"}', b'{"errors":[7]}', b"[" * 100_000,
     b'{"data":{"viewer":{"mainAccount":{"publicId":7}}}}'],
)  # fmt: skip
def test_an_answer_of_no_known_shape_is_malformed(body: bytes) -> None:
    assert isinstance(refused(Response(status=200, body=body)), MalformedAnswer)


def test_no_error_carries_what_was_read() -> None:
    body = b'{"data":{"viewer":{"firstName":"CANARY","mainAccount":{"iban":"CANARY"}}}}'
    with pytest.raises(MalformedAnswer) as error:
        read_user(Response(status=200, body=body))
    assert "CANARY" not in repr(error.value)
    assert error.value.__suppress_context__
    refusal = refused(errors({"status": 400, "type": "x"}, message="CANARY has no funds"))
    assert "CANARY" not in f"{refusal!r} {refusal.code}"
