from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from providers.basiq.tests.conftest import (
    BASE,
    NOW,
    USER,
    Desk,
    asking,
    connection,
    connector,
    consent,
    done,
    failed,
    job,
    listing,
    mfa,
    page_of,
    refusal,
    reply,
    running,
    step,
    token,
    user,
)

from bankweave.errors import (
    AccessRevoked,
    ConfigurationError,
    MalformedAnswer,
    NotAsking,
    OriginRefused,
    OutcomeUnknown,
    ProviderRefused,
    RateLimited,
    WrongSubject,
)
from bankweave.flow import Answer, Ask, Callback, Connect, Connected, Due, Failed, Reason, Wait
from bankweave.model import ConsentStatus

pytestmark = pytest.mark.anyio

ANNA = {"email": "anna@example.com", "first_name": "Anna"}


def connect(institution: str | None = None, **options: str) -> Connect:
    return Connect(redirect_uri="https://app.example/back", institution=institution, options=options)


async def at_consent_page(desk: Desk) -> Desk:
    desk.know_user().answers(token(), user(), token("client-token"))
    await desk.begin(connect())
    desk.ctx.http.sent.clear()
    return desk


def after_success(*connections: str) -> tuple[object, ...]:
    found = [connection(id_) for id_ in connections or ("con-1",)]
    return listing(*found), listing(consent()), listing(connector())


async def test_first_connection_makes_a_user_and_sends_the_person_to_the_consent_page(desk: Desk) -> None:
    desk.answers(token(), reply({"id": USER}, 201), token("client/token+="))
    asked = await desk.begin(connect("AU00000", **ANNA))
    assert page_of(asked) == {"token": "client/token+=", "state": asked.correlation, "institutionId": "AU00000"}  # type: ignore[union-attr]
    assert isinstance(asked, Ask)
    assert asked.correlation is not None
    assert len(asked.correlation) == 43
    assert asked.expires_at == NOW + timedelta(hours=1)
    assert "client/token" not in repr(asked.interaction)


async def test_user_is_remembered_and_made_once_per_owner(desk: Desk) -> None:
    desk.answers(token(), reply({"id": USER}, 201), token(), user(), token())
    await desk.begin(connect(**ANNA))
    assert desk.ctx.remembered == {"user_id": USER}
    await desk.begin(connect())
    assert desk.operations == ["create_user", "get_user"]
    assert json.loads(desk.sent("create_user")[0].body or b"") == {"email": "anna@example.com", "firstName": "Anna"}


async def test_user_is_remembered_before_anything_else_can_fail(desk: Desk) -> None:
    desk.answers(token(), reply({"id": USER}, 201), refusal(429, "too-many-requests"))
    with pytest.raises(RateLimited):
        await desk.begin(connect(**ANNA))
    assert desk.ctx.remembered == {"user_id": USER}


async def test_user_that_basiq_has_deleted_is_made_again(desk: Desk) -> None:
    desk.know_user().answers(token(), refusal(404, "resource-not-found"), reply({"id": "user-2"}, 201), token())
    await desk.begin(connect(mobile="+61410888666"))
    assert desk.ctx.remembered == {"user_id": "user-2"}


async def test_person_without_address_or_number_is_asked_for_by_option_name(desk: Desk) -> None:
    with pytest.raises(ConfigurationError, match="email or mobile"):
        await desk.begin(connect(first_name="Anna"))
    assert desk.operations == []


async def test_address_that_basiq_does_not_take_is_said_without_showing_it(desk: Desk) -> None:
    desk.answers(token(), refusal(400, "parameter-not-valid", parameter="email"))
    with pytest.raises(ProviderRefused, match="e-mail") as caught:
        await desk.begin(connect(email="nonsense"))
    assert "nonsense" not in str(caught.value)
    assert caught.value.correlation_id == "corr-1"


async def test_making_a_user_is_never_repeated_blindly(desk: Desk) -> None:
    desk.answers(token(), OutcomeUnknown("lost"))
    with pytest.raises(OutcomeUnknown):
        await desk.begin(connect(**ANNA))
    assert not desk.sent("create_user")[0].repeatable


