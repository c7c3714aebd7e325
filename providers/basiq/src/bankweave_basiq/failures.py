"""What a failed job means for the person, by its code (section 4.6). The list is open: banks add their own words. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto

from bankweave.flow import Reason
from bankweave_basiq.jobs import Stopped
from bankweave_basiq.states import JobFailure

_REST = timedelta(minutes=10)  # what the documents advise after `service-unavailable` (section 4.5)

_CREDENTIALS = frozenset(
    {
        "invalid-credentials",
        "invalid-username-or-password",
        "invalid-connection",
        "authorization-failed",
        "missing-required-field",
        "missing-required-field-value",
        "invalid-field-value",
    }
)
_AT_THE_BANK = frozenset({"locked-account", "multi-factor-authentication", "multifactor-required"})
_TRANSIENT = frozenset(
    {
        "service-unavailable",
        "system-unavailable",
        "maintenance",
        "maintenance-error",
        "temporary-unavailable",
        "job-timed-out",
        "connector-error",
        "institution-not-available",
    }
)


class Cause(Enum):
    WRONG_ANSWER = auto()
    REFUSED_BY_PERSON = auto()
    CREDENTIALS = auto()
    AT_THE_BANK = auto()
    TRANSIENT = auto()
    FATAL = auto()


def cause_of(stopped: Stopped) -> Cause:
    code = stopped.code or ""
    if stopped.denied:
        return Cause.REFUSED_BY_PERSON
    if stopped.locked or code in _AT_THE_BANK or "user-action" in code:
        return Cause.AT_THE_BANK
    if stopped.in_challenge and code not in _TRANSIENT:
        return Cause.WRONG_ANSWER
    if code in _CREDENTIALS:
        return Cause.CREDENTIALS
    return Cause.TRANSIENT if code in _TRANSIENT else Cause.FATAL


_CONNECTING = {
    Cause.WRONG_ANSWER: (Reason.WRONG_ANSWER, "the bank did not take the answer; begin again"),
    Cause.REFUSED_BY_PERSON: (
        Reason.USER_REFUSED,
        "access was denied at the bank; begin again if it was meant to be given",
    ),
    Cause.CREDENTIALS: (Reason.WRONG_ANSWER, "the bank did not take the login; begin again with the right credentials"),
    Cause.AT_THE_BANK: (
        Reason.USER_ACTION,
        "the bank wants something done first; log in at the bank, then begin again",
    ),
    Cause.TRANSIENT: (Reason.UNAVAILABLE, "the bank cannot be reached right now; begin again later"),
    Cause.FATAL: (Reason.REFUSED, "Basiq could not read this bank; its code says why"),
}
# A refresh uses the login that Basiq keeps: beginning it again with that one may lock the person out.
_REFRESHING = {
    **_CONNECTING,
    Cause.WRONG_ANSWER: (Reason.WRONG_ANSWER, "the bank did not take the answer; sync again, and it asks anew"),
    Cause.REFUSED_BY_PERSON: (Reason.USER_ACTION, "access was ended at the bank; renew the connection"),
    Cause.CREDENTIALS: (Reason.USER_ACTION, "the bank no longer takes the login; renew the connection"),
    Cause.AT_THE_BANK: (Reason.USER_ACTION, "the bank wants something done first; log in at the bank, then sync again"),
    Cause.TRANSIENT: (Reason.UNAVAILABLE, "the bank cannot be reached right now; sync again later"),
}


def connecting_failed(stopped: Stopped, now: datetime) -> JobFailure:
    return _failure(_CONNECTING[cause_of(stopped)], stopped, now)


def refreshing_failed(stopped: Stopped, now: datetime) -> JobFailure:
    return _failure(_REFRESHING[cause_of(stopped)], stopped, now)


def needs_login(stopped: Stopped) -> bool:
    """Whether another try with the same login is useless, and may do harm."""
    return cause_of(stopped) in {Cause.CREDENTIALS, Cause.AT_THE_BANK, Cause.REFUSED_BY_PERSON}


def _failure(verdict: tuple[Reason, str], stopped: Stopped, now: datetime) -> JobFailure:
    reason, message = verdict
    retry_at = now + _REST if reason is Reason.UNAVAILABLE else None
    return JobFailure(
        reason=reason, message=message, code=stopped.code, retry_at=retry_at, connection=stopped.connection
    )
