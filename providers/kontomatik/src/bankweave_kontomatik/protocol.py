"""Kontomatik's endpoints: pure functions that build requests and read answers (sections 1 to 10)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import ValidationError

from bankweave.adapter import Request, Response
from bankweave.errors import MalformedAnswer, OutcomeUnknown, WrongSubject
from bankweave_kontomatik.document import parse
from bankweave_kontomatik.refusals import CONSENT_GONE, NO_DATA, UNKNOWN_REDIRECTION, exception_name, refusal
from bankweave_kontomatik.settings import AccessMode, KontomatikSettings
from bankweave_kontomatik.wire import M, WireCommand, WireRedirection, WireSession, WireStatus, WireTarget, read_model

RESULT_LIMIT = 256 * 1024 * 1024
"""Bytes of one import. There is no pagination: years of several accounts are one document (section 6)."""
RESULT_TIMEOUT = 300.0


# Sign-in --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What a new redirection is asked for with."""

    redirect_uri: str
    owner: str
    country: str
    locale: str
    access_mode: AccessMode
    target: str | None


@dataclass(frozen=True, slots=True)
class Pending:
    """Not over yet. The names of these statuses are undocumented, so that every unknown word is one of them."""

    word: str


@dataclass(frozen=True, slots=True)
class Succeeded:
    session: WireSession
    multiple_access_id: str | None = field(repr=False)
    target: str | None
    official_name: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    exception: str | None


@dataclass(frozen=True, slots=True)
class Lapsed:
    """The link was not used within its hour."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Kontomatik knows no such redirection, or not any more."""


SignInStatus = Pending | Succeeded | Refused | Lapsed | Forgotten


def fetch_redirection(settings: KontomatikSettings, sign_in: SignIn) -> Request:
    # Repeatable: a redirection that nobody opens does nothing and dies within an hour.
    wanted: dict[str, Any] = {
        "redirectUri": sign_in.redirect_uri,
        "ownerExternalId": sign_in.owner,
        "country": sign_in.country,
        "locale": sign_in.locale,
        "psd2": {"accessMode": sign_in.access_mode},
    }
    if sign_in.target is not None:
        wanted["target"] = sign_in.target
    return _request(settings, "POST", "/v1/signin/redirection", "fetch_redirection", repeatable=True).json(wanted)


def read_redirection(response: Response, settings: KontomatikSettings) -> WireRedirection:
    """Read the link. Its host and path are opaque, but it may not leave TLS if the API does not."""
    _check(response, "fetch_redirection")
    redirection = _read_json(WireRedirection, response)
    allowed = {"https", urlsplit(settings.base_url).scheme}
    try:
        scheme = urlsplit(redirection.redirection_link).scheme
    except ValueError:
        scheme = ""
    if scheme not in allowed:
        raise MalformedAnswer("Kontomatik's sign-in link is no https address; it was not used")
    return redirection


def ask_status(settings: KontomatikSettings, redirection_id: str, *, repeatable: bool) -> Request:
    request = _request(settings, "GET", "/v1/signin/redirection-status", "ask_status", repeatable=repeatable)
    return replace(request, params={"redirectionId": redirection_id})


def read_status(response: Response) -> SignInStatus:
    """Read how a sign-in stands. Words are compared in lower case; an unknown one is still pending (section 14)."""
    if not response.ok:
        return _read_missing(response)
    status = _read_json(WireStatus, response)
    match status.status.lower():
        case "success" | "successful":
            return _read_success(status)
        case "error":
            return Refused(status.params.exception)
        case "expired":
            return Lapsed()
    return Pending(status.status)


def _read_missing(response: Response) -> SignInStatus:
    if response.status == 404 or exception_name(response.body) == UNKNOWN_REDIRECTION:
        return Forgotten()
    raise refusal(response, "ask_status")


def _read_success(status: WireStatus) -> Succeeded:
    params = status.params
    session = read_model(WireSession, {"id": params.session_id, "signature": params.session_id_signature})
    return Succeeded(session, params.multiple_access_id or None, params.target or None, params.official_name or None)


