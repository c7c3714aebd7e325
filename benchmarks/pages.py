"""How fast do an answer's bytes become neutral rows? Each adapter's own `pull`, against a bare parse of the same bytes.

1.00 is the speed of `orjson.loads` (Basiq, Kontist) or `lxml.etree.fromstring` (Kontomatik), which check no shape and read no
value. "unchanged" is an answer of which nothing has to be written, "new" one whose raw records are made as well.

    .venv/bin/python -m benchmarks.pages
"""

from __future__ import annotations

import gc
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import orjson
from benchmarks.made import basiq_page, kontist_page, kontomatik_import
from benchmarks.pulls import basiq, cut, kontist, kontomatik, run
from lxml import etree

from bankweave.adapter import Page

ROUNDS = 15
KONTOMATIK_ROWS = 5_000


@dataclass(frozen=True)
class Case:
    name: str
    body: bytes
    rows: int
    bare: Callable[[bytes], object]
    pull: Callable[[bytes], AsyncIterator[Page]]
    target: float


def _in_pieces(body: bytes) -> AsyncIterator[Page]:
    return kontomatik(cut(body))


async def _drain(case: Case, *, raw: bool) -> int:
    count = 0
    async for page in case.pull(case.body):
        count += len(page.rows)
        if raw:
            _ = page.raw[-1:]
    return count


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _measure(case: Case) -> tuple[float, float, float]:
    """The best times of a bare parse, of a pull, and of a pull with raw records, measured in turn."""
    assert run(_drain(case, raw=True)) == case.rows
    times = [
        (
            _seconds(lambda: case.bare(case.body)),
            _seconds(lambda: run(_drain(case, raw=False))),
            _seconds(lambda: run(_drain(case, raw=True))),
        )
        for _ in range(ROUNDS)
    ]
    bare, pulled, with_raw = (min(column) for column in zip(*times, strict=True))
    return bare, pulled, with_raw


def main() -> None:
    xml = b"".join(kontomatik_import(KONTOMATIK_ROWS))
    cases = [
        Case("Basiq, 500 rows", basiq_page(0, 500), 500, orjson.loads, basiq, 0.75),
        Case("Basiq, 500 enriched rows", basiq_page(0, 500, enriched=True), 500, orjson.loads, basiq, 0.75),
        Case("Kontist, 50 rows", kontist_page(50), 50, orjson.loads, kontist, 0.50),
        Case(f"Kontomatik, {KONTOMATIK_ROWS} rows", xml, KONTOMATIK_ROWS, etree.fromstring, _in_pieces, 0.27),
    ]
    print(f"{'answer':26} {'KB':>6}  {'bare':>9}  unchanged (us/row)   new (us/row)  target")
    for case in cases:
        bare, pulled, with_raw = _measure(case)
        per_row = 1e6 / case.rows
        print(
            f"{case.name:26} {len(case.body) / 1000:6.0f}  {bare * 1000:6.2f} ms"
            f"      {bare / pulled:5.2f} ({pulled * per_row:5.2f})   {bare / with_raw:5.2f} ({with_raw * per_row:5.2f})"
            f"    {case.target:.2f}"
        )


if __name__ == "__main__":
    main()
