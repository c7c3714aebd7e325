"""Timed and standing orders as the clock moves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sandbox.tests.kontist.callers import Kontist
from sandbox.tests.kontist.payers import CODE, CREATE, IBAN, Payer, transfer

from bankweave_sandbox.kontist.transfers.order_dates import occurrence

UPDATE = """mutation($transfer: UpdateTransferInput!) { updateTransfer(transfer: $transfer) {
  ... on ConfirmationRequest { confirmationId stringToSign } ... on Transfer { id category status } } }"""
CANCEL = """mutation($id: String!, $type: TransferType!) { cancelTransfer(id: $id, type: $type) {
  ... on ConfirmationRequest { confirmationId } ... on Transfer { id status } } }"""
CONFIRM_CANCEL = """mutation($id: String!, $code: String!) {
  confirmCancelTransfer(type: STANDING_ORDER, confirmationId: $id, authorizationToken: $code) { id status nextOccurrence } }"""
JULY = "2026-07-01T14:32:08.000Z"


@pytest.fixture
def anna(kontist: Kontist) -> Payer:
    return Payer(kontist)


def timed(payer: Payer, **fields: Any) -> dict[str, Any]:
    return payer.pay(executeAt=JULY, **fields)


def standing(payer: Payer, **fields: Any) -> dict[str, Any]:
    return payer.pay(**{"executeAt": JULY, "reoccurrence": "MONTHLY", **fields})


def advance_to(kontist: Kontist, payer: Payer, day: str) -> None:
    """Move the clock to one in the afternoon (UTC) of a day, and sign in anew."""
    target = datetime.fromisoformat(f"{day}T13:00:00+00:00")
    kontist.world.advance(target - kontist.world.clock.now())
    payer.token = Payer(kontist, payer.name).token


def amounts(kontist: Kontist, payer: Payer) -> list[int]:
    rows = kontist.transactions("", "amount type", payer.token)
    return [row["amount"] for row in rows if row["type"] == "SEPA_CREDIT_TRANSFER"]


def test_a_timed_order_waits_for_its_day_at_noon(kontist: Kontist, anna: Payer) -> None:
    order = timed(anna)
    assert (order["status"], order["executeAt"]) == ("SCHEDULED", "2026-07-01T12:00:00.000Z")
    assert anna.balances() == (97000, 97000)
    advance_to(kontist, anna, "2026-06-30")
    assert anna.look_up(order["id"], "TIMED_ORDER")["status"] == "SCHEDULED"
    advance_to(kontist, anna, "2026-07-01")
    assert anna.look_up(order["id"], "TIMED_ORDER")["status"] == "EXECUTED"
    assert anna.balances() == (95800, 95800)
    row = anna.newest("bookingDate createdAt amount name")
    assert row["bookingDate"] == "2026-06-30T22:00:00.000Z"
    assert row["createdAt"] == "2026-07-01T12:00:00.000Z"


def test_berlin_midnight_names_the_german_day(anna: Payer) -> None:
    order = anna.pay(executeAt="2026-06-30T22:00:00.000Z")
    assert order["executeAt"] == "2026-07-01T12:00:00.000Z"


def test_a_timed_order_fails_without_funds(kontist: Kontist, anna: Payer) -> None:
    order = timed(anna, amount=500000)
    advance_to(kontist, anna, "2026-07-01")
    assert anna.look_up(order["id"], "TIMED_ORDER")["status"] == "FAILED"
    assert anna.balances() == (97000, 97000)


def test_an_order_for_today_is_possible(kontist: Kontist, anna: Payer) -> None:
    order = anna.pay(executeAt="2026-06-15T08:00:00.000Z")
    assert order["status"] == "SCHEDULED"  # it is ten o'clock
    kontist.advance(hours=2)
    late = Payer(kontist).pay(executeAt="2026-06-15T08:00:00.000Z")
    assert late["status"] == "EXECUTED"


def test_a_timed_order_is_cancelled_without_a_code_and_vanishes_from_lists(kontist: Kontist, anna: Payer) -> None:
    order = timed(anna)
    assert [t["id"] for t in anna.listed("TIMED_ORDER")] == [order["id"]]
    canceled = anna.read(CANCEL, id=order["id"], type="TIMED_ORDER")["cancelTransfer"]
    assert canceled == {"id": order["id"], "status": "CANCELED"}
    assert anna.listed("TIMED_ORDER") == []
    assert anna.look_up(order["id"], "TIMED_ORDER")["status"] == "CANCELED"
    kontist.dialect.switches.list_canceled_timed_orders = True
    assert [t["id"] for t in anna.listed("TIMED_ORDER")] == [order["id"]]
    assert anna.refused(CANCEL, id=order["id"], type="TIMED_ORDER")[0] == 400
    advance_to(kontist, anna, "2026-07-02")
    assert anna.balances() == (97000, 97000)


def test_notes_on_a_timed_order_change_and_reach_the_transaction(kontist: Kontist, anna: Payer) -> None:
    order = timed(anna)
    fields = {"id": order["id"], "type": "TIMED_ORDER", "category": "PRIVATE"}
    assert anna.read(UPDATE, transfer=fields)["updateTransfer"]["category"] == "PRIVATE"
    assert anna.refused(UPDATE, transfer=fields | {"purpose": "new"})[0] == 400
    advance_to(kontist, anna, "2026-07-01")
    assert anna.newest("category amount") == {"category": "PRIVATE", "amount": -1200}


def test_a_standing_order_runs_every_month(kontist: Kontist, anna: Payer) -> None:
    order = standing(anna, purpose="Miete")
    assert (order["status"], order["nextOccurrence"]) == ("ACTIVE", "2026-07-01T12:00:00.000Z")
    assert order["reoccurrence"] == "MONTHLY"
    advance_to(kontist, anna, "2026-09-15")
    assert amounts(kontist, anna) == [-1200, -1200, -1200]
    dates = [row["createdAt"][:10] for row in kontist.transactions("first: 3", "createdAt", anna.token)]
    assert dates == ["2026-09-01", "2026-08-01", "2026-07-01"]
    now = anna.look_up(order["id"], "STANDING_ORDER")
    assert (now["status"], now["nextOccurrence"]) == ("ACTIVE", "2026-10-01T12:00:00.000Z")


def test_its_confirmation_id_looks_like_the_samples(anna: Payer) -> None:
    assert anna.request(executeAt=JULY, reoccurrence="WEEKLY")["confirmationId"].startswith("standing-order:")


def test_a_standing_order_ends_after_its_last_date(kontist: Kontist, anna: Payer) -> None:
    order = standing(anna, lastExecutionDate="2026-08-01T22:00:00.000Z", reoccurrence="MONTHLY")
    advance_to(kontist, anna, "2026-08-01")
    ended = anna.look_up(order["id"], "STANDING_ORDER")
    assert (ended["status"], ended["nextOccurrence"]) == ("INACTIVE", None)
    advance_to(kontist, anna, "2026-12-01")
    assert amounts(kontist, anna) == [-1200, -1200]


def test_an_occurrence_without_funds_is_declined_and_the_order_goes_on(kontist: Kontist, anna: Payer) -> None:
    order = standing(anna, amount=60000)
    advance_to(kontist, anna, "2026-08-15")
    assert amounts(kontist, anna) == [-60000]
    assert anna.look_up(order["id"], "STANDING_ORDER")["status"] == "ACTIVE"
    assert anna.look_up(order["id"], "STANDING_ORDER")["nextOccurrence"] == "2026-09-01T12:00:00.000Z"


def test_every_occurrence_has_an_end_to_end_id(kontist: Kontist, anna: Payer) -> None:
    standing(anna)
    standing(anna, e2eId="MIETE", amount=1)
    advance_to(kontist, anna, "2026-08-15")
    found = [row["e2eId"] for row in kontist.transactions("first: 4", "e2eId", anna.token)]
    assert found.count("MIETE") == 2
    assert len(set(found)) == 3


def test_a_standing_order_changes_after_confirmation(kontist: Kontist, anna: Payer) -> None:
    order = standing(anna, purpose="old", e2eId="OLD")
    fields = {"id": order["id"], "type": "STANDING_ORDER", "amount": 5000, "reoccurrence": "WEEKLY"}
    request = anna.read(UPDATE, transfer=fields)["updateTransfer"]
    assert anna.look_up(order["id"], "STANDING_ORDER")["amount"] == 1200
    changed = anna.confirm(request["confirmationId"])
    assert (changed["amount"], changed["reoccurrence"], changed["status"]) == (5000, "WEEKLY", "ACTIVE")
    assert (changed["purpose"], changed["e2eId"]) == (None, None)  # reset, as they were not given
    advance_to(kontist, anna, "2026-07-15")
    assert amounts(kontist, anna) == [-5000, -5000, -5000]


def test_an_update_without_an_amount_keeps_it_and_may_end_the_order(kontist: Kontist, anna: Payer) -> None:
    order = standing(anna)
    fields = {"id": order["id"], "type": "STANDING_ORDER", "lastExecutionDate": "2026-06-20T12:00:00Z"}
    request = anna.read(UPDATE, transfer=fields)["updateTransfer"]
    changed = anna.confirm(request["confirmationId"])
    assert (changed["amount"], changed["status"], changed["nextOccurrence"]) == (1200, "INACTIVE", None)
    assert anna.refused(UPDATE, transfer=fields)[0] == 400
    advance_to(kontist, anna, "2026-07-15")
    assert amounts(kontist, anna) == []


def test_a_standing_order_is_cancelled_after_confirmation_and_stays_listed(kontist: Kontist, anna: Payer) -> None:
    order = standing(anna)
    request = anna.read(CANCEL, id=order["id"], type="STANDING_ORDER")["cancelTransfer"]["confirmationId"]
    assert anna.look_up(order["id"], "STANDING_ORDER")["status"] == "ACTIVE"
    canceled = anna.read(CONFIRM_CANCEL, id=request, code=CODE)["confirmCancelTransfer"]
    assert canceled == {"id": order["id"], "status": "CANCELED", "nextOccurrence": None}
    assert [t["status"] for t in anna.listed("STANDING_ORDER")] == ["CANCELED"]
    advance_to(kontist, anna, "2026-09-01")
    assert amounts(kontist, anna) == []


def test_a_wrong_code_cancels_nothing(anna: Payer) -> None:
    order = standing(anna)
    request = anna.read(CANCEL, id=order["id"], type="STANDING_ORDER")["cancelTransfer"]["confirmationId"]
    assert anna.refused(CONFIRM_CANCEL, id=request, code="000000")[0] == 403
    assert anna.look_up(order["id"], "STANDING_ORDER")["status"] == "ACTIVE"


def test_orders_are_not_checked_for_funds_beforehand(anna: Payer) -> None:
    assert standing(anna, amount=10**9)["status"] == "ACTIVE"


def test_an_order_that_is_never_confirmed_never_runs(kontist: Kontist, anna: Payer) -> None:
    anna.read(CREATE, transfer=transfer(executeAt=JULY))
    advance_to(kontist, anna, "2026-07-02")
    assert anna.balances() == (97000, 97000)
    assert anna.listed("TIMED_ORDER") == []


def test_the_recipient_of_an_order_gets_the_money(kontist: Kontist, anna: Payer) -> None:
    timed(anna, iban="DE35110101009876543210")
    advance_to(kontist, anna, "2026-07-01")
    assert Payer(kontist, "ben").newest("amount iban") == {"amount": 1200, "iban": "DE30110101001234567890"}
    assert IBAN not in {row["iban"] for row in kontist.transactions("", "iban", anna.token)}


@pytest.mark.parametrize(
    ("reoccurrence", "first", "dates"),
    [
        ("WEEKLY", "2026-12-28", ["2027-01-04", "2027-01-11"]),
        ("BIWEEKLY", "2026-06-15", ["2026-06-29", "2026-07-13"]),
        ("MONTHLY", "2027-01-31", ["2027-02-28", "2027-03-31"]),
        ("QUARTERLY", "2026-11-30", ["2027-02-28", "2027-05-30"]),
        ("EVERY_SIX_MONTHS", "2026-08-31", ["2027-02-28", "2027-08-31"]),
        ("ANNUALLY", "2028-02-29", ["2029-02-28", "2030-02-28"]),
    ],
)
def test_occurrences_follow_the_calendar(reoccurrence: str, first: str, dates: list[str]) -> None:
    start = datetime.fromisoformat(first).replace(hour=12, tzinfo=UTC)
    found = [occurrence(start, reoccurrence, number) for number in (1, 2)]
    assert [at.date().isoformat() for at in found] == dates
    assert {at.hour for at in found} == {12}
