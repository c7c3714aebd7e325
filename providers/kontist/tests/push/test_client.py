"""Waiting for the person's app as a plain awaitable: every row of section 10 that is about pushes."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import anyio
import pytest

from bankweave.adapter import Request, Response
from bankweave.errors import (
    BankweaveError,
    FlowExpired,
    FlowOver,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    WrongSubject,
)
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import KontistSettings
from bankweave_kontist.client.push import Push
from bankweave_kontist.session import Session

pytestmark = pytest.mark.anyio

START = datetime(2026, 11, 22, 10, tzinfo=UTC)


def answer(value: object, status: int = 200) -> Response:
    return Response(status=status, body=json.dumps(value).encode())


def challenge(status: str = "PENDING", *, minutes: float = 5) -> Response:
    ends = (START + timedelta(minutes=minutes)).isoformat(timespec="milliseconds")
    return answer({"id": "push-1", "status": status, "expiresAt": ends})


def jwt(sub: str) -> str:
    claims = urlsafe_b64encode(json.dumps({"sub": sub}).encode()).decode().rstrip("=")
    return f"e30.{claims}.c2ln"


CONFIRMED = answer({"token": "confirmed", "refresh_token": "r2"})


def waiting(*answers: Response | BankweaveError) -> tuple[Push, FakeContext]:
    ctx = FakeContext(http=ScriptedHttp(list(answers)), clock=START)
    return Push(Session(KontistSettings(client_id="c"), ctx)), ctx


def sent(ctx: FakeContext) -> list[str]:
    return [request.operation for request in ctx.http.sent]


async def test_a_confirmed_push_gives_the_connection_confirmed_tokens() -> None:
    push, ctx = waiting(challenge(), challenge(), challenge("VERIFIED"), CONFIRMED)
    await push.confirm()
    (grant,) = ctx.grants
    assert (grant.access_token, grant.refresh_token, grant.confirmed) == ("confirmed", "r2", True)
    assert sent(ctx) == ["create_challenge", "poll_challenge", "poll_challenge", "exchange_challenge"]
    assert [request.repeatable for request in ctx.http.sent] == [False, True, True, False]


async def test_it_looks_at_once_and_on_a_beat_of_three_seconds_whatever_a_look_takes() -> None:
    looks: list[float] = []

    def slowly(request: Request) -> Response:
        assert request.operation == "poll_challenge"
        looks.append((ctx.clock - START).total_seconds())
        ctx.clock += timedelta(seconds=1.5)
        return challenge("VERIFIED" if len(looks) == 5 else "PENDING")

    push, ctx = waiting(challenge(), CONFIRMED)
    ctx.http.answers[1:1] = [slowly] * 5
    await push.confirm()
    assert looks == [0, 3, 6, 9, 12]


async def test_a_denied_push_is_a_refusal() -> None:
    push, ctx = waiting(challenge(), challenge("DENIED"))
    with pytest.raises(ProviderRefused) as refused:
        await push.confirm()
    assert (refused.value.code, ctx.grants) == ("DENIED", [])


async def test_a_push_that_nobody_confirms_expires() -> None:
    push, ctx = waiting(challenge(minutes=0.1), *[challenge(minutes=0.1)] * 3)
    with pytest.raises(FlowExpired):
        await push.confirm()
    assert ctx.clock <= START + timedelta(seconds=10)


async def test_a_push_that_was_confirmed_after_its_time_is_lost() -> None:
    push, ctx = waiting(challenge(), challenge("VERIFIED", minutes=-1))
    with pytest.raises(FlowExpired):
        await push.confirm()
    assert "exchange_challenge" not in sent(ctx)


async def test_a_caller_waits_no_longer_than_they_said() -> None:
    push, ctx = waiting(challenge(), *[challenge()] * 4)
    with pytest.raises(FlowExpired):
        await push.confirm(timeout=7)
    assert ctx.clock == START + timedelta(seconds=7)


async def test_kontist_may_be_away_while_the_phone_is_answered() -> None:
    push, ctx = waiting(challenge(), ProviderUnavailable("down"), challenge("VERIFIED"), CONFIRMED)
    await push.confirm()
    assert len(ctx.grants) == 1


@pytest.mark.parametrize("lost", [OutcomeUnknown("lost"), Response(status=502)])
async def test_tokens_that_were_lost_on_their_way_leave_the_old_ones(lost: Response | BankweaveError) -> None:
    push, ctx = waiting(challenge(), challenge("VERIFIED"), lost)
    with pytest.raises(OutcomeUnknown):
        await push.confirm()
    assert (ctx.grants, sent(ctx).count("exchange_challenge")) == ([], 1)


async def test_a_push_that_another_user_confirmed_changes_nothing() -> None:
    push, ctx = waiting(challenge(), challenge("VERIFIED"), answer({"token": jwt("ben")}))
    ctx.tokens = [jwt("anna")]
    with pytest.raises(WrongSubject):
        await push.confirm()
    assert ctx.grants == []


@dataclass
class Sleepless(FakeContext):
    """Somebody who sleeps until they are woken."""

    asleep: asyncio.Event = field(default_factory=asyncio.Event)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, seconds: float) -> None:
        self.asleep.set()
        await self.wake.wait()
        await super().sleep(seconds)


async def test_another_task_may_cancel_the_waiting() -> None:
    ctx = Sleepless(http=ScriptedHttp([challenge(), challenge()]), clock=START)
    push = Push(Session(KontistSettings(client_id="c"), ctx))
    task = asyncio.create_task(push.confirm())
    await ctx.asleep.wait()
    push.cancel()
    ctx.wake.set()
    with pytest.raises(FlowOver):
        await task
    assert ctx.grants == []


async def test_a_cancelled_task_leaves_the_connection_as_it_was() -> None:
    ctx = Sleepless(http=ScriptedHttp([challenge(), challenge()]), clock=START)
    push = Push(Session(KontistSettings(client_id="c"), ctx))
    task = asyncio.create_task(push.confirm())
    await ctx.asleep.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ctx.grants == []


@dataclass
class Slow(ScriptedHttp):
    """A server that takes its time over the only answer that cannot be had again."""

    exchanging: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, request: Request) -> Response:
        if request.operation == "exchange_challenge":
            self.exchanging.set()
            await self.go_on.wait()
        return await super().send(request)


@pytest.mark.parametrize("by", ["task", "scope"])
async def test_tokens_that_are_on_their_way_are_stored_before_a_cancellation_counts(by: str) -> None:
    http = Slow([challenge(), challenge("VERIFIED"), CONFIRMED])
    ctx = FakeContext(http=http, clock=START)
    push = Push(Session(KontistSettings(client_id="c"), ctx))
    scope = anyio.CancelScope()

    async def confirm() -> None:
        with scope:
            await push.confirm()

    task = asyncio.create_task(confirm())
    await http.exchanging.wait()
    if by == "task":
        task.cancel()
    else:
        scope.cancel()
    await asyncio.sleep(0)
    http.go_on.set()
    await asyncio.wait({task})
    assert [grant.access_token for grant in ctx.grants] == ["confirmed"]
    assert task.cancelled() is (by == "task")


async def test_a_cancelled_exchange_that_fails_is_only_cancelled() -> None:
    http = Slow([challenge(), challenge("VERIFIED"), OutcomeUnknown("lost")])
    push = Push(Session(KontistSettings(client_id="c"), FakeContext(http=http, clock=START)))
    task = asyncio.create_task(push.confirm())
    await http.exchanging.wait()
    task.cancel()
    await asyncio.sleep(0)
    http.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancel_of_before_does_not_end_what_begins_after() -> None:
    push, ctx = waiting(challenge(), challenge("VERIFIED"), CONFIRMED)
    push.cancel()
    await push.confirm()
    assert len(ctx.grants) == 1


async def test_a_bound_device_sees_and_decides_what_is_pending() -> None:
    ends = "2026-11-22T10:05:00.000+00:00"
    push, ctx = waiting(
        answer([{"id": "push-1", "status": "PENDING", "expiresAt": ends}]), Response(status=204), Response(status=204)
    )
    (pending,) = await push.pending()
    assert (pending.id, pending.status, pending.expires_at) == ("push-1", "PENDING", START + timedelta(minutes=5))
    await push.approve(pending.id)
    await push.deny(pending.id)
    assert [request.method for request in ctx.http.sent] == ["GET", "PATCH", "PATCH"]
    assert [request.body for request in ctx.http.sent[1:]] == [b'{"status":"VERIFIED"}', b'{"status":"DENIED"}']


async def test_who_is_no_bound_device_may_not_decide() -> None:
    push, _ = waiting(Response(status=403))
    with pytest.raises(ProviderRefused) as refused:
        await push.approve("push-1")
    assert refused.value.code == "403"


async def test_an_expired_token_is_renewed_before_a_second_push_could_ring() -> None:
    push, ctx = waiting(Response(status=401), challenge(), challenge("VERIFIED"), CONFIRMED)
    await push.confirm()
    assert [request.headers["Authorization"] for request in ctx.http.sent[:2]] == ["Bearer access-1", "Bearer access-2"]
