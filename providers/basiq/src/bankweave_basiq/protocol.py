"""Requests to Basiq v3 and what its answers say. Pure: nothing here sends, waits or remembers.

Requests carry no token: `session.py` adds the right one. Only POST /token wants a version header, and bakes the version into
the token (section 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

from pydantic import TypeAdapter

from bankweave.adapter import Request, Response, Token
from bankweave.errors import MalformedAnswer, Origin, ProviderRefused, WrongSubject
from bankweave_basiq import wire
from bankweave_basiq.links import NAME, check_subject, locate, quoted, segment
from bankweave_basiq.refusals import read, read_refusal, refused, refused_access, refused_token
from bankweave_basiq.settings import BasiqSettings

T = TypeVar("T")
LinkedT = TypeVar("LinkedT", bound=wire.Linked)
_ACCEPT = {"Accept": "application/json"}
_LONGEST_TOKEN_LIFE = 86_400  # documented: 3600 s; a stranger number must not overflow the calendar
_LONGEST_QUERY = 8_000  # what any server takes
PAGE_SIZE = 500  # the documented maximum


def _get(settings: BasiqSettings, path: str, operation: str, params: Mapping[str, str] | None = None) -> Request:
    return Request(
        method="GET",
        url=f"{settings.base_url}{path}",
        operation=operation,
        repeatable=True,
        headers=_ACCEPT,
        params=params or {},
    )


def _act(settings: BasiqSettings, method: str, path: str, operation: str, *, repeatable: bool) -> Request:
    url = f"{settings.base_url}{path}"
    return Request(method=method, url=url, operation=operation, repeatable=repeatable, headers=_ACCEPT)


# Tokens ----------------------------------------------------------------------------------------------------------------


def fetch_token(settings: BasiqSettings, user_id: str | None = None) -> Request:
    """Ask for a token of the server, or one for a client that is bound to a user.

    The key goes out as issued: it is opaque already, and encoding it again is answered 400. The scope belongs into the form,
    else it is not seen and every later call is forbidden (section 1).
    """
    form = {"scope": "CLIENT_ACCESS", "userId": user_id} if user_id else {"scope": "SERVER_ACCESS"}
    return Request(
        method="POST",
        url=f"{settings.base_url}/token",
        operation="fetch_token",
        repeatable=True,  # another token is another token; the first stays good
        headers={
            **_ACCEPT,
            "Authorization": f"Basic {settings.api_key.get_secret_value()}",
            "basiq-version": "3.0",
        },
    ).form(form)


def read_token(response: Response, now: datetime) -> Token:
    if not response.ok:
        raise refused_token(response, "fetch_token")
    token = read(wire.TOKEN, response, "fetch_token")
    if not (token.access_token.isascii() and token.access_token.isprintable()) or " " in token.access_token:
        raise MalformedAnswer("Basiq's token cannot be sent in a header; it was not used", origin=_from("fetch_token"))
    life = timedelta(seconds=min(token.expires_in, _LONGEST_TOKEN_LIFE))
    return Token(token.access_token, now + life)


def consent_page(settings: BasiqSettings, token: str, state: str, query: Mapping[str, str | None]) -> str:
    """Write the address of the hosted page that a person's browser goes to (section 2.2).

    The place to come back to is set in Basiq's dashboard; an address in the query is not documented and not sent.
    """
    fields = {"token": token, "state": state, **{name: value for name, value in query.items() if value}}
    return f"{settings.consent_url}?{urlencode(fields, quote_via=quote)}"


# Users and consents ------------------------------------------------------------------------------------------------------


def create_user(settings: BasiqSettings, fields: Mapping[str, str]) -> Request:
    """Create a user. Not repeatable: the same data twice are two users (section 2.1)."""
    return _act(settings, "POST", "/users", "create_user", repeatable=False).json(fields)


def read_created_user(response: Response) -> str:
    if response.ok:
        return read(wire.USER, response, "create_user").id
    refusal = read_refusal(response, "create_user")
    if response.status != 400:
        raise refused(response, "create_user")
    message = "Basiq did not accept the e-mail address, mobile number (+61...) or other options of this person"
    raise ProviderRefused(message, origin=refusal.origin, code=refusal.code)


def get_user(settings: BasiqSettings, user_id: str) -> Request:
    return _get(settings, f"/users/{segment(user_id)}", "get_user")


def read_user_exists(response: Response, user_id: str) -> bool:
    if response.ok:
        if read(wire.USER, response, "get_user").id != user_id:
            raise WrongSubject("Basiq answered about another user; nothing of it was used", origin=_from("get_user"))
        return True
    if read_refusal(response, "get_user").nothing_there:
        return False
    raise refused(response, "get_user")


def delete_user(settings: BasiqSettings, user_id: str) -> Request:
    """Delete a user with all its connections, consents and data, for good (section 2.1)."""
    return _act(settings, "DELETE", f"/users/{segment(user_id)}", "delete_user", repeatable=True)


def create_auth_link(settings: BasiqSettings, user_id: str, mobile: str | None = None) -> Request:
    """Make a link that can be sent to a person. Repeatable: a new one takes the place of the one before (section 2.3)."""
    path = f"/users/{segment(user_id)}/auth_link"
    request = _act(settings, "POST", path, "create_auth_link", repeatable=True)
    return request.json({"mobile": mobile} if mobile else {})


@dataclass(frozen=True, slots=True)
class AuthLink:
    url: str = field(repr=False)
    expires_at: str | None


def read_auth_link(response: Response, user_id: str) -> AuthLink:
    if response.status == 400:  # with a user that is there, only the number can be wrong (section 2.3)
        refusal = read_refusal(response, "create_auth_link")
        message = "a link needs a mobile number (+61...) that Basiq can send its code to: give the option mobile"
        raise ProviderRefused(message, origin=refusal.origin, code=refusal.code)
    link = _read_of_person(wire.AUTH_LINK, response, "create_auth_link")
    check_subject(link.own_link, user_id, "create_auth_link")
    url = link.links.public if link.links else None
    if url is None or urlsplit(url).scheme not in {"https", "http"}:
        raise MalformedAnswer(
            "Basiq's link for the person is no web address; it was not shown", origin=_from("create_auth_link")
        )
    return AuthLink(url, link.expires_at)


def get_auth_link(settings: BasiqSettings, user_id: str) -> Request:
    return _get(settings, f"/users/{segment(user_id)}/auth_link", "get_auth_link")


def read_auth_link_lives(response: Response) -> bool:
    """Whether the link can still be used. Basiq deletes it when the person says that all banks are connected."""
    if response.ok:
        return True
    if response.status == 410 or read_refusal(response, "get_auth_link").nothing_there:
        return False
    raise refused(response, "get_auth_link")


def list_consents(settings: BasiqSettings, user_id: str) -> Request:
    return _get(settings, f"/users/{segment(user_id)}/consents", "list_consents")


def read_consents(response: Response, user_id: str) -> tuple[wire.WireConsent, ...]:
    return _read_list(wire.CONSENTS, response, user_id, "list_consents")


# Connections and connectors ----------------------------------------------------------------------------------------------


def list_connections(settings: BasiqSettings, user_id: str) -> Request:
    return _get(settings, f"/users/{segment(user_id)}/connections", "list_connections")


def read_connections(response: Response, user_id: str) -> tuple[wire.WireConnection, ...]:
    return _read_list(wire.CONNECTIONS, response, user_id, "list_connections")


def refresh_connection(settings: BasiqSettings, user_id: str, connection_id: str) -> Request:
    """Have Basiq fetch fresh data. Repeatable: while a job runs, the same job is answered again (section 3.1)."""
    return _act(
        settings, "POST", f"{_connection(user_id, connection_id)}/refresh", "refresh_connection", repeatable=True
    )


def read_started_job(response: Response) -> str:
    if not response.ok:
        raise refused_access(response, "refresh_connection")
    return read(wire.ACCEPTED, response, "refresh_connection").id


def purge_connection(settings: BasiqSettings, user_id: str, connection_id: str) -> Request:
    """Wipe the data of a connection: deleting it alone would leave them with Basiq (section 9.12)."""
    return _act(settings, "POST", f"{_connection(user_id, connection_id)}/purge", "purge_connection", repeatable=True)


def read_purged(response: Response) -> None:
    # Only an active connection can be purged (section 3.1); the code for "not active" is not documented. That must not keep
    # a connection from being deleted.
    if response.ok or response.status in {400, 409, 410} or read_refusal(response, "purge_connection").nothing_there:
        return
    raise refused(response, "purge_connection")


def delete_connection(settings: BasiqSettings, user_id: str, connection_id: str) -> Request:
    return _act(settings, "DELETE", _connection(user_id, connection_id), "delete_connection", repeatable=True)


def read_deleted(response: Response, operation: str = "delete_connection") -> None:
    """Make sure that something is gone; it may have been so before."""
    if not (response.ok or read_refusal(response, operation).nothing_there):
        raise refused(response, operation)


def list_connectors(settings: BasiqSettings, country: str | None = None) -> Request:
    """List the banks that can be connected; `country` in Basiq's words: "Australia", "New Zealand"."""
    conditions = ["connector.stage.eq('live')"]
    if country:
        conditions.append(f"connector.institution.country.eq({quoted(country)})")
    return _get(settings, "/connectors", "list_connectors", {"filter": ",".join(conditions)})


