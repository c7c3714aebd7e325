"""`rotate-keys`: bring every stored secret under the newest vault key."""

from __future__ import annotations

import typer

from bankweave.cli.session import Json, session_of


def rotate_keys(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Encrypt every stored secret under the newest vault key.

    Put the new key in front of the old one first (BANKWEAVE_VAULT_KEYS, or the
    first line of the key file); when this has run, take the old one away.
    """
    session = session_of(ctx, as_json)
    with session.bank() as bank:
        moved = bank.rotate_keys()
    if session.as_json:
        session.terminal.emit({"rotated": moved})
    else:
        session.terminal.say(f"{moved} secrets were brought under the newest key")
