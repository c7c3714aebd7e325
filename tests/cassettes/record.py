"""Record the cassettes from the sandbox: `make cassettes`. Recording the same again gives the same files.

Names of recordings on the command line, such as `basiq/code`, leave the others as they are.

Nothing is written when something that looks like a secret is left, or when what was stored is not what is true at the bank.
The table in cassettes/README.md is kept by this program; the date of a row is that of the last recording that differed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
from rigs import basiq_rig, kontist_rig, kontomatik_rig
from sandboxed import Control, Customer

from bankweave import Challenge, Flow
from bankweave.client import Answers
from bankweave.engine.report import Counts
from bankweave.testing import Person, Rig
from bankweave.testing.driver import Driver
from bankweave.testing.wire import Wire
from bankweave_sandbox import Sandbox
from bankweave_sandbox.clock import Clock
from bankweave_sandbox.dialect import Dialect
from bankweave_sandbox.dialects import served_dialects
from bankweave_sandbox.stage import DialectMaker
from bankweave_sandbox.world import World

from .provenance import Entry, read_entries, write_entries
from .recordings import (
    BASIQ,
    BASIQ_CLIENT,
    BASIQ_WEBHOOKS,
    CALLBACK,
    KONTIST,
    KONTIST_CLIENT,
    KONTIST_PUSH,
    KONTOMATIK,
    RECORDINGS,
    START,
    Course,
    Recording,
)
from .scrubbing import SMS_CODE, Scrubber, alarming
from .tape import no_trust, recording

SANDBOX_CODE = "212212"  # of every SMS of the sandbox's Kontist


class RecordingFailedError(Exception):
    """Nothing was written."""


# The sandbox, with time standing still --------------------------------------------------------------------------------


class StandingClock(Clock):
    """Moves only when it is moved: answers hold instants, and two recordings shall hold the same."""

    def __init__(self, instant: datetime) -> None:
        super().__init__(instant)
        self._instant = instant

    def now(self) -> datetime:
        return self._instant

    def advance(self, by: timedelta) -> datetime:
        self._instant += by
        return self._instant


def _in_still_time(make: DialectMaker) -> DialectMaker:
    def made(world: World) -> Dialect:
        if not isinstance(world.clock, StandingClock):
            world.clock = StandingClock(START)
        return make(world)

    return made


@contextmanager
def _sandbox() -> Iterator[Control]:
    dialects = [_in_still_time(make) for make in served_dialects()]
    with Sandbox(start=START, redirect_url=CALLBACK, dialects=dialects) as sandbox:
        control = Control(sandbox)
        with control.client:
            yield control


# Small worlds ---------------------------------------------------------------------------------------------------------


def _kontist(control: Control) -> Rig:
    return kontist_rig(control, days=62)  # a little more than one page of 50


def _kontist_push(control: Control) -> Rig:
    return replace(kontist_rig(control, days=5), settings=control.settings("kontist", "settings_pkce"))


def _kontomatik(control: Control) -> Rig:
    return kontomatik_rig(control, days=14)


def _basiq(control: Control) -> Rig:
    return basiq_rig(control, "richard", days=30)  # with one account: which of several is read first, nobody knows


@dataclass
class KontistAtHome(Person):
    """Reads the SMS; their phone confirms every push by itself."""

    code: str

    def answer(self, challenge: Challenge) -> Answers:
        return [self.code] * len(challenge.fields)


def _kontist_by_password(control: Control) -> Rig:
    control.switch("kontist", push_auto_approve_seconds=0.0)
    anna = Customer(control.sandbox, "kontist", "anna@kontist.example")
    rig = kontist_rig(control, anna.username, days=5, scopes=KONTIST_CLIENT[0].settings["scopes"])
    person = KontistAtHome(SANDBOX_CODE)
    return replace(rig, person=person, options={"username": anna.username, "password": anna.person.password or ""})


RIGS: Mapping[str, Callable[[Control], Rig]] = {
    KONTIST.name: _kontist,
    KONTIST_PUSH.name: _kontist_push,
    **{recording.name: _kontist_by_password for recording in KONTIST_CLIENT},
    KONTOMATIK.name: _kontomatik,
    BASIQ.name: _basiq,
    BASIQ_CLIENT.name: _basiq,
    BASIQ_WEBHOOKS.name: _basiq,
}


# Recording ------------------------------------------------------------------------------------------------------------


@dataclass
class WatchedPerson(Person):
    """Does what the person does, and remembers where they came back to."""

    person: Person
    callback: str | None = None

    def sign_in(self, flow: Flow) -> str | None:
        self.callback = self.person.sign_in(flow)
        return self.callback

    def answer(self, challenge: Challenge) -> Answers:
        return self.person.answer(challenge)


def record(wanted: Recording, target: Path) -> None:
    """Record into `target`, and make sure that it can be replayed and holds no secret."""
    with _sandbox() as control, tempfile.TemporaryDirectory() as folder:
        rig = RIGS[wanted.name](control)
        person = WatchedPerson(rig.person)
        scrubber = Scrubber({str(rig.settings["base_url"]): wanted.origin, **_fakes(wanted, rig)})
        options = {**wanted.options, **rig.options}
        rig = replace(rig, person=person, pause=wanted.pause, settings=_settings(wanted, rig), options=options)
        drive = Driver(rig=rig, store=Path(folder) / "store.db", wire=Wire(_transport))
        with wanted.small_pages(), recording(target, scrubber):
            course = wanted.course(drive)
        if isinstance(course, Course):
            _check(not drive.differences(), f"what was stored is not true: {drive.differences()}")
            _check(course.second.counts == Counts(), "the second sync changed something")
    _check(not alarming(target.read_text()), f"something looks like a secret: {alarming(target.read_text())}")
    came_back = _without_state(scrubber.scrub(person.callback or ""))
    _check(came_back == parse_qsl(wanted.callback), f"say in recordings.py that the person came back with {came_back}")


def _fakes(wanted: Recording, rig: Rig) -> dict[str, str]:
    """The secret settings and options of the sandbox, and what stands for them in the replay."""
    said, real = {**wanted.settings, **wanted.options}, {**rig.settings, **rig.options}
    fakes = {name: fake for name, fake in said.items() if str(fake).startswith("fake-")}
    return {SANDBOX_CODE: SMS_CODE, **{str(real[name]): fake for name, fake in fakes.items()}}


def _settings(wanted: Recording, rig: Rig) -> dict[str, object]:
    """The settings of the replay, but for what they put in place of the sandbox's addresses and secrets."""
    theirs = {name: value for name, value in rig.settings.items() if name in wanted.settings or name.endswith("_url")}
    return {**wanted.settings, **theirs}


