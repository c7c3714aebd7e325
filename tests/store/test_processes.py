"""Several processes on one file, and a process that is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bankweave.store.base import Scope
from bankweave.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from tests.store.conftest import Given

pytestmark = pytest.mark.anyio

PAGE = 20

# Connects under its own name, then commits pages and prints the number of each; waits for a line before it begins.
WRITER = f"""
import asyncio, sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
import alembic.command, alembic.config, sqlalchemy.dialects.sqlite
from bankweave.flow import FlowRecord, FlowStatus, Purpose
from bankweave.model import ChangeKind, Connection, ObservedAccount, ObservedTransaction, TransactionStatus
from bankweave.store.base import StreamState, Write
from bankweave.store.sqlite import SqliteStore

path, name, pages = sys.argv[1], sys.argv[2], int(sys.argv[3])
now = datetime(2026, 3, 1, tzinfo=UTC)
row = ObservedTransaction(status=TransactionStatus.BOOKED, amount=Decimal("1.00"), currency="EUR", booking_date=now.date())

async def main():
    store = SqliteStore.open(path)
    flow = FlowRecord(id=name, adapter="kontist", owner=name, connection_id=name, purpose=Purpose.CONNECT,
                      status=FlowStatus.STARTED, created_at=now, updated_at=now)
    connection = Connection(id=name, owner=name, adapter="kontist", institution_id=None, institution_name=None,
                            consent=None, created_at=now)
    await store.add_flow(flow)
    assert await store.finish_flow(replace(flow, version=1, status=FlowStatus.CONNECTED), connection, b"grant")
    account_id = (await store.save_snapshot(connection, [ObservedAccount(provider_id="p", currency="EUR")], [], [], now))["p"]
    for page in range(pages):
        ids = [f"{{name}}-{{page}}-{{n}}" for n in range({PAGE})]
        writes = [Write(kind=ChangeKind.ADDED, reason="new", id=i, account_id=account_id, identity=i, row=row) for i in ids]
        await store.commit(name, "stream", StreamState(cursor=str(page)), writes)
        print(page, flush=True)

print("ready", flush=True)
sys.stdin.readline()
asyncio.run(main())
"""


@contextmanager
def writer(path: Path, name: str, pages: int) -> Iterator[subprocess.Popen[str]]:
    arguments = [sys.executable, "-c", WRITER, str(path), name, str(pages)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def begin(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert next_line(process) == "ready"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


async def count(store: SqliteStore, scope: Scope) -> int:
    return len([row async for row in store.transactions(scope)])


async def test_two_processes_make_and_fill_one_file_while_a_third_reads(tmp_path: Path) -> None:
    path = tmp_path / "bank.db"
    with writer(path, "anna", 40) as anna, writer(path, "ben", 40) as ben:
        begin(anna, ben)
        assert next_line(anna) == "0"
        store = SqliteStore.open(path)
        while anna.poll() is None or ben.poll() is None:
            assert await count(store, Scope(owner="anna")) % PAGE == 0
        assert (anna.wait(), ben.wait()) == (0, 0)
    assert [await count(store, Scope(owner=name)) for name in ("anna", "ben")] == [40 * PAGE, 40 * PAGE]
    cursors = [change.cursor async for change in store.changes(Scope())]
    assert cursors == sorted(set(cursors))
    assert len(cursors) == 80 * PAGE


@pytest.mark.parametrize("printed", [1, 7, 30])
async def test_a_killed_process_leaves_whole_pages_with_their_cursor(tmp_path: Path, printed: int) -> None:
    path = tmp_path / "bank.db"
    with writer(path, "anna", 100_000) as anna:
        begin(anna)
        for _ in range(printed):
            last = next_line(anna)
        anna.send_signal(signal.SIGKILL)
        anna.wait()
    store = SqliteStore.open(path)
    state = await store.stream_state("anna", "stream")
    assert state.cursor is not None
    assert int(state.cursor) >= int(last)
    assert await count(store, Scope()) == (int(state.cursor) + 1) * PAGE


async def test_one_of_two_processes_gets_the_lease_and_writes_the_flow(tmp_path: Path, new_given: type[Given]) -> None:
    now, until = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    stores = [SqliteStore.open(tmp_path / "bank.db") for _ in range(3)]
    taken = [await store.take_lease("grant/c-1", f"holder {n}", now, until) for n, store in enumerate(stores)]
    assert taken == [True, False, False]
    flow = new_given(stores[0]).flow()
    await stores[0].add_flow(flow)
    saved = [await store.save_flow(new_given(store).flow(version=1)) for store in stores]
    assert saved == [True, False, False]
