"""`doctor`: looks at everything that bankweave stands on, and reports whatever it finds."""

from __future__ import annotations

from collections.abc import Iterable

import typer

from bankweave.cli.checks import Check, examine
from bankweave.cli.exits import ExitCode
from bankweave.cli.records import record
from bankweave.cli.session import Json, session_of
from bankweave.cli.terminal import Column

_COLUMNS = (Column("check"), Column("state"), Column("what was found"))


def doctor(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Check the installation: versions, configuration, store, keys, adapters, clock. Asks no provider.

    Changes nothing, shows no secret, and goes on after every problem. Exit code 0 only if there is none, else 2.
    """
    session = session_of(ctx, as_json)
    checks = examine(session.config_file, session.store)
    if session.as_json:
        session.terminal.emit({"ok": is_well(checks), "checks": [record(check) for check in checks]})
    else:
        rows = [(check.name, check.state, check.found) for check in checks]
        session.terminal.table(_COLUMNS, rows)
    raise typer.Exit(ExitCode.OK if is_well(checks) else ExitCode.USAGE)


def is_well(checks: Iterable[Check]) -> bool:
    return all(check.state != "problem" for check in checks)
