"""`adapters`, `institutions`, `connections`, `conversions`, `accounts` and `disconnect`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from bankweave.adapter import AdapterInfo
from bankweave.cli.records import account_record, disconnect_record, record
from bankweave.cli.session import Json, session_of
from bankweave.cli.terminal import Column
from bankweave.engine.conversions import Conversion
from bankweave.engine.report import DisconnectReport
from bankweave.model import Account, Balance, BalanceType, Connection, Institution

_ADAPTERS = (Column("adapter"), Column("title"), Column("countries"), Column("before a sync"), Column("abilities"))
_INSTITUTIONS = (Column("institution", "id"), Column("name"), Column("country"), Column("website"))
_CONNECTIONS = (
    Column("connection", "id"),
    Column("owner"),
    Column("adapter"),
    Column("institution"),
    Column("consent"),
    Column("valid until"),
    Column("last sync"),
)
_CONVERSIONS = (
    Column("adapter"),
    Column("country"),
    Column("institution", "id"),
    Column("begun", "number"),
    Column("connected", "number"),
    Column("open", "number"),
    Column("expired", "number"),
    Column("cancelled", "number"),
    Column("failed"),
    Column("rate", "number"),
)
_ACCOUNTS = (
    Column("account", "id"),
    Column("owner"),
    Column("name"),
    Column("iban or number", "id"),
    Column("type"),
    Column("booked", "number"),
    Column("available", "number"),
    Column("currency"),
)


def adapters(ctx: typer.Context, *, as_json: Json = False) -> None:
    """List the adapters that are installed."""
    session = session_of(ctx, as_json)
    found = session.unopened_bank().adapters()  # unopened: a look makes no store and no key
    if session.as_json:
        session.terminal.emit([_adapter_record(info) for info in found])
        return
    session.terminal.table(_ADAPTERS, [_adapter_row(info) for info in found])


def _adapter_record(info: AdapterInfo) -> dict[str, object]:
    return {
        "name": info.name,
        "title": info.title,
        "countries": list(info.countries),
        "refreshes": info.refreshes,
        "contract": info.contract,
        "abilities": sorted(info.abilities),
    }


def _adapter_row(info: AdapterInfo) -> tuple[object, ...]:
    first = "asks the bank for new data" if info.refreshes else ""
    return info.name, info.title, " ".join(info.countries), first, " ".join(sorted(info.abilities))


def institutions(
    ctx: typer.Context,
    adapter: Annotated[str, typer.Argument(help="The provider: see `bankweave adapters`.")],
    *,
    country: Annotated[str | None, typer.Option(help="ISO 3166 code, such as PL.")] = None,
    as_json: Json = False,
) -> None:
    """List the banks that a provider reaches."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = bank.institutions(adapter, country=country)
    if session.as_json:
        session.terminal.emit([record(one) for one in found])
        return
    session.terminal.table(_INSTITUTIONS, [_institution_row(one) for one in found])


def _institution_row(one: Institution) -> tuple[object, ...]:
    return one.id, one.name, one.country, one.website


def connections(
    ctx: typer.Context,
    *,
    owner: Annotated[str | None, typer.Option(help="Only this person's.")] = None,
    adapter: Annotated[str | None, typer.Option(help="Only this provider's.")] = None,
    as_json: Json = False,
) -> None:
    """List the connections, with what the person allowed and when all was last read."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = bank.connections(owner=owner, adapter=adapter)
    if session.as_json:
        session.terminal.emit([record(one) for one in found])
        return
    session.terminal.table(_CONNECTIONS, [_connection_row(one) for one in found])


def _connection_row(one: Connection) -> tuple[object, ...]:
    consent = one.consent
    return (
        one.id,
        one.owner,
        one.adapter,
        one.institution_name,
        consent.status.value if consent else None,
        _day(consent.valid_until) if consent else None,
        f"{one.synced_at:%Y-%m-%d %H:%M} UTC" if one.synced_at else "never",
    )


def _day(instant: datetime | None) -> str | None:
    return None if instant is None else f"{instant:%Y-%m-%d}"


def conversions(
    ctx: typer.Context,
    *,
    adapter: Annotated[str | None, typer.Option(help="Only this provider's.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Begun on this day (UTC) or later."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Count what became of the sign-ins that were begun, by provider, country and bank. Run `bankweave sweep` first."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = bank.conversions(adapter=adapter, since=since and since.replace(tzinfo=UTC))
    if session.as_json:
        session.terminal.emit([{**record(one), "rate": one.rate} for one in found])
        return
    session.terminal.table(_CONVERSIONS, [_conversion_row(one) for one in found])


def _conversion_row(one: Conversion) -> tuple[object, ...]:
    failed = ", ".join(f"{reason} {count}" for reason, count in one.failed.items())
    rate = "" if one.rate is None else f"{one.rate:.0%}"
    counts = (one.begun, one.connected, one.open, one.expired, one.cancelled)
    return one.adapter, one.country, one.institution_id, *counts, failed, rate


def accounts(
    ctx: typer.Context,
    *,
    owner: Annotated[str | None, typer.Option(help="Only this person's.")] = None,
    adapter: Annotated[str | None, typer.Option(help="Only this provider's.")] = None,
    connection: Annotated[str | None, typer.Option(help="Only this connection's.")] = None,
    as_json: Json = False,
) -> None:
    """List the accounts with their balances, as last read."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = [
            (one, bank.balances(one.id))
            for one in bank.accounts(owner=owner, adapter=adapter, connection_id=connection)
        ]
    if session.as_json:
        session.terminal.emit([account_record(one, balances) for one, balances in found])
        return
    session.terminal.table(_ACCOUNTS, [account_row(one, balances) for one, balances in found])


def account_row(one: Account, balances: Sequence[Balance]) -> tuple[object, ...]:
    by_type = {balance.type: balance.amount for balance in balances}
    booked = by_type.get(BalanceType.INTERIM_BOOKED, by_type.get(BalanceType.CLOSING_BOOKED))
    available = by_type.get(BalanceType.INTERIM_AVAILABLE)
    return (
        one.id,
        one.owner,
        one.name,
        one.iban or one.number,
        one.type.value,
        None if booked is None else f"{booked:,}",
        None if available is None else f"{available:,}",
        one.currency,
    )


def disconnect(
    ctx: typer.Context,
    connection: Annotated[str, typer.Argument(metavar="CONNECTION", help="The connection's id.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """End a connection: its access at the provider, and all that is stored of it here."""
    session = session_of(ctx, as_json)
    if not yes and session.terminal.is_interactive:
        typer.confirm("End the access and erase the accounts and transactions of this connection?", abort=True)
    with session.bank() as bank:
        report = bank.disconnect(connection)
    if session.as_json:
        session.terminal.emit(disconnect_record(report))
        return
    session.terminal.say(_told(report))


def _told(report: DisconnectReport) -> str:
    if report.revoked:
        return "erased here; the provider has ended the access"
    if report.failure is None:
        return "erased here; this provider has no way to end an access before its time"
    return f"erased here, but the provider may still allow the access: {report.failure.message}"
