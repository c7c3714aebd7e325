"""Answers of Kontist's to orders and confirmations, as scripts have them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

from bankweave.adapter import Response
from bankweave.payment import TransferOrder
from bankweave_kontist.grant import Grant

START = datetime(2026, 11, 22, 10, tzinfo=UTC)
GRANT = Grant(access_token="old")
ORDER = TransferOrder(
    creditor_name="Vermieter",
    creditor_iban="DE89370400440532013000",
    amount=Decimal("12.34"),
    end_to_end_id="find-me",
)
FUNDS = "https://api.kontist.com/problems/transfer/insufficient-funds"


def data(**fields: object) -> Response:
    return Response(status=200, body=json.dumps({"data": fields}).encode())


def problem(status: int, kind: str | None = None, **more: object) -> Response:
    extensions = {"status": status, "type": kind or f"http://www.iana.org/assignments/http-status-codes#{status}"}
    error = {"message": "no", "extensions": extensions, **more}
    return Response(status=200, body=json.dumps({"errors": [error], "data": None}).encode())


def row(number: int = 1, **more: object) -> dict[str, object]:
    return {"id": f"t-{number}", "recipient": "V", "iban": "DE", "amount": 1234, "status": "CONFIRMED", **more}


ACCOUNT = data(viewer={"mainAccount": {"publicId": "account-1"}})
CREATED = data(createTransfer={"confirmationId": "c-1", "stringToSign": None})
TO_SIGN = data(createTransfer={"confirmationId": "c-1", "stringToSign": "sign-me"})
CONFIRMED = data(confirmTransfer=row())
UNEXPECTED = Response(status=200, body=b'{"errors":[{"message":"boom"}],"data":null}')
DOWN = Response(status=503)
GARBLED = Response(status=200, body=b"<html>")
