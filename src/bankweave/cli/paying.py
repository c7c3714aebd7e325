"""`transfer` and `cards`: order, list, cancel; every one asks the bank itself."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from bankweave.blocking import Bankweave
from bankweave.cli.connecting import Options, read_options
from bankweave.cli.conversation import Conversation
from bankweave.cli.records import record
from bankweave.cli.session import Json, Session, session_of
from bankweave.cli.terminal import Column
from bankweave.errors import InvalidOrder
from bankweave.flow import Flow
from bankweave.payment import Card, CardAction, Frequency, Transfer, TransferKind, TransferOrder

AccountId: TypeAlias = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account: see `bankweave accounts`.")]
OnDay: TypeAlias = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Not now but then; of a standing order, its first day."
    ),
]
UntilDay: TypeAlias = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The last day of a standing order."),
]
CardId: TypeAlias = Annotated[str, typer.Argument(metavar="CARD", help="The card: see `bankweave cards list`.")]

transfer = typer.Typer(name="transfer", help="Move money: order, list, cancel, and look what became of an order.")
cards = typer.Typer(name="cards", help="See the cards of an account; activate, block, unblock and close them.")

_TRANSFERS = (
    Column("transfer", "id"),
    Column("kind"),
    Column("status"),
    Column("amount", "number"),
    Column("currency"),
    Column("to"),
    Column("iban", "id"),
    Column("text"),
    Column("next day", "id"),
)
_CARDS = (Column("card", "id"), Column("status"), Column("number"), Column("holder"), Column("valid until"))
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]{1,2})?")  # what is below zero is refused with better words
_NEEDED = ("creditor_name", "creditor_iban", "amount")
_WANTED = ("remittance_information", "end_to_end_id")
_CSV = f"{', '.join(_NEEDED)} and, if wanted, {' and '.join(_WANTED)}"
_NONE_SHOWN = (
    "the bank shows none of these transfers now; look again in some minutes, and order anew only if none is there"
)


@transfer.command("order")
def order(  # noqa: PLR0913 - a command's options are its parameters
    ctx: typer.Context,
    account: AccountId,
    *,
    to: Annotated[str, typer.Option(metavar="NAME", help="Who gets it.")],
    iban: Annotated[str, typer.Option(help="Their account.")],
    amount: Annotated[str, typer.Option(metavar="EUROS", help="Such as 12.50.")],
    text: Annotated[str | None, typer.Option(help="What they read; at most 140 characters.")] = None,
    instant: Annotated[bool, typer.Option("--instant", help="Within seconds, where the bank can.")] = False,
    on: OnDay = None,
    every: Annotated[Frequency | None, typer.Option(help="A standing order, from --on.")] = None,
    until: UntilDay = None,
    end_to_end_id: Annotated[str | None, typer.Option(help="Your own reference, at most 35 characters.")] = None,
    order_option: Annotated[
        list[str] | None,
        typer.Option("--order-option", metavar="KEY=VALUE", help="An option of the order, such as category=VAT."),
    ] = None,
    option: Options = None,
    as_json: Json = False,
) -> None:
    """Order a transfer, and confirm it: now, on a day (--on), or again and again (--every).

    The bank executes nothing before you confirm it with the code that it sends.
    With --json it asks nothing and says where the flow stands; confirm it with
    `bankweave answer`. Nothing is ever sent twice by itself.
    """
    session = session_of(ctx, as_json)
    wanted = TransferOrder(
        creditor_name=to,
        creditor_iban=iban,
        amount=_amount(amount),
        remittance_information=text,
        instant=instant,
        requested_execution_date=on.date() if on else None,
        frequency=every,
        end_date=until.date() if until else None,
        end_to_end_id=end_to_end_id,
        options=read_options(order_option or ()),
    )
    with session.bank() as bank:
        _follow(session, bank, bank.transfer(account, wanted, options=read_options(option or ())))


@transfer.command("batch")
def batch(
    ctx: typer.Context,
    account: AccountId,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=f"CSV with a first line: {_CSV}.")],
    *,
    option: Options = None,
    as_json: Json = False,
) -> None:
    """Order many transfers from a CSV file, and confirm them all at once."""
    session = session_of(ctx, as_json)
    orders = _read_orders(file)
    with session.bank() as bank:
        _follow(session, bank, bank.transfer(account, orders, options=read_options(option or ())))


@transfer.command("list")
def list_transfers(
    ctx: typer.Context,
    account: AccountId,
    *,
    kind: Annotated[TransferKind | None, typer.Option(help="Only such.")] = None,
    as_json: Json = False,
) -> None:
    """List the transfers of an account, standing orders included, as the bank shows them now."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = bank.transfers(account, kind=kind)
        if session.as_json:
            session.terminal.emit_lines(record(one) for one in found)
            return
        rows = [transfer_row(one) for one in found]
    session.terminal.table(_TRANSFERS, rows)


