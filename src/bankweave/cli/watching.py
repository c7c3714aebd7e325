"""`watch`: print what changes while it happens."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from bankweave.cli.records import record
from bankweave.cli.session import Json, session_of
from bankweave.model import Change


def watch(
    ctx: typer.Context,
    *,
    owner: Annotated[str | None, typer.Option(help="Only this person's.")] = None,
    adapter: Annotated[str | None, typer.Option(help="Only this provider's.")] = None,
    connection: Annotated[str | None, typer.Option(help="Only this connection's.")] = None,
    since: Annotated[
        int | None, typer.Option(min=0, metavar="CURSOR", help="First print what came after it; else only what is new.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="End after so many changes; 0: never.")] = 0,
    as_json: Json = False,
) -> None:
    """Print what is added, modified and removed as soon as the banks tell; Ctrl-C ends it.

    Everything is stored on the way, as by `bankweave sync`. Only for providers
    with live events. With --json: JSON Lines, one change each.
    """
    session = session_of(ctx, as_json)
    with (
        session.bank() as bank,
        closing(bank.watch(owner=owner, adapter=adapter, connection_id=connection, since=since)) as changes,
    ):
        for number, change in enumerate(changes, start=1):
            if session.as_json:
                session.terminal.emit_lines([record(change)])
            else:
                session.terminal.say(_line(change))
            if number == limit:
                return


def _line(change: Change) -> str:
    row = change.transaction
    what = f"{change.kind.value} ({change.reason})"
    return f"{change.at:%H:%M:%S}  {what:18}  {row.date}  {row.amount:>12,} {row.currency}  {row.counterparty or ''}"
