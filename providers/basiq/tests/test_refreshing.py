from __future__ import annotations

import json
from datetime import timedelta

import pytest
from providers.basiq.tests.conftest import (
    NOW,
    USER,
    Desk,
    asking,
    challenge_of,
    connection,
    consent,
    done,
    failed,
    job,
    listing,
    mfa,
    refusal,
    reply,
    running,
    step,
    token,
)

from bankweave.adapter import Response
from bankweave.errors import (
    AccessRevoked,
    ConsentExpired,
    OriginRefused,
    OutcomeUnknown,
    RateLimited,
    WrongSubject,
)
from bankweave.flow import Answer, Ask, ChallengeKind, Connected, Due, Failed, Reason, Refresh, Wait

pytestmark = pytest.mark.anyio


def refresh(desk: Desk, *connections: str) -> Refresh[object]:
    return Refresh(grant=desk.grant(*connections), since=None)


def accepted(id_: str, status: int = 202) -> Response:
    return reply({"type": "job", "id": id_, "links": {"self": f"/jobs/{id_}"}}, status)


async def begun(desk: Desk) -> Desk:
    desk.answers(token("server"), listing(connection()), accepted("job-1"))
    assert isinstance(await desk.begin(refresh(desk)), Wait)
    return desk


async def asked(desk: Desk, *inputs: str, method: str = "token", **more: object) -> Desk:
    (await begun(desk)).answers(asking("job-1", {**mfa(method, *inputs), **more}))
    assert isinstance(await desk.resume(Due()), Ask)
    return desk


async def test_every_connection_of_the_grant_is_refreshed(desk: Desk) -> None:
    desk.answers(token(), listing(connection(), connection("con-2")), accepted("job-1"), accepted("job-2", 200))
    waiting = await desk.begin(refresh(desk, "con-1", "con-2"))
    assert isinstance(waiting, Wait)
    assert waiting.poll_at > NOW
    desk.answers(done("job-1"), running("job-2"))
    assert isinstance(await desk.resume(Due()), Wait)
    refreshed = await desk.answers(done("job-2", "con-2")).resume(Due())
    assert isinstance(refreshed, Connected)
    assert refreshed.grant == desk.grant("con-1", "con-2")
    assert [r.url.rsplit("/", 2)[1] for r in desk.sent("refresh_connection")] == ["con-1", "con-2"]


async def test_skipped_question_is_a_success(desk: Desk) -> None:
    await begun(desk)
    skipped = job("job-1", step("verify-credentials"), step("mfa-challenege", "skipped"), step("retrieve-accounts"))
    assert isinstance(await desk.answers(skipped).resume(Due()), Connected)


async def test_one_bank_that_fails_is_not_passed_over(desk: Desk) -> None:
    desk.answers(token(), listing(connection(), connection("con-2")), accepted("job-1"), accepted("job-2"))
    await desk.begin(refresh(desk, "con-1", "con-2"))
    ended = await desk.answers(done("job-1"), failed("job-2", "service-unavailable")).resume(Due())
    assert isinstance(ended, Failed)
    assert ended.reason is Reason.UNAVAILABLE


async def test_refused_login_sends_the_person_to_a_renewal(desk: Desk) -> None:
    await begun(desk)
    ended = await desk.answers(failed("job-1", "invalid-credentials")).resume(Due())
    assert isinstance(ended, Failed)
    assert ended.reason is Reason.USER_ACTION
    assert "renew" in ended.message


async def test_job_about_another_connection_is_refused(desk: Desk) -> None:
    await begun(desk)
    with pytest.raises(WrongSubject):
        await desk.answers(done("job-1", "con-9")).resume(Due())


async def test_endless_job_is_given_up(desk: Desk) -> None:
    await begun(desk)
    desk.wait(minutes=30)
    ended = await desk.answers(running("job-1")).resume(Due())
    assert isinstance(ended, Failed)
    assert ended.provider_code == "job-timed-out"


# May it be refreshed at all? -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", [[], [connection(status="deleted")], [connection(status="revoked")]])
async def test_connection_that_is_gone_needs_the_person(desk: Desk, found: list[object]) -> None:
    desk.answers(token(), listing(*found), listing(consent(status="revoked")))
    with pytest.raises(AccessRevoked):
        await desk.begin(refresh(desk))


