"""What Basiq means when it says no: its error answers, turned into ours (sections 7.1 and 7.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

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
from bankweave_basiq.links import NAME
from bankweave_basiq.wire import ERRORS, WireError, WireErrors

ReadT = TypeVar("ReadT")
_PRINTABLE_CODE = re.compile(r"[a-z0-9_.-]{1,64}")
_PRINTABLE_NAME = re.compile(r"[a-z][a-z_./-]{0,40}")  # no digits: it could be an id or a number of the person


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer, read as far as it can be."""

    status: int
    codes: tuple[str, ...]
    parameters: tuple[str, ...]
    origin: Origin

    @property
    def code(self) -> str | None:
        return next(iter(self.codes), None)

    @property
    def nothing_there(self) -> bool:
        """Whether the thing asked for does not exist; said with 404, or with 400 for jobs (section 7.2)."""
        return self.status == 404 or "resource-not-found" in self.codes

    @property
    def is_temporary(self) -> bool:
        """Whether another try may help: rate limits are answered 403 as well as 429 (section 7.2)."""
        return self.status in {429, 500, 502, 503, 504} or bool(
            {"too-many-requests", "service-unavailable"} & set(self.codes)
        )


def spell(code: str | None) -> str | None:
    """Spell a code the one way: Basiq has it with blanks and capitals too, and banks write what they like (section 4.6)."""
    if code is None:
        return None
    spelled = re.sub(r"\s+", "-", code.strip().casefold()).replace("unauthorised", "unauthorized")
    return spelled if _PRINTABLE_CODE.fullmatch(spelled) else "unreadable-code"


def read_refusal(response: Response, operation: str) -> Refusal:
    """Read an error answer. The gateway's own answers are no envelope: then only the status speaks."""
    errors = _read_envelope(response.body)
    correlation = errors.correlation_id if errors else None
    entries = errors.data if errors else ()
    return Refusal(
        status=response.status,
        codes=tuple(code for entry in entries if (code := spell(entry.code or None))),
        parameters=tuple(_parameter(entry).casefold() for entry in entries),
        origin=Origin(adapter=NAME, operation=operation, correlation_id=correlation),
    )


def token_rejected(response: Response) -> bool:
    """Whether the bearer token is no longer good: 401, or 403 with `access-denied` (section 7.2)."""
    if response.status == 401:
        return True
    return response.status == 403 and "access-denied" in read_refusal(response, "token").codes


def refused(response: Response, operation: str) -> BankweaveError:
    """The error that an unwelcome answer means."""
    refusal = read_refusal(response, operation)
    return _temporary(response, refusal) or _about_the_application(refusal) or _final(refusal)


def refused_access(response: Response, operation: str) -> BankweaveError:
    """The same for what belongs to a person: where it is gone, so is the access."""
    refusal = read_refusal(response, operation)
    if not refusal.nothing_there:
        return refused(response, operation)
    message = "Basiq no longer has this person or connection; renew the connection"
    return AccessRevoked(message, origin=refusal.origin, code=refusal.code)


def refused_token(response: Response, operation: str) -> BankweaveError:
    """The same for POST /token, where 400 and 404 speak about the API key."""
    refusal = read_refusal(response, operation)
    # Too many tokens in five minutes are answered 403 "Invalid request" (section 1).
    if response.status == 403 and refusal.codes in {("request-not-valid",), ("invalid-request",)}:
        return _rate_limited(response, refusal)
    temporary = _temporary(response, refusal)
    if temporary is not None:
        return temporary
    about_us = {"basiq-version", "scope", "userid"}.intersection(refusal.parameters)
    if about_us or response.status not in {400, 401, 403, 404}:
        return _final(refusal)
    return ConfigurationError(
        "Basiq does not know this API key; write adapters.basiq.api_key exactly as issued, without encoding it",
        origin=refusal.origin,
        code=refusal.code,
    )


def read(shape: TypeAdapter[ReadT], response: Response, operation: str) -> ReadT:
    """Read the body of a good answer. Raises `MalformedAnswer` that holds nothing of the body."""
    try:
        return shape.validate_json(response.body)
    except (ValidationError, RecursionError):
        origin = Origin(adapter=NAME, operation=operation)
        raise MalformedAnswer(
            "Basiq's answer does not have the shape of its protocol; nothing of it was used", origin=origin
        ) from None


def _read_envelope(body: bytes) -> WireErrors | None:
    try:
        return ERRORS.validate_json(body)
    except (ValidationError, RecursionError):
        return None


def _parameter(entry: WireError) -> str:
    source = entry.source
    return (source.parameter or source.pointer or "") if source else ""


def _temporary(response: Response, refusal: Refusal) -> BankweaveError | None:
    # A rate limit comes as 429 "or 403" (section 7.2).
    if response.status == 429 or "too-many-requests" in refusal.codes:
        return _rate_limited(response, refusal)
    if response.status < 500 and "service-unavailable" not in refusal.codes:
        return None
    return ProviderUnavailable(
        "Basiq is not available right now; try again later",
        origin=refusal.origin,
        code=refusal.code,
        retry_at=response.retry_at,
    )


def _rate_limited(response: Response, refusal: Refusal) -> RateLimited:
    return RateLimited(
        "Basiq's rate limit is reached; try again later",
        origin=refusal.origin,
        code=refusal.code,
        retry_at=response.retry_at,
    )


_APPLICATION = {
    "no-production-access": "this API key reaches test banks only; have it enabled by Basiq, or change adapters.basiq.api_key",
    "too-many-sandbox-connections": "this API key has reached its 500 sandbox connections; delete some, or enable it",
    # An expired token says the same; but this is the answer to a second, fresh one.
    "access-denied": "Basiq denies access even with a fresh token; check the account that adapters.basiq.api_key belongs to",
}


def _about_the_application(refusal: Refusal) -> BankweaveError | None:
    message = next((_APPLICATION[code] for code in refusal.codes if code in _APPLICATION), None)
    return ConfigurationError(message, origin=refusal.origin, code=refusal.code) if message else None


_FINAL = {
    "resource-not-found": "Basiq knows nothing of this id, or no longer; list what there is",
    "resource-no-longer-available": "Basiq no longer has this; make a new one",
    "resource-already-exists": "Basiq has this already, for a webhook its address; list what there is",
    "event-already-subscribed": "another webhook of the application has one of these events; list the webhooks",
    "institution-not-supported": "Basiq does not offer this for this institution; take another one",
}


def _final(refusal: Refusal) -> BankweaveError:
    message = next((_FINAL[code] for code in refusal.codes if code in _FINAL), None)
    return ProviderRefused(message or _in_its_words(refusal), origin=refusal.origin, code=refusal.code)


def _in_its_words(refusal: Refusal) -> str:
    """Name status, code and parameter, which are Basiq's words; never the detail, which may be about a person."""
    about = next((name for name in refusal.parameters if _PRINTABLE_NAME.fullmatch(name)), None)
    words = [str(refusal.status), *([refusal.code] if refusal.code else []), *([f"about {about}"] if about else [])]
    return f"Basiq refused the request ({', '.join(words)}); change it, its support can look up the correlation id"
