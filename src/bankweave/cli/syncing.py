"""`sync`: every bank side by side, with a line for each that moves while it is read."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Self

import typer

from bankweave.cli.exits import code_of_sync
from bankweave.cli.records import connection_report_record, counts_record
from bankweave.cli.session import Json, Session, session_of
from bankweave.cli.terminal import Column, Terminal, styled
from bankweave.engine.report import ConnectionReport, Outcome, SyncEvent, SyncReport
from bankweave.model import Connection, Retention

if TYPE_CHECKING:
    from rich.progress import TaskID

_COLUMNS = (
    Column("connection", "id"),
    Column("owner"),
    Column("bank"),
    Column("outcome"),
    Column("added", "number"),
    Column("modified", "number"),
    Column("removed", "number"),
    Column("seconds", "number"),
)
_STAGES = {
    "refreshing": "the bank is asked for new data",
    "opened": "reading",
    "page": "reading",
    "done": "done",
}


def sync(
    ctx: typer.Context,
    *,
    owner: Annotated[str | None, typer.Option(help="Only this person's banks.")] = None,
    connection: Annotated[str | None, typer.Option(help="Only this connection.")] = None,
    adapter: Annotated[str | None, typer.Option(help="Only this provider's banks.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read all history again, not only the last weeks.")] = False,
    due: Annotated[bool, typer.Option("--due", help="Only connections that a webhook has marked.")] = False,
    user_present: Annotated[
        bool, typer.Option("--user-present", help="The person waits: use what is kept back for them.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Pull what is new from every bank, side by side. A bank that fails stops no other."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        known = bank.connections(owner=owner, adapter=adapter)
        with SyncProgress(session.terminal, known) as progress:
            report = bank.sync(
                owner=owner,
                adapter=adapter,
                connection_id=connection,
                full=full,
                due=due,
                user_present=user_present,
                on_event=progress.show,
            )
    _tell(session, report)
    raise typer.Exit(code_of_sync(report))


class SyncProgress:
    """One moving line per connection. Events come from the event loop's thread; Rich takes them from any."""

    def __init__(self, terminal: Terminal, connections: Sequence[Connection]) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._names = {one.id: f"{one.owner} · {one.institution_name or one.adapter}" for one in connections}
        self._lines: dict[str, TaskID] = {}
        self._rows: dict[str, int] = {}
        console = terminal.people
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[rows]:>6} rows", markup=False),
            TextColumn("{task.fields[stage]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, event: SyncEvent) -> None:
        line = self._line(event)
        rows = self._rows[event.connection_id] = self._rows.get(event.connection_id, 0) + event.rows
        stage = _STAGES.get(event.stage, event.stage)
        self._progress.update(line, rows=rows, stage=stage)
        if event.stage == "done":
            self._progress.update(line, total=1, completed=1)

    def _line(self, event: SyncEvent) -> TaskID:
        if event.connection_id not in self._lines:
            name = styled(self._names.get(event.connection_id, event.connection_id)).plain
            self._lines[event.connection_id] = self._progress.add_task(name, total=None, rows=0, stage="")
        return self._lines[event.connection_id]


def _tell(session: Session, report: SyncReport) -> None:
    if session.as_json:
        session.terminal.emit(sync_record(session, report))
        return
    if not report.connections:
        session.terminal.say("there is no such connection yet; begin with: bankweave connect")
        return
    session.terminal.table(_COLUMNS, [report_row(one) for one in report.connections])
    for one in report.connections:
        for line in (*_explained(session, one), *_noticed(session, one)):
            session.terminal.say(line)


def sync_record(session: Session, report: SyncReport) -> dict[str, object]:
    connections = [connection_report_record(one, next_command(session, one)) for one in report.connections]
    return {"seconds": round(report.seconds, 3), **counts_record(report.counts), "connections": connections}


def report_row(one: ConnectionReport) -> tuple[object, ...]:
    counts = one.counts
    return (
        one.connection_id,
        one.owner,
        one.institution_name or one.adapter,
        one.outcome.value,
        counts.added,
        counts.modified,
        counts.removed,
        f"{one.seconds:.1f}",
    )


def _explained(session: Session, one: ConnectionReport) -> list[str]:
    """Say of a connection that is not synced why, and what to do."""
    if one.outcome is Outcome.SYNCED:
        return []
    if one.outcome is Outcome.ENDED:
        done = _RETAINED[one.retention]
        return [f"{one.institution_name or one.adapter} ({one.connection_id}): the consent has ended; {done}"]
    reasons = list(dict.fromkeys(failure.message for failure in one.failures))
    if not reasons:
        reasons = [_UNSAID.get(one.outcome, one.outcome.value)]
    told = [f"{one.institution_name or one.adapter} ({one.connection_id}): {reason}" for reason in reasons]
    retry = next((failure.retry_at for failure in one.failures if failure.retry_at), None)
    if retry is not None:
        told.append(f"  not before {retry:%Y-%m-%d %H:%M:%S} UTC")
    command = next_command(session, one)
    return [*told, f"  next: {command}"] if command else told


def _noticed(session: Session, one: ConnectionReport) -> list[str]:
    """Say what is worth knowing of any connection: what does not add up, and a consent that ends soon."""
    told = [f"account {account.account_id}: {found.message}" for account in one.accounts for found in account.findings]
    if one.consent_warning is not None:
        ends = f"{one.consent_warning.valid_until:%Y-%m-%d}, in {one.consent_warning.days_left} days"
        told.append(f"{one.institution_name or one.adapter} ({one.connection_id}): the consent ends on {ends}")
        told.append(f"  next: {session.command('renew', one.connection_id)}")
    return told


_RETAINED = {
    Retention.DE_IDENTIFY: "what is stored was de-identified, as the settings say",
    Retention.ERASE: "what was stored was erased, as the settings say",
}
_UNSAID = {
    Outcome.PARTIAL: "some rows are missing, as the provider itself says",
    Outcome.NEEDS_USER: "the bank asks something",
    Outcome.WAITING: "the provider is still fetching",
    Outcome.BUSY: "another process is syncing it right now",
}


def next_command(session: Session, one: ConnectionReport) -> str | None:
    """The command that goes on with a connection that is not synced."""
    if one.outcome in {Outcome.SYNCED, Outcome.ENDED}:
        return None
    if one.flow is not None and one.flow.asks:
        return session.command("answer", one.flow.id)
    if one.outcome is Outcome.NEEDS_USER:
        return session.command("renew", one.connection_id)
    return session.command("sync", "--connection", one.connection_id)
