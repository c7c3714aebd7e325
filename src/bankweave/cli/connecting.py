"""`connect` and `renew`: begin a flow, and lead the person through it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, TypeAlias

import typer

from bankweave.blocking import Bankweave
from bankweave.cli.callback import DEFAULT_PORT, HOST, PATH, Catcher, catching
from bankweave.cli.conversation import Conversation
from bankweave.cli.session import Json, Session, session_of
from bankweave.errors import ConfigurationError

Options: TypeAlias = Annotated[
    list[str] | None, typer.Option("--option", metavar="KEY=VALUE", help="An option of the provider's own; repeatable.")
]
RedirectUri: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Where your own page takes people back; without it this command waits for them."),
]
NoBrowser: TypeAlias = Annotated[bool, typer.Option("--no-browser", help="Show the address, open nothing.")]
CallbackPort: TypeAlias = Annotated[
    int, typer.Option(metavar="N", help=f"Wait at http://{HOST}:N{PATH}; 0 takes a free port.")
]


def connect(  # noqa: PLR0913 - a command's options are its parameters
    ctx: typer.Context,
    adapter: Annotated[str, typer.Argument(help="The provider: see `bankweave adapters`.")],
    *,
    owner: Annotated[str, typer.Option(help="Your own id of the person.")],
    institution: Annotated[str | None, typer.Option(help="The bank: see `bankweave institutions`.")] = None,
    option: Options = None,
    redirect_uri: RedirectUri = None,
    no_browser: NoBrowser = False,
    callback_port: CallbackPort = DEFAULT_PORT,
    as_json: Json = False,
) -> None:
    """Connect a bank.

    Shows the address of the sign-in page, opens it in the browser, and waits
    for the person to come back to http://127.0.0.1:8910/callback on this
    machine. Then it asks what the bank asks, until the bank is connected.

    Providers send people only to addresses that you have registered with them:
    register that one, or pass your own with --redirect-uri and hand the address
    that the person comes back to over to `bankweave resume`.

    With --json it asks nothing and says where the flow stands.
    """
    session = session_of(ctx, as_json)
    options = read_options(option or ())
    with session.bank() as bank, _way_back(session, redirect_uri, callback_port) as (uri, catcher):
        flow = bank.connect(adapter, owner=owner, redirect_uri=uri, institution=institution, options=options)
        raise typer.Exit(_conversation(session, bank, catcher, no_browser=no_browser).follow(flow))


def renew(
    ctx: typer.Context,
    connection: Annotated[str, typer.Argument(help="The connection's id.")],
    *,
    option: Options = None,
    redirect_uri: RedirectUri = None,
    no_browser: NoBrowser = False,
    callback_port: CallbackPort = DEFAULT_PORT,
    as_json: Json = False,
) -> None:
    """Renew the consent of a connection; its old access works until the new one is there. Options as of `connect`."""
    session = session_of(ctx, as_json)
    options = read_options(option or ())
    with session.bank() as bank, _way_back(session, redirect_uri, callback_port) as (uri, catcher):
        flow = bank.renew(connection, redirect_uri=uri, options=options)
        raise typer.Exit(_conversation(session, bank, catcher, no_browser=no_browser).follow(flow))


def read_options(words: Sequence[str]) -> dict[str, str]:
    """Read `KEY=VALUE` words."""
    pairs = [word.partition("=") for word in words]
    if any(not key or not equals for key, equals, _ in pairs):
        raise ConfigurationError("an option is written KEY=VALUE, for example --option country=cz")
    return {key: value for key, _, value in pairs}


@contextmanager
def _way_back(session: Session, redirect_uri: str | None, port: int) -> Iterator[tuple[str, Catcher | None]]:
    """Where the person shall come back to, and who waits there."""
    if redirect_uri is not None or session.as_json:
        yield redirect_uri or f"http://{HOST}:{port or DEFAULT_PORT}{PATH}", None
        return
    with catching(port) as catcher:
        yield catcher.redirect_uri, catcher


def _conversation(session: Session, bank: Bankweave, catcher: Catcher | None, *, no_browser: bool) -> Conversation:
    return Conversation(session, bank, catcher=catcher, opens_browser=not no_browser)