async def test_connections_gone_with_an_expired_consent_are_said_to_be_expired(desk: Desk) -> None:
    desk.answers(token(), listing(), listing(consent(status="expired")))
    with pytest.raises(ConsentExpired):
        await desk.begin(refresh(desk))


async def test_user_that_is_gone_needs_the_person(desk: Desk) -> None:
    desk.answers(token(), refusal(404, "resource-not-found"))
    with pytest.raises(AccessRevoked):
        await desk.begin(refresh(desk))


async def test_open_banking_consent_that_ran_out_needs_the_person(desk: Desk) -> None:
    over = connection(method="openbanking", expiryDate="2026-11-22T09:59:59Z")
    desk.answers(token(), listing(over))
    with pytest.raises(ConsentExpired):
        await desk.begin(refresh(desk))


async def test_login_that_the_bank_refused_is_not_tried_again(desk: Desk) -> None:
    refused_login = json.loads(failed("job-1", "invalid-credentials").body)
    desk.answers(token(), listing(connection(status="invalid")), listing(refused_login))
    with pytest.raises(AccessRevoked) as caught:
        await desk.begin(refresh(desk))
    assert caught.value.code == "invalid-credentials"
    assert desk.sent("refresh_connection") == []


@pytest.mark.parametrize("last", [[], [json.loads(failed("job-1", "service-unavailable").body)]])
async def test_connection_that_an_outage_broke_is_refreshed(desk: Desk, last: list[object]) -> None:
    desk.answers(token(), listing(connection(status="invalid")), listing(*last), accepted("job-1"))
    assert isinstance(await desk.begin(refresh(desk)), Wait)


async def test_connection_deleted_in_between_needs_the_person(desk: Desk) -> None:
    desk.answers(token(), listing(connection()), refusal(404, "resource-not-found"))
    with pytest.raises(AccessRevoked):
        await desk.begin(refresh(desk))


async def test_used_up_quota_says_when_to_come_back(desk: Desk) -> None:
    later = NOW + timedelta(hours=1)
    body = refusal(429, "too-many-requests").body
    desk.answers(token(), listing(connection()), Response(status=429, body=body, retry_at=later))
    with pytest.raises(RateLimited) as caught:
        await desk.begin(refresh(desk))
    assert caught.value.retry_at == later


# The bank's question ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_a_list", [True, False])
@pytest.mark.parametrize("link", ["/jobs/job-1/mfa", "https://au-api.basiq.io/jobs/job-1/mfa"])
async def test_question_is_understood_in_every_shape(desk: Desk, *, in_a_list: bool, link: str) -> None:
    result = mfa("token", "OTP Password", link=link)
    (await begun(desk)).answers(asking("job-1", [result] if in_a_list else result))
    challenge = challenge_of(await desk.resume(Due()))
    assert challenge.kind is ChallengeKind.OTP
    assert [(f.name, f.label, f.secret) for f in challenge.fields] == [("answer-1", "OTP Password", True)]
    assert challenge.message == "We sent a code to your phone"


async def test_question_that_wants_its_answer_elsewhere_is_refused(desk: Desk) -> None:
    (await begun(desk)).answers(asking("job-1", mfa(link="https://evil.example/jobs/job-1/mfa")))
    with pytest.raises(OriginRefused):
        await desk.resume(Due())


@pytest.mark.parametrize(
    ("expiry", "seconds"), [(120_000, 120), (3600, 120), (None, 120), (300_000, 300), (10**12, 3600), (-5, 120)]
)
async def test_question_lives_as_long_as_the_bank_says_in_milliseconds(
    desk: Desk, expiry: float | None, seconds: int
) -> None:
    (await begun(desk)).answers(asking("job-1", mfa(expiry=expiry)))
    ask = await desk.resume(Due())
    assert isinstance(ask, Ask)
    assert ask.expires_at == challenge_of(ask).expires_at == NOW + timedelta(seconds=seconds)


