"""Where each cassette comes from: the table in cassettes/README.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Self

from .recordings import CASSETTES, Recording

README = CASSETTES / "README.md"
COMMAND = "`make cassettes`"
_TITLE = "| cassette | recorded | with | source | replaced in it | holds |"
_TABLE = re.compile(rf"{re.escape(_TITLE)}\n(?:\|.*\n)+")
_FAKES = re.compile(r"\bfake-([a-z]+(?:-[a-z]+)*)\b|\b(?P<ids>00000000-0000-4000-8000-)\d{12}\b")


@dataclass(frozen=True)
class Entry:
    """One row."""

    name: str
    recorded: str
    command: str
    source: str
    replaced: str
    about: str

    @classmethod
    def of(cls, recording: Recording, recorded: str, source: str) -> Self:
        replaced = ", ".join(("origin", *replaced_in(recording.path.read_text())))
        return cls(recording.name, recorded, COMMAND, source, replaced, recording.about)


def replaced_in(text: str) -> list[str]:
    """The kinds of fakes in a cassette."""
    return sorted({"ids" if match["ids"] else match[1].replace("-", " ") for match in _FAKES.finditer(text)})


def read_entries() -> dict[str, Entry]:
    table = _TABLE.search(README.read_text())
    rows = table[0].splitlines()[2:] if table else []
    entries = (Entry(*(cell.strip() for cell in row.strip("|").split("|"))) for row in rows)
    return {_plain(entry.name): Entry(_plain(entry.name), *astuple(entry)[1:]) for entry in entries}


def write_entries(entries: Mapping[str, Entry]) -> None:
    """Write the table anew; all the rest of the page is written by hand."""
    rows = [_row(entries[name]) for name in sorted(entries)]
    table = "\n".join((_TITLE, re.sub(r"[^|]+", "---", _TITLE), *rows, ""))
    README.write_text(_TABLE.sub(lambda _: table, README.read_text()))


def _row(entry: Entry) -> str:
    link = f"[{entry.name}]({entry.name}.yaml)"
    return f"| {' | '.join((link, *astuple(entry)[1:]))} |"


def _plain(link: str) -> str:
    return link.removeprefix("[").partition("]")[0]
