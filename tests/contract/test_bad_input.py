"""What a provider, a stranger or bad luck may send: each has a typed error that says what to do, and changes nothing."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from rigs import BasiqCustomer, KontistCustomer, Visitor, basiq_rig, kontist_rig, kontomatik_rig
from sandboxed import CALLBACK, Control

from bankweave import Bankweave, Config, Flow, FlowStatus, Outcome
from bankweave.errors import (
    BankweaveError,
    FlowExpired,
    MalformedAnswer,
    OriginRefused,
    UnknownFlow,
    WrongSubject,
)
from bankweave.flow import Reason
from bankweave.testing import Rig
from bankweave.testing.driver import Driver

ADVICE = r"begin|renew|sync again|try again|nothing (of it )?was|not followed|was not|has to look"
Make = Callable[[Control], Rig]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


def told_of(drive: Driver) -> BankweaveError:
    """The one error that a sync tells of. Nothing was stored meanwhile."""
    before = drive.transactions()
    (report,) = drive.sync().connections
    assert report.outcome in {Outcome.FAILED, Outcome.PARTIAL, Outcome.NEEDS_USER}
    (failure,) = report.failures
    assert failure.error is not None, failure
    assert drive.transactions() == before
    assert re.search(ADVICE, str(failure.error)), failure.error
    return failure.error


# Answers that are not what the protocol says ----------------------------------------------------------------------------

BOMB = """<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><reply>&b;</reply>"""
THIEF = """<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><reply status="200 OK">&x;</reply>"""
NESTED = '{"data":' * 50_000 + "1" + "}" * 50_000
NO_ROWS = '{"data":{"viewer":{"mainAccount":{"publicId":"x","transactions":null}}}}'
PARTIAL = '{"data":{"viewer":{"mainAccount":null}},"errors":[{"message":"timeout"}]}'


@pytest.mark.parametrize(
    ("make", "path", "body"),
    [
        (kontist_rig, "/api/graphql", '{"data": {"viewer": {"mainAccount": '),
        (kontist_rig, "/api/graphql", NO_ROWS),
        (kontist_rig, "/api/graphql", NESTED),
        (kontist_rig, "/api/graphql", '{"data": 1, "data": 2}'),
        (kontist_rig, "/api/graphql", '{"errors": []}'),
        (kontomatik_rig, "/v1/command/", "<reply status='200 OK'><command id='1' state='successful'><result>"),
        (kontomatik_rig, "/v1/command/", "<reply status='200 OK'/>"),
        (kontomatik_rig, "/v1/command/", BOMB),
        (kontomatik_rig, "/v1/command/", THIEF),
        (kontomatik_rig, "/v1/command/", '{"json": "where XML should be"}'),
        (basiq_rig, "/users/*/connections", "[]"),
        (basiq_rig, "/users/*/accounts", '{"type": "list", "data": [{"type": "account"}]}'),
        (basiq_rig, "/users/*/accounts", NESTED),
        (basiq_rig, "/users/*/transactions", '{"type": "list", "data": [{"id": "1", "amount": "NaN"}]}'),
        (basiq_rig, "/users/*/transactions", '{"type": "list"}'),
    ],
)
def test_a_malformed_answer_is_told_and_not_used(
    control: Control, store: Path, make: Make, path: str, body: str
) -> None:
    drive = Driver(rig=make(control), store=store)
    drive.connected()
    control.spoil(drive.rig.adapter.info.name, path, body=body, times=0)
    error = told_of(drive)
    control.mend()

    assert isinstance(error, MalformedAnswer), error
    assert (error.adapter, error.connection_id) == (drive.rig.adapter.info.name, drive.connections()[0].id)
    assert not drive.synced().failures
    assert not drive.differences()


def test_half_an_answer_with_errors_is_not_used(control: Control, store: Path) -> None:
    drive = Driver(rig=kontist_rig(control), store=store)
    drive.connected()
    drive.synced()
    control.spoil("kontist", "/api/graphql", body=PARTIAL, times=0)
    error = told_of(drive)
    control.mend()

    assert "timeout" not in str(error)
    assert not drive.differences()


def test_a_body_that_breaks_off_is_not_used(control: Control, store: Path) -> None:
    """The connection goes away in the middle, every time it is tried."""
    drive = Driver(rig=kontist_rig(control), store=store)
    drive.connected()
    control.spoil("kontist", "/api/graphql", truncate=200, times=0)
    error = told_of(drive)
    control.mend()

    assert "try again" in str(error)
    assert not drive.synced().failures
    assert not drive.differences()


# Answers about somebody else --------------------------------------------------------------------------------------------


def test_a_job_of_another_user_connects_nobody(control: Control, store: Path) -> None:
    mine = Driver(rig=basiq_rig(control), store=store)
    theirs = Driver(rig=replace(basiq_rig(control), owner="mallory"), store=store, key=mine.key)
    flow, stolen = mine.connect(), theirs.connect()
    back = parse_qs(urlsplit(theirs.rig.person.sign_in(stolen) or "").query)
    state = parse_qs(urlsplit(_address(flow)).query)["state"]
    forged = f"{CALLBACK}?{urlencode({'jobIds': back['jobIds'], 'state': state}, doseq=True)}"
    with pytest.raises(WrongSubject, match=ADVICE):
        mine.complete(mine.resume(forged))

    assert mine.connections() == ()


def test_a_renewed_token_of_another_user_is_not_used(control: Control, store: Path) -> None:
    drive = Driver(rig=kontist_rig(control), store=store)
    drive.connected()
    drive.synced()
    control.elapse(hours=2)
    other = {"access_token": _token_of("somebody-else"), "token_type": "Bearer", "expires_in": 3599}
    control.spoil("kontist", "/api/oauth/token", body=json.dumps(other), times=0)
    error = told_of(drive)
    control.mend()

    assert isinstance(error, WrongSubject)
    assert not drive.synced().failures


def _token_of(subject: str) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"sub": subject, "iat": 1, "exp": 3601}).encode()).decode()
    return f"e30.{claims.rstrip('=')}.c2ln"


def test_a_renewal_by_another_user_leaves_the_connection_as_it_is(control: Control, store: Path) -> None:
    rig = kontist_rig(control)
    drive = Driver(rig=rig, store=store)
    drive.connected()
    anna = kontist_rig(control, "anna@kontist.example").person
    config = Config(store=store, vault_keys=drive.key, adapters={"kontist": dict(rig.settings)})
    with Bankweave(config=config, clock=rig.clock) as bank:
        (connection,) = bank.connections()
        flow = bank.renew(connection.id, redirect_uri=CALLBACK)
        flow = bank.resume(anna.sign_in(flow) or "")

    _check_ended(flow, Reason.REFUSED)
    assert flow.failure is not None
    assert "another" in flow.failure.message
    assert not drive.synced().failures
    assert not drive.differences()


# Links that lead elsewhere ----------------------------------------------------------------------------------------------

ELSEWHERE = "https://evil.example"


@pytest.mark.parametrize("link", [f"{ELSEWHERE}/users/u/transactions?next=1", "//evil.example/x?next=1"])
def test_a_next_page_on_another_host_is_not_fetched(control: Control, store: Path, link: str) -> None:
    drive = Driver(rig=basiq_rig(control), store=store)
    drive.connected()
    page = {"type": "list", "count": 0, "size": 0, "data": [], "links": {"self": "x", "next": link}}
    control.spoil("basiq", "/users/*/transactions", body=json.dumps(page), times=0)
    error = told_of(drive)
    control.mend()

    assert isinstance(error, OriginRefused)
    assert "not followed" in str(error)
    assert not drive.synced().failures


def test_a_question_that_wants_its_answer_on_another_host_is_not_asked(control: Control, store: Path) -> None:
    drive = Driver(rig=basiq_rig(control, "jared"), store=store)
    drive.connected()
    drive.synced()
    asking = {
        "type": "job",
        "id": "ignored",
        "steps": [{"title": "mfa-challenge", "status": "in-progress", "result": _question(f"{ELSEWHERE}/mfa")}],
        "links": {"self": "x", "source": "x"},
    }
    control.spoil("basiq", "/jobs/*", body=json.dumps(asking), times=0)
    report = drive.sync()
    control.mend()

    assert [one.outcome for one in report.connections] == [Outcome.FAILED]
    assert isinstance(report.failures[0].error, OriginRefused | WrongSubject | MalformedAnswer)
    assert not drive.synced().failures


def _question(response: str) -> dict[str, object]:
    links = {"response": response}
    return {"type": "mfa-challenge", "method": "token", "input": ["Code"], "expiry": 120_000, "links": links}


# Too late, and wrong ----------------------------------------------------------------------------------------------------


def test_a_code_of_kontist_that_comes_too_late_ends_the_flow(control: Control, store: Path) -> None:
    drive = Driver(rig=kontist_rig(control), store=store)
    back = drive.rig.person.sign_in(drive.connect())
    control.elapse(minutes=10)
    flow = drive.resume(back or "")

    assert flow.failure is not None
    assert "begin again" in flow.failure.message
    assert drive.connected().status is FlowStatus.CONNECTED


def test_a_link_of_kontomatik_that_nobody_used_ends_the_flow(control: Control, store: Path) -> None:
    drive = Driver(rig=kontomatik_rig(control), store=store)
    flow = drive.connect()
    control.elapse(hours=1, minutes=1)
    flow = drive.wait(flow)

    assert flow.status in {FlowStatus.FAILED, FlowStatus.EXPIRED}
    assert flow.failure is None or flow.failure.code == Reason.EXPIRED.value
    assert drive.connected().status is FlowStatus.CONNECTED


def test_a_link_of_basiq_that_is_used_too_late_says_so(control: Control, store: Path) -> None:
    drive = Driver(rig=basiq_rig(control), store=store)
    back = drive.rig.person.sign_in(drive.connect())
    control.elapse(hours=1, minutes=1)
    with pytest.raises(FlowExpired, match="begin a new flow"):
        drive.resume(back or "")

    assert drive.connected().status is FlowStatus.CONNECTED


@pytest.mark.parametrize("make", [kontist_rig, kontomatik_rig, basiq_rig])
def test_a_callback_with_a_foreign_key_reaches_nobody(control: Control, store: Path, make: Make) -> None:
    drive = Driver(rig=make(control), store=store)
    drive.connect()
    key = drive.rig.adapter.info.callback_key
    with pytest.raises(UnknownFlow, match=r"[Bb]egin a new"):
        drive.resume(f"{CALLBACK}?{key}=stranger&code=1&jobIds=1")

    assert drive.wire.sent <= 4  # what beginning a flow takes; nothing was asked about the stranger


def test_a_denied_push_of_kontist_ends_the_flow(control: Control, store: Path) -> None:
    drive = Driver(rig=kontist_rig(control, skip_mfa=True), store=store)
    flow = drive.signed_in()
    assert isinstance(drive.rig.person, KontistCustomer)
    control.decide_push("DENIED")

    _check_ended(drive.wait(flow), Reason.USER_REFUSED)


def test_a_wrong_code_at_kontomatik_ends_the_flow(control: Control, store: Path) -> None:
    drive = Driver(rig=kontomatik_rig(control), store=store)
    person = drive.rig.person
    assert isinstance(person, Visitor)
    back = person.walk(drive.connect(), person.agrees, code="0000")

    _check_ended(drive.complete(drive.resume(back)), Reason.USER_ACTION, Reason.WRONG_ANSWER)


def test_a_wrong_code_at_basiq_ends_the_flow(control: Control, store: Path) -> None:
    drive = Driver(rig=basiq_rig(control, "jared"), store=store)
    person = drive.rig.person
    assert isinstance(person, BasiqCustomer)
    back = person.walk(drive.connect(), person.agrees, answer="0000")

    _check_ended(drive.complete(drive.resume(back)), Reason.WRONG_ANSWER)


def test_a_wrong_password_at_basiq_ends_the_flow(control: Control, store: Path) -> None:
    drive = Driver(rig=basiq_rig(control), store=store)
    person = drive.rig.person
    assert isinstance(person, BasiqCustomer)
    back = person.walk(drive.connect(), person.agrees, password="wrong")

    _check_ended(drive.complete(drive.resume(back)), Reason.WRONG_ANSWER)


def _check_ended(flow: Flow, *reasons: Reason) -> None:
    assert flow.status is FlowStatus.FAILED
    assert flow.failure is not None
    assert flow.failure.code in {reason.value for reason in reasons}
    assert "begin again" in flow.failure.message


def _address(flow: Flow) -> str:
    return str(getattr(flow.interaction, "url", ""))
