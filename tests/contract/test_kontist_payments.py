"""Money at Kontist: what is confirmed happens once, and when nobody knows whether it did, nothing is sent again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from processes import elsewhere
from rigs import kontist_rig
from sandboxed import Control

from bankweave import FlowStatus, Frequency, Transfer, TransferKind, TransferOrder, TransferStatus
from bankweave.errors import NeedsUser, OutcomeUnknown, ProviderRefused, RateLimited
from bankweave.flow import Flow
from bankweave.testing import StillClock
from bankweave.testing.driver import Driver, Surface
from bankweave.testing.wire import DOWN, DROPPED, EMPTY, GARBLED, HALVED, HOLLOW, LIMITED, Fault

CODE = "212212"
SCOPES = ["offline", "accounts", "users", "transactions", "transfers"]
GRAPHQL = "/api/graphql"
ANNAS_IBAN = "DE83110101001850371727"
RENT = TransferOrder(
    creditor_name="Vera Vermieter",
    creditor_iban="DE89370400440532013000",
    amount=Decimal("712.34"),
    remittance_information="Miete",
)


LOST: list[tuple[Surface, Fault]] = [
    ("async", DOWN),
    ("async", DROPPED),
    ("sync", DROPPED),
    ("async", EMPTY),
    ("sync", HOLLOW),
    ("async", GARBLED),
    ("sync", HALVED),
]
both_surfaces = pytest.mark.parametrize("surface", ["async", "sync"])


@pytest.fixture
def surface() -> Surface:
    return "async"


@pytest.fixture
def drive(control: Control, tmp_path: Path, surface: Surface) -> Driver:
    rig = kontist_rig(control, "anna@kontist.example", days=10, scopes=SCOPES)
    drive = Driver(rig=rig, store=tmp_path / "bank.db", surface=surface)
    assert drive.connected().status is FlowStatus.CONNECTED
    assert not drive.synced().failures
    return drive


def order(drive: Driver, *orders: TransferOrder) -> Flow:
    """Order in a bankweave of its own, as all steps here are done."""
    (account,) = drive.accounts()
    flow: Flow = drive._do("transfer", account.id, orders or (RENT,))
    assert flow.asks
    return flow


def confirm(drive: Driver, flow: Flow, code: str = CODE) -> tuple[Transfer, ...]:
    done: tuple[Transfer, ...] = drive._do("confirm", flow.id, code)
    return done


def outcome(drive: Driver, flow: Flow) -> tuple[Transfer, ...]:
    found: tuple[Transfer, ...] = drive._do("outcome", flow.id)
    return found


def spent(control: Control) -> int:
    """How often the rent was paid, as the bank knows it."""
    truth: dict[str, Any] = control._ask("GET", f"/truth?account={ANNAS_IBAN}")
    return [row["amount"] for row in truth["accounts"][0]["transactions"]].count("-712.34")


# Confirmed ------------------------------------------------------------------------------------------------------------


@both_surfaces
def test_a_transfer_is_confirmed_by_another_process(control: Control, drive: Driver) -> None:
    flow = order(drive)
    told = elsewhere(drive, "answer", flow=flow.id, answers=CODE)

    assert told == {"id": flow.id, "status": "done"}
    (done,) = confirm(drive, flow)  # which only tells what became of it
    assert (done.amount, done.status) == (RENT.amount, TransferStatus.ACCEPTED)
    assert [one.id for one in outcome(drive, flow)] == [done.id]
    assert spent(control) == 1


def test_a_standing_order_is_stopped_by_another_process(control: Control, drive: Driver) -> None:
    first = control.sandbox.clock.now().date() + timedelta(days=7)
    monthly = replace(RENT, requested_execution_date=first, frequency=Frequency.MONTHLY)
    (made,) = confirm(drive, order(drive, monthly))
    assert (made.kind, made.status) == (TransferKind.STANDING_ORDER, TransferStatus.ACTIVE)

    flow: Flow = drive._do("cancel_transfer", drive.accounts()[0].id, made)
    assert elsewhere(drive, "answer", flow=flow.id, answers=CODE)["status"] == "done"

    (stopped,) = confirm(drive, flow)
    assert (stopped.id, stopped.status) == (made.id, TransferStatus.CANCELLED)
    control.sandbox.advance(40 * 86_400)
    assert spent(control) == 0


def test_a_payment_is_one_more_row_at_the_next_sync(control: Control, drive: Driver) -> None:
    confirm(drive, order(drive))

    assert drive.synced().counts.added == 1
    control.sandbox.advance(3_600)  # the bank books it
    assert not drive.synced().counts.added
    assert not drive.differences()


def test_confirming_twice_pays_once(control: Control, drive: Driver) -> None:
    flow = order(drive)
    done = confirm(drive, flow)
    sent = drive.wire.sent

    assert confirm(drive, flow) == done
    assert drive.wire.sent == sent
    assert spent(control) == 1


# A lost answer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("surface", "fault"), LOST, ids=[f"{fault.name} {surface}" for surface, fault in LOST])
def test_a_lost_answer_to_a_confirmation_is_looked_up_and_never_sent_again(
    control: Control, drive: Driver, fault: Fault
) -> None:
    flow = order(drive)
    drive.wire.spoil(fault, 0)
    with pytest.raises(OutcomeUnknown):
        confirm(drive, flow)

    assert drive.wire.sent == 1
    assert drive.wire.mend()
    with pytest.raises(OutcomeUnknown):
        confirm(drive, flow)
    assert drive.wire.sent == 0
    found = outcome(drive, flow)
    assert [one.end_to_end_id for one in found] == [flow.id] * spent(control)
    assert spent(control) == (1 if fault.body is None else 0)  # the others never reached the bank


def test_a_lost_answer_to_a_batch_is_looked_up_for_each_of_its_transfers(control: Control, drive: Driver) -> None:
    flow = order(drive, replace(RENT, end_to_end_id="RENT-10"), replace(RENT, end_to_end_id="RENT-11"))
    drive.wire.spoil(DROPPED, 0)
    with pytest.raises(OutcomeUnknown):
        confirm(drive, flow)
    drive.wire.mend()

    assert sorted(one.end_to_end_id or "" for one in outcome(drive, flow)) == ["RENT-10", "RENT-11"]
    assert spent(control) == 2


def test_a_lost_answer_to_an_order_sends_no_second_one(control: Control, drive: Driver) -> None:
    (account,) = drive.accounts()
    before = len(sms(control))
    drive.wire.spoil(HALVED, 1)  # after the look whose account it is
    with pytest.raises(OutcomeUnknown, match="order again"):
        drive._do("transfer", account.id, RENT)
    drive.wire.mend()

    assert len(sms(control)) == before + 1
    assert spent(control) == 0


def test_a_limit_is_no_lost_answer(control: Control, drive: Driver) -> None:
    flow = order(drive)
    drive.wire.spoil(LIMITED, 0)
    with pytest.raises(RateLimited):
        confirm(drive, flow)
    drive.wire.mend()

    assert spent(control) == 0
    assert outcome(drive, flow) == ()


# A token that ends on the way -----------------------------------------------------------------------------------------


@pytest.fixture
def late(control: Control, drive: Driver) -> Driver:
    """A program whose clock stands still, so that only Kontist knows that an access token has ended."""
    return replace(drive, rig=replace(drive.rig, clock=StillClock(control.sandbox.clock.now())))


def end_access(control: Control) -> None:
    """End the access token, and nothing else."""
    control.switch("kontist", confirmation_seconds=100_000)
    control.elapse(hours=1, seconds=1)


@both_surfaces
@pytest.mark.parametrize("spelling", ["http_401", "graphql_200"])
def test_a_token_that_ends_during_a_payment_is_renewed_and_the_payment_made_once(
    control: Control, late: Driver, spelling: str
) -> None:
    control.switch("kontist", unauthorized=spelling, confirmation_seconds=100_000)
    flow = order(late)
    end_access(control)
    before = len(control.requests("kontist", GRAPHQL))

    (done,) = confirm(late, flow)

    answers = [one["status"] for one in control.requests("kontist", GRAPHQL)[before:]]
    assert answers == [401 if spelling == "http_401" else 200, 200]
    assert done.status is TransferStatus.ACCEPTED
    assert spent(control) == 1


def test_a_token_that_ends_before_an_order_is_renewed_and_the_order_made_once(control: Control, late: Driver) -> None:
    before = len(sms(control))
    end_access(control)

    flow = order(late)

    assert len(sms(control)) == before + 1
    assert len(confirm(late, flow)) == 1


REFUSED_LATE = [
    # the field of a result: there is a result, so it was executed
    {"data": None, "errors": [{"message": "Unauthorized", "path": ["confirmTransfer", "iban"]}]},
    # a result beside the error
    {"data": {"confirmTransfer": {"id": "t-1"}}, "errors": [{"message": "Unauthorized"}]},
]


@pytest.mark.parametrize("body", REFUSED_LATE, ids=["a field of the result", "beside a result"])
def test_a_refusal_that_may_have_come_too_late_is_not_taken_for_one(
    control: Control, drive: Driver, body: dict[str, object]
) -> None:
    flow = order(drive)
    control.spoil("kontist", GRAPHQL, status=200, body=json.dumps(body))
    before = len(control.requests("kontist", GRAPHQL))

    with pytest.raises(OutcomeUnknown):
        confirm(drive, flow)

    assert len(control.requests("kontist", GRAPHQL)) == before + 1
    assert spent(control) == 0


def test_access_that_cannot_be_renewed_leaves_the_order_unconfirmed(control: Control, late: Driver) -> None:
    flow = order(late)
    control.switch("kontist", confirmation_seconds=100_000)
    control.elapse(days=400)

    with pytest.raises((NeedsUser, ProviderRefused)):
        confirm(late, flow)

    assert spent(control) == 0


def sms(control: Control) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = control._ask("GET", "/kontist/sms")
    return sent
