"""`bankweave kontist`: what only Kontist has. Loaded when it is called; needs the extra `bankweave[cli]`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from bankweave.cli.conversation import Conversation
from bankweave.cli.exits import ExitCode
from bankweave.cli.records import record
from bankweave.cli.session import Json, session_of
from bankweave.cli.terminal import Column
from bankweave_kontist.blocking import KontistClient

ConnectionId: TypeAlias = Annotated[
    str, typer.Argument(metavar="CONNECTION", help="The connection: see `bankweave connections`.")
]
_DEVICES = (Column("device", "id"), Column("name"))

app = typer.Typer(
    name="kontist", help="What only Kontist has: bound devices.", no_args_is_help=True, add_completion=False
)
device = typer.Typer(help="Devices whose signature confirms logins and transfers.", no_args_is_help=True)
app.add_typer(device, name="device")


@device.command("bind")
def bind(
    ctx: typer.Context,
    connection: ConnectionId,
    *,
    name: Annotated[str, typer.Option(help="What Kontist's own apps show.")] = "bankweave",
    as_json: Json = False,
) -> None:
    """Bind this store as a device: Kontist sends a code by SMS, and a key of its own signs from then on.

    The key stays encrypted in the store. With --json it asks nothing and says
    where the flow stands; answer it with `bankweave answer`.
    """
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        flow = bank.renew(connection, options={"bind_device": name})
        raise typer.Exit(Conversation(session, bank).follow(flow))


@device.command("list")
def list_devices(ctx: typer.Context, connection: ConnectionId, *, as_json: Json = False) -> None:
    """List the devices that are bound, those of Kontist's own apps included."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = bank.client(connection, KontistClient).devices.list()
    if session.as_json:
        session.terminal.emit([record(one) for one in found])
        return
    session.terminal.table(_DEVICES, [(one.id, one.name) for one in found])


@device.command("remove")
def remove(
    ctx: typer.Context,
    connection: ConnectionId,
    device_id: Annotated[str, typer.Argument(metavar="DEVICE", help="Its id: see `bankweave kontist device list`.")],
    *,
    as_json: Json = False,
) -> None:
    """Remove a bound device: its signature confirms nothing any more."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        is_removed = bank.client(connection, KontistClient).devices.remove(device_id)
    if not is_removed:
        session.terminal.complain("Kontist has no such device to remove; list them")
        raise typer.Exit(ExitCode.NOT_FOUND)
    if session.as_json:
        session.terminal.emit({"removed": device_id})
        return
    session.terminal.say("removed")
