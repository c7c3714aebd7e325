"""How much memory do rows take? One row with its data, and the peak while a long import is read.

.venv/bin/python -m benchmarks.memory
"""

from __future__ import annotations

import gc
import resource
import tracemalloc
from collections.abc import AsyncIterator, Callable

from benchmarks.made import basiq_page, kontist_page, kontomatik_import
from benchmarks.pulls import basiq, kontist, kontomatik, run

from bankweave.adapter import Page
from bankweave.model import ObservedTransaction

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


def _peak_above_idle() -> float:
    """The peak of the whole process above what it was after a short import."""
    run(_count(kontomatik(kontomatik_import(1_000))))
    idle = _resident()
    assert run(_count(kontomatik(kontomatik_import(LONG_IMPORT)))) == LONG_IMPORT
    return (_resident() - idle) / MIB


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # KiB on Linux


def main() -> None:
    peak = _peak_above_idle()  # first, since a peak never goes down again
    rows = {
        "a Basiq row": _bytes_per_row(lambda number: basiq(basiq_page(number * 500, 500))),
        "an enriched Basiq row": _bytes_per_row(lambda number: basiq(basiq_page(number * 500, 500, enriched=True))),
        "a Kontist row": _bytes_per_row(lambda number: kontist(kontist_page(500, number * 500))),
        "a Kontomatik row": _bytes_per_row(lambda _: kontomatik(kontomatik_import(500))),
    }
    print(f"{'what':45} {'measured':>9}  at most")
    for name, measured in rows.items():
        print(f"{name + ' with its data':45} {measured:7.0f} B  450 B")
    print(f"{f'peak above idle, Kontomatik, {LONG_IMPORT} rows':45} {peak:5.1f} MiB  64 MiB")


if __name__ == "__main__":
    main()
