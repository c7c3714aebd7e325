"""`transactions` and `changes`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import islice
from typing import Annotated, TypeAlias

import typer

from bankweave.cli.records import record
from bankweave.cli.session import Json, session_of
from bankweave.cli.terminal import Column
from bankweave.model import Account, Change, Transaction, TransactionStatus

Since: TypeAlias = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="From this day on.")
]
Until: TypeAlias = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Up to this day, it included.")
]

_SHOWN = 50  # rows of a table, unless told otherwise
_TRANSACTIONS = (
    Column("date", "id"),
    Column("status"),
    Column("amount", "number"),
    Column("currency"),
    Column("counterparty"),
    Column("text"),
    Column("account"),
)
_CHANGES = (
    Column("cursor", "number"),
    Column("at", "id"),
    Column("change"),
    Column("reason"),
    Column("date", "id"),
    Column("amount", "number"),
    Column("currency"),
    Column("counterparty"),
)


def transactions(  # noqa: PLR0913 - a command's options are its parameters
    ctx: typer.Context,
    *,
    owner: Annotated[str | None, typer.Option(help="Only this person's.")] = None,
    account: Annotated[str | None, typer.Option(help="Only this account's.")] = None,
    connection: Annotated[str | None, typer.Option(help="Only this connection's.")] = None,
    since: Since = None,
    until: Until = None,
    status: Annotated[TransactionStatus | None, typer.Option(help="Only such.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="So many, 0: all. Tables stop at 50, JSON does not.")] = None,
    as_json: Json = False,
) -> None:
    """Print transactions, newest first. With --json: JSON Lines, one transaction each, written as they are read."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        rows = bank.transactions(
            owner=owner,
            account_id=account,
            connection_id=connection,
            since=_day(since),
            until=_day(until),
            status=status,
        )
        if session.as_json:
            session.terminal.emit_lines(record(row) for row in islice(rows, limit or None))
            return
        accounts = {one.id: one for one in bank.accounts(owner=owner, connection_id=connection)}
        shown, more = _cut(rows, _SHOWN if limit is None else limit)
    session.terminal.table(_TRANSACTIONS, [transaction_row(row, accounts.get(row.account_id)) for row in shown])
    if more:
        session.terminal.say(f"the newest {len(shown)}; more with --limit, all with --limit 0")


def transaction_row(row: Transaction, account: Account | None) -> tuple[object, ...]:
    return (
        row.date,
        row.status.value,
        f"{row.amount:,}",
        row.currency,
        row.counterparty_name or row.counterparty_iban,
        " / ".join(row.remittance_information),
        (account.name or account.iban or account.number) if account else None,
    )


def changes(
    ctx: typer.Context,
    *,
    since: Annotated[int, typer.Option(min=0, metavar="CURSOR", help="Only what came after it.")] = 0,
    owner: Annotated[str | None, typer.Option(help="Only this person's.")] = None,
    connection: Annotated[str | None, typer.Option(help="Only this connection's.")] = None,
    as_json: Json = False,
) -> None:
    """Print what was added, modified and removed, oldest first, and the cursor to go on with.

    With --json: JSON Lines, one change each; the `cursor` of the last one is what --since takes next time.
    """
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = bank.changes(since, owner=owner, connection_id=connection)
        if session.as_json:
            session.terminal.emit_lines(record(one) for one in found)
            return
        listed = list(found)
    session.terminal.table(_CHANGES, [_change_row(one) for one in listed])
    cursor = listed[-1].cursor if listed else since
    session.terminal.say(f"go on with: {session.command('changes', '--since', str(cursor))}")


def _change_row(one: Change) -> tuple[object, ...]:
    row = one.transaction
    return (
        one.cursor,
        f"{one.at:%Y-%m-%d %H:%M:%S}",
        one.kind.value,
        one.reason,
        row.date,
        f"{row.amount:,}",
        row.currency,
        row.counterparty,
    )


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _cut(rows: Iterable[Transaction], limit: int) -> tuple[list[Transaction], bool]:
    """The first rows, and whether there are more; 0 means all."""
    taken = list(islice(rows, limit + 1 if limit else None))
    return (taken[:limit], len(taken) > limit) if limit else (taken, False)
