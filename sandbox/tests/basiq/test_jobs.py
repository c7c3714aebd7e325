"""Jobs follow the clock, ask, fail and come in several shapes (providers/basiq.md, section 4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .bank import GAVIN, JARED, WHISTLER, Login
from .caller import BASE, Partner, code

SECOND = timedelta(seconds=1)


def _waiting(partner: Partner, login: Login = JARED, *given: str) -> str:
    """Connect at the bank that always asks, refresh, and wait until it asks."""
    connection = partner.connected(login, "AU00002", given or ("1234",))
    job = partner.refresh(connection)
    partner.wait(3 * SECOND)
    return job


def test_steps_take_their_turns(partner: Partner) -> None:
    job = partner.connect(GAVIN)["jobId"]
    seen = []
    for _ in range(4):
        seen.append(tuple(partner.steps(job).values()))
        partner.wait(2 * SECOND)
    assert seen == [
        ("in-progress", "pending", "pending"),
        ("success", "in-progress", "pending"),
        ("success", "success", "in-progress"),
        ("success", "success", "success"),
    ]


def test_accounts_can_be_read_after_their_step_and_transactions_after_theirs(partner: Partner) -> None:
    partner.connect(GAVIN)
    partner.wait(4 * SECOND)
    assert len(partner.get(f"/users/{partner.user}/accounts").json()["data"]) == 2
    assert partner.transactions() == []
    partner.wait(2 * SECOND)
    assert len(partner.transactions()) == 5


def test_a_finished_job_links_to_what_it_fetched(partner: Partner) -> None:
    job = partner.connect(GAVIN)["jobId"]
    assert "source" not in partner.job(job)["links"]
    partner.wait()
    assert partner.job(job)["links"]["source"].startswith(f"{BASE}/users/{partner.user}/connections/")
    accounts = partner.result(job, "retrieve-accounts")
    assert accounts == {"type": "link", "url": f"/users/{partner.user}/accounts?filter=institution.id.eq('AU00000')"}
    assert len(partner.get(accounts["url"]).json()["data"]) == 2


def test_banks_that_never_ask_have_no_such_step(partner: Partner) -> None:
    job = partner.connect(GAVIN)["jobId"]
    assert list(partner.steps(job)) == ["verify-credentials", "retrieve-accounts", "retrieve-transactions"]


def test_a_refresh_asks_for_a_code_and_goes_on_with_it(partner: Partner) -> None:
    job = _waiting(partner)
    challenge = partner.result(job, "mfa-challenge")
    assert (challenge["type"], challenge["method"]) == ("mfa", "token")
    assert challenge["input"] == ["OTP Password"]
    assert challenge["expiryMs"] == 120_000
    assert challenge["links"]["response"] == f"{BASE}/jobs/{job}/mfa"
    response = partner.answer(job, "1234")
    assert (response.status_code, response.json()["id"]) == (202, job)
    assert partner.steps(job)["mfa-challenge"] == "in-progress"
    assert partner.result(job, "mfa-challenge") is None
    partner.wait()
    assert set(partner.steps(job).values()) == {"success"}
    assert partner.result(job, "mfa-challenge") is None


def test_a_refresh_asks_security_questions_in_order(partner: Partner) -> None:
    job = _waiting(partner, WHISTLER, "Basiq", "AU00000")
    challenge = partner.result(job, "mfa-challenge")
    assert challenge["method"] == "security-questions"
    assert challenge["input"] == ["What's your favourite company?", "What's the ID of this institution?"]
    partner.answer(job, "AU00000", "Basiq")
    partner.wait()
    assert partner.steps(job)["mfa-challenge"] == "failed"


@pytest.mark.parametrize(
    ("switch", "own", "verdict"), [("its-own", "AU00002", "success"), ("AU00000", "AU00002", "failed")]
)
def test_a_bank_that_asks_for_its_id_may_want_its_own(partner: Partner, switch: str, own: str, verdict: str) -> None:
    job = _waiting(partner, WHISTLER, "Basiq", "AU00000")
    partner.answer(job, "Basiq", "AU00000")
    partner.wait()
    partner.switch(institution_id_answer=switch)
    (connection,) = partner.get(f"/users/{partner.user}/connections").json()["data"]
    job = partner.refresh(connection["id"])
    partner.wait(timedelta(seconds=3))
    partner.answer(job, "Basiq", own)
    partner.wait()
    assert partner.steps(job)["mfa-challenge"] == verdict


def test_a_wrong_answer_fails_the_job_and_leaves_later_steps_pending(partner: Partner) -> None:
    job = _waiting(partner)
    partner.answer(job, "9999")
    partner.wait()
    steps = partner.steps(job)
    assert (steps["mfa-challenge"], steps["retrieve-accounts"]) == ("failed", "pending")
    assert partner.result(job, "mfa-challenge") is None
    connection = partner.get(f"/users/{partner.user}/connections").json()["data"][0]
    assert connection["status"] == "invalid"


def test_a_wrong_answer_may_be_asked_for_again(partner: Partner) -> None:
    partner.switch(wrong_answer="asked-again")
    job = _waiting(partner)
    partner.answer(job, "9999")
    partner.wait(SECOND)
    assert partner.result(job, "mfa-challenge")["method"] == "token"
    assert partner.answer(job, "1234").status_code == 202


def test_an_answer_after_the_expiry_is_refused_and_the_job_has_failed(partner: Partner) -> None:
    job = _waiting(partner)
    partner.wait(timedelta(minutes=2))
    assert code(partner.answer(job, "1234")) == (400, "parameter-not-valid")
    assert partner.steps(job)["mfa-challenge"] == "failed"


def test_an_answer_nobody_waits_for_is_refused(partner: Partner) -> None:
    job = _waiting(partner)
    partner.answer(job, "1234")
    assert code(partner.answer(job, "1234")) == (400, "parameter-not-valid")
    quiet = partner.connect(GAVIN)["jobId"]
    assert code(partner.answer(quiet, "1234")) == (400, "parameter-not-valid")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "parameter-not-supplied"),
        ({"mfa-response": "1234"}, "parameter-not-valid"),
        ({"mfa-response": [1234]}, "parameter-not-valid"),
        ({"mfa-response": ["12", "34"]}, "parameter-not-valid"),
        ({"mfa-response": []}, "parameter-not-valid"),
    ],
)
def test_a_malformed_answer_costs_nothing(partner: Partner, body: object, expected: str) -> None:
    job = _waiting(partner)
    assert code(partner.post(f"/jobs/{job}/mfa", "CLIENT_ACCESS", json=body)) == (400, expected)
    assert partner.answer(job, "1234").status_code == 202


def test_an_answer_may_come_as_plain_text(partner: Partner) -> None:
    job = _waiting(partner)
    sent = {"Content-Type": "text/plain"}
    response = partner.post(f"/jobs/{job}/mfa", "CLIENT_ACCESS", content=b'{"mfa-response": ["1234"]}', headers=sent)
    assert response.status_code == 202


def test_an_answer_needs_a_client_token(partner: Partner) -> None:
    job = _waiting(partner)
    response = partner.post(f"/jobs/{job}/mfa", json={"mfa-response": ["1234"]})
    assert code(response) == (403, "Forbidden access")
    partner.switch(mfa_needs_client_token=False)
    assert partner.post(f"/jobs/{job}/mfa", json={"mfa-response": ["1234"]}).status_code == 202


def test_an_expired_client_token_is_401_for_an_answer(partner: Partner) -> None:
    partner.switch(mfa_window_seconds=10_000.0)
    job = _waiting(partner)
    partner.get(f"/jobs/{job}", "CLIENT_ACCESS")
    partner.wait(timedelta(hours=1))
    assert code(partner.answer(job, "1234")) == (401, "access-denied")


@pytest.mark.parametrize(("mode", "expected"), [("always", "in-progress"), ("never", "skipped")])
def test_the_bank_that_asks_now_and_then_follows_its_switch(partner: Partner, mode: str, expected: str) -> None:
    partner.switch(intermittent_mfa="never")
    connection = partner.connected(JARED, "AU00003")
    partner.switch(intermittent_mfa=mode)
    job = partner.refresh(connection)
    partner.wait(3 * SECOND)
    assert partner.steps(job)["mfa-challenge"] == expected


def test_the_bank_that_asks_now_and_then_asks_at_every_other_job(partner: Partner) -> None:
    connection = partner.connected(JARED, "AU00003")
    asked = []
    for _ in range(3):
        job = partner.refresh(connection)
        partner.wait(3 * SECOND)
        asked.append(partner.steps(job)["mfa-challenge"])
        partner.answer(job, "1234")
        partner.wait()
    assert asked == ["in-progress", "skipped", "in-progress"]


def test_results_stand_in_lists_when_so_switched(partner: Partner) -> None:
    partner.switch(result_shape="list", result_link_style="absolute", job_link_style="relative")
    job = _waiting(partner)
    assert partner.result(job, "verify-credentials")[0]["url"].startswith(f"{BASE}/users/")
    assert partner.result(job, "mfa-challenge")[0]["method"] == "token"
    assert partner.result(job, "retrieve-accounts") is None
    assert partner.job(job)["links"]["self"] == f"/jobs/{job}"


def test_the_printed_examples_mix_shapes_links_and_expiries(partner: Partner) -> None:
    partner.switch(result_shape="seed")
    code_ = partner.result(_waiting(partner), "mfa-challenge")[0]
    assert code_["expiryMs"] == 3600
    assert code_["links"]["response"].startswith("/jobs/")
    questions = partner.result(_waiting(partner, WHISTLER, "Basiq", "AU00000"), "mfa-challenge")
    assert questions["expiryMs"] == 120_000
    assert questions["links"]["response"].startswith(f"{BASE}/jobs/")


def test_the_challenge_may_be_kept_after_success(partner: Partner) -> None:
    partner.switch(mfa_result_kept=True, response_link_style="relative", expiry_ms=3600)
    job = _waiting(partner)
    partner.answer(job, "1234")
    partner.wait()
    kept = partner.result(job, "mfa-challenge")
    assert (kept["expiryMs"], kept["links"]["response"]) == (3600, f"/jobs/{job}/mfa")


@pytest.mark.parametrize(
    ("login", "step", "expected", "detail"),
    [
        (Login("bighead", "password"), "verify-credentials", "invalid-credentials", "Account is locked"),
        (Login("nobody", "x"), "verify-credentials", "invalid-credentials", "Invalid username or password"),
        (Login("erlich", "aviato"), "retrieve-accounts", "account-not-accessible-requires-user-action", "An action"),
        (Login("jianYang", "nothotdog"), "retrieve-accounts", "service-unavailable", "Service is currently"),
    ],
)
def test_people_with_whom_it_fails(partner: Partner, login: Login, step: str, expected: str, detail: str) -> None:
    page = partner.open_consent_ui().press("I consent").press("Continue", institution="AU00000")
    page = page.press("Sign in", loginId=login.name, password=login.password)
    page = page.press("Share") if "Share" in page.buttons else page
    job = page.press("Return to the application").returned["jobId"]
    partner.wait()
    result = partner.result(job, step)
    assert result["code"] == expected
    assert result["detail"].startswith(detail)
    assert partner.steps(job)["retrieve-transactions"] == "pending"


def test_the_failing_step_and_the_name_of_its_detail_can_be_chosen(partner: Partner) -> None:
    partner.switch(failing_step="verify-credentials", failed_detail_field="details")
    job = partner.connect(Login("erlich", "aviato"))["jobId"]
    partner.wait()
    assert "action is required" in partner.result(job, "verify-credentials")["details"]


def test_a_planned_failure_hits_the_next_job_only(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    plan = {"connection": connection, "step": "retrieve-transactions", "code": "maintenance-error"}
    assert partner.control.post("/failures", json=plan).status_code == 201
    job = partner.refresh(connection)
    partner.wait()
    assert partner.result(job, "retrieve-transactions")["code"] == "maintenance-error"
    assert partner.get(f"/users/{partner.user}/connections/{connection}").json()["status"] == "invalid"
    partner.refresh(connection)
    partner.wait()
    assert partner.get(f"/users/{partner.user}/connections/{connection}").json()["status"] == "active"


@pytest.mark.parametrize(
    "plan",
    [{}, [], {"connection": "none", "step": "retrieve-accounts", "code": "x"}, {"step": "mfa-challenge", "code": "x"}],
)
def test_a_planned_failure_that_cannot_be_is_refused(partner: Partner, plan: object) -> None:
    response = partner.control.post("/failures", json=plan)
    assert response.status_code == 400
    assert response.json()["error"]


@pytest.mark.parametrize("status", [404, 400])
def test_an_unknown_job_is_refused_as_the_switch_says(partner: Partner, status: int) -> None:
    partner.switch(unknown_job_status=status)
    assert code(partner.get("/jobs/none")) == (status, "resource-not-found")


def test_a_clients_token_does_not_open_another_users_job(partner: Partner) -> None:
    job = partner.connect(GAVIN)["jobId"]
    other = partner.post("/users", json={"email": "other@hooli.example"}).json()["id"]
    headers = {"Authorization": f"Bearer {partner.token('CLIENT_ACCESS', other)}"}
    response = partner.request("GET", f"/jobs/{job}", headers=headers)
    assert code(response) == (401, "unauthorized-access")


def test_a_users_jobs_are_listed_for_a_week(partner: Partner) -> None:
    first = partner.connected(GAVIN)
    partner.connected(GAVIN, "AU00004")
    path = f"/users/{partner.user}/jobs"
    assert partner.get(path).json()["size"] == 2
    found = partner.get(path, filter=f"connection.id.eq('{first}')").json()["data"]
    assert [job["institution"]["id"] for job in found] == ["AU00000"]
    partner.wait(timedelta(days=7))
    partner.renew_tokens()
    assert partner.get(path).json()["data"] == []
    assert code(partner.get(f"/jobs/{found[0]['id']}")) == (404, "resource-not-found")


def test_times_may_have_milliseconds(partner: Partner) -> None:
    partner.switch(timestamps="milliseconds")
    assert partner.job(partner.connect(GAVIN)["jobId"])["created"] == "2026-03-10T01:00:00.000Z"


def test_the_control_origin_knows_what_the_bank_wants_to_hear(partner: Partner) -> None:
    job = _waiting(partner)
    known = next(seen for seen in partner.control.get("/jobs").json() if seen["id"] == job)
    assert known["awaits_answer"]
    assert known["answers"] == ["1234"]
