"""Every cassette says where it comes from, and holds nothing secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bankweave_sandbox.basiq.tokens import API_KEY
from bankweave_sandbox.clock import Clock
from bankweave_sandbox.history import make_world
from bankweave_sandbox.kontist.oauth.clients import CLIENTS
from bankweave_sandbox.kontomatik.switches import Switches

from .provenance import COMMAND, Entry, read_entries, replaced_in
from .recordings import CASSETTES, RECORDINGS
from .scrubbing import alarming

FILES = sorted(path for path in CASSETTES.rglob("*") if path.is_file() and path.name != "README.md")
NAMES = [str(path.relative_to(CASSETTES).with_suffix("")) for path in FILES]

each_file = pytest.mark.parametrize("path", FILES, ids=NAMES)


@pytest.fixture
def entry(path: Path) -> Entry:
    return read_entries()[str(path.relative_to(CASSETTES).with_suffix(""))]


def test_there_are_cassettes_and_all_are_yaml() -> None:
    assert FILES
    assert {path.suffix for path in FILES} == {".yaml"}


def test_the_readme_lists_all_cassettes_and_no_others() -> None:
    assert sorted(read_entries()) == sorted(NAMES)


def test_every_recording_that_is_described_exists_and_is_replayed() -> None:
    assert sorted(recording.name for recording in RECORDINGS) == sorted(NAMES)


@each_file
def test_the_readme_tells_when_and_how_it_was_recorded(entry: Entry) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", entry.recorded)
    assert re.fullmatch(r"sandbox \d+\.\d+\S*; never live|live, .+", entry.source)
    assert entry.command == COMMAND or entry.source.startswith("live")
    assert entry.about


@each_file
def test_the_readme_tells_what_was_replaced_in_it(path: Path, entry: Entry) -> None:
    assert entry.replaced.split(", ") == ["origin", *replaced_in(path.read_text())]


@each_file
def test_a_cassette_holds_nothing_that_looks_like_a_secret(path: Path) -> None:
    assert alarming(path.read_text()) == []


@each_file
def test_a_cassette_holds_nothing_that_people_or_programs_sign_in_with(path: Path, secrets: set[str]) -> None:
    text = path.read_text()
    assert len(secrets) > 10
    assert [secret for secret in sorted(secrets) if secret in text] == []


@each_file
def test_a_cassette_is_small(path: Path) -> None:
    assert path.stat().st_size < 120_000


@pytest.fixture(scope="module")
def secrets() -> set[str]:
    """What opens the sandbox's doors. Codes and answers are left out: they are words that stand elsewhere, too."""
    people = {person.password for person in make_world(Clock()).people}
    clients = {client.id for client in CLIENTS.values()} | {client.secret or "" for client in CLIENTS.values()}
    a_word_of_basiqs = "password"  # is also somebody's
    return (people | clients | {API_KEY, Switches().api_keys}) - {"", a_word_of_basiqs}
