"""Kontomatik's ways of saying no: exceptions with a name, and the nameless 401 (providers/kontomatik.md section 7).

Clients go by the name first. The HTTP statuses that section 7 marks "?" are its convention, not Kontomatik's word.
"""

from __future__ import annotations

# What is not in here is refused with 400.
_STATUSES = {
    "ConcurrentSessionsLimitExceed": 429,
    "ConcurrentSessionsLimitExceeded": 429,
    "IO": 502,
    "IOException": 502,
    "InvalidCommandId": 404,
    "InvalidMultipleAccessId": 404,
    "InvalidOwnerExternalId": 404,
    "InvalidRedirectionId": 404,
    "InvalidSessionId": 404,
    "JobsQuotaExceeded": 429,
    "MultipleAccessLimitExceeded": 429,
    "ServiceMaintenance": 503,
    "ServiceTemporarilyUnavailable": 503,
    "TooManyRequests": 429,
}


class Refused(Exception):
    """An answer with an exception element."""

    def __init__(self, status: int, name: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.name = name
        self.message = message
        self.retry_after = retry_after
        self.owner: str | None = None


class Unidentified(Exception):
    """A 401: wrong key or unlisted address. It carries a comment, never a name."""


def refused_with(name: str, message: str = "The call was refused.") -> Refused:
    """Refuse with any name, under the status that goes with it."""
    return Refused(_STATUSES.get(name, 400), name, message)


def missing_parameter(name: str) -> Refused:
    return Refused(400, "InvalidParameter", f"Required parameter is missing: {name}.")


def invalid_parameter(name: str, why: str) -> Refused:
    return Refused(400, "InvalidParameter", f"Parameter {name} {why}.")


def invalid_argument(name: str) -> Refused:
    return Refused(400, "InvalidArgument", f"Argument {name} has an unsupported value.")


def invalid_iban() -> Refused:
    return Refused(400, "InvalidIban", "No account with this number.")


def invalid_since(message: str = "Since has to be a past date in the YYYY-MM-DD format.") -> Refused:
    return Refused(400, "InvalidSince", message)


def invalid_session() -> Refused:
    # The recorded text for an expired session has this name, not SessionExpired (section 7).
    return Refused(404, "InvalidSessionId", "Session does not exist or has expired.")


def invalid_signature() -> Refused:
    return Refused(400, "InvalidSessionIdSignature", "Session signature does not match the session.")


def already_imported() -> Refused:
    return Refused(400, "DefaultImportAlreadyExecuted", "Default import was already executed in this session.")


def invalid_command() -> Refused:
    return Refused(404, "InvalidCommandId", "Command does not exist.")


def command_not_available(command: str, target: str) -> Refused:
    return Refused(400, "CommandNotAvailable", f"Command {command} is not available for target {target}.")


def invalid_redirection() -> Refused:
    return Refused(404, "InvalidRedirectionId", "Redirection does not exist.")


def too_many_requests(retry_after: int | None) -> Refused:
    message = "Too many requests for this redirectionId."
    return Refused(429, "TooManyRequests", message, retry_after=retry_after)


def invalid_access() -> Refused:
    message = "Multiple access consent does not exist or is no longer valid."
    return Refused(404, "InvalidMultipleAccessId", message)


def access_used_up() -> Refused:
    return Refused(429, "MultipleAccessLimitExceeded", "The imports allowed within 24 hours are used up.")


def jobs_quota() -> Refused:
    return Refused(429, "JobsQuotaExceeded", "Too many imports are running.")


def sessions_limit() -> Refused:
    return Refused(429, "ConcurrentSessionsLimitExceeded", "Too many sessions are open.")


def invalid_owner() -> Refused:
    return Refused(404, "InvalidOwnerExternalId", "No data is stored for this owner.")


def invalid_target() -> Refused:
    return Refused(400, "InvalidTarget", "Unknown target.")
