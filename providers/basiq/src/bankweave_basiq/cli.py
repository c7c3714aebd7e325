"""`bankweave basiq`: what only Basiq has. Loaded when it is called; needs the extra `bankweave[cli]`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypeAlias

import typer

from bankweave.blocking import Bankweave
from bankweave.cli.session import Json, Session, session_of
from bankweave.cli.terminal import Column
from bankweave_basiq.blocking import BasiqClient
from bankweave_basiq.client import BasiqEvent, Connector, ConsentAction, Gap, Record, User
from bankweave_basiq.client.events import oldest_first
from bankweave_basiq.links import NAME

ConnectionId: TypeAlias = Annotated[
    str, typer.Argument(metavar="CONNECTION", help="Any connection of the person: see `bankweave connections`.")
]
WebhookId: TypeAlias = Annotated[str, typer.Argument(metavar="WEBHOOK", help="Its id: see `webhooks list`.")]
Owner: TypeAlias = Annotated[str, typer.Argument(metavar="OWNER", help="Your own id of the person.")]

_CONSENTS = (Column("consent", "id"), Column("status"), Column("until"), Column("may read"), Column("policy"))
_INSTITUTIONS = (
    Column("bank", "id"),
    Column("name"),
    Column("country"),
    Column("by"),
    Column("status"),
    Column("asks"),
)
_EVENTS = (Column("at"), Column("event"), Column("about", "id"), Column("id", "id"))
_WEBHOOKS = (Column("webhook", "id"), Column("status"), Column("address"), Column("events"))
_MESSAGES = (Column("message", "id"), Column("event"), Column("attempts", "number"), Column("delivered"))

app = typer.Typer(
    name="basiq",
    help="What only Basiq has: its consent page, banks, consents, events, webhooks and users.",
    no_args_is_help=True,
    add_completion=False,
)
users = typer.Typer(help="The person's user at Basiq.", no_args_is_help=True)
consents = typer.Typer(help="What the person consented to.", no_args_is_help=True)
webhooks = typer.Typer(help="Where Basiq reports events to.", no_args_is_help=True)
app.add_typer(users, name="users")
app.add_typer(consents, name="consents")
app.add_typer(webhooks, name="webhooks")


@app.command("consent-url")
def consent_url(
    ctx: typer.Context,
    connection: ConnectionId,
    *,
    action: Annotated[ConsentAction, typer.Option(help="What the page shall do.")] = ConsentAction.MANAGE,
    institution: Annotated[str | None, typer.Option(help="A bank chosen beforehand, such as AU00000.")] = None,
    basiq_connection: Annotated[str | None, typer.Option(help="Basiq's own connection that it is about.")] = None,
    as_json: Json = False,
) -> None:
    """Make a link to Basiq's consent page. It carries a token and lives an hour: hand it to the person only.

    What the person does there is learned by the next sync. To connect or
    renew, use `bankweave connect` and `bankweave renew` instead.
    """
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        basiq = bank.client(connection, BasiqClient)
        page = basiq.consent_pages.open(action, institution=institution, connection=basiq_connection)
    if session.as_json:
        session.terminal.emit({"url": page.url, "expires_at": page.expires_at})
        return
    session.terminal.say(page.url)


# Institutions ----------------------------------------------------------------------------------------------------------------


@app.command("institutions")
def list_institutions(
    ctx: typer.Context,
    *,
    name: Annotated[str | None, typer.Option(help="A part of the name or the id.")] = None,
    country: Annotated[str | None, typer.Option(help="AU or NZ.")] = None,
    as_json: Json = False,
) -> None:
    """List the banks that can be connected, each with the ways of reaching it; with --name, only those that are live."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        directory = _client(bank).institutions
        found = directory.search(name, country=country) if name else directory.list(country=country)
    rows = [
        (each.id, each.name, each.institution and each.institution.country, each.method, each.status, _asks(each))
        for each in found
    ]
    _listed(session, _INSTITUTIONS, rows, found)


def _asks(connector: Connector) -> str:
    return "at every refresh" if connector.asks else ""


# Users -----------------------------------------------------------------------------------------------------------------------


