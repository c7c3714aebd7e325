"""No secret is in a log, an error, the text of a value, the output or the store, however it is spelt.

What is secret is learnt from the wire itself: tokens, codes, verifiers, keys, session signatures, ids of redirections,
answers to the bank. Each provider is connected, read, refused, answered wrongly and made to fail in every way of the kit.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from overhearing import Ears, HeardDriver, TappedTransport, leaks, spellings, spying
from rigs import basiq_rig, kontist_rig, kontomatik_rig
from sandboxed import Control

from bankweave.errors import BankweaveError
from bankweave.flow import Challenge, Flow, Redirect
from bankweave.testing import Rig
from bankweave.testing.connecting import answered_wrongly
from bankweave.testing.wire import FAULTS, Wire

WRONG_CODE = "canary-otp-48151623"
PASSPHRASE = "canary-setting-62342"
SPOKEN = "canary-body-19731984"  # what a bank says in an error: neither secret nor fit for a log
REPEATED = {SPOKEN: "the provider's own text"}


@dataclass(frozen=True)
class Way:
    """A provider, in one of the ways to use it, with what must have been overheard for the test to mean anything."""

    make: Callable[[Control], Rig]
    names: frozenset[str]
    error: str  # an answer in which the provider repeats what it was told
    paths: tuple[str, ...]


KONTIST_ERROR = json.dumps({"error": "invalid_grant", "error_description": SPOKEN, "errors": [{"message": SPOKEN}]})
KONTOMATIK_ERROR = f'<reply status="400 {SPOKEN}"><exception name="{SPOKEN}!" message="{SPOKEN}"/></reply>'
BASIQ_ERROR = json.dumps(
    {"type": "list", "correlationId": "c-1", "data": [{"code": f"no {SPOKEN}!", "title": SPOKEN, "detail": SPOKEN}]}
)
WAYS = {
    "kontist": Way(
        kontist_rig,
        frozenset({"access_token", "client_secret", "code", "refresh_token", "state"}),
        KONTIST_ERROR,
        ("/api/graphql", "/api/oauth/token"),
    ),
    "kontist without a secret": Way(
        lambda control: replace(
            kontist_rig(control), settings={**control.settings("kontist", "settings_pkce"), "skip_mfa": True}
        ),
        frozenset({"access_token", "code", "code_verifier", "state", "token"}),
        KONTIST_ERROR,
        ("/api/graphql", "/api/oauth/token", "/api/user/mfa"),
    ),
    "kontomatik": Way(
        kontomatik_rig,
        frozenset({"x-api-key", "redirectionId", "sessionId", "sessionIdSignature", "multipleAccessId"}),
        KONTOMATIK_ERROR,
        ("/v1/command/", "/v1/signin/"),
    ),
    "basiq": Way(
        lambda control: basiq_rig(control, "jared"),
        frozenset({"access_token", "authorization", "mfa-response", "state"}),
        BASIQ_ERROR,
        ("/token", "/users", "/jobs/*"),
    ),
}


class Clumsy:
    """Answers the bank wrongly, with something that would be noticed."""

    def __init__(self, rig: Rig) -> None:
        self._answer_wrongly = rig.person.answer_wrongly

    def __call__(self, challenge: Challenge) -> list[str]:
        self._answer_wrongly(challenge)
        return [WRONG_CODE for _ in challenge.fields]


def _listen(way: Way, control: Control, store: Path) -> Ears:
    control.sandbox.reset()
    ears, rig = Ears(), way.make(control)
    rig.person.answer_wrongly = Clumsy(rig)  # type: ignore[method-assign]  # this person's own way to be wrong
    rig = replace(rig, adapter=spying(rig.adapter, ears))
    drive = HeardDriver(rig=rig, store=store, wire=Wire(lambda: TappedTransport(ears)), ears=ears)
    _go_through(drive, control, way)
    return ears


def _go_through(drive: HeardDriver, control: Control, way: Way) -> None:
    _refuse(drive)
    _answer_wrongly(drive)
    _misconfigure(drive)
    drive.connected()
    _fail(drive)
    drive.synced()
    drive.rest()
    _answer_wrongly_at_a_sync(drive)
    _be_told_off(drive, control, way)
    _stumble(drive)
    drive.rest()
    drive.synced(full=True)
    drive.disconnect(drive.connections()[0].id)


def _refuse(drive: HeardDriver) -> None:
    flow = drive.connect()
    back = drive.rig.person.refuse(flow) or ""
    drive.ears.learn_url(back)
    with suppress(BankweaveError):
        drive.resume(back.replace("state=", "state=forged").replace("redirectionId=", "redirectionId=forged"))
    drive.resume(back)


def _answer_wrongly(drive: HeardDriver) -> None:
    flow = _sent_back(drive, drive.connect())
    if isinstance(flow.interaction, Challenge):
        answered_wrongly(drive, flow)
    else:
        drive.cancel(flow)


def _sent_back(drive: HeardDriver, flow: Flow) -> Flow:
    assert isinstance(flow.interaction, Redirect)
    back = drive.rig.person.sign_in(flow) or ""
    drive.ears.learn_url(back)
    return drive.resume(back)


def _answer_wrongly_at_a_sync(drive: HeardDriver) -> None:
    flow = drive.sync().connections[0].flow
    if flow is not None and flow.asks:
        answered_wrongly(drive, flow)
    drive.rest()


def _misconfigure(drive: HeardDriver) -> None:
    for wrong in ({"passphrase": PASSPHRASE}, {"base_url": PASSPHRASE}, {"api_key": [PASSPHRASE], "client_id": ""}):
        drive.settings.update(wrong)
        with suppress(BankweaveError):
            drive.connect()
        drive.settings.clear()


def _fail(drive: HeardDriver) -> None:
    for fault in FAULTS:
        for position in (0, 2):
            drive.wire.spoil(fault, position)
            drive.sync()
            drive.wire.mend()


def _be_told_off(drive: HeardDriver, control: Control, way: Way) -> None:
    """The provider refuses everything, and repeats in its error what it was told."""
    name = drive.rig.adapter.info.name
    for path in way.paths:
        for status in (400, 401, 403, 500):
            control.elapse(hours=2)
            control.spoil(name, path, status=status, body=way.error, times=0)
            drive.sync()
            with suppress(BankweaveError):
                drive.resume(drive.rig.person.sign_in(drive.connect()) or "")
            control.mend()


def _stumble(drive: HeardDriver) -> None:
    """A bug in the adapter strikes, and its error holds all that it was handed."""
    for _ in range(3):  # until the provider allows a sync again for sure: those before were many for one day
        drive.rest()
    drive.ears.crash = " ".join([SPOKEN, *drive.ears.secrets])
    drive.synced()
    drive.ears.crash = None


# What is looked at ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WAYS)
def test_nothing_secret_is_said(control: Control, tmp_path: Path, name: str) -> None:
    """One test for all places where it could be said: listening takes seconds."""
    way = WAYS[name]
    ears = _listen(way, control, tmp_path / "bank.db")
    _check_overheard(way, ears)
    said = {
        "logs": "\n".join(ears.records),
        "errors": "\n".join(ears.error_texts()),
        "values": "\n".join(ears.texts),
        "output": ears.printed.getvalue(),
    }
    found = {place: leaks(_planted(ears), text) for place, text in said.items()}
    found["store"] = leaks(_planted(ears), bytes(ears.stored))
    found["logs of accounts"] = leaks(_private(way, control), said["logs"])
    found["errors about accounts"] = leaks(_private(way, control), said["errors"])
    found |= {f"{place} repeat the provider": leaks(REPEATED, text) for place, text in said.items()}

    assert {place: names for place, names in found.items() if names} == {}


def _check_overheard(way: Way, ears: Ears) -> None:
    """Else nothing could be found."""
    assert way.names - set(ears.secrets.values()) == set()
    assert any("adapter_bug" in record for record in ears.records)
    assert {type(error).__name__ for error in ears.errors} > {"ConfigurationError", "MalformedAnswer", "UnknownFlow"}
    assert len(ears.stored) > 10_000


def _private(way: Way, control: Control) -> dict[str, str]:
    """What belongs neither into a log nor into an error: whose account it is, and what was paid."""
    truth = way.make(control).truth()
    texts = {row.text for account in truth for row in account.rows if len(row.text) > 12}
    return dict.fromkeys(texts, "a remittance text") | {account.key: "an account number" for account in truth}


def _planted(ears: Ears) -> dict[str, str]:
    return {**ears.secrets, WRONG_CODE: "a wrong code", PASSPHRASE: "a wrong setting"}


# The listening itself ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["s3cr%2Fet%2B", "s3cr/et+", "czNjci9ldCs", "733363722f65742b", "x s3cr/et+ y"])
def test_a_secret_is_found_however_it_is_spelt(text: str) -> None:
    assert leaks({"s3cr/et+": "secret"}, text) == ["secret (8 characters)"]
    assert leaks({"s3cr/et+": "secret"}, text.encode()) == ["secret (8 characters)"]


def test_what_is_not_there_is_not_found() -> None:
    assert leaks({"s3cr/et+": "secret"}, "s3cret") == []
    assert "s3cr/et+" in spellings("czNjci9ldCs=")