async def test_key_goes_out_as_issued_with_version_and_the_scope_in_the_form(desk: Desk) -> None:
    await at_consent_page(desk.answers())
    desk = Desk().know_user().answers(token(), user(), token())
    await desk.begin(connect())
    server, client = desk.sent("fetch_token")
    assert server.headers["Authorization"] == "Basic a2V5OnNlY3JldA=="
    assert server.headers["basiq-version"] == "3.0"
    assert server.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert server.body == b"scope=SERVER_ACCESS"
    assert parse_qs((client.body or b"").decode()) == {"scope": ["CLIENT_ACCESS"], "userId": [USER]}


async def test_wished_action_is_handed_on(desk: Desk) -> None:
    desk.know_user().answers(token(), user(), token())
    assert page_of(await desk.begin(connect(action="connect")))["action"] == "connect"


async def test_person_who_comes_back_is_connected_as_soon_as_the_job_is_done(desk: Desk) -> None:
    await at_consent_page(desk)
    desk.answers(running("job-1"))
    waiting = await desk.resume(Callback({"state": "s", "jobId": "job-1", "jobIds": "job-1"}))
    assert isinstance(waiting, Wait)
    assert waiting.poll_at == NOW + timedelta(seconds=2)
    desk.answers(done("job-1"), *after_success())  # type: ignore[arg-type]
    connected = await desk.resume(Due())
    assert isinstance(connected, Connected)
    assert connected.grant == desk.grant("con-1")
    assert connected.institution is not None
    assert (connected.institution.id, connected.institution.name, connected.institution.country) == (
        "AU00000",
        "Hooli Bank",
        "AU",
    )
    assert connected.consent is not None
    assert connected.consent.status is ConsentStatus.VALID
    assert connected.consent.permissions == ("account.basic",)


@pytest.mark.parametrize(
    ("params", "jobs"),
    [
        ({"jobId": "a"}, ["a"]),
        ({"jobIds": "a"}, ["a"]),
        ({"jobIds": "a,b", "jobId": "b"}, ["a", "b"]),
        ({"jobIds": " a , ,b,"}, ["a", "b"]),
        ({"jobId": "a/../b?c"}, ["a%2F..%2Fb%3Fc"]),
    ],
)
async def test_jobs_are_read_from_either_parameter(desk: Desk, params: dict[str, str], jobs: list[str]) -> None:
    await at_consent_page(desk)
    for _ in jobs:
        desk.answers(lambda request: running(_decoded(request.url)))
    await desk.resume(Callback(params))
    assert [request.url.removeprefix(f"{BASE}/jobs/") for request in desk.sent("get_job")] == jobs


def _decoded(url: str) -> str:
    return url.removeprefix(f"{BASE}/jobs/").replace("%2F", "/").replace("%3F", "?")


@pytest.mark.parametrize("params", [{}, {"jobIds": ""}, {"jobId": "", "jobIds": ","}])
async def test_coming_back_without_a_job_means_that_nothing_was_connected(desk: Desk, params: dict[str, str]) -> None:
    await at_consent_page(desk)
    ended = await desk.resume(Callback({"state": "s", **params}))
    assert isinstance(ended, Failed)
    assert ended.reason is Reason.USER_REFUSED
    assert desk.operations == []


async def test_address_with_more_jobs_than_a_visit_can_make_is_not_followed(desk: Desk) -> None:
    await at_consent_page(desk)
    with pytest.raises(MalformedAnswer, match="more jobs"):
        await desk.resume(Callback({"jobIds": ",".join(map(str, range(21)))}))


async def test_job_of_another_user_connects_nothing(desk: Desk) -> None:
    await at_consent_page(desk)
    desk.answers(done("job-1", user_id="somebody-else"))
    with pytest.raises(WrongSubject):
        await desk.resume(Callback({"jobId": "job-1"}))


