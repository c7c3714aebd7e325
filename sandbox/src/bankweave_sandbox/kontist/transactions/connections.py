"""Pages of a list that is sorted newest first (providers/kontist.md section 6.3).

A cursor names the row's place in the order, not its number: rows that arrive or vanish later shift nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from bankweave_sandbox.kontist.problems import Problem

PAGE_LIMIT = 50


class Sorted(Protocol):
    """A row with its place in the order."""

    @property
    def sort_key(self) -> tuple[str, ...]: ...


_R = TypeVar("_R", bound=Sorted)


def connect(
    rows: Sequence[_R],
    render: Callable[[_R], dict[str, Any]],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    refuses_more: bool = False,
) -> dict[str, Any]:
    """Cut one page: strictly between the cursors, then the first of it, then the last of that."""
    start, end = _between(rows, after, before)
    start, end = _clamp(start, end, _size(first, refuses_more), _size(last, refuses_more))
    page = rows[start:end]
    cursors = [_cursor(row) for row in page]
    return {
        "edges": [{"cursor": cursor, "node": render(row)} for cursor, row in zip(cursors, page, strict=True)],
        "pageInfo": {
            # Told truthfully in both directions, whichever way is paged (undocumented).
            "hasNextPage": end < len(rows),
            "hasPreviousPage": start > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def _between(rows: Sequence[Sorted], after: str | None, before: str | None) -> tuple[int, int]:
    start, end = 0, len(rows)
    if after:
        place = _place(after)
        start = sum(1 for row in rows if row.sort_key >= place)
    if before:
        place = _place(before)
        end = sum(1 for row in rows if row.sort_key > place)
    return start, max(start, end)


def _clamp(start: int, end: int, first: int | None, last: int | None) -> tuple[int, int]:
    if first is None and last is None:
        first = PAGE_LIMIT
    if first is not None:
        end = min(end, start + first)
    if last is not None:
        start = max(start, end - last)
    return start, end


def _size(asked: int | None, refuses_more: bool) -> int | None:  # noqa: FBT001 - the switch, handed on
    """Cap at 50. Whether more is refused is undocumented (section 13.8)."""
    if asked is not None and asked < 0:
        raise Problem(400, "first and last must not be negative")
    if asked is not None and asked > PAGE_LIMIT and refuses_more:
        raise Problem(400, f"first and last must not be above {PAGE_LIMIT}")
    return None if asked is None else min(asked, PAGE_LIMIT)


def _cursor(row: Sorted) -> str:
    return base64.urlsafe_b64encode(json.dumps(row.sort_key).encode()).decode()


def _place(cursor: str) -> tuple[str, ...]:
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError):
        place = None
    if not isinstance(place, list) or not all(isinstance(part, str) for part in place):
        raise Problem(400, "Invalid cursor")
    return tuple(place)