# Imports --------------------------------------------------------------------------------------------------------------


def start_import(settings: KontomatikSettings, session: WireSession, since: date) -> Request:
    # One import per session, and after any failure the person has to sign in again (section 4.1): never sent twice.
    request = _request(settings, "POST", "/v1/command/default-import.xml", "start_import", repeatable=False)
    return request.form(
        {"sessionId": session.id, "sessionIdSignature": session.signature, "since": since.isoformat()},
    )


def read_started(response: Response, owner: str) -> str:
    """Read the id of the command that was started."""
    if response.status >= 500 and exception_name(response.body) is None:
        # A proxy spoke, not Kontomatik: the import may be running.
        raise OutcomeUnknown("Kontomatik's answer to the start of the import was lost; begin again")
    _check(response, "start_import")
    reply = parse(response.body)
    check_owner(reply.get("ownerExternalId"), owner)
    return read_model(WireCommand, _attributes(reply, "command")).id


def ask_command(settings: KontomatikSettings, command_id: str) -> Request:
    return _request(settings, "GET", _command_path(command_id), "ask_command", repeatable=True)


def read_result(settings: KontomatikSettings, command_id: str) -> Request:
    request = _request(settings, "GET", _command_path(command_id), "read_result", repeatable=True)
    return replace(request, limit=RESULT_LIMIT, timeout=RESULT_TIMEOUT)


def _command_path(command_id: str) -> str:
    return f"/v1/command/{quote(command_id, safe='')}.xml"


# Multiple access ------------------------------------------------------------------------------------------------------


def reuse_access(settings: KontomatikSettings, multiple_access_id: str) -> Request:
    # Each use counts against four in 24 hours (section 8): never sent twice.
    request = _request(settings, "POST", "/v1/command/reuse-multiple-access.xml", "reuse_access", repeatable=False)
    return request.form({"multipleAccessId": multiple_access_id})


def read_session(response: Response, owner: str) -> WireSession:
    """Read the session that a consent was opened for."""
    _check(response, "reuse_access")
    reply = parse(response.body)
    check_owner(reply.get("ownerExternalId"), owner)
    return read_model(WireSession, _attributes(reply, "session"))


def delete_access(settings: KontomatikSettings, multiple_access_id: str) -> Request:
    request = _request(settings, "POST", "/v1/command/delete-multiple-access.xml", "delete_access", repeatable=True)
    return request.form({"multipleAccessId": multiple_access_id})


def read_deleted(response: Response) -> None:
    """Make sure that a consent is gone. The body of a success says nothing (section 8)."""
    if exception_name(response.body) != CONSENT_GONE:
        _check(response, "delete_access")


# Catalog --------------------------------------------------------------------------------------------------------------


def list_targets(settings: KontomatikSettings, country: str | None, access_mode: AccessMode | None = None) -> Request:
    request = _request(settings, "GET", "/v1/catalog.xml", "list_targets", repeatable=True)
    # Which targets can do multiple access is told by this filter only, never by the answer (section 10).
    wanted = {"accessMode": access_mode or settings.access_mode, "country": country or ""}
    return replace(request, params={name: value for name, value in wanted.items() if value})


def read_targets(response: Response) -> tuple[WireTarget, ...]:
    _check(response, "list_targets")
    found = parse(response.body).iterfind("targets/target")
    return tuple(read_model(WireTarget, _target(target)) for target in found)


def _target(element: Any) -> dict[str, Any]:
    return {
        **element.attrib,
        "accountTypes": _names(element, "supportedAccountTypes/supportedAccountType"),
        "commands": _names(element, "commands/command"),
        "credentials": [_credential(found) for found in element.iterfind("credentialsMetadata/credentialMetadata")],
    }


def _names(element: Any, path: str) -> list[str]:
    return [name for found in element.iterfind(path) if (name := found.get("name"))]


