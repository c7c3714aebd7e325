"""What the command prints for people: where the servers are, who can sign in, and what can be tried."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def summary(described: Mapping[str, Mapping[str, Any]]) -> str:
    """Lay out what `Sandbox.describe` tells as plain text."""
    lines = ["bankweave-sandbox: fictional banks, on this machine only. Ctrl-C stops it.", ""]
    for name, origin in described.items():
        lines += [f"{name:<12}{origin['url']}"]
    for name, origin in described.items():
        sections = [_section(title, origin[title]) for title in origin if title != "url"]
        lines += ["", name.upper(), *(line for section in sections for line in section)] if sections else []
    lines += ["", f"Try: curl {described['control']['url']}/"]
    return "\n".join(lines)


def _section(title: str, content: Any) -> list[str]:
    if isinstance(content, Mapping):
        rows = [(str(key), _worded(value)) for key, value in content.items()]
        return [f"  {title}", *_columns(rows)]
    if isinstance(content, Sequence) and not isinstance(content, str) and all(isinstance(i, Mapping) for i in content):
        return [f"  {title}", *_table(content)]
    return [f"  {title}: {_worded(content)}"]


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line per row under a line of headings; columns in the order in which they first appear."""
    headings = list(dict.fromkeys(key for row in rows for key in row))
    return _columns([headings, *([_worded(row.get(key)) for key in headings] for row in rows)])


def _columns(rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [list(row) for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))] if cells else []
    return [
        ("    " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
        for row in cells
    ]


def _worded(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
