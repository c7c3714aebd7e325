"""GraphQL over Kontist's endpoint (sections 5 and 6): requests are built and answers are read, and nothing else. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from bankweave.adapter import Request, Response
from bankweave.errors import AccessRevoked, MalformedAnswer, ProviderRefused, ProviderUnavailable, RateLimited
from bankweave_kontist.paging import PAGE_SIZE
from bankweave_kontist.queries import Query
from bankweave_kontist.queries.accounts import MAIN_ACCOUNT
from bankweave_kontist.queries.transactions import TRANSACTIONS
from bankweave_kontist.refusals import (
    decode,
    malformed,
    outcome_unknown,
    refusal_by_graphql,
    refusal_by_status,
    rejected_token,
)
from bankweave_kontist.settings import KontistSettings
from bankweave_kontist.wire import ACCOUNT, ERRORS, PAGE, Envelope, PageUser, WirePage, WireUser

D = TypeVar("D")

READ_ACCOUNT = "read_account"
LIST_TRANSACTIONS = "list_transactions"


def query_account(settings: KontistSettings) -> Request:
    return graphql_request(settings, READ_ACCOUNT, MAIN_ACCOUNT.body(), repeatable=True)


def list_transactions(settings: KontistSettings, *, after: str | None, booked_from: str | None) -> Request:
    """Ask for a page, newest first. `booked_from` is an instant as Kontist's filters take it."""
    condition = None if booked_from is None else {"bookingDate_gte": booked_from}
    body = TRANSACTIONS.body(first=PAGE_SIZE, after=after, filter=condition)
    return graphql_request(settings, LIST_TRANSACTIONS, body, repeatable=True)


def run_query(settings: KontistSettings, query: Query, variables: Mapping[str, object], *, repeatable: bool) -> Request:
    """Ask for an operation. Variables that are None are left out."""
    return graphql_request(settings, query.operation, query.body(**variables), repeatable=repeatable)


def graphql_request(
    settings: KontistSettings, operation: str, body: Mapping[str, object], *, repeatable: bool
) -> Request:
    request = Request(method="POST", url=f"{settings.base_url}/api/graphql", operation=operation, repeatable=repeatable)
    return request.json(body)


def read_user(response: Response) -> WireUser:
    """Read the user and their main account, which is None for a user without one."""
    viewer = read_data(ACCOUNT, response, READ_ACCOUNT).viewer
    if viewer is None:
        raise nobody(READ_ACCOUNT)
    return viewer


def read_page(response: Response) -> WirePage | None:
    """Read a page of transactions; None for a user without an account."""
    viewer: PageUser | None = read_data(PAGE, response, LIST_TRANSACTIONS).viewer
    if viewer is None:
        raise nobody(LIST_TRANSACTIONS)
    return viewer.account


def read_once(shape: TypeAdapter[Envelope[D]], response: Response, operation: str) -> D:
    """Read the data of an answer to what must not be repeated: `OutcomeUnknown` unless it was surely done or refused."""
    try:
        return read_data(shape, response, operation)
    except RateLimited:
        raise
    except (ProviderUnavailable, MalformedAnswer):
        raise outcome_unknown(operation) from None
    except (AccessRevoked, ProviderRefused):
        if _was_executed(response):
            raise outcome_unknown(operation) from None
        raise


def _was_executed(response: Response) -> bool:
    """Whether there is a result, however many errors came with it: then the mutation was executed."""
    try:
        return ERRORS.validate_json(response.body).has_result
    except ValidationError:
        return False


def nobody(operation: str) -> Exception:
    """An answer about nobody is what a token gets that Kontist does not take for a user's (`viewer` is nullable)."""
    return rejected_token(operation)


def read_data(shape: TypeAdapter[Envelope[D]], response: Response, operation: str) -> D:
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
