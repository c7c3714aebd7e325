"""Hand every change of the store to another system exactly in order, and go on where the last run stopped.

    python examples/follow_changes.py cursor.txt

The cursor is written after the change was handed on. A crash between the two hands one change on twice, never none: let the
receiver use `change.cursor` to leave it out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from bankweave import Bankweave, Change, ChangeKind


def hand_on(change: Change) -> None:
    """Here: print. In a program: write to a queue, a ledger, a search index."""
    tx = change.transaction
    if change.kind is ChangeKind.REMOVED:
        print(f"{change.cursor} - {tx.id} is gone")
    else:
        print(
            f"{change.cursor} {change.kind} ({change.reason}) {tx.id} {tx.date} {tx.status} {tx.amount} {tx.currency}"
        )


def follow(bank: Bankweave, cursor_file: Path, receive: Callable[[Change], None]) -> int:
    """Hand on what is new; returns how many changes that were."""
    cursor = int(cursor_file.read_text()) if cursor_file.exists() else 0
    count = 0
    for change in bank.changes(since=cursor):
        receive(change)
        cursor_file.write_text(str(change.cursor))
        count += 1
    return count


def main() -> None:
    with Bankweave() as bank:
        count = follow(bank, Path(sys.argv[1]), hand_on)
    print(f"{count} changes", file=sys.stderr)


if __name__ == "__main__":
    main()
