"""GraphQL over Kontist's endpoint (sections 5 and 6): requests are built and answers are read, and nothing else. Pure."""

from __future__ import annotations

from typing import TypeVar

from pydantic import TypeAdapter

from bankweave.adapter import Request, Response
from bankweave.errors import MalformedAnswer
from bankweave_kontist.queries import MAIN_ACCOUNT, TRANSACTIONS, Query
from bankweave_kontist.refusals import (
    decode,
    malformed,
    refusal_by_graphql,
    refusal_by_status,
    rejected_token,
)
from bankweave_kontist.settings import KontistSettings
from bankweave_kontist.wire import ACCOUNT, ERRORS, PAGE, Envelope, PageUser, WirePage, WireUser

D = TypeVar("D")

PAGE_SIZE = 50  # Kontist's cap; whether more is cut or refused is undocumented (section 6.3)
READ_ACCOUNT = "read_account"
LIST_TRANSACTIONS = "list_transactions"


def query_account(settings: KontistSettings) -> Request:
    return _query(settings, READ_ACCOUNT, MAIN_ACCOUNT)


def list_transactions(settings: KontistSettings, *, after: str | None, booked_from: str | None) -> Request:
    """Ask for a page, newest first. `booked_from` is an instant as Kontist's filters take it."""
    condition = None if booked_from is None else {"bookingDate_gte": booked_from}
    variables = {"first": PAGE_SIZE, "after": after, "filter": condition}
    return _query(settings, LIST_TRANSACTIONS, TRANSACTIONS, **{k: v for k, v in variables.items() if v is not None})


def _query(settings: KontistSettings, operation: str, query: Query, **variables: object) -> Request:
    request = Request(method="POST", url=f"{settings.base_url}/api/graphql", operation=operation, repeatable=True)
    return request.json(query.body(**variables))


def read_user(response: Response) -> WireUser:
    """Read the user and their main account, which is None for a user without one."""
    viewer = _read(ACCOUNT, response, READ_ACCOUNT).viewer
    if viewer is None:
        raise _nobody(READ_ACCOUNT)
    return viewer


def read_page(response: Response) -> WirePage | None:
    """Read a page of transactions; None for a user without an account."""
    viewer: PageUser | None = _read(PAGE, response, LIST_TRANSACTIONS).viewer
    if viewer is None:
        raise _nobody(LIST_TRANSACTIONS)
    return viewer.account


def _nobody(operation: str) -> Exception:
    """An answer about nobody is what a token gets that Kontist does not take for a user's (`viewer` is nullable)."""
    return rejected_token(operation)


def _read(shape: TypeAdapter[Envelope[D]], response: Response, operation: str) -> D:
    """Read the data of an answer at whatever HTTP status, 200 being no promise (section 5).

    Data beside errors are not used: what is missing in them would look as if it did not exist.
    """
    if response.status == 401:
        raise rejected_token(operation)
    if response.status == 429:
        raise refusal_by_status(response, operation)
    envelope = _decode(shape, response, operation)
    if envelope.errors:
        raise _refusal(response, operation)
    if not response.ok:
        raise refusal_by_status(response, operation)
    if envelope.data is None:
        raise malformed(operation)
    return envelope.data


def _decode(shape: TypeAdapter[Envelope[D]], response: Response, operation: str) -> Envelope[D]:
    """Decode in one pass; only data that are not as they should be are looked through for the errors that say why."""
    try:
        return decode(shape, response.body, operation)
    except MalformedAnswer:
        raise _refusal(response, operation) from None


def _refusal(response: Response, operation: str) -> Exception:
    try:
        errors = decode(ERRORS, response.body, operation).errors
    except MalformedAnswer as unreadable:
        return unreadable if response.ok else refusal_by_status(response, operation)
    if errors:
        return refusal_by_graphql(errors, response, operation)
    return malformed(operation) if response.ok else refusal_by_status(response, operation)
