"""What the command prints for people: where the servers are, who can sign in, and what can be tried."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_SHOWN = ("credentials", "people", "settings", "scenarios")  # switches are many: the control origin lists them
_PLACES = ("institution", "bank")


def summary(described: Mapping[str, Mapping[str, Any]]) -> str:
    """Lay out what `Sandbox.describe` tells as plain text."""
    control = described["control"]["url"]
    lines = ["bankweave-sandbox: fictional banks, on this machine only. Ctrl-C stops it.", ""]
    lines += [f"{name:<12}{origin['url']}" for name, origin in described.items()]
    for name, origin in described.items():
        titles = [title for title in _SHOWN if title in origin]
        lines += ["", name.upper()] if titles else []
        lines += [line for title in titles for line in _section(title, origin[title])]
        lines += [f"  switches: curl {control}/{name}/switches"] if titles else []
    return "\n".join([*lines, "", f"What else there is: curl {control}/"])


def _section(title: str, content: Any) -> list[str]:
    if _is_table(content):
        return [f"  {title}", *_table(content)]
    if not isinstance(content, Mapping):
        return [f"  {title}: {_worded(content)}"]
    tables = [line for key, value in content.items() if _is_table(value) for line in _section(key, value)]
    plain = [(str(key), _worded(value)) for key, value in content.items() if not _is_table(value)]
    return [f"  {title}", *_columns(plain), *tables]


def _is_table(content: Any) -> bool:
    return isinstance(content, list) and bool(content) and all(isinstance(row, Mapping) for row in content)


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line per row under a line of headings; who is alike at several banks gets one line."""
    headings = list(dict.fromkeys(key for row in rows for key in row))
    merged: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        merged.setdefault(tuple(_worded(row.get(key)) for key in headings if key not in _PLACES), []).append(row)
    lines = [[_joined(key, alike) for key in headings] for alike in merged.values()]
    return _columns([headings, *lines])


def _joined(key: str, alike: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(_worded(row.get(key)) for row in alike))


def _columns(rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [list(row) for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))] if cells else []
    return [
        ("    " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
        for row in cells
    ]


def _worded(value: Any) -> str:
    if value is None or value in ({}, [], ""):
        return "-"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
        return "; ".join(" ".join(map(_worded, item.values())) for item in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