def _transport() -> httpx.AsyncBaseTransport:
    return httpx.AsyncHTTPTransport(verify=no_trust(), trust_env=False)


def _without_state(url: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in parse_qsl(urlsplit(url).query) if name != "state"]


def _check(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - a claim
    if not holds:
        raise RecordingFailedError(otherwise)


def main() -> int:
    entries = read_entries()
    today = datetime.now(UTC).date().isoformat()
    source = f"sandbox {version('bankweave-sandbox')}; never live"
    names = set(sys.argv[1:]) or set(RIGS)
    _check(names <= set(RIGS), f"no such recordings: {sorted(names - set(RIGS))}")
    with tempfile.TemporaryDirectory() as folder:
        for wanted in (one for one in RECORDINGS if one.name in names):
            fresh = Path(folder) / wanted.path.name
            record(wanted, fresh)
            changed = _put(fresh, wanted.path)
            known = None if changed else entries.get(wanted.name)
            entries[wanted.name] = Entry.of(wanted, known.recorded if known else today, source)
            print(f"{wanted.name}: {'recorded anew' if changed else 'as it was'}")  # noqa: T201 - a command
    write_entries(entries)
    return os.EX_OK


def _put(fresh: Path, place: Path) -> bool:
    """Put a recording in its place; says whether it is another one than was there."""
    text = fresh.read_text()
    if place.exists() and place.read_text() == text:
        return False
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return True


if __name__ == "__main__":
    sys.exit(main())