def get_connector(settings: BasiqSettings, institution_id: str) -> Request:
    """Find one bank, by whatever method it is reached."""
    params = {"filter": f"connector.id.eq({quoted(institution_id)})"}
    return _get(settings, "/connectors", "get_connector", params)


def read_connectors(response: Response) -> tuple[wire.WireConnector, ...]:
    if not response.ok:
        raise refused(response, "list_connectors")
    return read(wire.CONNECTORS, response, "list_connectors").data


# Jobs --------------------------------------------------------------------------------------------------------------------


def get_job(settings: BasiqSettings, job_id: str) -> Request:
    return _get(settings, f"/jobs/{segment(job_id)}", "get_job")


def read_job(response: Response, job_id: str) -> wire.WireJob | None:
    """Read a job; None when Basiq knows none of that id (404 or 400, section 7.2), as it does after 7 days."""
    if response.status in {400, 404}:
        return None
    if not response.ok:
        raise refused(response, "get_job")
    job = read(wire.JOB, response, "get_job")
    if job.id != job_id:
        raise WrongSubject("Basiq answered about another job; nothing of it was used", origin=_from("get_job"))
    return job


def list_jobs(settings: BasiqSettings, user_id: str, connection_id: str | None = None) -> Request:
    """List the jobs of the last 7 days (section 4.1), of one connection or of all."""
    params = {"filter": f"connection.id.eq({quoted(connection_id)})"} if connection_id else {}
    return _get(settings, f"/users/{segment(user_id)}/jobs", "list_jobs", params)


