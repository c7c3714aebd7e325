"""Every row of the tables of errors (sections 4.6 and 7.2): what a program and a person are told."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from providers.basiq.tests.conftest import Desk, job, refusal, step, token

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
from bankweave_basiq.failures import connecting_failed, refreshing_failed
from bankweave_basiq.jobs import Stopped, judge
from bankweave_basiq.protocol import read_answered, read_auth_link, read_auth_link_lives, read_deleted, read_job
from bankweave_basiq.refusals import refused, refused_access, refused_token, token_rejected
from bankweave_basiq.wire import JOB

NOW = Desk().ctx.now()


@dataclass(frozen=True)
class Row:
    status: int
    code: str
    what: type[BankweaveError]
    of_person: type[BankweaveError] | None = None  # where it is about what a person has; None: the same
    token_again: bool = False

    def __str__(self) -> str:
        return f"{self.status}-{self.code}"


REFUSED, DOWN, OURS = ProviderRefused, ProviderUnavailable, ConfigurationError
MATRIX = [
    Row(400, "parameter-not-supplied", REFUSED),
    Row(400, "parameter-not-valid", REFUSED),
    Row(400, "path-parameter-not-valid", REFUSED),
    Row(400, "invalid-content", REFUSED),
    Row(400, "invalid-credentials", REFUSED),
    Row(400, "institution-not-supported", REFUSED),
    Row(400, "unsupported-accept", REFUSED),
    Row(400, "event-already-subscribed", REFUSED),
    Row(400, "no-webhooks-found", REFUSED),
    Row(400, "resource-not-found", REFUSED, AccessRevoked),
    Row(401, "invalid-authorization-token", REFUSED, token_again=True),
    Row(401, "unauthorized-access", REFUSED, token_again=True),
    Row(401, "unauthorised-access", REFUSED, token_again=True),
    Row(401, "access-denied", OURS, token_again=True),
    Row(403, "access-denied", OURS, token_again=True),
    Row(403, "forbidden-access", REFUSED),
    Row(403, "Forbidden access", REFUSED),
    Row(403, "no-production-access", OURS),
    Row(403, "too-many-sandbox-connections", OURS),
    Row(403, "request-not-valid", REFUSED),
    Row(403, "too-many-requests", RateLimited),
    Row(404, "parameter-not-valid", REFUSED, AccessRevoked),
    Row(404, "resource-not-found", REFUSED, AccessRevoked),
    Row(409, "resource-already-exists", REFUSED),
    Row(410, "resource-no-longer-available", REFUSED),
    Row(413, "request-not-valid", REFUSED),
    Row(415, "unsupported-content-type", REFUSED),
    Row(429, "too-many-requests", RateLimited),
    Row(500, "internal-server-error", DOWN),
    Row(500, "parameter-not-valid", DOWN),
    Row(503, "service-unavailable", DOWN),
    Row(503, "Service unavailable", DOWN),
]


@pytest.mark.parametrize("row", MATRIX, ids=str)
def test_refusal_is_told_by_what_can_be_done(row: Row) -> None:
    answer = refusal(row.status, row.code)
    error, of_person = refused(answer, "list_accounts"), refused_access(answer, "list_accounts")
    assert (type(error), type(of_person)) == (row.what, row.of_person or row.what)
    assert error.correlation_id == "corr-1"
    assert error.code == row.code.lower().replace(" ", "-").replace("unauthorised", "unauthorized")
    assert "private" not in f"{error} {of_person}"


@pytest.mark.anyio
@pytest.mark.parametrize("row", MATRIX, ids=str)
async def test_another_token_is_fetched_once_and_only_where_that_may_help(row: Row, desk: Desk) -> None:
    answer = refusal(row.status, row.code)
    assert token_rejected(answer) is row.token_again
    desk.answers(token("1"), answer, *([token("2"), answer] if row.token_again else []))
    with pytest.raises(row.what):
        await desk.adapter.institutions(desk.ctx, None)
    bearers = [request.headers["Authorization"] for request in desk.sent("list_connectors")]
    assert bearers == (["Bearer 1", "Bearer 2"] if row.token_again else ["Bearer 1"])


@pytest.mark.parametrize(
    ("status", "code", "parameter", "error"),
    [
        (400, "parameter-not-supplied", "Authorization", OURS),
        (400, "parameter-not-supplied", "basiq-version", REFUSED),
        (400, "parameter-not-valid", "Authorization", OURS),
        (400, "parameter-not-valid", "basiq-version", REFUSED),
        (400, "parameter-not-valid", "userId", REFUSED),
        (403, "access-denied", None, OURS),
        (403, "request-not-valid", None, RateLimited),
        (404, "parameter-not-valid", "Authorization", OURS),
        (429, "too-many-requests", None, RateLimited),
        (500, "internal-server-error", None, DOWN),
        (503, "service-unavailable", None, DOWN),
    ],
)
def test_refused_token_is_told_by_what_can_be_done(
    status: int, code: str, parameter: str | None, error: type[BankweaveError]
) -> None:
    assert type(refused_token(refusal(status, code, parameter=parameter), "fetch_token")) is error


@pytest.mark.parametrize("answer", [refusal(400, "resource-not-found"), refusal(404, "resource-not-found")])
def test_what_is_not_there_may_be_said_either_way(answer: Response) -> None:
    assert read_job(answer, "job-1") is None
    assert read_auth_link_lives(answer) is False
    read_deleted(answer)


def test_used_up_link_is_gone_and_cannot_be_shown() -> None:
    gone = refusal(410, "resource-no-longer-available")
    assert read_auth_link_lives(gone) is False
    with pytest.raises(ProviderRefused):
        read_auth_link(gone, "user-1")


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, "access-denied", OURS),
        (401, "invalid-authorization-token", REFUSED),
        (403, "Forbidden access", REFUSED),
        (500, "internal-server-error", DOWN),
        (503, "service-unavailable", DOWN),
    ],
)
def test_answer_to_the_bank_that_never_got_there_is_an_error(
    status: int, code: str, error: type[BankweaveError]
) -> None:
    with pytest.raises(error):
        read_answered(refusal(status, code))


@pytest.mark.parametrize(
    ("status", "code", "gone"),
    [(400, "parameter-not-valid", False), (400, "parameter-not-supplied", False), (404, "resource-not-found", True)],
)
def test_answer_that_is_not_taken_is_late_or_wrong(status: int, code: str, *, gone: bool) -> None:
    told = read_answered(refusal(status, code))
    assert told is not None
    assert (told.code, told.job_gone) == (code, gone)


# Steps of a job ------------------------------------------------------------------------------------------------------------

LOGIN, AT_BANK, LATER, NEVER = Reason.WRONG_ANSWER, Reason.USER_ACTION, Reason.UNAVAILABLE, Reason.REFUSED
CODES = {
    "invalid-credentials": LOGIN,
    "invalid-username-or-password": LOGIN,
    "invalid-connection": LOGIN,
    "authorization-failed": LOGIN,
    "missing-required-field": LOGIN,
    "missing-required-field-value": LOGIN,
    "invalid-field-value": LOGIN,
    "locked-account": AT_BANK,
    "multi-factor-authentication": AT_BANK,
    "multifactor-required": AT_BANK,
    "account-not-accessible-requires-user-action": AT_BANK,
    "user-action-required": AT_BANK,
    "service-unavailable": LATER,
    "system-unavailable": LATER,
    "maintenance": LATER,
    "maintenance-error": LATER,
    "temporary-unavailable": LATER,
    "job-timed-out": LATER,
    "connector-error": LATER,
    "institution-not-available": LATER,
    "institution-not-found": NEVER,
    "institution-disabled": NEVER,
    "invalid-csv-row": NEVER,
    "row-count-exceeded": NEVER,
    "account-data-differs": NEVER,
    "empty-file": NEVER,
    "bank-statement-invalid": NEVER,
    "bank-statement-new-product": NEVER,
    "bank-statement-parsing-error": NEVER,
    "bank-statement-not-supported": NEVER,
    "txn-after-last-updated-date": NEVER,
    "unknown-error": NEVER,
    "success": NEVER,  # listed among the codes, with a step that failed
    "something-that-a-bank-made-up": NEVER,
}
STEPS = ["verify-credentials", "retrieve-accounts", "retrieve-transactions", "retrieve-statements"]


def stopped(title: str, result: object) -> Stopped:
    answer = job("job-1", step("verify-credentials"), step(title, "failed", result), step("next", "pending"))
    outcome = judge(JOB.validate_json(answer.body), "https://au-api.basiq.io", "user-1")
    assert isinstance(outcome, Stopped)
    return outcome


@pytest.mark.parametrize("title", STEPS)
@pytest.mark.parametrize("code", CODES)
def test_failed_step_says_what_can_be_done(title: str, code: str) -> None:
    outcome = stopped(title, {"code": code, "title": "t", "detail": "d"})
    connecting, refreshing = connecting_failed(outcome, NOW), refreshing_failed(outcome, NOW)
    assert connecting.reason is CODES[code]
    # what Basiq keeps was refused: only the person can mend that, and another try may lock them out
    assert refreshing.reason is (AT_BANK if CODES[code] is LOGIN else CODES[code])
    assert (connecting.code, connecting.connection) == (code, "con-1")
    assert (connecting.retry_at is not None) is (CODES[code] is LATER)


@pytest.mark.parametrize("title", ["mfa-challenge", "mfa-challenege"])
@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (None, Reason.WRONG_ANSWER),
        ([], Reason.WRONG_ANSWER),
        ({"code": "invalid-credentials"}, Reason.WRONG_ANSWER),
        ({"code": "user-action-required"}, Reason.USER_ACTION),
        ({"code": "job-timed-out"}, Reason.UNAVAILABLE),
        ([{"code": "service-unavailable"}], Reason.UNAVAILABLE),
    ],
)
def test_failed_question_is_a_wrong_answer_unless_it_says_otherwise(title: str, result: object, reason: Reason) -> None:
    assert refreshing_failed(stopped(title, result), NOW).reason is reason


@pytest.mark.parametrize(
    ("code", "detail", "connecting", "refreshing"),
    [
        ("authorization-failed", "access_denied", Reason.USER_REFUSED, AT_BANK),
        ("invalid-credentials", "Account is LOCKED.", AT_BANK, AT_BANK),
    ],
)
def test_banks_own_words_tell_more_than_the_code(
    code: str, detail: str, connecting: Reason, refreshing: Reason
) -> None:
    outcome = stopped("verify-credentials", {"code": code, "details": detail})
    assert connecting_failed(outcome, NOW).reason is connecting
    assert refreshing_failed(outcome, NOW).reason is refreshing


@pytest.mark.anyio
async def test_list_of_several_errors_is_told_by_all_of_them(desk: Desk) -> None:
    body = b'{"data":[{"code":"parameter-not-valid"},{"code":"too-many-requests"}]}'
    desk.answers(token(), Response(status=403, body=body))
    with pytest.raises(RateLimited):
        await desk.adapter.institutions(desk.ctx, "AU")
