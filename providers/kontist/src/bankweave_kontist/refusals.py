"""What Kontist's refusals mean to a caller. Pure: an answer in, an error of ours out.

Hardly anything about Kontist's error answers is documented (sections 2.2, 5 and 13), so every way they may look is expected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from bankweave.adapter import Response
from bankweave.errors import (
    AccessRevoked,
    BankweaveError,
    ConsentExpired,
    MalformedAnswer,
    Origin,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    WrongSubject,
)
from bankweave_kontist.wire import Extensions, GraphQLError

T = TypeVar("T")

_INTERNAL = "INTERNAL_SERVER_ERROR"
_STATUS = re.compile("[0-9]{3}")
_WORD = re.compile(r"[A-Za-z0-9_.:/#-]{1,200}")


def origin(operation: str) -> Origin:
    return Origin(adapter="kontist", operation=operation)


def decode(shape: TypeAdapter[T], body: bytes | str, operation: str) -> T:
    """Read a body; what does not have the shape raises `MalformedAnswer`, which carries nothing of it."""
    try:
        return shape.validate_json(body)
    except ValidationError:
        raise malformed(operation) from None


def malformed(operation: str) -> MalformedAnswer:
    return MalformedAnswer(
        f"Kontist's answer to {operation} is not what its documents describe; nothing of it was used",
        origin=origin(operation),
    )


def another_account(operation: str) -> WrongSubject:
    return WrongSubject(
        f"Kontist answered {operation} about another account than was asked for; nothing of it was used",
        origin=origin(operation),
    )


def another_user(operation: str) -> WrongSubject:
    return WrongSubject(
        f"Kontist answered {operation} about another user than was asked for; nothing of it was used",
        origin=origin(operation),
    )


def rejected_token(operation: str) -> AccessRevoked:
    return AccessRevoked(
        "Kontist no longer accepts the access of this connection; begin a renew flow", origin=origin(operation)
    )


def ended_consent(operation: str, message: str, code: str | None = None) -> ConsentExpired:
    return ConsentExpired(f"{message}; begin a renew flow", origin=origin(operation), code=code)


def refusal_by_status(response: Response, operation: str) -> BankweaveError:
    """Read an answer that was refused without a word that we know."""
    status = response.status
    if status == 429:
        return _rate_limited(response, operation)
    if status >= 500:
        return _unavailable(response, operation)
    return ProviderRefused(
        f"Kontist refused {operation} with HTTP status {status}; its code says why",
        origin=origin(operation),
        code=str(status),
    )


def refusal_of_single_use(response: Response, operation: str) -> BankweaveError:
    """Read the refusal of a request that works once: after a server error nobody knows whether it did."""
    if response.status < 500:
        return refusal_by_status(response, operation)
    return OutcomeUnknown(
        f"Kontist failed over {operation}, which works only once; begin again", origin=origin(operation)
    )


def refusal_of_rest(response: Response, operation: str) -> BankweaveError:
    """Read the refusal of a REST request under a token. A 401 is about the token: nothing was done."""
    return rejected_token(operation) if response.status == 401 else refusal_by_status(response, operation)


def refusal_of_rest_once(response: Response, operation: str) -> BankweaveError:
    """Read the refusal of a REST request under a token, that works once."""
    return rejected_token(operation) if response.status == 401 else refusal_of_single_use(response, operation)


def outcome_unknown(operation: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"Kontist failed over {operation} and may have done it all the same; look before you do it again",
        origin=origin(operation),
    )


def no_account(operation: str) -> ProviderRefused:
    return ProviderRefused("this user has no account at Kontist", origin=origin(operation), code="no_account")


def not_found(operation: str) -> ProviderRefused:
    return ProviderRefused(
        f"Kontist knows nothing of that id ({operation})", origin=origin(operation), code="not_found"
    )


def logical_status(refusal: ProviderRefused) -> int | None:
    """The logical HTTP status in a refusal's code: itself, or the end of a generic problem's address (section 5)."""
    ending = (refusal.code or "").rpartition("#")[2]
    return int(ending) if _STATUS.fullmatch(ending) else None


def reworded(refusal: ProviderRefused, message: str, code: str) -> ProviderRefused:
    return ProviderRefused(message, origin=refusal.origin, code=code)


def wrong_code(refusal: ProviderRefused, proof: str = "this code", then: str = "begin again") -> ProviderRefused:
    """Read the refusal of a confirmation: 403 is a wrong code, which destroys the request upstream (section 5)."""
    if logical_status(refusal) != 403:
        return refusal
    message = f"Kontist does not take {proof}; the request is destroyed, {then}"
    return reworded(refusal, message, "wrong_code")


def printable(word: str) -> str:
    """Let a word through that looks like one: it may come out of an address that anybody can write."""
    return word if _WORD.fullmatch(word) else "unknown"


def refusal_by_graphql(errors: Sequence[GraphQLError], response: Response, operation: str) -> BankweaveError:
    """Read the errors of a GraphQL answer. Any that says that the token is not accepted decides, else the first."""
    if any(_says_unauthorized(error) for error in errors):
        return rejected_token(operation)
    extensions = errors[0].extensions or Extensions()
    status = extensions.status or _status_of(extensions, response)
    if status == 429:
        return _rate_limited(response, operation)
    if status >= 500:
        return _unavailable(response, operation)
    return _refused(extensions, status, operation)


def _says_unauthorized(error: GraphQLError) -> bool:
    # seen live inside an HTTP 200 (section 5)
    return error.message == "Unauthorized" or (error.extensions is not None and error.extensions.status == 401)


def _status_of(extensions: Extensions, response: Response) -> int:
    """An error that says nothing about itself is an unexpected one of the server, whatever the HTTP status (section 5)."""
    if extensions.code == _INTERNAL or (extensions.code is None and extensions.type is None):
        return 500
    return max(response.status, 400)


def _refused(extensions: Extensions, status: int, operation: str) -> ProviderRefused:
    code = printable(extensions.type or extensions.code or str(status))
    message = f"Kontist refused {operation}"
    if status == 403:
        # undocumented which field needs which scope, and which a token confirmed by a second factor (section 5)
        message += (
            "; the connection may lack a scope (setting scopes of kontist) or a confirmed login (setting skip_mfa)"
        )
    return ProviderRefused(message, origin=origin(operation), code=code)


def _rate_limited(response: Response, operation: str) -> RateLimited:
    return RateLimited(
        f"Kontist allows no more requests for now ({operation}); try again later",
        origin=origin(operation),
        retry_at=response.retry_at,
    )


def _unavailable(response: Response, operation: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"Kontist could not answer {operation}; try again later", origin=origin(operation), retry_at=response.retry_at
    )
