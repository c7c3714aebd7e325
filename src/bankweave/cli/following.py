"""`resume`, `answer`, `wait`, `cancel` and `flows`: go on with a flow that was begun anywhere."""

from __future__ import annotations

from time import sleep
from typing import Annotated, TypeAlias

import typer

from bankweave.cli.conversation import Conversation
from bankweave.cli.exits import code_of_flow
from bankweave.cli.records import flow_record
from bankweave.cli.session import Json, session_of
from bankweave.cli.terminal import Column
from bankweave.flow import Flow

FlowId: TypeAlias = Annotated[str, typer.Argument(metavar="FLOW", help="The flow's id: see `bankweave flows`.")]
_COLUMNS = (
    Column("flow", "id"),
    Column("adapter"),
    Column("owner"),
    Column("purpose"),
    Column("status"),
    Column("asks"),
    Column("expires"),
)


def resume(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="The whole address that the person came back to, in quotes.")],
    *,
    owner: Annotated[str | None, typer.Option(help="Refuse a flow of anybody else.")] = None,
    as_json: Json = False,
) -> None:
    """Take the address that a person came back to, and go on with its flow."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        raise typer.Exit(Conversation(session, bank).follow(bank.resume(url, owner=owner)))


def answer(
    ctx: typer.Context,
    flow: FlowId,
    values: Annotated[
        list[str] | None,
        typer.Argument(help="In the order of the fields. Better leave them out: what is typed here, others can see."),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Answer what a bank asks. Without values it asks you, and shows nothing of what is secret."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        asks_here = not values and session.terminal.is_interactive
        moved = bank.flow(flow) if asks_here else bank.answer(flow, values or ())
        raise typer.Exit(Conversation(session, bank).follow(moved))


def wait(
    ctx: typer.Context,
    flow: FlowId,
    *,
    seconds: Annotated[float, typer.Option(help="At most so long.")] = 300,
    as_json: Json = False,
) -> None:
    """Wait for the provider, or for an approval on another device."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        with session.terminal.busy("waiting"):
            moved = bank.wait(flow, seconds=seconds)
        if session.as_json or moved.over:
            raise typer.Exit(Conversation(session, bank).follow(moved))
        Conversation(session, bank).say_how_to_go_on(moved)
        raise typer.Exit(code_of_flow(moved))


def cancel(ctx: typer.Context, flow: FlowId, *, as_json: Json = False) -> None:
    """End a flow. What it had begun leads nowhere any more; a connection that exists stays."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        ended = bank.cancel(flow)
    if session.as_json:
        session.terminal.emit(flow_record(ended))
        return
    session.terminal.say(f"the flow has ended ({ended.status.value})")


def flows(
    ctx: typer.Context,
    *,
    owner: Annotated[str | None, typer.Option(help="Only this person's.")] = None,
    connection: Annotated[str | None, typer.Option(help="Only this connection's.")] = None,
    as_json: Json = False,
) -> None:
    """List the flows, ended ones included, oldest first."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = bank.flows(owner=owner, connection_id=connection)
    if session.as_json:
        session.terminal.emit([flow_record(flow) for flow in found])
        return
    session.terminal.table(_COLUMNS, [_row(flow) for flow in found])


def _row(flow: Flow) -> tuple[object, ...]:
    asked = flow.public()["interaction"]
    return (
        flow.id,
        flow.adapter,
        flow.owner,
        flow.purpose.value,
        flow.status.value,
        asked["kind"] if asked else None,
        f"{flow.expires_at:%Y-%m-%d %H:%M} UTC" if flow.expires_at else None,
    )


def sweep(
    ctx: typer.Context,
    *,
    owner: Annotated[str | None, typer.Option(help="Only this person's.")] = None,
    adapter: Annotated[str | None, typer.Option(help="Only this provider's.")] = None,
    every: Annotated[
        float | None, typer.Option(min=1, metavar="SECONDS", help="Again and again, until Ctrl-C.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Look what became of people who never came back, and of banks that take their time.

    Run it every few minutes, or leave it running with --every. Prints the
    flows that it has looked at. A provider is never asked about one of them more often
    than it allows, however many of these run.
    """
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        while True:
            moved = bank.sweep(owner=owner, adapter=adapter)
            if session.as_json:
                session.terminal.emit_lines(flow_record(flow) for flow in moved)
            elif moved:
                session.terminal.table(_COLUMNS, [_row(flow) for flow in moved])
            if every is None:
                return
            sleep(every)
