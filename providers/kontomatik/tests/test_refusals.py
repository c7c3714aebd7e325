"""Errors by name first and by status second."""

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
from bankweave_kontomatik.refusals import refusal

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