def read_jobs(response: Response, user_id: str) -> tuple[wire.WireJob, ...]:
    return _read_list(wire.JOBS, response, user_id, "list_jobs")


def answer_challenge(settings: BasiqSettings, job_id: str, answers: tuple[str, ...]) -> Request:
    """Answer the bank's questions, in their order. Never repeated: a second wrong code locks people out of their bank."""
    request = _act(settings, "POST", f"/jobs/{segment(job_id)}/mfa", "answer_challenge", repeatable=False)
    return request.json({"mfa-response": answers})


@dataclass(frozen=True, slots=True)
class AnswerRefused:
    """The bank's questions are over, or these were no answers to them."""

    code: str | None
    job_gone: bool


def read_answered(response: Response) -> AnswerRefused | None:
    """Read whether an answer was taken; whether it was right, only the job tells."""
    if response.ok:
        return None
    if response.status not in {400, 404, 409, 410}:
        raise refused(response, "answer_challenge")
    refusal = read_refusal(response, "answer_challenge")
    return AnswerRefused(refusal.code, refusal.nothing_there or response.status in {409, 410})


# Accounts and transactions -----------------------------------------------------------------------------------------------


def list_accounts(settings: BasiqSettings, user_id: str, connection_ids: tuple[str, ...]) -> Request:
    """List accounts: of one connection, or of all, because the filter knows no "or" (section 5.1)."""
    one = len(connection_ids) == 1
    params = {"filter": f"connection.id.eq({quoted(connection_ids[0])})"} if one else {}
    return _get(settings, f"/users/{segment(user_id)}/accounts", "list_accounts", params)


def read_accounts(response: Response, user_id: str) -> tuple[wire.WireAccount, ...]:
    return _read_list(wire.ACCOUNTS, response, user_id, "list_accounts")


