"""Uploaded statements: a file becomes an account with its rows (providers/basiq.md, section 5.3).

The columns of a CSV statement are undocumented: Date, Description and Amount are read, and Balance where there is one.
What a PDF says is not read here, so one always fails as a statement that is not supported.
"""

from __future__ import annotations

import csv
import io
import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from starlette.datastructures import FormData, UploadFile
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.banks.catalogue import Connector
from bankweave_sandbox.basiq.banks.failures import Failure
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.errors import ApiError
from bankweave_sandbox.basiq.state import Row, StoredAccount, Upload
from bankweave_sandbox.world import AccountKind, Kind

_SECONDS = 4
_MOST_ROWS = 10_000
_STEP = "retrieve-statements"
_NO_STATEMENTS = {"AU00000"}  # section 7.2


def routes(gate: Gate) -> list[Route]:
    return [gate.route("POST", "/users/{user_id}/statements", upload_statement)]


async def upload_statement(call: Call) -> Response:
    user = call.user
    if len(call.body) > call.switches.statement_bytes:
        raise errors.too_large()
    _check_type(call)
    async with call.request.form() as form:
        connector, content = _connector(form, call), await _content(form)
    now = call.platform.now()
    read = _read(content)
    account = None if isinstance(read, Failure) else _account(user.id, connector, read, now)
    failure = read if isinstance(read, Failure) else None
    due = now + timedelta(seconds=_SECONDS)
    upload = Upload(str(uuid.uuid4()), user.id, connector.id, now, due, account, failure)
    call.platform.take_upload(upload)
    return JSONResponse(call.job_reference(upload.job_id), status_code=202)


def _check_type(call: Call) -> None:
    content_type = call.request.headers.get("content-type", "").partition(";")[0].strip()
    if content_type.casefold() != "multipart/form-data":
        raise errors.unsupported_content_type(content_type)


def _connector(form: FormData, call: Call) -> Connector:
    institution = form.get("institutionId")
    if not isinstance(institution, str) or not institution:
        raise errors.not_supplied("institutionId is required", "institutionId")
    if institution in _NO_STATEMENTS:
        detail = "Statements of this institution are not supported."
        raise ApiError(400, "institution-not-supported", "Institution not supported", detail, "institutionId")
    connector = call.platform.connector(institution)
    if connector is None:
        raise errors.value_not_valid("institutionId", "institutionId")
    return connector


async def _content(form: FormData) -> bytes:
    statement = form.get("statement")
    if not isinstance(statement, UploadFile):
        raise errors.not_supplied("statement is required", "statement")
    return await statement.read()


def _read(content: bytes) -> list[Row] | Failure:
    if not content.strip():
        return _failure("empty-file", "The file is empty.")
    if content.startswith(b"%PDF"):
        return _failure("bank-statement-not-supported", "Statements of this kind are not supported.")
    try:
        lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        rows = [_row(line, number) for number, line in enumerate(lines, start=1)]
    except UnicodeDecodeError:
        return _failure("bank-statement-invalid", "The file is no statement.")
    except (ValueError, InvalidOperation, KeyError, TypeError, AttributeError, csv.Error):
        return _failure("invalid-csv-row", "A row of the file cannot be read.")
    if len(rows) > _MOST_ROWS:
        return _failure("row-count-exceeded", f"A file may have {_MOST_ROWS} rows.")
    return sorted(rows, key=lambda row: row.transaction_date, reverse=True)


def _failure(code: str, detail: str) -> Failure:
    return Failure(_STEP, code, "Statement not processed", detail)


def _row(line: dict[str, str], number: int) -> Row:
    day = date.fromisoformat(line["Date"].strip())
    at = datetime.combine(day, time(), UTC)
    balance = (line.get("Balance") or "").strip()
    amount = Decimal(line["Amount"].strip())
    if not amount.is_finite():
        raise ValueError("no amount of money")
    return Row(
        id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}/{day}/{amount}/{line['Description']}")),
        posted=True,
        amount=amount,
        text=line["Description"].strip(),
        reference="",
        kind=Kind.CARD if amount < 0 else Kind.SALARY,
        category="",
        balance=Decimal(balance) if balance else None,
        occurred_at=at,
        booked_at=at,
        transaction_date=day,
        booking_date=day,
    )


def _account(user_id: str, connector: Connector, rows: list[Row], now: datetime) -> StoredAccount:
    """Make the account of a statement; a second statement of the same institution replaces it."""
    balance = next((row.balance for row in rows if row.balance is not None), Decimal(0))
    return StoredAccount(
        id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"statement/{user_id}/{connector.id}")),
        connection_id="",  # no connection is behind it
        connector=connector,
        name=f"{connector.bank.name} statement",
        number="",
        kind=AccountKind.CURRENT,
        currency="AUD",
        holders=(),
        balance=balance,
        available=balance,
        credit_limit=None,
        retrieved=now,
        rows=tuple(rows),
    )
