"""Print every change as it happens, and go on where the last run stopped.

    python examples/watch.py cursor.txt              # until Ctrl-C
    python examples/watch.py cursor.txt --limit 10

Only for connections whose provider tells by itself (docs/how-to/watch.md); name them with --adapter if there are others.
Everything is stored on the way, as by a sync.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path

from bankweave import AsyncBankweave, BankweaveError, Change


def show(change: Change) -> None:
    tx = change.transaction
    print(f"{change.cursor} {change.kind} ({change.reason}) {tx.date} {tx.amount} {tx.currency} {tx.counterparty}")


def load_cursor(file: Path) -> int | None:
    """Where the last run stopped; None at the very first: from now on."""
    return int(file.read_text()) if file.exists() else None


def save_cursor(file: Path, cursor: int) -> None:
    file.write_text(str(cursor))


async def watch(cursor_file: Path, receive: Callable[[Change], None], *, adapter: str | None, limit: int) -> None:
    """Hand on changes; the cursor is saved after each, so that a crash repeats one and loses none."""
    since, left = load_cursor(cursor_file), limit
    async with AsyncBankweave() as bank, aclosing(bank.watch(adapter=adapter, since=since)) as changes:
        async for change in changes:
            receive(change)
            save_cursor(cursor_file, change.cursor)
            left -= 1
            if left == 0:
                return


def main(arguments: Sequence[str] | None = None, receive: Callable[[Change], None] = show) -> None:
    parser = argparse.ArgumentParser(description="Print every change as it happens.")
    parser.add_argument("cursor_file", type=Path)
    parser.add_argument("--adapter")
    parser.add_argument("--limit", type=int, default=0, help="end after so many; 0: never")
    chosen = parser.parse_args(arguments)
    try:
        asyncio.run(watch(chosen.cursor_file, receive, adapter=chosen.adapter, limit=chosen.limit))
    except BankweaveError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()