def get_account(settings: BasiqSettings, user_id: str, account_id: str) -> Request:
    return _get(settings, f"/users/{segment(user_id)}/accounts/{segment(account_id)}", "get_account")


def read_account(response: Response, account_id: str) -> wire.WireAccount:
    account = _read_of_person(wire.ACCOUNT, response, "get_account")
    if account.id != account_id:
        raise WrongSubject("Basiq answered about another account; nothing of it was used", origin=_from("get_account"))
    return account


def list_identities(settings: BasiqSettings, user_id: str) -> Request:
    return _get(settings, f"/users/{segment(user_id)}/identities", "list_identities")


def read_identities(response: Response, user_id: str) -> tuple[wire.WireIdentity, ...]:
    """Read who the person is; nobody, where the application may not know (403) or nothing is there (section 5.3)."""
    refusal = None if response.ok else read_refusal(response, "list_identities")
    if refusal is not None and (response.status == 403 or refusal.nothing_there) and not refusal.is_temporary:
        return ()
    return _read_list(wire.IDENTITIES, response, user_id, "list_identities")


def list_transactions(
    settings: BasiqSettings, user_id: str, account_id: str, status: str, since: date | None = None
) -> Request:
    """List one account's transactions of one status, "posted" or "pending", newest first."""
    conditions = [f"account.id.eq({quoted(account_id)})", f"transaction.status.eq({quoted(status)})"]
    if since:
        conditions.append(f"transaction.postDate.gteq('{since.isoformat()}')")
    params = {"limit": str(PAGE_SIZE), "filter": ",".join(conditions)}
    return _get(settings, f"/users/{segment(user_id)}/transactions", "list_transactions", params)


def follow_transactions(settings: BasiqSettings, user_id: str, query: str) -> Request:
    """Go on where `read_transactions` said, with the query exactly as Basiq wrote it."""
    return _get(settings, f"/users/{segment(user_id)}/transactions?{query}", "list_transactions")


@dataclass(frozen=True, slots=True)
class TransactionPage:
    rows: list[wire.WireTransaction]
    next_query: str | None


def read_transactions(settings: BasiqSettings, response: Response, user_id: str, account_id: str) -> TransactionPage:
    page = _read_of_person(wire.TRANSACTIONS, response, "list_transactions")
    links = page.get("links") or {}
    check_subject(links.get("self") or None, user_id, "list_transactions")
    if any(row["account"] != account_id for row in page["data"]):
        message = "Basiq sent transactions of another account; nothing of the answer was used"
        raise WrongSubject(message, origin=_from("list_transactions"))
    return TransactionPage(page["data"], _next_query(settings, links.get("next") or None, user_id))


def is_stale_query(response: Response) -> bool:
    """Whether Basiq no longer takes a `next` it once gave ("Next value is not valid", section 5.2)."""
    return response.status == 400 and "parameter-not-valid" in read_refusal(response, "list_transactions").codes


def _next_query(settings: BasiqSettings, link: str | None, user_id: str) -> str | None:
    if link is None:
        return None  # the last page
    place = locate(settings.base_url, link, "list_transactions")
    check_subject(link, user_id, "list_transactions")
    is_ours = place.words == ("users", user_id, "transactions")
    if not is_ours or not 0 < len(place.query) <= _LONGEST_QUERY:
        message = "Basiq's link to the next page leads to something else; nothing of the answer was used"
        raise MalformedAnswer(message, origin=_from("list_transactions"))
    return place.query


def _read_of_person(shape: TypeAdapter[T], response: Response, operation: str) -> T:
    if not response.ok:
        raise refused_access(response, operation)
    return read(shape, response, operation)


def _read_list(
    shape: TypeAdapter[wire.WireList[LinkedT]], response: Response, user_id: str, operation: str
) -> tuple[LinkedT, ...]:
    """Read a list of what a user has, and see that it is this user's."""
    answer = _read_of_person(shape, response, operation)
    for link in (answer.own_link, *(entry.own_link for entry in answer.data)):
        check_subject(link, user_id, operation)
    return answer.data


def _connection(user_id: str, connection_id: str) -> str:
    return f"/users/{segment(user_id)}/connections/{segment(connection_id)}"


def _from(operation: str) -> Origin:
    return Origin(adapter=NAME, operation=operation)
