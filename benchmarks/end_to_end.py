"""Many connections into SQLite: bankweave against the loop that one usually writes by hand, from the same local server.

The server, in a process of its own, answers every connection with the same prepared pages as Basiq would, after 50 ms. The
loop by hand pulls side by side through one `httpx.AsyncClient`, reads with `json`, and writes rows and raw records with
`executemany`, a commit per page. bankweave does what it always does: it checks every value, reconciles, keeps the stream of
changes, and can go on after a crash.

    .venv/bin/python -m benchmarks.end_to_end
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ClassVar

import httpx
from benchmarks.made import basiq_page

from bankweave import AsyncBankweave
from bankweave.adapter import AdapterInfo, Context, Limits, Snapshot, Stream
from bankweave.config import Config
from bankweave.engine.report import SyncReport
from bankweave.flow import Connected, Intent, Step
from bankweave.model import ObservedAccount
from bankweave_basiq import Basiq, BasiqGrant

CONNECTIONS = 200
PAGES = 2
ROWS = 500
LATENCY = 0.05
PATH = "/users/user-1/transactions"


# The server -----------------------------------------------------------------------------------------------------------


def _answers() -> dict[bytes, bytes]:
    """What is answered to a request, by what its first line contains."""
    pages = {
        f"next={number} ".encode(): basiq_page(
            number * ROWS, ROWS, after=f"{PATH}?next={number + 1}" if number + 1 < PAGES else ""
        )
        for number in range(PAGES)
    }
    first = pages.pop(b"next=0 ")
    return {b"POST": b'{"access_token":"t","expires_in":3600}', b"pending": b'{"data":[]}', **pages, b"GET": first}


def _http(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _serve(ready: Connection) -> None:
    answers = {word: _http(body) for word, body in _answers().items()}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
                )
                await reader.readexactly(length)
                await asyncio.sleep(LATENCY)
                line, _, _ = head.partition(b"\r\n")
                writer.write(next(body for word, body in answers.items() if word in line))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1024)
    ready.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _server(ready: Connection) -> None:
    asyncio.run(_serve(ready))


@contextmanager
def serving() -> Iterator[str]:
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_server, args=(there,), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        server.terminate()
        server.join()


# The usual loop -------------------------------------------------------------------------------------------------------

TABLE = """
create table transactions (
    connection text, id text, account text, status text, booking_date text, amount text, currency text, description text,
    counterparty text, category text, balance text, raw text, primary key (connection, id)
)
"""
INSERT = "insert or replace into transactions values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


async def pull_by_hand(url: str, path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = normal")
        db.execute(TABLE)
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            await asyncio.gather(*(_pull_one(client, db, f"connection-{n}") for n in range(CONNECTIONS)))
    db.close()


async def _pull_one(client: httpx.AsyncClient, db: sqlite3.Connection, name: str) -> None:
    following: str | None = f"{PATH}?limit=500"
    while following:
        response = await client.get(following, headers={"Authorization": "Bearer t"})
        response.raise_for_status()
        page = response.json()
        db.executemany(INSERT, [_values(name, row) for row in page["data"]])
        db.commit()
        following = page["links"].get("next")


def _values(name: str, row: dict[str, object]) -> tuple[object, ...]:
    enrich, sub_class = row["enrich"], row["subClass"]
    merchant = (enrich.get("merchant") or {}).get("businessName") if isinstance(enrich, dict) else None
    category = sub_class["title"] if isinstance(sub_class, dict) else row["class"]
    plain = (row["id"], row["account"], row["status"], str(row["postDate"])[:10], row["amount"], row["currency"])
    return (name, *plain, row["description"], merchant, category, row["balance"], json.dumps(row))


# bankweave ------------------------------------------------------------------------------------------------------------


class SignedIn(Basiq):
    """Basiq's adapter, for persons who have signed in and banks that have refreshed."""

    info: ClassVar[AdapterInfo] = replace(
        Basiq.info, name="signed-in", refreshes=False, limits=Limits(concurrency=CONNECTIONS)
    )

    async def begin(self, ctx: Context, intent: Intent) -> Step:  # noqa: ARG002
        return Connected(grant=BasiqGrant(user_id="user-1", connections=("con-1",)))

    async def open(self, ctx: Context, grant: BasiqGrant) -> Snapshot:  # noqa: ARG002
        account = ObservedAccount(provider_id="acc-1", currency="AUD")
        return Snapshot(accounts=(account,), streams=(Stream(id="acc-1", accounts=("acc-1",)),))


@dataclass(frozen=True)
class Cost:
    wall: float
    cpu: float
    report: SyncReport | None = None


async def pull_by_bankweave(url: str, path: Path) -> tuple[Cost, Cost]:
    """The first sync and a second one that reads all of the same again."""
    config = Config(store=path, adapters={"signed-in": {"api_key": "key", "base_url": url}})
    async with AsyncBankweave(config=config, adapters=[SignedIn]) as bank:
        for number in range(CONNECTIONS):
            await bank.connect("signed-in", owner=f"owner-{number}")
        return await _sync(bank), await _sync(bank)


async def _sync(bank: AsyncBankweave) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    report = await bank.sync(full=True)
    report.raise_for_failures()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu, report)


def _by_hand(url: str, path: Path) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    asyncio.run(pull_by_hand(url, path))
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def _written(cost: Cost) -> int:
    assert cost.report is not None
    counts = cost.report.counts
    return counts.added + counts.modified + counts.removed


def main() -> None:
    total = CONNECTIONS * PAGES * ROWS
    with serving() as url, tempfile.TemporaryDirectory() as folder:
        hand = _by_hand(url, Path(folder) / "hand.db")
        first, second = asyncio.run(pull_by_bankweave(url, Path(folder) / "bank.db"))
    assert _written(first) == total
    print(f"{CONNECTIONS} connections, {total} rows      wall       CPU   rows/s")
    for name, cost in (("by hand", hand), ("bankweave, first", first), ("bankweave, second", second)):
        print(f"{name:26} {cost.wall:6.2f} s  {cost.cpu:6.2f} s  {total / cost.wall:7.0f}")
    print(f"wall by hand / first sync        {hand.wall / first.wall:5.2f}   target 2.0")
    print(f"rows written by the second sync  {_written(second):5}   target 0")
    print(f"CPU by hand / first sync         {hand.cpu / first.cpu:5.2f}")
    print(f"CPU of second / first sync       {second.cpu / first.cpu:5.2f}   target <= 0.5")


if __name__ == "__main__":
    main()
