"""Commands that adapters bring along: the entry-point group `bankweave.commands`, loaded when one is called."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer.main

from bankweave.errors import ConfigurationError

GROUP = "bankweave.commands"


def names() -> tuple[str, ...]:
    return tuple(sorted(_points()))


def load(name: str) -> Any | None:
    """The command of that name, a `typer.Typer` of an adapter's own; None where nobody brings it."""
    point = _points().get(name)
    if point is None:
        return None
    try:
        return typer.main.get_command(point.load())
    except Exception as error:  # noqa: BLE001 - isolation: one adapter's broken command must not stop `--help` and all others
        return _broken(point, type(error).__name__)


def _broken(point: EntryPoint, why: str) -> Any:
    """A command that says why it is none."""
    stand_in = typer.Typer()
    taking_anything = {"allow_extra_args": True, "ignore_unknown_options": True}

    @stand_in.command(point.name, help=f"Cannot be loaded ({why}).", context_settings=taking_anything)
    def complain() -> None:
        package = point.value.partition(".")[0].partition(":")[0]
        raise ConfigurationError(f"the command {point.name!r} cannot be loaded ({why}); reinstall or remove {package}")

    return typer.main.get_command(stand_in)


@cache
def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
