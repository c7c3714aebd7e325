"""However it turns out what the providers' documents leave open: what is true is stored, and a second sync is quiet.

Switches that do not get in each other's way share a case, since each case is two or three syncs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser import Browser
from rigs import BasiqCustomer, Visitor, basiq_rig, kontist_rig, kontomatik_rig
from sandboxed import Control

from bankweave import FlowStatus, Redirect
from bankweave.engine.report import Counts
from bankweave.model import TransactionStatus
from bankweave.testing import Rig
from bankweave.testing.driver import Driver
from bankweave_basiq import protocol as basiq_protocol
from bankweave_kontist import protocol as kontist_protocol

DAYS = 20  # of history
ROWS = 5  # a page, so that there is more than one

Make = Callable[[Control], Rig]


def kontist(*, skip_mfa: bool = False) -> Make:
    return lambda control: kontist_rig(control, days=DAYS, skip_mfa=skip_mfa)


def kontomatik(*, access_mode: str = "MULTIPLE") -> Make:
    return lambda control: kontomatik_rig(control, days=DAYS, access_mode=access_mode)


def basiq(username: str = "ashMann", institution: str = "AU00000") -> Make:
    return lambda control: basiq_rig(control, username, institution, days=DAYS)


@dataclass(frozen=True)
class Case:
    make: Make
    switches: dict[str, object]


WITH_A_PUSH = kontist(skip_mfa=True)
WITH_A_CODE, WITH_QUESTIONS = basiq("jared", "AU00002"), basiq("Whistler", "AU00002")
SOMETIMES_WITH_A_CODE, OPEN_BANKING = basiq("jared", "AU00003"), basiq("ashMann", "AU00004")

CASES = {
    "kontist: short tokens, used once": Case(
        kontist(), {"refresh_rotation": True, "refresh_seconds": 7200, "enforce_scopes": False}
    ),
    "kontist: a consent that is remembered": Case(
        kontist(), {"remember_consent": True, "requests_per_minute": 100, "card_payment_method": "credit_card"}
    ),
    "kontist: a booking with another id": Case(kontist(), {"booking_changes_id": True}),
    "kontist: no push needed after all": Case(WITH_A_PUSH, {"strict_mfa": "off"}),
    "kontist: a push, errors in 200": Case(WITH_A_PUSH, {"strict_mfa": "banking", "unauthorized": "graphql_200"}),
    "kontist: a push, errors in 500": Case(WITH_A_PUSH, {"strict_mfa": "banking", "graphql_error_status": 500}),
    "kontist: a push that confirms itself": Case(
        WITH_A_PUSH, {"strict_mfa": "banking", "graphql_error_status": 400, "push_auto_approve_seconds": 2.0}
    ),
    "kontomatik: other words": Case(
        kontomatik(),
        {"redirection_created_status": 201, "word_success": "successful", "status_letter_case": "upper"},
    ),
    "kontomatik: access for once": Case(
        kontomatik(access_mode="SINGLE"), {"missing_access_id": "absent", "status_hours_count_from": "final-status"}
    ),
    "kontomatik: imports that tell of themselves": Case(
        kontomatik(), {"running_status": "202 Accepted", "progress_moves": True, "owner_text": True, "labels": False}
    ),
    "kontomatik: imports that are done at once": Case(
        kontomatik(), {"import_setup_seconds": 0.0, "import_seconds": 0.0, "first_import_counts": True}
    ),
    "kontomatik: a strict beginning": Case(
        kontomatik(), {"older_since": "refused", "since_compares": "transactionOn", "accept_key_parameter": False}
    ),
    "basiq: results in lists": Case(
        WITH_A_CODE,
        {
            "result_shape": "list",
            "result_link_style": "absolute",
            "response_link_style": "relative",
            "job_link_style": "relative",
            "expiry_ms": 3600,
        },
    ),
    "basiq: a code as printed": Case(WITH_A_CODE, {"result_shape": "seed", "client_rights": "strict"}),
    "basiq: questions as printed": Case(WITH_QUESTIONS, {"result_shape": "seed", "timestamps": "milliseconds"}),
    "basiq: a challenge that stays": Case(
        WITH_A_CODE, {"mfa_result_kept": True, "client_rights": "wide", "mfa_needs_client_token": False}
    ),
    "basiq: a code now and then": Case(SOMETIMES_WITH_A_CODE, {"intermittent_mfa": "alternate"}),
    "basiq: a code never": Case(SOMETIMES_WITH_A_CODE, {"intermittent_mfa": "never"}),
    "basiq: openbanking": Case(OPEN_BANKING, {"method_spelling": "openbanking", "profile_included": False}),
    "basiq: both spellings": Case(OPEN_BANKING, {"method_spelling": "mixed", "transaction_dates": "always"}),
    "basiq: pages that move": Case(
        basiq(), {"data_is_live": True, "paging": "offset", "size_means": "limit", "next_on_last_page": "null"}
    ),
    "basiq: filters let pending rows by": Case(
        basiq(), {"pending_in_date_filters": "always", "transaction_dates": "always", "payment_sub_classes": True}
    ),
    "basiq: filters hide pending rows": Case(
        basiq(), {"pending_in_date_filters": "never", "transaction_dates": "pending", "skip_success_screen": True}
    ),
}


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for protocol in (kontist_protocol, basiq_protocol):
        monkeypatch.setattr(protocol, "PAGE_SIZE", ROWS)


@pytest.fixture
def drive(request: pytest.FixtureRequest, control: Control, tmp_path: Path) -> Driver:
    case: Case = CASES[request.param] if isinstance(request.param, str) else request.param
    rig = case.make(control)
    control.switch(rig.adapter.info.name, **case.switches)
    return Driver(rig=rig, store=tmp_path / "bank.db", surface="sync")


@pytest.mark.usefixtures("pages")
@pytest.mark.parametrize("drive", CASES, indirect=True)
def test_what_is_true_is_stored_and_stays(drive: Driver) -> None:
    book = drive.rig.reserve() if drive.rig.reserve else None
    assert drive.connected().status is FlowStatus.CONNECTED
    assert _counts(drive).added > ROWS

    assert _counts(drive) == Counts()
    if book is not None:
        book()
        assert _counts(drive) == Counts(modified=1)


def test_texts_that_change_with_every_look_disturb_no_booked_row(control: Control, tmp_path: Path) -> None:
    """Basiq may call a pending row anything, so nothing links it to its booking but amount and day."""
    drive = Driver(rig=basiq_rig(control, "ashMann", "AU00000", days=DAYS), store=tmp_path / "bank.db", surface="sync")
    control.switch("basiq", pending_text_churn=True)
    drive.connected()
    drive.synced()
    pending = [row for row in drive.transactions() if row.status is TransactionStatus.PENDING]

    assert pending
    assert drive.synced().counts == Counts(added=len(pending), removed=len(pending))
    assert sorted(row.amount for row in drive.transactions(status=TransactionStatus.PENDING)) == sorted(
        row.amount for row in pending
    )


@pytest.mark.parametrize(
    "drive",
    [
        Case(kontomatik(), {"word_created": "NEW", "word_in_progress": "Ongoing", "pending_params": "null"}),
        Case(kontomatik(), {"status_letter_case": "capitalised", "pending_params": "absent"}),
        Case(kontomatik(), {"scenario": "unknown-status"}),
    ],
    ids=["other words", "no parameters", "a word that nobody knows"],
    indirect=True,
)
def test_a_sign_in_that_is_not_done_is_waited_for(drive: Driver) -> None:
    flow = drive.wait(drive.connect())
    assert isinstance(flow.interaction, Redirect)
    with Browser() as browser:
        browser.open(flow.interaction.url)
    flow = drive.wait(flow)

    assert flow.asks
    assert drive.complete(drive.resume(drive.rig.person.sign_in(flow) or "")).status is FlowStatus.CONNECTED


@pytest.mark.parametrize(
    ("drive", "login"),
    [
        (Case(basiq(), {"result_shape": "list", "failed_detail_field": "details"}), ("erlich", "aviato")),
        (Case(basiq(), {"result_shape": "seed", "failing_step": "verify-credentials"}), ("erlich", "aviato")),
        (Case(kontomatik(), {"error_params": "minimal", "json_errors": "xml"}), ("manual-action", "Test123")),
        (Case(kontomatik(), {"error_params": "full", "status_letter_case": "upper"}), ("manual-action", "Test123")),
    ],
    ids=["basiq: results in lists", "basiq: results as printed", "kontomatik: the name alone", "kontomatik: all of it"],
    indirect=["drive"],
)
def test_somebody_who_has_to_act_at_the_bank_is_told_so(drive: Driver, login: tuple[str, str]) -> None:
    flow = drive.connect()
    person = drive.rig.person
    assert isinstance(person, Visitor)
    name, password = login
    back = person.walk(flow, person.agrees, loginId=name, username=name, password=password)
    flow = drive.complete(drive.resume(back))

    assert flow.status is FlowStatus.FAILED
    assert flow.failure is not None
    assert flow.failure.code == "user_action"


@pytest.mark.parametrize(
    "drive",
    [Case(WITH_A_CODE, {"wrong_answer": "asked-again"}), Case(WITH_QUESTIONS, {"wrong_answer": "failed"})],
    ids=["asked again", "failed"],
    indirect=True,
)
def test_wrong_answers_end_a_refresh_of_basiq(drive: Driver) -> None:
    drive.connected()
    drive.synced()
    drive.rest()
    flow = drive.sync().connections[0].flow
    assert flow is not None
    assert isinstance(drive.rig.person, BasiqCustomer)
    flow = drive.complete(drive.answer(flow, ["wrong"] * len(drive.rig.person.right)))

    assert flow.failure is not None
    assert flow.failure.code == "wrong_answer"
    assert _counts(drive) == Counts()


def _counts(drive: Driver) -> Counts:
    """Sync and compare with the truth. Before the next time, access has to be renewed."""
    report = drive.synced()
    assert not report.failures
    assert not drive.differences()
    drive.rest()
    if drive.rig.end_access is not None:
        drive.rig.end_access()
    return report.counts
