"""Flows that travel: every state goes through JSON, and time passes as the step asks for."""

from __future__ import annotations

from bankweave.flow import Ask, Callback, Due, Event, Step, Wait
from bankweave.testing import FakeContext
from bankweave_kontomatik import Kontomatik

BACK = Callback({"redirectionId": "redirection-1"})


async def go_on(adapter: Kontomatik, ctx: FakeContext, step: Step, event: Event | None = None) -> Step:
    """Answer a step with an event, or wait until it is due."""
    assert isinstance(step, Ask | Wait)
    stored = adapter.states.dump_json(step.state)
    if event is None and step.poll_at is not None:
        ctx.clock = max(ctx.clock, step.poll_at)
    return await adapter.resume(ctx, adapter.states.validate_json(stored), event or Due())


async def until_over(adapter: Kontomatik, ctx: FakeContext, step: Step) -> Step:
    while isinstance(step, Ask | Wait):
        step = await go_on(adapter, ctx, step)
    return step


def operations(ctx: FakeContext) -> list[str]:
    return [request.operation for request in ctx.http.sent]