async def test_answer_about_another_job_connects_nothing(desk: Desk) -> None:
    await at_consent_page(desk)
    desk.answers(done("job-2"))
    with pytest.raises(WrongSubject):
        await desk.resume(Callback({"jobId": "job-1"}))


async def test_job_with_a_link_to_another_host_is_refused(desk: Desk) -> None:
    await at_consent_page(desk)
    evil = {"type": "link", "url": f"https://au-api.basiq.io.evil.example/users/{USER}/connections/c"}
    desk.answers(job("job-1", step("verify-credentials", "success", evil)))
    with pytest.raises(OriginRefused):
        await desk.resume(Callback({"jobId": "job-1"}))


async def test_job_known_only_by_the_link_of_its_first_step_is_enough(desk: Desk) -> None:
    await at_consent_page(desk)
    link = [{"type": "link", "url": f"/users/{USER}/connections/con-7"}]
    desk.answers(job("job-1", step("verify-credentials", "success", link), connection=None))
    desk.answers(*after_success("con-7"))  # type: ignore[arg-type]
    connected = await desk.resume(Callback({"jobId": "job-1"}))
    assert isinstance(connected, Connected)
    assert connected.grant.connections == ("con-7",)


async def test_several_jobs_make_one_connection_of_all_that_succeeded(desk: Desk) -> None:
    await at_consent_page(desk)
    desk.answers(running("job-1"), failed("job-2", "service-unavailable"), done("job-3", "con-3"))
    assert isinstance(await desk.resume(Callback({"jobIds": "job-1,job-2,job-3"})), Wait)
    desk.answers(done("job-1", "con-1"), *after_success("con-1", "con-3"))  # type: ignore[arg-type]
    connected = await desk.resume(Due())
    assert isinstance(connected, Connected)
    assert set(connected.grant.connections) == {"con-1", "con-3"}
    assert len(desk.sent("get_job")) == 4, "a job that has ended is not asked for again"


@pytest.mark.parametrize(
    ("code", "detail", "reason"),
    [
        ("invalid-credentials", "", Reason.WRONG_ANSWER),
        ("invalid-credentials", "Account is locked", Reason.USER_ACTION),
        ("Invalid Credentials", "", Reason.WRONG_ANSWER),
        ("authorization-failed", "access_denied", Reason.USER_REFUSED),
        ("account-not-accessible-requires-user-action", "", Reason.USER_ACTION),
        ("user-action-required", "", Reason.USER_ACTION),
        ("service-unavailable", "", Reason.UNAVAILABLE),
        ("job-timed-out", "", Reason.UNAVAILABLE),
        ("institution-disabled", "", Reason.REFUSED),
        ("something-new", "", Reason.REFUSED),
    ],
)
async def test_failed_job_says_what_can_be_done(desk: Desk, code: str, detail: str, reason: Reason) -> None:
    await at_consent_page(desk)
    desk.answers(failed("job-1", code, detail), listing(connection(status="invalid")), listing(connector()))
    ended = await desk.resume(Callback({"jobId": "job-1"}))
    assert isinstance(ended, Failed)
    assert ended.reason is reason
    assert ended.provider_code == code.lower().replace(" ", "-")
    assert ended.institution is not None
    assert (ended.institution.id, ended.institution.name) == ("AU00000", "Hooli Bank")
    assert (ended.retry_at is not None) == (reason is Reason.UNAVAILABLE)


async def test_bank_that_cannot_be_looked_up_hides_no_failure(desk: Desk) -> None:
    await at_consent_page(desk)
    desk.answers(failed("job-1", "invalid-credentials"), refusal(503, "service-unavailable"))
    ended = await desk.resume(Callback({"jobId": "job-1"}))
    assert isinstance(ended, Failed)
    assert (ended.reason, ended.institution) == (Reason.WRONG_ANSWER, None)


async def test_banks_own_text_as_a_code_is_not_shown(desk: Desk) -> None:
    await at_consent_page(desk)
    desk.answers(failed("job-1", "Dear Mr. Belson, call 555-1234!"), listing())
    ended = await desk.resume(Callback({"jobId": "job-1"}))
    assert isinstance(ended, Failed)
    assert ended.provider_code == "unreadable-code"