async def test_security_questions_are_asked_in_their_order(desk: Desk) -> None:
    result = {**mfa("security-questions", "Company?", "Institution?"), "description": "security-questions"}
    (await begun(desk)).answers(asking("job-1", result))
    challenge = challenge_of(await desk.resume(Due()))
    assert challenge.kind is ChallengeKind.QUESTIONS
    assert [field.label for field in challenge.fields] == ["Company?", "Institution?"]
    assert challenge.message == "Your bank asks you to answer its security questions."


async def test_unknown_kind_of_question_is_asked_and_not_stumbled_over(desk: Desk) -> None:
    (await begun(desk)).answers(asking("job-1", mfa("retina-scan", "Look here")))
    assert challenge_of(await desk.resume(Due())).kind is ChallengeKind.UNKNOWN


async def test_question_without_fields_is_an_approval_in_the_banks_app(desk: Desk) -> None:
    (await begun(desk)).answers(asking("job-1", {**mfa("app"), "input": []}))
    challenge = challenge_of(await desk.resume(Due()))
    assert (challenge.kind, challenge.fields) == (ChallengeKind.APP_APPROVAL, ())
    await desk.answers(token("client"), accepted("job-1")).resume(Answer({}))
    assert json.loads(desk.sent("answer_challenge")[0].body or b"") == {"mfa-response": ["confirmed"]}


@pytest.mark.parametrize(
    ("message", "label"),
    [
        ("Approve the request in your bank's app, then confirm it here", "Confirmation"),
        ("Please confirm on your device", "Confirm"),
    ],
)
async def test_question_that_wants_no_more_than_a_confirmation_is_an_approval(
    desk: Desk, message: str, label: str
) -> None:
    (await begun(desk)).answers(asking("job-1", {**mfa("token", label), "description": message}))
    challenge = challenge_of(await desk.resume(Due()))
    assert (challenge.kind, challenge.fields, challenge.message) == (ChallengeKind.APP_APPROVAL, (), message)
    await desk.answers(token("client"), accepted("job-1")).resume(Answer({}))
    assert json.loads(desk.sent("answer_challenge")[0].body or b"") == {"mfa-response": ["confirmed"]}


@pytest.mark.parametrize(
    ("message", "label"),
    [
        ("Confirm with the code from your app", "Code"),
        ("Approve in the app and enter the digits it shows", "Confirmation"),
        ("Confirm your device", "OTP Password"),
        ("A code was sent to your phone", "Confirmation"),
        ("Confirm", "Name of your first pet"),
    ],
)
async def test_what_could_be_a_code_can_be_typed(desk: Desk, message: str, label: str) -> None:
    (await begun(desk)).answers(asking("job-1", {**mfa("token", label), "description": message}))
    challenge = challenge_of(await desk.resume(Due()))
    assert (challenge.kind, len(challenge.fields)) == (ChallengeKind.OTP, 1)


async def test_blanks_around_a_code_are_not_sent(desk: Desk) -> None:
    await asked(desk, "OTP Password")
    desk.answers(token("client"), accepted("job-1"))
    assert isinstance(await desk.resume(Answer({"answer-1": " 1234 "})), Wait)
    assert json.loads(desk.sent("answer_challenge")[0].body or b"") == {"mfa-response": ["1234"]}


async def test_answers_are_sent_once_in_order_with_the_persons_own_token(desk: Desk) -> None:
    await asked(desk, "Company?", "Institution?", method="security-questions")
    desk.answers(token("client"), accepted("job-1"))
    assert isinstance(await desk.resume(Answer({"answer-2": "AU00000", "answer-1": "Basiq"})), Wait)
    (request,) = desk.sent("answer_challenge")
    assert json.loads(request.body or b"") == {"mfa-response": ["Basiq", "AU00000"]}
    assert request.url == "https://au-api.basiq.io/jobs/job-1/mfa"
    assert request.headers["Authorization"] == "Bearer client"
    assert request.headers["Content-Type"] == "application/json"
    assert not request.repeatable
    assert desk.sent("fetch_token")[-1].body == f"scope=CLIENT_ACCESS&userId={USER}".encode()


