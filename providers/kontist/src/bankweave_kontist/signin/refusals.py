"""What the words of OAuth mean to a caller (RFC 6749 section 5.2; Kontist documents none of its own). Pure."""

from __future__ import annotations

from pydantic import ValidationError

from bankweave.errors import BankweaveError, ConfigurationError, ProviderRefused
from bankweave_kontist.refusals import origin, printable
from bankweave_kontist.signin.wire import ERROR_TYPE

_CLIENT_WORDS = frozenset({"invalid_client", "unauthorized_client"})


def refusal_by_word(word: str, operation: str) -> BankweaveError:
    """Read an OAuth error word (RFC 6749 section 5.2; Kontist documents none of its own)."""
    if word in _CLIENT_WORDS:
        message = "Kontist does not know this application; check the settings client_id and client_secret of kontist"
        return ConfigurationError(message, origin=origin(operation), code=word)
    if word == "invalid_scope":
        message = "Kontist does not grant these permissions to this application; check the setting scopes of kontist"
        return ConfigurationError(message, origin=origin(operation), code=word)
    return ProviderRefused(f"Kontist refused {operation}; its code says why", origin=origin(operation), code=word)


def error_word(error: object) -> str:
    """Name an OAuth error: Kontist writes the JSON `{"type": "AccessDeniedError"}` where RFC 6749 has a plain word."""
    if isinstance(error, dict):
        return printable(str(error.get("type")))
    text = str(error)
    try:
        return printable(ERROR_TYPE.validate_json(text).type)
    except (ValidationError, UnicodeEncodeError):
        return printable(text)