@pytest.mark.parametrize("status", [400, 404])
async def test_job_that_basiq_does_not_know_ends_the_flow(desk: Desk, status: int) -> None:
    await at_consent_page(desk)
    desk.answers(refusal(status, "resource-not-found"))
    ended = await desk.resume(Callback({"jobId": "job-1"}))
    assert isinstance(ended, Failed)
    assert ended.reason is Reason.EXPIRED


async def test_banks_question_is_left_to_the_consent_page(desk: Desk) -> None:
    await at_consent_page(desk)
    desk.answers(asking("job-1", mfa()))
    assert isinstance(await desk.resume(Callback({"jobId": "job-1"})), Wait)


async def test_looking_slows_down_and_ends_after_half_an_hour(desk: Desk) -> None:
    await at_consent_page(desk)
    desk.answers(running("job-1"))
    step = await desk.resume(Callback({"jobId": "job-1"}))
    pauses = []
    while isinstance(step, Wait):
        pauses.append((step.poll_at - desk.ctx.now()).total_seconds())
        desk.ctx.clock = step.poll_at
        step = await desk.answers(running("job-1")).resume(Due())
    assert pauses[0] == 2
    assert pauses[-1] == max(pauses) == 10
    assert isinstance(step, Failed)
    assert (step.reason, step.provider_code) == (Reason.UNAVAILABLE, "job-timed-out")
    assert NOW + timedelta(minutes=30) <= desk.ctx.now() < NOW + timedelta(minutes=31)


async def test_what_succeeded_is_connected_although_another_bank_never_ends(desk: Desk) -> None:
    await at_consent_page(desk)
    desk.answers(done("job-1"), running("job-2"))
    await desk.resume(Callback({"jobIds": "job-1,job-2"}))
    desk.wait(minutes=31)
    desk.answers(running("job-2"), *after_success())  # type: ignore[arg-type]
    assert isinstance(await desk.resume(Due()), Connected)


async def test_connection_deleted_while_it_was_made_is_said(desk: Desk) -> None:
    await at_consent_page(desk)
    desk.answers(done("job-1"), listing())
    with pytest.raises(AccessRevoked):
        await desk.resume(Callback({"jobId": "job-1"}))


async def test_bank_without_a_readable_name_is_connected_all_the_same(desk: Desk) -> None:
    await at_consent_page(desk)
    desk.answers(done("job-1"), listing(connection()), listing(consent()), refusal(400, "parameter-not-valid"))
    connected = await desk.resume(Callback({"jobId": "job-1"}))
    assert isinstance(connected, Connected)
    assert connected.institution is not None
    assert connected.institution.name == "AU00000"


async def test_answer_where_none_is_asked_is_refused(desk: Desk) -> None:
    await at_consent_page(desk)
    with pytest.raises(NotAsking):
        await desk.resume(Answer({}))


@pytest.mark.parametrize("rejection", [refusal(401, "invalid-authorization-token"), refusal(403, "access-denied")])
async def test_expired_token_is_replaced_once(rejection: object) -> None:
    desk = Desk().know_user().answers(token("old"), rejection, token("new"), user(), token())  # type: ignore[arg-type]
    await desk.begin(connect())
    assert [request.headers["Authorization"] for request in desk.sent("get_user")] == ["Bearer old", "Bearer new"]


async def test_token_is_not_replaced_again_and_again(desk: Desk) -> None:
    expired = refusal(403, "access-denied")
    desk.know_user().answers(token("old"), expired, token("new"), expired)
    with pytest.raises(ConfigurationError, match=r"basiq\.api_key"):
        await desk.begin(connect())


async def test_lack_of_rights_is_no_reason_for_another_token(desk: Desk) -> None:
    desk.know_user().answers(token(), refusal(403, "forbidden-access"))
    with pytest.raises(ProviderRefused) as caught:
        await desk.begin(connect())
    assert caught.value.code == "forbidden-access"
