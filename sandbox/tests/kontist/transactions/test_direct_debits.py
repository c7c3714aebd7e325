"""Direct debits given back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sandbox.tests.kontist.callers import Kontist, make_kontist, make_movement

from bankweave_sandbox.world import Kind

_ASK = (
    "mutation ($id: String!, $delivery: DeliveryMethod!)"
    '{initDirectDebitRefund(transactionId: $id, deviceId: "none", deliveryMethod: $delivery)'
    "{changeRequestId stringToSign}}"
)
_CONFIRM = (
    "mutation ($id: String!, $code: String)"
    '{confirmDirectDebitRefund(changeRequestId: $id, deviceId: "none", token: $code) {success}}'
)
_REFUND = "mutation ($id: String!) {refundDirectDebit(transactionId: $id) {success}}"


@pytest.fixture
def kontist() -> Kontist:
    """A new direct debit, an old one and a card payment."""
    old = datetime(2026, 3, 1, 9, tzinfo=UTC)
    kontist = make_kontist(
        [
            make_movement(1, "-40.00", kind=Kind.DIRECT_DEBIT, text="NEW", mandate_id="M-1"),
            make_movement(2, "-50.00", kind=Kind.DIRECT_DEBIT, text="OLD", at=old),
            make_movement(3, "-60.00", text="CARD"),
        ]
    )
    kontist.dialect.switches.strict_mfa = "off"  # it is asked for by test_refunds_need_a_confirmed_token
    return kontist


@pytest.fixture
def token(kontist: Kontist) -> str:
    return kontist.token("transfers transactions accounts")


def row_id(kontist: Kontist, token: str, text: str) -> str:
    rows = kontist.transactions(fields="id purpose", token=token)
    return next(str(row["id"]) for row in rows if row["purpose"] == text)


def test_a_refund_brings_the_money_back_once_it_is_confirmed(kontist: Kontist, token: str) -> None:
    before = kontist.world.booked_balance(kontist.account)
    asked = kontist.read(_ASK, token, id=row_id(kontist, token, "NEW"), delivery="MOBILE_NUMBER")
    request = asked["initDirectDebitRefund"]["changeRequestId"]
    assert kontist.world.booked_balance(kontist.account) == before
    code = kontist.control("GET", "/sms").json()[0]["code"]
    assert kontist.read(_CONFIRM, token, id=request, code=code)["confirmDirectDebitRefund"] == {"success": True}
    assert kontist.world.booked_balance(kontist.account) == before + Decimal("40.00")
    newest = kontist.transactions(fields="type amount mandateNumber", token=token)[0]
    assert newest == {"type": "SEPA_DIRECT_DEBIT_RETURN", "amount": 4000, "mandateNumber": "M-1"}


def test_a_wrong_code_refunds_nothing(kontist: Kontist, token: str) -> None:
    asked = kontist.read(_ASK, token, id=row_id(kontist, token, "NEW"), delivery="MOBILE_NUMBER")
    request = asked["initDirectDebitRefund"]["changeRequestId"]
    assert kontist.ask(_CONFIRM, token, id=request, code="000000")["errors"][0]["extensions"]["status"] == 403
    assert len(kontist.transactions(token=token)) == 3


def test_a_direct_debit_is_refunded_once(kontist: Kontist, token: str) -> None:
    debit = row_id(kontist, token, "NEW")
    assert kontist.read(_REFUND, token, id=debit)["refundDirectDebit"] == {"success": True}
    assert kontist.ask(_REFUND, token, id=debit)["errors"][0]["extensions"]["status"] == 400


@pytest.mark.parametrize("text", ["OLD", "CARD"])
def test_only_recent_direct_debits_are_refunded(kontist: Kontist, token: str, text: str) -> None:
    assert kontist.ask(_REFUND, token, id=row_id(kontist, token, text))["errors"][0]["extensions"]["status"] == 400
    assert len(kontist.transactions(token=token)) == 3


def test_nobody_refunds_debits_of_others(kontist: Kontist, token: str) -> None:
    ben = kontist.token("transfers", name="ben")
    assert kontist.ask(_REFUND, ben, id=row_id(kontist, token, "NEW"))["errors"][0]["extensions"]["status"] == 404


def test_refunds_need_a_confirmed_token(kontist: Kontist, token: str) -> None:
    kontist.dialect.switches.strict_mfa = "transfers"
    assert kontist.ask(_REFUND, token, id="any")["errors"][0]["extensions"]["status"] == 403
