"""Kontomatik's refusals: by the name of the exception first, by the HTTP status second (section 7).

The list of names is open: Kontomatik adds to it. The statuses of most names are a convention of the notes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import ValidationError

from bankweave.adapter import Response
from bankweave.errors import (
    AccessRevoked,
    BankweaveError,
    ConfigurationError,
    MalformedAnswer,
    Origin,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
)
from bankweave.flow import Failed, Reason
from bankweave_kontomatik.document import parse
from bankweave_kontomatik.wire import WireRefusal

CONSENT_GONE = "InvalidMultipleAccessId"
CONSENT_USED_UP = "MultipleAccessLimitExceeded"
NO_DATA = "InvalidOwnerExternalId"
UNKNOWN_COMMAND = "InvalidCommandId"
UNKNOWN_REDIRECTION = "InvalidRedirectionId"
UNKNOWN_TARGET = "InvalidTarget"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,63}")
_LIMITS = frozenset(
    {
        CONSENT_USED_UP,
        "ConcurrentSessionsLimitExceed",
        "ConcurrentSessionsLimitExceeded",
        "JobsQuotaExceeded",
        "TooManyRequests",
    }
)
_OUTAGES = frozenset({"IO", "IOException", "ServiceMaintenance", "ServiceTemporarilyUnavailable"})
_GONE = frozenset({"InvalidSessionId", "SessionExpired", "NotSignedIn", UNKNOWN_COMMAND, CONSENT_GONE})
_WRONG = frozenset({"InvalidCredentials", "TargetCredentialsMismatch"})
_AT_THE_BANK = frozenset(
    {
        "AccessBlocked",
        "AccessTemporarilyBlocked",
        "InsufficientIdentificationLevel",
        "ManualActionRequired",
        "UnsupportedLanguage",
        "UnsupportedLoginMethod",
    }
)
# Faults in how Kontomatik was asked: neither the person nor time can mend them (section 7, "integration errors").
_INTEGRATION = frozenset(
    {
        "AlreadySignedIn",
        "InvalidArgument",
        "InvalidIban",
        "InvalidParameter",
        "InvalidSessionIdSignature",
        "InvalidSince",
        NO_DATA,
        "NoDataToCalculateScore",
        UNKNOWN_REDIRECTION,
    }
)
_NOT_OFFERED = frozenset({"CommandNotAvailable", UNKNOWN_TARGET})
# What Kontomatik calls it when the person says no is undocumented; these words leave little doubt.
_SAID_NO = ("cancel", "declin", "refus")
_UNAUTHORISED = (
    "Kontomatik did not accept the call: check the setting api_key, and that this machine's address is on the IP whitelist "
    "of the account (both are managed in Kontomatik's Insight; base_url must be of the same environment as the key)"
)


@dataclass(frozen=True, slots=True)
class Advice:
    """Why a sign-in or an import failed, by what the person can do about it."""

    reason: Reason
    message: str


_NEW_SIGN_IN = Advice(Reason.EXPIRED, "The session at the bank had ended before the data were read; begin again")
_BAD_LOGIN = Advice(Reason.WRONG_ANSWER, "The bank did not accept the login; begin again with the right one")
_BANK_ASKS = Advice(
    Reason.USER_ACTION, "The bank wants something done in its own online banking first; then begin again"
)
_OUTAGE = Advice(Reason.UNAVAILABLE, "The bank or Kontomatik cannot be reached at the moment; begin again later")
_LIMITED = Advice(Reason.UNAVAILABLE, "A quota of this access is used up for now; begin again later")
_NO = Advice(Reason.USER_REFUSED, "The person did not allow the access; begin again if they change their mind")
_ONCE = Advice(Reason.REFUSED, "This session's only import was already started elsewhere; begin again")
_MISTAKE = Advice(
    Reason.REFUSED,
    "Kontomatik was asked wrongly: check settings and options, and report it with the code if they are right",
)
_NO_SUCH_BANK = Advice(Reason.REFUSED, "Kontomatik does not read this bank, or not any more; choose another")
_REFUSED = Advice(Reason.REFUSED, "Kontomatik refused; the code says why")


def refusal(response: Response, operation: str) -> BankweaveError:
    """Turn an answer that is not a success into the error to raise."""
    name = exception_name(response.body)
    origin = Origin(adapter="kontomatik", operation=operation)
    if name is None and response.status == 401:
        return ConfigurationError(_UNAUTHORISED, origin=origin)
    if name == CONSENT_GONE:
        return AccessRevoked("The bank or the person ended this access; renew the connection", origin=origin, code=name)
    if name in _LIMITS or (name is None and response.status == 429):
        message = "A quota at Kontomatik is used up; try again later"
        return RateLimited(message, origin=origin, code=name, retry_at=response.retry_at)
    if name in _OUTAGES or response.status >= 500:
        message = f"Kontomatik cannot serve {operation} at the moment; try again later"
        return ProviderUnavailable(message, origin=origin, code=name, retry_at=response.retry_at)
    message = f"Kontomatik refused {operation} ({name or response.status}); repeating will not help"
    return ProviderRefused(message, origin=origin, code=name or str(response.status))


def exception_name(body: bytes) -> str | None:
    """Find the name of the exception in an error body, which is XML or, at the sign-in endpoints, perhaps JSON."""
    name = _from_json(body) if body.lstrip()[:1] == b"{" else _from_xml(body)
    return clean_name(name)


def clean_name(name: str | None) -> str | None:
    """Pass on what looks like an exception's name, so that nothing else gets into an error."""
    return name if name and _NAME.fullmatch(name) else None


def failed(name: str | None, *, fatal: bool = False) -> Failed:
    """End a flow by the name of an exception."""
    known = clean_name(name)
    advice = _FATAL if fatal else _advise(known)
    return Failed(reason=advice.reason, message=advice.message, provider_code=known)


_FATAL = Advice(
    Reason.UNAVAILABLE,
    "The import failed by a fault at Kontomatik; begin again, and tell Kontomatik's support if it happens twice",
)


def _advise(name: str | None) -> Advice:
    for names, advice in _ADVICE:
        if name in names:
            return advice
    return _NO if name and any(word in name.lower() for word in _SAID_NO) else _REFUSED


_ADVICE = (
    (_WRONG, _BAD_LOGIN),
    (_AT_THE_BANK, _BANK_ASKS),
    (_GONE, _NEW_SIGN_IN),
    (_OUTAGES, _OUTAGE),
    (_LIMITS, _LIMITED),
    (_INTEGRATION, _MISTAKE),
    (_NOT_OFFERED, _NO_SUCH_BANK),
    (frozenset({"DefaultImportAlreadyExecuted"}), _ONCE),
)


def _from_json(body: bytes) -> str | None:
    try:
        return WireRefusal.model_validate_json(body).exception.name
    except ValidationError:
        return None


def _from_xml(body: bytes) -> str | None:
    try:
        found = parse(body).find("exception")
    except MalformedAnswer:
        return None
    return None if found is None else found.get("name")
