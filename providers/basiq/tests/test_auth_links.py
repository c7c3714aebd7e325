"""A link that a person is sent, instead of a page they are led to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from providers.basiq.tests.conftest import (
    BASE,
    NOW,
    USER,
    Desk,
    connection,
    connector,
    consent,
    listing,
    refusal,
    reply,
    step,
    token,
    user,
)

from bankweave.adapter import Response
from bankweave.errors import MalformedAnswer, ProviderRefused, WrongSubject
from bankweave.flow import Ask, Connect, Connected, Due, Failed, Reason, Redirect, Renew

pytestmark = pytest.mark.anyio

LINK = "https://connect.basiq.io/4f3a"


def link(url: object = LINK, user_id: str = USER) -> Response:
    links = {"public": url, "self": f"{BASE}/users/{user_id}/auth_link"}
    about = {"userId": user_id, "mobile": "+61410888666", "expiresAt": "2026-11-29T10:00:00Z", "links": links}
    return reply({"type": "auth_link", **about}, 201)


def a_job(id_: str, status: str = "success", result: object = None, connection: str = "con-1") -> dict[str, Any]:
    links = {"source": f"{BASE}/users/{USER}/connections/{connection}"}
    steps = [step("verify-credentials", status, result), step("retrieve-accounts", status)]
    return {"type": "job", "id": id_, "steps": steps, "links": links}


GONE = refusal(410, "resource-no-longer-available")


async def linked(desk: Desk, *known: object, **options: str) -> Ask[Any]:
    desk.know_user().answers(token(), user(), listing(*known), link())
    asked = await desk.begin(Connect(redirect_uri=None, options={"via": "auth_link", **options}))
    assert isinstance(asked, Ask)
    return asked


async def test_link_for_a_person_without_a_number_says_what_is_missing(desk: Desk) -> None:
    desk.know_user().answers(token(), user(), listing(), refusal(400, "parameter-not-supplied", parameter="mobile"))
    with pytest.raises(ProviderRefused, match="give the option mobile") as caught:
        await desk.begin(Connect(redirect_uri=None, options={"via": "auth_link"}))
    assert caught.value.code == "parameter-not-supplied"


async def test_person_gets_a_link_that_lives_for_days(desk: Desk) -> None:
    asked = await linked(desk, mobile="+61410888666")
    assert asked.interaction == Redirect(url=LINK, expires_at=NOW + timedelta(days=7))
    assert asked.poll_at == NOW + timedelta(seconds=15)
    assert asked.correlation is None
    assert desk.sent("create_auth_link")[0].body == b'{"mobile":"+61410888666"}'
    assert LINK not in repr(asked)


async def test_number_that_basiq_knows_need_not_be_said(desk: Desk) -> None:
    await linked(desk)
    assert desk.sent("create_auth_link")[0].body == b"{}"


async def test_looking_slows_down_to_every_five_minutes(desk: Desk) -> None:
    asked = await linked(desk)
    for _ in range(30):
        assert asked.poll_at is not None
        desk.ctx.clock = asked.poll_at
        again = await desk.answers(listing(), link()).resume(Due())
        assert isinstance(again, Ask)
        asked = again
    assert asked.poll_at == desk.ctx.now() + timedelta(minutes=5)


async def test_link_that_was_used_up_connects_what_succeeded(desk: Desk) -> None:
    await linked(desk, a_job("old", connection="con-0"))
    jobs = [a_job("old", connection="con-0"), a_job("job-1"), a_job("job-2", "failed", {"code": "x"}, "con-2")]
    desk.answers(listing(*jobs), GONE, listing(connection()), listing(consent()), listing(connector()))
    connected = await desk.resume(Due())
    assert isinstance(connected, Connected)
    assert connected.grant.connections == ("con-1",)


async def test_person_who_is_not_done_is_left_alone_until_it_has_been_quiet(desk: Desk) -> None:
    await linked(desk)
    assert isinstance(await desk.answers(listing(a_job("job-1", "in-progress")), link()).resume(Due()), Ask)
    assert isinstance(await desk.answers(listing(a_job("job-1")), link()).resume(Due()), Ask)
    desk.wait(minutes=9)
    two = listing(a_job("job-1"), a_job("job-2", connection="con-2"))
    assert isinstance(await desk.answers(two, link()).resume(Due()), Ask)
    desk.wait(minutes=9)
    assert isinstance(await desk.answers(two, link()).resume(Due()), Ask)
    desk.wait(minutes=2)
    found = listing(connection(), connection("con-2"))
    desk.answers(two, link(), found, listing(consent()), listing(connector()))
    connected = await desk.resume(Due())
    assert isinstance(connected, Connected)
    assert set(connected.grant.connections) == {"con-1", "con-2"}


async def test_refused_login_may_be_mended_by_the_person(desk: Desk) -> None:
    await linked(desk)
    refused = listing(a_job("job-1", "failed", {"code": "invalid-credentials"}))
    assert isinstance(await desk.answers(refused, link()).resume(Due()), Ask)
    desk.wait(hours=1)
    assert isinstance(await desk.answers(refused, link()).resume(Due()), Ask)
    ended = await desk.answers(refused, GONE, listing()).resume(Due())
    assert isinstance(ended, Failed)
    assert ended.reason is Reason.WRONG_ANSWER


@pytest.mark.parametrize("answer", [GONE, refusal(404, "resource-not-found")])
async def test_link_that_is_gone_unused_ends_the_flow(desk: Desk, answer: Response) -> None:
    await linked(desk)
    ended = await desk.answers(listing(), answer).resume(Due())
    assert isinstance(ended, Failed)
    assert ended.reason is Reason.EXPIRED


async def test_link_ends_with_its_week(desk: Desk) -> None:
    await linked(desk)
    desk.wait(days=7)
    ended = await desk.answers(listing()).resume(Due())
    assert isinstance(ended, Failed)
    assert ended.reason is Reason.EXPIRED


async def test_uploads_and_reports_are_no_logins(desk: Desk) -> None:
    await linked(desk)
    report = {"type": "job", "id": "job-9", "steps": [step("create-report")], "links": {"source": "/reports/1"}}
    assert isinstance(await desk.answers(listing(report), link()).resume(Due()), Ask)


async def test_renewal_by_link_keeps_the_other_connections(desk: Desk) -> None:
    desk.answers(token(), user(), listing(), link())
    renewal = Renew(grant=desk.grant("con-1"), redirect_uri=None, options={"via": "auth_link"})
    assert isinstance(await desk.begin(renewal), Ask)
    other = connection("con-2", institution={"id": "AU00004"})
    desk.answers(listing(a_job("job-1", connection="con-2")), GONE, listing(connection(), other))
    renewed = await desk.answers(listing(consent()), listing(connector("AU00004"))).resume(Due())
    assert isinstance(renewed, Connected)
    assert renewed.grant.connections == ("con-2", "con-1")


async def test_link_of_another_user_is_not_shown(desk: Desk) -> None:
    desk.know_user().answers(token(), user(), listing(), link(user_id="user-2"))
    with pytest.raises(WrongSubject):
        await desk.begin(Connect(redirect_uri=None, options={"via": "auth_link"}))


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "/connect/1"])
async def test_link_that_is_no_address_is_not_shown(desk: Desk, url: object) -> None:
    desk.know_user().answers(token(), user(), listing(), link(url))
    with pytest.raises(MalformedAnswer):
        await desk.begin(Connect(redirect_uri=None, options={"via": "auth_link"}))
