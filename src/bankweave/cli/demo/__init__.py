"""`demo`: six banks at three providers, connected, synced, moved on and compared with the truth, in the sandbox."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from bankweave.cli.demo.show import Narration
from bankweave.cli.demo.steps import REDIRECT_URI, Demo, Synced, is_quiet, total
from bankweave.cli.demo.world import Described, World, running_sandbox
from bankweave.cli.exits import ExitCode
from bankweave.cli.records import counts_record
from bankweave.cli.session import Json, make_bank, session_of
from bankweave.config import Config
from bankweave.errors import ConfigurationError

_STORE = "bank.db"


def demo(
    ctx: typer.Context,
    *,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Leave the store there, to look around in afterwards.")
    ] = None,
    as_json: Json = False,
) -> None:
    """See it work: connect invented banks at three providers, pull everything, and compare it with the truth.

    Takes under a minute, needs no network and no account anywhere. Exit code 4 if anything differs from what is true.
    With --json: one object with the numbers of it all, and the story on standard error.
    """
    session = session_of(ctx, as_json)
    show = Narration(session.terminal)
    with _folder(keep) as folder, running_sandbox(REDIRECT_URI) as described:
        result = _play(folder, described, show)
    if keep is not None:
        show.tell(f"the store is kept; look around: bankweave --store {keep / _STORE} transactions")
    if session.as_json:
        session.terminal.emit(result)
    raise typer.Exit(ExitCode.PROVIDER if result["differences"] else ExitCode.OK)


def _play(folder: Path, described: Described, show: Narration) -> dict[str, Any]:
    config = Config(store=folder / _STORE, adapters=_settings(described))
    with closing(World(described["control"]["url"])) as world, make_bank(config) as bank:
        play = Demo(bank, world, described, show)
        return _chapters(play, show)


def _settings(described: Described) -> dict[str, dict[str, Any]]:
    """The sandbox's own settings, but: Kontist shall send a push, and Kontomatik reach back to the very beginning."""
    return {
        "kontist": {**described["kontist"]["settings"], "skip_mfa": True},
        "kontomatik": {**described["kontomatik"]["settings"], "history_days": 1000},
        "basiq": dict(described["basiq"]["settings"]),
    }


def _chapters(play: Demo, show: Narration) -> dict[str, Any]:
    show.chapter("Five people connect six banks, each on the provider's own pages")
    play.connect()

    show.chapter("Pull everything, all banks side by side")
    first = play.sync()
    show.good(total(first))
    show.accounts(play.bank)
    show.newest(play.bank)

    show.chapter("Pull again: nothing has happened, so nothing changes")
    second = play.sync()
    differences = [] if is_quiet(second) else [f"a sync without news brought changes: {total(second)}"]
    (show.bad if differences else show.good)(total(second))

    show.chapter("Three payments happen, one at each provider")
    cursor = play.cursor()
    paid = play.pay()
    third = play.sync()
    surprises = play.check_arrivals(cursor, paid)
    differences += surprises
    (show.bad if surprises else show.good)(f"{total(third)}: {'not' if surprises else 'exactly'} these three")

    show.chapter("Compare the store with the truth, row by row")
    comparison = play.compare()
    differences += comparison.differences
    if comparison.too_old:
        show.tell(f"{comparison.too_old} rows are older than Basiq hands out, and were not asked for")
    show.differences(differences)
    if not differences:
        show.good(f"equal: {comparison.accounts} accounts, {comparison.rows} transactions, every balance")
    return {
        "connections": len(play.made),
        "accounts": comparison.accounts,
        "transactions": comparison.rows,
        "syncs": [_sync_record(synced) for synced in (first, second, third)],
        "differences": differences,
    }


def _sync_record(synced: Synced) -> dict[str, Any]:
    return {**counts_record(synced.counts), "seconds": round(synced.seconds, 3)}


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="bankweave-demo-") as folder:
            yield Path(folder)
        return
    if (keep / _STORE).exists():
        raise ConfigurationError(f"{keep} holds the store of another demo; name another directory, or remove it")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep
