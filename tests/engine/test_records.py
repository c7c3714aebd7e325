"""The provider's own records are made only for pages that have something to write."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from weakref import ref

import pytest
from ledger import ACCOUNT, Ledger, booked, pending

from bankweave.adapter import Records
from bankweave.engine.identity import Seen, observe
from bankweave.engine.reconcile import Reading
from bankweave.store.base import Write


class Making:
    """Records that count how often they are made."""

    def __init__(self, *records: bytes) -> None:
        self.times = 0
        self._records = records

    def __iter__(self) -> Iterator[bytes]:
        self.times += 1
        return iter(self._records)

    @property
    def records(self) -> Records:
        return Records(len(self._records), lambda: self)


def test_records_are_made_once_for_all_that_ask() -> None:
    making = Making(b"1", b"2", b"3")
    records = making.records

    assert (len(records), making.times) == (3, 0)
    assert (records[2], records[0], records[1:], list(records)) == (b"3", b"1", (b"2", b"3"), [b"1", b"2", b"3"])
    assert making.times == 1


def test_looking_at_a_page_makes_no_records_and_writing_a_row_does() -> None:
    making = Making(b"one", b"two")
    ledger = Ledger()
    rows = [booked(provider_id="a"), booked(provider_id="b")]
    ledger.read(rows)

    assert read(ledger, observe(rows, making.records)) == []
    assert making.times == 0
    changed = [rows[0], booked(provider_id="b", category="other")]
    assert [write.raw for write in read(ledger, observe(changed, making.records))] == [b"two"]


def test_a_row_that_is_held_back_keeps_its_record_and_not_its_page() -> None:
    ledger = Ledger()
    ledger.read([pending()])
    records = Making(b"posted").records
    reading = Reading(ACCOUNT, ledger.expected())

    assert reading.page(observe([booked(provider_id="posted-1")], records), []) == []
    page = ref(records)
    del records
    gc.collect()
    assert page() is None
    assert [write.raw for write in reading.finish()] == [b"posted"]


def test_a_page_has_records_for_all_rows_or_for_none() -> None:
    assert observe([booked()])[0].raw is None
    with pytest.raises(ValueError, match="a record for each"):
        observe([booked(), booked("1")], (b"one",))


def read(ledger: Ledger, page: Sequence[Seen]) -> list[Write]:
    return Reading(ACCOUNT, ledger.expected()).page(page, ledger.expected())
