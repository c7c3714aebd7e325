"""`consents`, `accesses`, `export` and `erase`: what persons may ask for."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from bankweave.cli.exits import ExitCode
from bankweave.cli.records import erasure_record, record
from bankweave.cli.session import Json, session_of
from bankweave.cli.terminal import Column
from bankweave.model import Access, ConsentRecord

Owner: TypeAlias = Annotated[str, typer.Argument(metavar="OWNER", help="Your own id of the person.")]
_CONSENTS = (
    Column("connection", "id"),
    Column("status"),
    Column("since", "id"),
    Column("replaced", "id"),
    Column("valid until", "id"),
    Column("permissions"),
    Column("purpose"),
)
_ACCESSES = (
    Column("at", "id"),
    Column("program"),
    Column("what"),
    Column("rows", "number"),
    Column("account", "id"),
    Column("consent", "number"),
)


def consents(
    ctx: typer.Context,
    *,
    owner: Annotated[str | None, typer.Option(help="Only this person's.")] = None,
    adapter: Annotated[str | None, typer.Option(help="Only this provider's.")] = None,
    connection: Annotated[str | None, typer.Option(help="Only this connection's.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Those that were replaced, too.")] = False,
    as_json: Json = False,
) -> None:
    """List what people have allowed, at all providers, and until when."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        known = bank.governance.consents(owner=owner, adapter=adapter, connection_id=connection)
    found = [one for one in known if history or one.until is None]
    if session.as_json:
        session.terminal.emit([record(one) for one in found])
        return
    session.terminal.table(_CONSENTS, [_consent_row(one) for one in found])


def _consent_row(one: ConsentRecord) -> tuple[object, ...]:
    consent = one.consent
    return (
        one.connection_id,
        consent.status.value,
        f"{one.since:%Y-%m-%d}",
        f"{one.until:%Y-%m-%d}" if one.until else None,
        f"{consent.valid_until:%Y-%m-%d}" if consent.valid_until else None,
        " ".join(consent.permissions),
        consent.purpose,
    )


def accesses(
    ctx: typer.Context,
    connection: Annotated[str, typer.Argument(metavar="CONNECTION", help="The connection's id.")],
    *,
    as_json: Json = False,
) -> None:
    """List what was read or done at the bank for a connection: when, by which program, under which consent."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = bank.governance.accesses(connection)
    if session.as_json:
        session.terminal.emit([record(one) for one in found])
        return
    session.terminal.table(_ACCESSES, [_access_row(one) for one in found])


def _access_row(one: Access) -> tuple[object, ...]:
    return f"{one.at:%Y-%m-%d %H:%M:%S}", one.actor, one.what, one.rows, one.account_id, one.consent_number


def export(ctx: typer.Context, owner: Owner) -> None:
    """Write everything that is stored of a person as JSON Lines, for them to take along."""
    session = session_of(ctx, as_json=True)
    with session.bank() as bank:
        session.terminal.emit_lines(bank.governance.export(owner))


def erase(
    ctx: typer.Context,
    owner: Owner,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """End every access of a person, have the providers forget them, and erase all that is stored of them here."""
    session = session_of(ctx, as_json)
    if not yes and session.terminal.is_interactive:
        typer.confirm(f"End every access of {owner} and erase all that is stored of them?", abort=True)
    with session.bank() as bank:
        report = bank.governance.erase(owner)
    if session.as_json:
        session.terminal.emit(erasure_record(report))
    else:
        session.terminal.say(f"erased here: {len(report.connections)} connections, and all else of {owner}")
    for failure in (one.failure for one in report.connections if one.failure):
        session.terminal.complain(f"a provider may still allow an access: {failure.message}")
    for adapter, failure in report.kept.items():
        session.terminal.complain(f"{adapter} may still keep something of {owner}: {failure.message}")
    raise typer.Exit(ExitCode.PROVIDER if report.failures else ExitCode.OK)
