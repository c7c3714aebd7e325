"""Looking after flows that nobody looks at: people who never come back, banks that take their time."""

from __future__ import annotations

import logging

import anyio

from bankweave.engine.flows import Flows
from bankweave.errors import BankweaveError
from bankweave.flow import Flow, FlowStatus
from bankweave.store.base import Scope

log = logging.getLogger("bankweave.sweep")

AT_ONCE = 16  # flows looked at side by side


async def sweep(flows: Flows, scope: Scope) -> tuple[Flow, ...]:
    """Look at every unfinished flow whose time has come; returns those that were looked at, as they stand now.

    When that is, is part of the flow, and whoever looks claims it first: however many processes sweep, and however often,
    a provider is not asked about a flow more often than its adapter said.
    """
    waiting = await flows.flows(scope, [FlowStatus.ASKING, FlowStatus.WAITING])
    looked: dict[str, Flow] = {}
    places = anyio.CapacityLimiter(AT_ONCE)

    async def look(before: Flow) -> None:
        async with places:
            try:
                after = await flows.look(before.id)
            except BankweaveError as error:  # the flow keeps its own failure; one must not stop the others
                log.warning("flow_not_looked_at", extra={"flow_id": before.id, "error": type(error).__name__})
                after = await flows.get(before.id)
        if after != before:
            looked[before.id] = after

    async with anyio.create_task_group() as tasks:
        for flow in waiting:
            tasks.start_soon(look, flow)
    return tuple(looked[flow.id] for flow in waiting if flow.id in looked)