@users.command("create")
def create_user(  # noqa: PLR0913 - an option of the command each
    ctx: typer.Context,
    owner: Owner,
    *,
    email: Annotated[str | None, typer.Option(help="This or a mobile number is wanted.")] = None,
    mobile: Annotated[str | None, typer.Option(help="With the code of the country, such as +61412345678.")] = None,
    first_name: Annotated[str | None, typer.Option()] = None,
    middle_name: Annotated[str | None, typer.Option()] = None,
    last_name: Annotated[str | None, typer.Option()] = None,
    business_name: Annotated[str | None, typer.Option()] = None,
    business_id_no: Annotated[str | None, typer.Option(help="Of the business; wants its name as well.")] = None,
    business_id_no_type: Annotated[str | None, typer.Option(help="ABN or ACN.")] = None,
    as_json: Json = False,
) -> None:
    """Make the user of an owner before anything is connected.

    An owner has one: where there is one already, it is shown, and nothing is
    made or changed.
    """
    said = {
        "email": email,
        "mobile": mobile,
        "first_name": first_name,
        "middle_name": middle_name,
        "last_name": last_name,
        "business_name": business_name,
        "business_id_no": business_id_no,
        "business_id_no_type": business_id_no_type,
    }
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        made = _client(bank, owner).users.create({name: value for name, value in said.items() if value})
    _show_user(session, made)


@users.command("show")
def show_user(ctx: typer.Context, owner: Owner, *, as_json: Json = False) -> None:
    """Show the user, with how many connections and accounts Basiq has of it."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = _client(bank, owner).users.get()
    _show_user(session, found)


def _show_user(session: Session, found: User) -> None:
    if session.as_json:
        session.terminal.emit(_record(found))
        return
    counted = {"connections": found.connections, "accounts": found.accounts}
    names = {"user": found.id, "e-mail": found.email, "mobile": found.mobile, "first name": found.first_name}
    shown = {**names, "last name": found.last_name, **{k: len(v.data) if v else 0 for k, v in counted.items()}}
    session.terminal.table([Column(name, "id") for name in shown], [list(shown.values())])


@users.command("delete")
def delete_user(
    ctx: typer.Context,
    owner: Owner,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete the user at Basiq with all its consents, connections and data. Cannot be undone.

    What is stored here stays: `bankweave disconnect` erases it.
    """
    session = session_of(ctx, as_json)
    if not yes:
        typer.confirm("Delete everything that Basiq has of this person?", abort=True, err=session.as_json)
    with session.bank() as bank:
        basiq = _client(bank, owner)
        deleted = basiq.users.id()
        basiq.users.delete()
    _done(session, "deleted", deleted)


# Consents --------------------------------------------------------------------------------------------------------------------


@consents.command("list")
def list_consents(ctx: typer.Context, connection: ConnectionId, *, as_json: Json = False) -> None:
    """List the consents, with what may be read and until when."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = bank.client(connection, BasiqClient).consents.list()
    rows = [
        (
            each.id,
            each.status,
            each.expiry_date and each.expiry_date.date(),
            ", ".join(each.permissions),
            "has changed since" if each.is_outdated else "",
        )
        for each in found
    ]
    _listed(session, _CONSENTS, rows, found)


@consents.command("revoke")
def revoke_consent(
    ctx: typer.Context,
    connection: ConnectionId,
    consent: Annotated[str, typer.Argument(metavar="CONSENT", help="Its id: see `consents list`.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Revoke a consent. Basiq deletes all its connections with it; that cannot be undone."""
    session = session_of(ctx, as_json)
    if not yes:
        typer.confirm("Revoke it, and with it all connections to banks?", abort=True, err=session.as_json)
    with session.bank() as bank:
        bank.client(connection, BasiqClient).consents.delete(consent)
    _done(session, "revoked", consent)


# Events ----------------------------------------------------------------------------------------------------------------------