@transfer.command("cancel")
def cancel_transfer(
    ctx: typer.Context,
    account: AccountId,
    transfer_id: Annotated[str, typer.Argument(metavar="TRANSFER", help="Its id: see `bankweave transfer list`.")],
    *,
    option: Options = None,
    as_json: Json = False,
) -> None:
    """Cancel a transfer that is not executed yet, or end a standing order."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = next((one for one in bank.transfers(account) if one.id == transfer_id), None)
        if found is None:
            raise InvalidOrder("the bank shows no transfer with this id; list them", code="transfer")
        _follow(session, bank, bank.cancel_transfer(account, found, options=read_options(option or ())))


@transfer.command("outcome")
def outcome(
    ctx: typer.Context,
    flow: Annotated[str, typer.Argument(metavar="FLOW", help="The order's flow: see `bankweave flows`.")],
    *,
    as_json: Json = False,
) -> None:
    """Look at the bank what became of an order whose answer was lost."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = bank.outcome(flow)
    if session.as_json:
        session.terminal.emit([record(one) for one in found])
        return
    session.terminal.table(_TRANSFERS, [transfer_row(one) for one in found])
    if not found:
        session.terminal.say(_NONE_SHOWN)


@cards.command("list")
def list_cards(ctx: typer.Context, account: AccountId, *, as_json: Json = False) -> None:
    """List the cards of an account, as the bank shows them now."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        _show_cards(session, bank.cards(account))


@cards.command("activate")
def activate_card(
    ctx: typer.Context,
    account: AccountId,
    card: CardId,
    code: Annotated[str | None, typer.Argument(help="The code that came with the card; asked for if left out.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Activate a card with the code that came with it."""
    session = session_of(ctx, as_json)
    if code is None and session.terminal.is_interactive:
        code = session.terminal.ask("The code that came with the card", secret=False)
    _change(session, account, card, CardAction.ACTIVATE, code)


@cards.command("block")
def block_card(ctx: typer.Context, account: AccountId, card: CardId, *, as_json: Json = False) -> None:
    """Block a card until it is unblocked."""
    _change(session_of(ctx, as_json), account, card, CardAction.BLOCK)


@cards.command("unblock")
def unblock_card(ctx: typer.Context, account: AccountId, card: CardId, *, as_json: Json = False) -> None:
    """Unblock a card."""
    _change(session_of(ctx, as_json), account, card, CardAction.UNBLOCK)


@cards.command("close")
def close_card(
    ctx: typer.Context,
    account: AccountId,
    card: CardId,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Close a card for good."""
    session = session_of(ctx, as_json)
    if not yes and session.terminal.is_interactive:
        typer.confirm("Close this card for good?", abort=True)
    _change(session, account, card, CardAction.CLOSE)


def _change(session: Session, account: str, card: str, action: CardAction, code: str | None = None) -> None:
    with session.bank() as bank:
        _show_cards(session, [bank.change_card(account, card, action, code=code)])


def transfer_row(one: Transfer) -> tuple[object, ...]:
    return (
        one.id,
        one.kind.value,
        one.status.value,
        f"{one.amount:,}",
        one.currency,
        one.creditor_name,
        one.creditor_iban,
        one.remittance_information,
        one.next_execution_date or one.requested_execution_date,
    )


def _show_cards(session: Session, found: Sequence[Card]) -> None:
    if session.as_json:
        session.terminal.emit([record(one) for one in found])
        return
    rows = [(one.id, one.status.value, one.masked_pan, one.holder_name, one.expires_on) for one in found]
    session.terminal.table(_CARDS, rows)


def _follow(session: Session, bank: Bankweave, flow: Flow) -> None:
    raise typer.Exit(Conversation(session, bank).follow(flow))


def _read_orders(file: Path) -> list[TransferOrder]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:  # spreadsheets put a mark in front
            rows = csv.DictReader(lines)
            _check_columns(rows.fieldnames or ())
            return [_read_order(rows.line_num, row) for row in rows if any(row.values())]
    except (UnicodeDecodeError, csv.Error):
        raise InvalidOrder("the file is no CSV in UTF-8; nothing was sent", code="file") from None


def _check_columns(found: Sequence[str]) -> None:
    """A column that is not known may be a misspelt one, and its text would be missing from what is sent."""
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise InvalidOrder(f"the file has no column {missing[0]!r}; it needs {_CSV}", code=missing[0])
    unknown = sorted(set(found) - {*_NEEDED, *_WANTED})
    if unknown:
        raise InvalidOrder(f"the file has an unknown column {unknown[0]!r}; there are {_CSV}", code="file")


def _read_order(line: int, row: Mapping[str | None, str | None]) -> TransferOrder:
    if None in row:
        raise InvalidOrder(f"line {line}: more values than columns; put texts with commas in quotes", code="file")
    try:
        return TransferOrder(
            creditor_name=row["creditor_name"] or "",
            creditor_iban=row["creditor_iban"] or "",
            amount=_amount(row["amount"] or ""),
            remittance_information=row.get("remittance_information") or None,
            end_to_end_id=row.get("end_to_end_id") or None,
        )
    except InvalidOrder as error:
        raise InvalidOrder(f"line {line}: {error}", code=error.code) from None


def _amount(text: str) -> Decimal:
    """Read an amount, strictly: `Decimal` would take 12_50 for 1250."""
    if not _AMOUNT.fullmatch(text.strip()):
        raise InvalidOrder("an amount is written like 12.50; nothing was sent", code="amount")
    return Decimal(text.strip())
