"""How much memory do rows take? One row with its data, and the peak while a long import is read and stored.

.venv/bin/python -m benchmarks.memory
"""

from __future__ import annotations

import asyncio
import gc
import resource
import tempfile
import tracemalloc
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import ClassVar

import httpx
from benchmarks.made import KONTOMATIK_COMMAND, OWNER, basiq_page, kontist_page, kontomatik_import
from benchmarks.pulls import basiq, kontist, kontomatik, run

from bankweave import AsyncBankweave
from bankweave.adapter import AdapterInfo, Context, Page
from bankweave.config import Config
from bankweave.flow import Connected, Intent, Step
from bankweave.model import ObservedTransaction
from bankweave_kontomatik import Kontomatik
from bankweave_kontomatik.grant import Access, Grant

PAGES = 20
LONG_IMPORT = 100_000
MIB = 1024 * 1024


async def _rows(pages: AsyncIterator[Page]) -> list[ObservedTransaction]:
    return [row async for page in pages for row in page.rows]


async def _count(pages: AsyncIterator[Page]) -> int:
    return sum([len(page.rows) async for page in pages])


def _bytes_per_row(pull: Callable[[int], AsyncIterator[Page]]) -> float:
    """What rows hold on to, the list of them included, when their answers are gone."""
    run(_rows(pull(0)))
    gc.collect()
    tracemalloc.start()
    rows = [row for number in range(PAGES) for row in run(_rows(pull(number)))]
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / len(rows)


def _peak_of_reading() -> float:
    """The peak of the whole process above what it was after a short import, in MiB."""
    run(_count(kontomatik(kontomatik_import(1_000))))
    idle = _resident()
    assert run(_count(kontomatik(kontomatik_import(LONG_IMPORT)))) == LONG_IMPORT
    return (_peak() - idle) / MIB


# Through the gate, the adapter and the engine into the store ----------------------------------------------------------


class Imported(Kontomatik):
    """Kontomatik's adapter, for persons whose import is done."""

    info: ClassVar[AdapterInfo] = replace(Kontomatik.info, name="imported", refreshes=False)

    async def begin(self, ctx: Context, intent: Intent) -> Step:  # noqa: ARG002
        access = Access(multiple_access_id=None, target=None, official_name=None, country=None, signed_in_at=ctx.now())
        grant = Grant(command_id=KONTOMATIK_COMMAND, imported_at=ctx.now(), since=date(2020, 1, 1), access=access)
        return Connected(grant=grant)


class Document(httpx.AsyncByteStream):
    def __init__(self, count: int) -> None:
        self._count = count

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in kontomatik_import(self._count):
            yield piece


class Answering(httpx.AsyncBaseTransport):
    """Answers every request with a document of so many rows, in pieces."""

    count = 1_000

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002 - there is one
        return httpx.Response(200, stream=Document(self.count))


async def _peak_of_syncing(folder: Path) -> tuple[float, float]:
    """The peaks above idle of a sync of a long import, and of syncing it all again, in MiB."""
    server = Answering()
    config = Config(store=folder / "bank.db", adapters={"imported": {"api_key": "key"}})
    async with AsyncBankweave(config=config, adapters=[Imported], transport=server) as bank:
        await bank.connect("imported", owner=OWNER)
        await _sync(bank, server.count)
        idle = _resident()
        server.count = LONG_IMPORT
        await _sync(bank, LONG_IMPORT - 1_000)  # those of the short import are known
        first = _peak()
        await _sync(bank, 0)
    return (first - idle) / MIB, (_peak() - idle) / MIB


async def _sync(bank: AsyncBankweave, added: int) -> None:
    report = await bank.sync(full=True)
    report.raise_for_failures()
    assert report.counts.added == added, report.counts


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # KiB on Linux


def main() -> None:
    reading = _peak_of_reading()  # first, and the smaller one before the greater: a peak never goes down again
    with tempfile.TemporaryDirectory() as folder:
        storing, again = asyncio.run(_peak_of_syncing(Path(folder)))
    rows = {
        "a Basiq row": _bytes_per_row(lambda number: basiq(basiq_page(number * 500, 500))),
        "an enriched Basiq row": _bytes_per_row(lambda number: basiq(basiq_page(number * 500, 500, enriched=True))),
        "a Kontist row": _bytes_per_row(lambda number: kontist(kontist_page(500, number * 500))),
        "a Kontomatik row": _bytes_per_row(lambda _: kontomatik(kontomatik_import(500))),
    }
    print(f"{'what':45} {'measured':>9}  at most")
    for name, measured in rows.items():
        print(f"{name + ' with its data':45} {measured:7.0f} B  450 B")
    peaks = {"read": reading, "read and stored": storing, "and all of it read again": again}
    for name, peak in peaks.items():
        print(f"{f'peak above idle, Kontomatik, {LONG_IMPORT} rows {name}':62} {peak:5.1f} MiB  64 MiB")


if __name__ == "__main__":
    main()