@app.command("events")
def list_events(
    ctx: typer.Context,
    *,
    owner: Annotated[str | None, typer.Option(help="Of this person only, by your own id; else of everybody.")] = None,
    unread: Annotated[bool, typer.Option("--unread", help="Only those that were not marked as read.")] = False,
    mark: Annotated[bool, typer.Option("--mark", help="Mark them as read, once they are printed.")] = False,
    as_json: Json = False,
) -> None:
    """List what has happened in the last seven days, oldest first. With --json, one a line.

    Which were read is kept in the store, for everybody and for each person
    apart. A time that nobody read, and whose events Basiq no longer has, is
    said: sync everything then.
    """
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        events = _client(bank, owner or "").events
        everybody = owner is None
        found = events.unread(everybody=everybody)
        shown = found.events if unread else oldest_first(events.list(everybody=everybody))
        _print_events(session, shown, found.gap)
        if mark:
            events.mark_read(found)


def _print_events(session: Session, events: Sequence[BasiqEvent], gap: Gap | None) -> None:
    if gap is not None:
        session.terminal.complain(f"nobody read what happened from {gap.since} to {gap.until}; sync everything")
    if session.as_json:
        session.terminal.emit_lines(_record(event) for event in events)
        return
    session.terminal.table(
        _EVENTS, [(event.created_date, event.kind, event.connection or event.user_id, event.id) for event in events]
    )


# Webhooks --------------------------------------------------------------------------------------------------------------------


@webhooks.command("list")
def list_webhooks(ctx: typer.Context, *, as_json: Json = False) -> None:
    """List the webhooks of the application."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = _client(bank).webhooks.list()
    rows = [(each.id, each.status, each.url, ", ".join(each.subscribed_events)) for each in found]
    _listed(session, _WEBHOOKS, rows, found)


@webhooks.command("create")
def create_webhook(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="Where deliveries go.")],
    event: Annotated[list[str], typer.Option("--event", help="What is reported, such as consent.revoked; repeat it.")],
    *,
    name: Annotated[str | None, typer.Option(help="What the dashboard shows.")] = None,
    as_json: Json = False,
) -> None:
    """Have events reported to an address. Prints the secret that signs them, which Basiq shows only now."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        made = _client(bank).webhooks.create(url, event, name=name)
    if session.as_json:
        session.terminal.emit(_record(made))
        return
    session.terminal.say(f"made {made.id}; deliveries may begin in a quarter of an hour")
    session.terminal.say(f"secret: {made.secret}")


@webhooks.command("delete")
def delete_webhook(ctx: typer.Context, webhook: WebhookId, *, as_json: Json = False) -> None:
    """Delete a webhook."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        _client(bank).webhooks.delete(webhook)
    _done(session, "deleted", webhook)


@webhooks.command("test")
def send_test(
    ctx: typer.Context,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Its type, such as consent.revoked.")],
    *,
    as_json: Json = False,
) -> None:
    """Have a message of this type sent to whoever subscribed to it."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        _client(bank).webhooks.test(event)
    _done(session, "sent", event)


@webhooks.command("messages")
def list_messages(ctx: typer.Context, webhook: WebhookId, *, as_json: Json = False) -> None:
    """List what was sent to a webhook, and whether it arrived."""
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        found = _client(bank).webhooks.messages(webhook)
    rows = [
        (each.id, (each.payload or {}).get("eventTypeId"), len(each.attempts), "yes" if each.is_delivered else "no")
        for each in found
    ]
    _listed(session, _MESSAGES, rows, found)


def _client(bank: Bankweave, owner: str = "") -> BasiqClient:
    """The client where no connection is needed: of a person, or of the application alone."""
    return bank.client_of(NAME, BasiqClient, owner=owner)


def _listed(
    session: Session, columns: Sequence[Column], rows: Sequence[Sequence[object]], records: Sequence[Record]
) -> None:
    if session.as_json:
        session.terminal.emit([_record(each) for each in records])
        return
    session.terminal.table(columns, rows)


def _done(session: Session, what: str, which: str) -> None:
    if session.as_json:
        session.terminal.emit({what: which})
        return
    session.terminal.say(what)


def _record(found: Record) -> dict[str, Any]:
    """All that Basiq sent, under its own names."""
    return found.model_dump(mode="json", by_alias=True, exclude_none=True)