async def test_right_answer_leads_to_fresh_data(desk: Desk) -> None:
    await asked(desk)
    await desk.answers(token("client"), accepted("job-1")).resume(Answer({"answer-1": "1234"}))
    trying = job("job-1", step("verify-credentials"), step("mfa-challenge", "in-progress"), step("x", "pending"))
    assert isinstance(await desk.answers(trying).resume(Due()), Wait)
    assert isinstance(await desk.answers(done("job-1")).resume(Due()), Connected)


async def test_question_that_comes_back_after_an_answer_means_that_it_was_wrong(desk: Desk) -> None:
    await asked(desk)
    await desk.answers(token("client"), accepted("job-1")).resume(Answer({"answer-1": "0000"}))
    ended = await desk.answers(asking("job-1", mfa())).resume(Due())
    assert isinstance(ended, Failed)
    assert ended.reason is Reason.WRONG_ANSWER


async def test_failed_question_means_that_the_answer_was_wrong(desk: Desk) -> None:
    await asked(desk)
    await desk.answers(token("client"), accepted("job-1")).resume(Answer({"answer-1": "0000"}))
    wrong = job("job-1", step("verify-credentials"), step("mfa-challenge", "failed"), step("x", "pending"))
    ended = await desk.answers(wrong).resume(Due())
    assert isinstance(ended, Failed)
    assert ended.reason is Reason.WRONG_ANSWER


async def test_answer_whose_receipt_was_lost_is_not_sent_again(desk: Desk) -> None:
    await asked(desk)
    desk.answers(token("client"), OutcomeUnknown("lost"))
    assert isinstance(await desk.resume(Answer({"answer-1": "1234"})), Wait)
    assert isinstance(await desk.answers(done("job-1")).resume(Due()), Connected)
    assert len(desk.sent("answer_challenge")) == 1


@pytest.mark.parametrize(
    ("answer", "late", "reason"),
    [
        (refusal(404, "resource-not-found"), False, Reason.EXPIRED),
        (refusal(400, "resource-not-found"), False, Reason.EXPIRED),
        (refusal(400, "parameter-not-valid"), True, Reason.EXPIRED),
        (refusal(400, "parameter-not-valid"), False, Reason.WRONG_ANSWER),
    ],
)
async def test_answer_that_basiq_does_not_take(desk: Desk, answer: Response, *, late: bool, reason: Reason) -> None:
    await asked(desk)
    desk.wait(seconds=121 if late else 0)
    ended = await desk.answers(token("client"), answer).resume(Answer({"answer-1": "1234"}))
    assert isinstance(ended, Failed)
    assert ended.reason is reason


async def test_answer_under_an_expired_token_is_sent_with_a_fresh_one(desk: Desk) -> None:
    await asked(desk)
    desk.answers(token("old"), refusal(401, "access-denied"), token("new"), accepted("job-1"))
    assert isinstance(await desk.resume(Answer({"answer-1": "1234"})), Wait)
    assert [r.headers["Authorization"] for r in desk.sent("answer_challenge")] == ["Bearer old", "Bearer new"]


async def test_person_may_take_time_before_answering(desk: Desk) -> None:
    await asked(desk, expiryMs=3_600_000)
    desk.wait(minutes=45)
    await desk.answers(token("client"), accepted("job-1")).resume(Answer({"answer-1": "1234"}))
    assert isinstance(await desk.answers(running("job-1")).resume(Due()), Wait)


async def test_open_banking_is_refreshed_so_often_a_day_and_some_of_it_is_the_persons(desk: Desk) -> None:
    desk.answers(token())
    for n in range(18):
        desk.answers(listing(connection(method="openbanking")), accepted(f"job-{n}"))
        await desk.begin(refresh(desk))
    desk.answers(listing(connection(method="openbanking")))
    with pytest.raises(RateLimited) as caught:
        await desk.begin(refresh(desk))
    assert caught.value.retry_at == NOW + timedelta(days=1)
    desk.answers(listing(connection(method="openbanking")), accepted("job-18"))
    assert isinstance(await desk.begin(Refresh(grant=desk.grant(), since=None, user_present=True)), Wait)


async def test_web_connections_are_not_counted(desk: Desk) -> None:
    await begun(desk)
    assert desk.ctx.quota_uses == {}
