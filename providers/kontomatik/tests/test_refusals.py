"""Errors by name first and by status second.

`TABLE` has every name of section 7, with what it is as an answer and as the end of a sign-in or an import; `PERSON` the
names of 2019 that the person causes, which come as the end of a sign-in alone.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bankweave.adapter import Response
from bankweave.errors import (
    AccessRevoked,
    BankweaveError,
    ConfigurationError,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
)
from bankweave.flow import Reason
from bankweave_kontomatik.refusals import failed, refusal

from . import payloads

LATER = datetime(2026, 11, 22, 12, tzinfo=UTC)
COMMENT = payloads.xml(payloads.reply("<comment>address 10.1.2.3, key ab***9f</comment>"), 401)


@pytest.mark.parametrize(
    ("answer", "expected", "code"),
    [
        (payloads.exception("InvalidMultipleAccessId", 400), AccessRevoked, "InvalidMultipleAccessId"),
        (payloads.exception("MultipleAccessLimitExceeded", 400), RateLimited, "MultipleAccessLimitExceeded"),
        (payloads.exception("JobsQuotaExceeded", 503), RateLimited, "JobsQuotaExceeded"),
        (payloads.exception("ConcurrentSessionsLimitExceed", 400), RateLimited, "ConcurrentSessionsLimitExceed"),
        (payloads.exception("IO", 400), ProviderUnavailable, "IO"),
        (payloads.exception("InvalidSince", 400), ProviderRefused, "InvalidSince"),
        (payloads.exception("Novelty", 429), ProviderRefused, "Novelty"),
        (payloads.exception("Novelty", 500), ProviderUnavailable, "Novelty"),
        (payloads.json({"exception": {"name": "TooManyRequests"}}, 429), RateLimited, "TooManyRequests"),
        (payloads.xml("slow down", 429), RateLimited, None),
        (payloads.xml("<html>", 502), ProviderUnavailable, None),
        (payloads.xml("", 403), ProviderRefused, "403"),
        (payloads.xml("", 302), ProviderRefused, "302"),
        (COMMENT, ConfigurationError, None),
    ],
)
def test_a_refusal_becomes_the_error_that_says_what_to_do(
    answer: Response, expected: type[BankweaveError], code: str | None
) -> None:
    error = refusal(answer, "list_targets")
    assert type(error) is expected
    assert error.code == code
    assert (error.adapter, error.origin.operation) == ("kontomatik", "list_targets")


def test_a_refused_key_names_the_setting_and_the_whitelist_and_shows_nothing() -> None:
    message = str(refusal(COMMENT, "list_targets"))
    assert "api_key" in message
    assert "whitelist" in message
    assert "10.1.2.3" not in message


def test_a_name_that_is_no_name_is_not_shown() -> None:
    error = refusal(payloads.exception("Jan Kowalski, PL61 1090", 400), "list_targets")
    assert "Kowalski" not in f"{error} {error.code}"


def test_a_retry_after_is_passed_on() -> None:
    assert refusal(payloads.xml("", 429, retry_at=LATER), "list_targets").retry_at == LATER
    assert refusal(payloads.xml("", 503, retry_at=LATER), "list_targets").retry_at == LATER


TABLE: list[tuple[str, int, type[BankweaveError], Reason]] = [
    ("InvalidSessionId", 404, ProviderRefused, Reason.EXPIRED),
    ("CommandNotAvailable", 400, ProviderRefused, Reason.REFUSED),
    ("InvalidSessionIdSignature", 400, ProviderRefused, Reason.REFUSED),
    ("SessionExpired", 400, ProviderRefused, Reason.EXPIRED),
    ("NotSignedIn", 400, ProviderRefused, Reason.EXPIRED),
    ("AlreadySignedIn", 400, ProviderRefused, Reason.REFUSED),
    ("DefaultImportAlreadyExecuted", 400, ProviderRefused, Reason.REFUSED),
    ("InvalidParameter", 400, ProviderRefused, Reason.REFUSED),
    ("InvalidArgument", 400, ProviderRefused, Reason.REFUSED),
    ("InvalidSince", 400, ProviderRefused, Reason.REFUSED),
    ("InvalidIban", 400, ProviderRefused, Reason.REFUSED),
    ("InvalidTarget", 400, ProviderRefused, Reason.REFUSED),
    ("InvalidCommandId", 404, ProviderRefused, Reason.EXPIRED),
    ("InvalidOwnerExternalId", 404, ProviderRefused, Reason.REFUSED),
    ("InvalidMultipleAccessId", 404, AccessRevoked, Reason.EXPIRED),
    ("MultipleAccessLimitExceeded", 429, RateLimited, Reason.UNAVAILABLE),
    ("JobsQuotaExceeded", 429, RateLimited, Reason.UNAVAILABLE),
    ("ConcurrentSessionsLimitExceed", 429, RateLimited, Reason.UNAVAILABLE),
    ("ConcurrentSessionsLimitExceeded", 429, RateLimited, Reason.UNAVAILABLE),
    ("IO", 502, ProviderUnavailable, Reason.UNAVAILABLE),
    ("IOException", 502, ProviderUnavailable, Reason.UNAVAILABLE),
    ("ServiceMaintenance", 503, ProviderUnavailable, Reason.UNAVAILABLE),
    ("ServiceTemporarilyUnavailable", 503, ProviderUnavailable, Reason.UNAVAILABLE),
    ("NoDataToCalculateScore", 400, ProviderRefused, Reason.REFUSED),
]
PERSON = {
    "AccessBlocked": Reason.USER_ACTION,
    "AccessTemporarilyBlocked": Reason.USER_ACTION,
    "ManualActionRequired": Reason.USER_ACTION,
    "InvalidCredentials": Reason.WRONG_ANSWER,
    "TargetCredentialsMismatch": Reason.WRONG_ANSWER,
    "UnsupportedLoginMethod": Reason.USER_ACTION,
    "UnsupportedLanguage": Reason.USER_ACTION,
    "InsufficientIdentificationLevel": Reason.USER_ACTION,
}
ASKED_WRONGLY = {
    "AlreadySignedIn",
    "InvalidArgument",
    "InvalidIban",
    "InvalidOwnerExternalId",
    "InvalidParameter",
    "InvalidSessionIdSignature",
    "InvalidSince",
    "NoDataToCalculateScore",
}


@pytest.mark.parametrize(("name", "status", "expected", "reason"), TABLE, ids=[name for name, *_ in TABLE])
def test_every_name_of_the_table_is_sorted(
    name: str, status: int, expected: type[BankweaveError], reason: Reason
) -> None:
    for code in (status, 400):  # most statuses of the table are a convention: the name alone decides
        error = refusal(payloads.exception(name, code), "ask_command")
        assert (type(error), error.code) == (expected, name)
    step = failed(name)
    assert (step.reason, step.provider_code) == (reason, name)
    assert ("asked wrongly" in step.message) == (name in ASKED_WRONGLY)


@pytest.mark.parametrize("name", PERSON)
def test_what_a_person_can_mend_is_left_to_them(name: str) -> None:
    step = failed(name)
    assert (step.reason, step.reason.needs_user) == (PERSON[name], True)
    assert failed(name, fatal=True).reason is Reason.UNAVAILABLE


@pytest.mark.parametrize("name", ["CommandNotAvailable", "InvalidTarget"])
def test_a_bank_that_is_not_offered_is_said_to_be_the_reason(name: str) -> None:
    assert "choose another" in failed(name).message
