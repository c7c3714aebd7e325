"""`demo`: six banks at three providers, connected, synced, moved on and compared with the truth, in the sandbox."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from bankweave.cli.demo.compare import Comparison
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


# A step of Basiq's takes 1 to 4 seconds (providers/basiq.md section 13); whoever watches a demo is spared the rest.
_QUICK = {"verify_seconds": 1.0, "accounts_seconds": 1.0, "transactions_seconds": 1.0}


def _play(folder: Path, described: Described, show: Narration) -> dict[str, Any]:
    config = Config(store=folder / _STORE, adapters=_settings(described))
    with closing(World(described["control"]["url"])) as world, make_bank(config) as bank:
        world.switch("basiq", **_QUICK)
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
    first = _pull_everything(play, show)
    second, changed = _pull_again(play, show)
    third, surprises = _pull_news(play, show)
    comparison = _compare(play, show)
    differences = [*changed, *surprises, *comparison.differences]
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


def _pull_everything(play: Demo, show: Narration) -> Synced:
    show.chapter("Pull everything, all banks side by side")
    synced = play.sync()
    show.good(total(synced))
    show.accounts(play.bank)
    show.newest(play.bank)
    return synced


def _pull_again(play: Demo, show: Narration) -> tuple[Synced, list[str]]:
    show.chapter("Pull again: nothing has happened, so nothing changes")
    synced = play.sync()
    if is_quiet(synced):
        show.good(total(synced))
        return synced, []
    return synced, [f"a sync without news brought changes: {total(synced)}"]


def _pull_news(play: Demo, show: Narration) -> tuple[Synced, list[str]]:
    show.chapter("Three payments happen, one at each provider")
    cursor = play.cursor()
    paid = play.pay()
    synced = play.sync()
    surprises = play.check_arrivals(cursor, paid)
    if not surprises:
        show.good(f"{total(synced)}: exactly these three")
    return synced, surprises


def _compare(play: Demo, show: Narration) -> Comparison:
    show.chapter("Compare the store with the truth, row by row")
    comparison = play.compare()
    if comparison.too_old:
        show.tell(f"{comparison.too_old} rows are older than Basiq hands out, and were not asked for")
    return comparison


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
