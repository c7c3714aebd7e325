"""Commands that adapters bring along: the entry-point group `bankweave.commands`, loaded when one is called."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer.main

GROUP = "bankweave.commands"


def names() -> tuple[str, ...]:
    return tuple(sorted(_points()))


def load(name: str) -> Any | None:
    """The command of that name, a `typer.Typer` of an adapter's own; None where nobody brings it."""
    point = _points().get(name)
    return None if point is None else typer.main.get_command(point.load())


@cache
def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