def _credential(element: Any) -> dict[str, Any]:
    texts = {child.tag: child.text for child in element if not len(child)}
    choices = [option.text for option in element.iterfind("choice/option")]
    return {**texts, "kind": element.get("kind") or "UNKNOWN", "choices": choices}


# Aggregated data ------------------------------------------------------------------------------------------------------


def fetch_data(settings: KontomatikSettings, owner: str) -> Request:
    request = _request(settings, "GET", "/v1/data.xml", "fetch_data", repeatable=True)
    return replace(request, params={"ownerExternalId": owner}, limit=RESULT_LIMIT, timeout=RESULT_TIMEOUT)


def delete_data(settings: KontomatikSettings, owner: str) -> Request:
    request = _request(settings, "DELETE", "/v1/data.xml", "delete_data", repeatable=True)
    return replace(request, params={"ownerExternalId": owner})


def read_data_deleted(response: Response) -> bool:
    """Make sure that data are gone, and tell whether there were any. The body of a success says nothing (section 14)."""
    if exception_name(response.body) == NO_DATA:
        return False
    _check(response, "delete_data")
    return True


# Tests and health -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MockSignIn:
    """What a mock session is asked for with: nobody is asked anything (section 11)."""

    login: str
    country: str
    owner: str
    multiple_access: bool
    email: str | None = None


def mock_session(settings: KontomatikSettings, sign_in: MockSignIn) -> Request:
    # Makes a session and a consent, so that it is never sent twice.
    request = _request(settings, "POST", "/v1/mock-session.xml", "mock_session", repeatable=False)
    wanted = {
        "login": sign_in.login,
        "country": sign_in.country,
        "ownerExternalId": sign_in.owner,
        "multipleAccess": "true" if sign_in.multiple_access else "false",
        "ownerEmail": sign_in.email or "",
    }
    return request.form({name: value for name, value in wanted.items() if value})


def read_mock_session(response: Response, owner: str) -> tuple[WireSession, str | None]:
    """Read a session and its multiple access, which stands in the session or beside it (section 11)."""
    _check(response, "mock_session")
    reply = parse(response.body)
    check_owner(reply.get("ownerExternalId"), owner)
    session = read_model(WireSession, _attributes(reply, "session"))
    access = reply.findtext("session/multipleAccessId") or reply.findtext("multipleAccessId") or ""
    return session, access.strip() or None


def ask_health(settings: KontomatikSettings, path: str) -> Request:
    # It needs no key (section 1), so that none is sent.
    return replace(_request(settings, "GET", path, "ask_health", repeatable=True), headers={})


# All of them ----------------------------------------------------------------------------------------------------------


def check_owner(named: str | None, owner: str) -> None:
    """Refuse an answer about another person. Not every reply names one (section 6)."""
    if named and named != owner:
        raise WrongSubject("Kontomatik answered about another owner than was asked for; nothing of it was used")


def _request(settings: KontomatikSettings, method: str, path: str, operation: str, *, repeatable: bool) -> Request:
    return Request(
        method=method,
        url=settings.base_url + path,
        operation=operation,
        repeatable=repeatable,
        headers={
            "X-Api-Key": settings.api_key.get_secret_value().strip(),
            "Accept": "application/json" if path.startswith("/v1/signin/") else "application/xml",
        },
    )


def _check(response: Response, operation: str) -> None:
    if not response.ok:
        raise refusal(response, operation)


def _read_json(model: type[M], response: Response) -> M:
    try:
        return model.model_validate_json(response.body)
    except ValidationError:
        raise MalformedAnswer(f"Kontomatik's answer is no {model.__name__[4:].lower()}; nothing was used") from None


def _attributes(reply: Any, tag: str) -> dict[str, str]:
    found = reply.find(tag)
    if found is None:
        # Whether a consent can answer with something else to wait for is not known (section 14, item 21).
        raise MalformedAnswer(f"Kontomatik's answer has no {tag}; nothing of it was used")
    return dict(found.attrib)
