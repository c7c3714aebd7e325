"""Take a copy of a bank's accounts as they stood at one instant: what a job retrieves and the API then shows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bankweave_sandbox.basiq.state import Connection, Consent, Row, StoredAccount, User
from bankweave_sandbox.basiq.switches import Switches
from bankweave_sandbox.world import Account, AccountKind, Entry, World

_CHURNED = ("{}", "{} PENDING", "PENDING - {}")  # what pending rows are called in turns, by switch


@dataclass(frozen=True, slots=True)
class Changes:
    """What a retrieval brought: accounts with more than another balance, and rows with ids not seen before."""

    accounts: tuple[StoredAccount, ...]
    new_rows: int


def store_accounts(
    world: World, switches: Switches, user: User, connection: Connection, at: datetime, *, with_rows: bool
) -> Changes:
    """Keep the shared accounts as they stand at `at`; without `with_rows` the transactions retrieved earlier stand.

    What the person did not consent to is never retrieved, and so is missing wherever data are told (section 2.4).
    """
    consent = user.consent_behind(connection)
    changed, new_rows = [], 0
    for account in _shared_accounts(world, connection, consent):
        rows = _rows_at(world, account, at, connection.churn_id)
        stored = _retrieved(account, connection, rows, at)
        if not consent.covers("account.detail"):
            _forget_details(stored)
        earlier = user.accounts.get(account.id)
        shown = _shown(rows, connection, switches) if consent.covers("transaction") else ()
        stored.rows = shown if with_rows else (earlier.rows if earlier else ())
        user.accounts[account.id] = stored
        if earlier is None or stored.description != earlier.description:
            changed.append(stored)
        known = {row.id for row in earlier.rows} if earlier else set()
        new_rows += sum(row.id not in known for row in stored.rows)
    return Changes(tuple(changed), new_rows)


def _shared_accounts(world: World, connection: Connection, consent: Consent) -> list[Account]:
    """List the accounts that the person shares over a connection."""
    if connection.holder is None or not consent.covers("account.basic"):
        return []
    accounts = world.accounts_of(connection.holder, connection.connector.bank)
    return [a for a in accounts if connection.chosen is None or a.id in connection.chosen]


def _retrieved(account: Account, connection: Connection, rows: tuple[Row, ...], at: datetime) -> StoredAccount:
    """Read an account's own fields and balances; `rows` are all of its rows at that instant."""
    booked = next((row.balance for row in rows if row.balance is not None), None)
    balance = account.opening_balance if booked is None else booked
    reserved = sum((row.amount for row in rows if not row.posted), Decimal(0))
    return StoredAccount(
        id=account.id,
        connection_id=connection.id,
        connector=connection.connector,
        name=account.name,
        number=_number(account),
        kind=account.kind,
        currency=account.currency,
        holders=tuple(holder.name for holder in account.holders),
        balance=balance,
        available=account.available(balance + reserved),
        credit_limit=account.credit_limit,
        retrieved=at,
        rows=rows,
        terms=account.terms,
    )


def _number(account: Account) -> str:
    """Join BSB and number into one run of digits; a card's number stays masked as it is (section 5.1)."""
    is_card = account.kind is AccountKind.CREDIT_CARD
    return account.number if is_card else account.number.replace("-", "").replace(" ", "")


def masked(number: str) -> str:
    """Leave the last four digits, or a number as it is that is masked already; with what is undocumented."""
    return "x" * max(0, len(number) - 4) + number[-4:] if number.isdecimal() else number


def _forget_details(account: StoredAccount) -> None:
    account.number = masked(account.number)
    account.holders, account.credit_limit, account.terms = (), None, None


def _rows_at(world: World, account: Account, at: datetime, churn: str) -> tuple[Row, ...]:
    """List an account's rows as they stood at `at`, pending first; `churn` makes the ids of its pending rows."""
    rows = [_row(entry, at, churn) for entry in world.entries(account) if entry.movement.occurred_at <= at]
    return (*(row for row in rows if not row.posted), *(row for row in rows if row.posted))


def _shown(rows: tuple[Row, ...], connection: Connection, switches: Switches) -> tuple[Row, ...]:
    """Drop what is older than the retrieval span, which is counted back from the connecting (section 2.2)."""
    first = (connection.created - timedelta(days=switches.retrieval_days)).date()
    kept = (row for row in rows if row.transaction_date >= first)
    if not switches.pending_text_churn:
        return tuple(kept)
    return tuple(_reworded(row, connection.jobs_started) for row in kept)


def _reworded(row: Row, count: int) -> Row:
    """Reword a pending row, as some banks do between two looks (section 5.2)."""
    return row if row.posted else replace(row, text=_CHURNED[count % len(_CHURNED)].format(row.text))


def _row(entry: Entry, at: datetime, churn: str) -> Row:
    movement = entry.movement
    posted = entry.booked and movement.booked_at is not None and movement.booked_at <= at
    return Row(
        # A pending row has a new id after every refresh; a posted one keeps its own (section 5.2).
        id=movement.id if posted else str(uuid.uuid5(uuid.NAMESPACE_OID, f"{churn}/{movement.id}")),
        posted=posted,
        amount=movement.amount,
        text=movement.text,
        reference=movement.end_to_end_id or "",
        kind=movement.kind,
        category=movement.category,
        balance=entry.balance_after if posted else None,
        occurred_at=movement.occurred_at,
        booked_at=movement.booked_at if posted else None,
        transaction_date=entry.transaction_date,
        booking_date=entry.booking_date if posted else None,
    )
