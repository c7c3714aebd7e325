"""The recorder writes the same twice, and nothing that is not as it should be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from . import provenance
from .provenance import Entry, read_entries, write_entries
from .record import RecordingFailedError, record
from .recordings import CASSETTES, KONTIST_PUSH
from .scrubbing import alarming


def test_recording_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    record(KONTIST_PUSH, first)
    record(KONTIST_PUSH, second)

    assert first.read_bytes() == second.read_bytes()
    assert alarming(first.read_text()) == []
    assert first.read_text().count("- request:") == 8


def test_a_recording_that_could_not_be_replayed_is_refused(tmp_path: Path) -> None:
    comes_back_otherwise = replace(KONTIST_PUSH, callback="code=another")
    with pytest.raises(RecordingFailedError, match="fake-code-1"):
        record(comes_back_otherwise, tmp_path / "other.yaml")


def test_the_table_is_kept_and_the_page_around_it_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "README.md"
    page.write_text(provenance.README.read_text())
    monkeypatch.setattr(provenance, "README", page)
    entries = read_entries()
    added = Entry(
        "kontist/other", "2027-01-02", "by hand", "live, an account of my own", "origin, ids", "a card payment"
    )

    write_entries({**entries, added.name: added})
    assert read_entries() == {**entries, added.name: added}
    write_entries(entries)
    assert page.read_text() == (CASSETTES / "README.md").read_text()
