"""Having fresh data imported before a sync."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import parse_qs

import pytest

from bankweave.errors import AccessRevoked, ConsentExpired, MalformedAnswer, OutcomeUnknown, RateLimited, WrongSubject
from bankweave.flow import Connected, Failed, Reason, Refresh, Wait
from bankweave.testing import FakeContext
from bankweave_kontomatik import Kontomatik
from bankweave_kontomatik.grant import Grant

from . import payloads
from .travel import operations, until_over

pytestmark = pytest.mark.anyio

DONE = payloads.xml(payloads.result())


async def refresh(adapter: Kontomatik, ctx: FakeContext, grant: Grant, since: date | None) -> Grant:
    ctx.http.answers = [payloads.session(), payloads.started(), DONE]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, Refresh(grant=grant, since=since)))
    assert isinstance(over, Connected)
    assert isinstance(over.grant, Grant)
    return over.grant


async def test_the_consent_opens_a_session_and_its_import_is_started(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    found = await refresh(adapter, ctx, grant, date(2026, 11, 1))
    assert operations(ctx) == ["reuse_access", "start_import", "ask_command"]
    assert parse_qs((ctx.http.sent[0].body or b"").decode()) == {"multipleAccessId": [payloads.ACCESS]}
    assert not ctx.http.sent[0].repeatable
    assert (found.since, found.access) == (date(2026, 11, 1), grant.access)


async def test_refreshing_leaves_consent_and_bank_as_they_are(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    ctx.http.answers = [payloads.session(), payloads.started(), DONE]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, Refresh(grant=grant, since=date(2026, 11, 1))))
    assert isinstance(over, Connected)
    assert (over.consent, over.institution) == (None, None)


@pytest.mark.parametrize("since", [None, date(2020, 1, 1)])
async def test_a_later_import_reaches_back_90_days_at_most(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant, since: date | None
) -> None:
    found = await refresh(adapter, ctx, grant, since)
    assert found.since == ctx.now().date() - timedelta(days=90)


async def test_late_in_the_evening_the_90_days_are_counted_from_the_easternmost_day(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    ctx.clock = ctx.clock.replace(hour=23)
    found = await refresh(adapter, ctx, grant, None)
    assert found.since == ctx.now().date() - timedelta(days=89)


async def test_the_first_sync_reads_the_import_of_the_sign_in(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    fresh = grant.model_copy(update={"imported_at": ctx.now() - timedelta(minutes=1)})
    step = await adapter.begin(ctx, Refresh(grant=fresh, since=None))
    assert step == Connected(grant=fresh)
    assert ctx.http.sent == []


async def test_a_sync_that_wants_the_last_days_only_gets_a_fresh_import(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    fresh = grant.model_copy(update={"imported_at": ctx.now() - timedelta(minutes=1)})
    await refresh(adapter, ctx, fresh, date(2026, 11, 1))
    assert "start_import" in operations(ctx)


async def test_an_access_for_one_import_is_read_as_long_as_kontomatik_keeps_it(
    adapter: Kontomatik, ctx: FakeContext, single: Grant
) -> None:
    kept = single.model_copy(update={"imported_at": ctx.now() - timedelta(hours=23)})
    assert await adapter.begin(ctx, Refresh(grant=kept, since=date(2026, 11, 1))) == Connected(grant=kept)


async def test_an_access_for_one_import_then_needs_the_person(
    adapter: Kontomatik, ctx: FakeContext, single: Grant
) -> None:
    with pytest.raises(ConsentExpired, match="worked once"):
        await adapter.begin(ctx, Refresh(grant=single, since=None))
    assert ctx.http.sent == []


async def test_a_consent_that_ended_early_was_revoked(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    ctx.http.answers = [payloads.exception("InvalidMultipleAccessId", 404)]
    with pytest.raises(AccessRevoked):
        await adapter.begin(ctx, Refresh(grant=grant, since=None))


async def test_a_consent_that_ended_after_180_days_expired(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    ctx.clock = grant.access.signed_in_at + timedelta(days=180)
    ctx.http.answers = [payloads.exception("InvalidMultipleAccessId", 404)]
    with pytest.raises(ConsentExpired):
        await adapter.begin(ctx, Refresh(grant=grant, since=None))


@pytest.mark.parametrize("status", [400, 429])
async def test_the_fifth_import_of_a_day_is_a_used_up_quota(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant, status: int
) -> None:
    ctx.http.answers = [payloads.exception("MultipleAccessLimitExceeded", status)]
    with pytest.raises(RateLimited) as caught:
        await adapter.begin(ctx, Refresh(grant=grant, since=None))
    assert (caught.value.code, caught.value.retry_at) == ("MultipleAccessLimitExceeded", None)


async def test_a_quota_that_is_told_only_at_the_start_ends_the_refresh_at_once(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    ctx.http.answers = [payloads.session(), payloads.exception("MultipleAccessLimitExceeded", 429)]
    over = await until_over(adapter, ctx, await adapter.begin(ctx, Refresh(grant=grant, since=None)))
    assert isinstance(over, Failed)
    assert over.reason is Reason.UNAVAILABLE


@pytest.mark.parametrize("name", ["SessionExpired", "InvalidSessionId"])
async def test_a_session_that_ended_during_a_refresh_does_not_need_the_person(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant, name: str
) -> None:
    for rest in ([payloads.exception(name)], [payloads.started(), payloads.failed_command("error", name)]):
        ctx.http.answers = [payloads.session(), *rest]
        over = await until_over(adapter, ctx, await adapter.begin(ctx, Refresh(grant=grant, since=None)))
        assert isinstance(over, Failed)
        assert not over.reason.needs_user


async def test_an_answer_without_a_session_is_not_used(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    ctx.http.answers = [payloads.xml(payloads.command("setup"), 202)]
    with pytest.raises(MalformedAnswer, match="session"):
        await adapter.begin(ctx, Refresh(grant=grant, since=None))


async def test_a_session_of_another_owner_is_not_used(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    ctx.http.answers = [payloads.xml(payloads.reply('<session id="1" signature="2"/>', owner="bert"))]
    with pytest.raises(WrongSubject):
        await adapter.begin(ctx, Refresh(grant=grant, since=None))


async def test_a_reuse_whose_answer_was_lost_is_not_repeated(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    ctx.http.answers = [OutcomeUnknown("lost")]
    with pytest.raises(OutcomeUnknown):
        await adapter.begin(ctx, Refresh(grant=grant, since=None))
    assert operations(ctx) == ["reuse_access"]


async def test_the_session_is_kept_before_its_import_is_started(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    ctx.http.answers = [payloads.session()]
    step = await adapter.begin(ctx, Refresh(grant=grant, since=None))
    assert isinstance(step, Wait)
    assert step.poll_at == ctx.now()
    assert payloads.SESSION.encode() in adapter.states.dump_json(step.state)


# Four imports in any 24 hours -----------------------------------------------------------------------------------------


async def import_again(adapter: Kontomatik, ctx: FakeContext, grant: Grant, *, user_present: bool = False) -> None:
    ctx.http.answers = [payloads.session()]
    await adapter.begin(ctx, Refresh(grant=grant, since=date(2026, 11, 1), user_present=user_present))


async def test_a_fourth_import_within_a_day_is_left_to_a_person_who_waits(
    adapter: Kontomatik, ctx: FakeContext, grant: Grant
) -> None:
    began = ctx.clock
    for _ in range(3):
        await import_again(adapter, ctx, grant)
        ctx.clock += timedelta(hours=1)
    with pytest.raises(RateLimited) as caught:
        await import_again(adapter, ctx, grant)
    assert caught.value.retry_at == began + timedelta(hours=24)
    await import_again(adapter, ctx, grant, user_present=True)
    with pytest.raises(RateLimited):
        await import_again(adapter, ctx, grant, user_present=True)
    assert operations(ctx) == ["reuse_access"] * 4
    ctx.clock = began + timedelta(hours=25, minutes=30)  # two of them are a day old
    await import_again(adapter, ctx, grant)


async def test_how_many_imports_there_are_is_a_setting(ctx: FakeContext, grant: Grant) -> None:
    adapter = Kontomatik(payloads.settings(api_key="k", imports_per_day=2, imports_kept_back=5))
    await import_again(adapter, ctx, grant)  # one there always is
    with pytest.raises(RateLimited):
        await import_again(adapter, ctx, grant)


async def test_a_new_consent_has_imports_of_its_own(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    for _ in range(3):
        await import_again(adapter, ctx, grant)
    access = grant.access.model_copy(update={"signed_in_at": ctx.clock})
    await import_again(adapter, ctx, grant.model_copy(update={"access": access}))


async def test_reading_what_is_imported_already_costs_none(adapter: Kontomatik, ctx: FakeContext, grant: Grant) -> None:
    fresh = grant.model_copy(update={"imported_at": ctx.clock})
    assert isinstance(await adapter.begin(ctx, Refresh(grant=fresh, since=None)), Connected)
    assert ctx.quota_uses == {}
