"""What the command prints, and where: tables for people, JSON for programs, and no escape sequence of a bank's."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import typer

from bankweave.cli.escaping import safe, safe_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_UNLIMITED = 100_000  # columns of what is no terminal: nothing is folded in a file or a pipe
_NARROWEST = 14  # columns that a text is folded to at most


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. An `id` is shown whole, whatever the width: people copy it."""

    title: str
    kind: Literal["text", "number", "id"] = "text"


class Terminal:
    """The two streams of a command. With JSON on, standard output is for the program and all words go to the other."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @cached_property
    def people(self) -> Console:
        return self.complaints if self.as_json else _console(stderr=False)

    @cached_property
    def complaints(self) -> Console:
        return _console(stderr=True)

    @property
    def is_interactive(self) -> bool:
        """Whether somebody sits there who can be asked."""
        return not self.as_json and sys.stdin.isatty()

    # For people -------------------------------------------------------------------------------------------------------

    def say(self, text: object = "", style: str = "") -> None:
        self.people.print(styled(text, style), soft_wrap=True)

    def complain(self, text: object) -> None:
        self.complaints.print(styled(f"bankweave: {text}", "red"), soft_wrap=True)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
        """Print rows under headings; where that is too narrow to show every id whole, one below the other."""
        shown = [[cell_text(cell) for cell in row] for row in rows]
        table = _table(columns, shown)
        needed = self.people.measure(table, options=self.people.options.update_width(_UNLIMITED)).minimum
        if needed <= self.people.width:
            self.people.print(table)
            return
        for row in shown:
            self._print_upright(columns, row)

    def _print_upright(self, columns: Sequence[Column], row: Sequence[Text]) -> None:
        from rich.text import Text

        widest = max(len(column.title) for column in columns)
        for column, cell in zip(columns, row, strict=True):
            if cell:
                title = (column.title.ljust(widest + 2), "bold")
                self.people.print(Text.assemble(title, cell), soft_wrap=True)
        self.people.print()

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Show that something is awaited. On what is no terminal: one line."""
        if not self.people.is_terminal:
            self.say(text)
            yield
            return
        with self.people.status(styled(text)):
            yield

    def ask(self, label: str, *, secret: bool) -> str:
        answer: str = typer.prompt(safe(label), hide_input=secret, err=self.as_json)
        return answer

    # For programs -------------------------------------------------------------------------------------------------------

    def emit(self, value: object) -> None:
        """Write one JSON document to standard output."""
        self._write(value, indent=2 if sys.stdout.isatty() else None)
        sys.stdout.flush()

    def emit_lines(self, values: Iterable[object]) -> None:
        """Write JSON Lines to standard output, one by one as they come."""
        for value in values:
            self._write(value, indent=None)
        sys.stdout.flush()  # here, where a reader that has gone away can still be dealt with

    def _write(self, value: object, indent: int | None) -> None:
        from pydantic_core import to_json

        line = safe_json(to_json(value, indent=indent).decode()) + "\n"
        sys.stdout.buffer.write(line.encode())  # JSON is UTF-8, whatever the terminal speaks


def _table(columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for position, column in enumerate(columns):
        widest = max((row[position].cell_len for row in rows), default=0)
        table.add_column(
            column.title,
            justify="right" if column.kind == "number" else "left",
            no_wrap=column.kind != "text",
            min_width=min(widest, _NARROWEST) if column.kind == "text" else widest,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*row)
    return table


def styled(text: object, style: str = "") -> Text:
    """A text without markup and without control characters; a line end is one of those."""
    from rich.text import Text

    return Text(safe(text), style=style)


def cell_text(cell: object) -> Text:
    if cell is None:
        return styled("")
    name = _STYLES.get(str(cell), "")
    return styled(cell, name)


_STYLES = {
    "ok": "green",
    "synced": "green",
    "connected": "green",
    "valid": "green",
    "pending": "yellow",
    "partial": "yellow",
    "waiting": "yellow",
    "asking": "yellow",
    "note": "yellow",
    "needs_user": "yellow",
    "failed": "red",
    "expired": "red",
    "problem": "red",
}


def _console(*, stderr: bool) -> Console:
    """A console on today's streams; Rich itself obeys NO_COLOR and leaves colour out of files and pipes."""
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _UNLIMITED
    return console
