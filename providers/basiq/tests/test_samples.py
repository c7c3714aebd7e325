"""The hand-made payloads beside the repository, all of which the readers must understand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bankweave.adapter import Response
from bankweave.errors import BankweaveError
from bankweave.model import ConsentStatus, TransactionStatus
from bankweave_basiq import BasiqSettings
from bankweave_basiq import protocol as p
from bankweave_basiq.jobs import Asking, Outcome, Running, Stopped, Succeeded, judge
from bankweave_basiq.mapping import to_account, to_balances, to_consent, to_institution, to_transaction
from bankweave_basiq.parties import to_parties
from bankweave_basiq.wire import WireConnector

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "basiq"
pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the folder shared/samples/basiq is missing beside the repository"
)
SETTINGS = BasiqSettings.model_validate({"api_key": "key"})
USER = "5f3c1d0e-7c52-4b7e-9d51-2f0d4c6b8a11"
JOB = "3e8f7a52-9c41-4d6e-8f10-7b2a6c5d4e33"
CONNECTION = "b7a0c6d2-0f0e-4b43-8a51-9c1f1d2e3a44"
ACCOUNT = "0d9a3c64-5b1d-4c0e-93a7-6a5e2f7b1c01"
NOW = datetime(2026, 1, 2, tzinfo=UTC)

# Parts of Basiq that this adapter does not use yet, and what is a request.
NOT_READ = ("event", "webhook", "auth-link", "identities", "mfa-request", "user-create", "token-jwt", "job-report")


def load(name: str, status: int = 200) -> Response:
    return Response(status=status, body=(SAMPLES / f"{name}.json").read_bytes())


def job(name: str) -> Outcome:
    found = p.read_job(load(name), JOB)
    assert found is not None
    return judge(found, SETTINGS.base_url, USER)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("job-01-verify-in-progress", Running()),
        ("job-02-accounts-in-progress", Running()),
        ("job-03-transactions-in-progress", Running()),
        ("job-04-success", Succeeded(CONNECTION)),
        ("job-failed-invalid-credentials", Stopped("invalid-credentials", locked=True, connection=CONNECTION)),
        ("job-failed-open-banking-denied", Stopped("authorization-failed", denied=True, connection=CONNECTION)),
        ("job-failed-service-unavailable", Stopped("service-unavailable", connection=CONNECTION)),
        ("job-failed-user-action", Stopped("account-not-accessible-requires-user-action", connection=CONNECTION)),
        ("job-mfa-0-pending", Running()),
        ("job-mfa-1-submitted-processing", Running()),
        ("job-mfa-2-failed", Stopped(None, in_challenge=True, connection=CONNECTION)),
        ("job-mfa-2-skipped", Running()),
        ("job-mfa-2-success", Running()),
        ("job-mygov-5-steps-success", Succeeded(CONNECTION)),
    ],
)
def test_job_stands_where_its_steps_say(name: str, outcome: Outcome) -> None:
    assert job(name) == outcome


@pytest.mark.parametrize(
    ("name", "method", "inputs"),
    [
        ("job-mfa-A-token-result-list-relative", "token", 1),
        ("job-mfa-B-questions-result-object-absolute", "security-questions", 2),
        ("job-mfa-C-token-all-objects", "token", 1),
    ],
)
def test_question_of_a_job_is_found_in_every_shape(name: str, method: str, inputs: int) -> None:
    outcome = job(name)
    assert isinstance(outcome, Asking)
    assert (outcome.question.method, len(outcome.question.inputs), outcome.question.seconds) == (method, inputs, 120)


def test_accounts_and_balances() -> None:
    accounts = p.read_accounts(load("accounts-list"), USER)
    assert [to_account(one).type.value for one in accounts] == ["current", "card"]
    assert [b.amount for one in accounts for b in to_balances(one, NOW)] == [
        Decimal(text) for text in ("356.50", "420.28", "-812.33", "4187.67")
    ]
    assert [party.name for party in to_parties(accounts)] == ["GAVIN BELSON"]


def test_transactions_of_a_page() -> None:
    page = p.read_transactions(SETTINGS, load("transactions-page-1"), USER, ACCOUNT)
    rows = [to_transaction(row, ZoneInfo("Australia/Sydney"), None) for row in page.rows]
    assert page.next_query == "next=bf1ec9d4"
    assert [row.status for row in rows] == [TransactionStatus.PENDING, *[TransactionStatus.BOOKED] * 2]
    assert [row.date and row.date.isoformat() for row in rows] == ["2025-12-31", "2025-12-30", "2025-12-29"]
    assert [row.counterparty_name for row in rows] == [None, "Garfish Manly", None]


def test_last_page_has_no_next() -> None:
    body: dict[str, Any] = json.loads(load("transactions-page-2-last").body)
    body["data"] = [row for row in body["data"] if row["account"] == ACCOUNT]  # the sample has two accounts
    page = p.read_transactions(SETTINGS, Response(status=200, body=json.dumps(body).encode()), USER, ACCOUNT)
    assert (len(page.rows), page.next_query) == (1, None)
    assert p.read_transactions(SETTINGS, load("transactions-empty"), USER, ACCOUNT).rows == []


def test_consents_connections_and_the_rest() -> None:
    consent = to_consent(p.read_consents(load("consents-list"), USER))
    assert consent is not None
    assert consent.status is ConsentStatus.VALID
    assert {"account.basic", "account.detail"} <= set(consent.permissions)
    assert [c.status for c in p.read_connections(load("connections-list"), USER)] == ["active", "invalid"]
    assert to_institution(WireConnector.model_validate_json(load("connector").body)).name == "Hooli Bank"
    assert [one.id for one in p.read_jobs(load("user-jobs-list"), USER)] == [JOB]
    assert p.read_started_job(load("job-refresh-accepted-202", 202)) == JOB
    assert p.read_answered(load("mfa-response-202", 202)) is None
    assert p.read_created_user(load("user-created-201", 201)) == USER
    assert p.read_user_exists(load("user-get-200"), USER)


@pytest.mark.parametrize("name", ["token-server", "token-client"])
def test_token_lives_an_hour(name: str) -> None:
    token = p.read_token(load(name), NOW)
    assert token.expires_at is not None
    assert (token.expires_at - NOW).seconds == 3600


def test_every_documented_error_is_one_of_ours() -> None:
    cases: dict[str, Any] = json.loads(load("errors-by-case").body)
    readers: tuple[Callable[[Response], object], ...] = (
        lambda response: p.read_accounts(response, USER),
        lambda response: p.read_token(response, NOW),
        p.read_created_user,
    )
    for case, body in cases.items():
        status = int(case.rpartition("-> ")[2]) if "->" in case else int(case)
        for reader in readers:
            with pytest.raises(BankweaveError) as caught:
                reader(Response(status=status, body=json.dumps(body).encode()))
            assert caught.value.correlation_id == body["correlationId"]


def test_no_sample_is_passed_over() -> None:
    source = Path(__file__).read_text()
    names = {path.stem for path in SAMPLES.glob("*.json") if not path.stem.startswith(NOT_READ)}
    unread = {name for name in names if name not in source}
    assert unread <= {"error-envelope", "job-refresh-all-accepted-202"}
