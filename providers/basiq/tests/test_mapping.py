from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from providers.basiq.tests.conftest import account, connector, pending, transaction

from bankweave.errors import MalformedAnswer
from bankweave.model import AccountStatus, AccountType, ObservedTransaction, PartyRole, TransactionStatus
from bankweave_basiq.mapping import (
    to_account,
    to_amount,
    to_balances,
    to_day,
    to_institutions,
    to_transaction,
)
from bankweave_basiq.parties import to_parties
from bankweave_basiq.wire import TRANSACTIONS, WireAccount, WireConnector

SYDNEY = ZoneInfo("Australia/Sydney")


def row(value: object) -> ObservedTransaction:
    body = json.dumps({"data": [value]}).encode()
    return to_transaction(TRANSACTIONS.validate_json(body)["data"][0], SYDNEY, None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-12-30T00:00:00Z", date(2025, 12, 30)),
        ("2025-12-30T00:00:00.000Z", date(2025, 12, 30)),
        ("2025-12-30", date(2025, 12, 30)),
        ("2021-11-18T13:00:00Z", date(2021, 11, 19)),
        ("2021-11-18T12:59:59Z", date(2021, 11, 18)),
        ("2025-06-30T14:00:00Z", date(2025, 7, 1)),  # winter: ten hours, not eleven
        ("2025-06-30T13:59:59Z", date(2025, 6, 30)),
        ("2024-02-29T00:00:00Z", date(2024, 2, 29)),
        ("2021-11-19T00:00:00+11:00", date(2021, 11, 19)),
    ],
)
def test_booking_date_is_the_banks_own_day(text: str, day: date) -> None:
    assert to_day(text, SYDNEY) == day


@pytest.mark.parametrize("text", ["yesterday", "2025-13-01T00:00:00Z", "9999-12-31T23:00:00Z", "2025-02-29", "0"])
def test_date_that_is_none_is_an_error_and_not_a_guess(text: str) -> None:
    with pytest.raises(MalformedAnswer):
        to_day(text, SYDNEY)


@pytest.mark.parametrize("text", ["-0.10", "12345678901234567890123456789.01", "1e3", "0"])
def test_amount_is_exact(text: str) -> None:
    assert to_amount(text) == Decimal(text)
    assert str(to_amount(text)) == str(Decimal(text))


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-inf", "sNaN", "1,234.56", "$5", "", "1 000 x"])
def test_amount_that_is_none_is_an_error_without_showing_it(text: str) -> None:
    with pytest.raises(MalformedAnswer) as caught:
        to_amount(text)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(("amount", "direction"), [("4.50", "debit"), ("-4.50", "credit")])
def test_amount_against_its_direction_is_not_believed(amount: str, direction: str) -> None:
    with pytest.raises(MalformedAnswer):
        row(transaction(amount=amount, direction=direction))


@pytest.mark.parametrize("direction", ["debit", "credit", "", None, "sideways"])
def test_nothing_moves_in_any_direction(direction: str | None) -> None:
    assert row(transaction(amount="0.00", direction=direction)).amount == 0


def test_money_out_of_a_card_is_negative() -> None:
    assert row(transaction(amount="-55.10")).amount == Decimal("-55.10")


@pytest.mark.parametrize("amount", [1.5, 3, None, True])
def test_amount_that_is_no_text_spoils_the_answer(amount: object) -> None:
    with pytest.raises(ValueError, match="amount"):
        row(transaction(amount=amount))


def test_empty_texts_are_absent() -> None:
    one = row(transaction(description="", balance="", transactionDate="", **{"class": ""}))
    assert (one.remittance_information, one.balance_after, one.transaction_date) == ((), None, None)
    assert (one.category, one.provider_type, one.counterparty_name) == (None, None, None)


def test_balance_of_zero_is_kept_though_it_may_mean_nothing() -> None:
    assert row(transaction(balance="0.00")).balance_after == 0


def test_merchant_category_and_reference_are_taken_where_there_are_any() -> None:
    enrich = {"merchant": {"businessName": "Garfish Manly"}}
    one = row(transaction(enrich=enrich, subClass={"code": "451", "title": "Cafes"}, reference="INV 7"))
    assert (one.counterparty_name, one.category, one.provider_type) == ("Garfish Manly", "Cafes", "payment")
    assert one.remittance_information == ("COFFEE", "INV 7")


def test_pending_row_takes_the_day_it_has() -> None:
    assert row(pending(transactionDate="", postDate="2026-11-21T00:00:00Z")).transaction_date == date(2026, 11, 21)
    assert row(pending(transactionDate=None)).date is None


def test_unknown_status_is_kept_apart() -> None:
    one = row(transaction(status="reversed"))
    assert (one.status, one.provider_id, one.booking_date) == (TransactionStatus.UNKNOWN, None, None)


@pytest.mark.parametrize("currency", ["DOLLARS", "A$", "", "A1D", "ÄUD"])
def test_currency_that_is_none_is_an_error(currency: str) -> None:
    with pytest.raises(MalformedAnswer):
        row(transaction(currency=currency))


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("transaction", AccountType.CURRENT),
        ("savings", AccountType.SAVINGS),
        ("credit-card", AccountType.CARD),
        ("mortgage", AccountType.LOAN),
        ("loan", AccountType.LOAN),
        ("investment", AccountType.INVESTMENT),
        ("term-deposit", AccountType.INVESTMENT),
        ("insurance", AccountType.UNKNOWN),
        ("time-machine", AccountType.UNKNOWN),
    ],
)
def test_account_type_is_translated_and_its_word_kept(word: str, kind: AccountType) -> None:
    one = to_account(WireAccount.model_validate({**account(), "class": {"type": word}}))
    assert (one.type, one.provider_type) == (kind, word)


def test_card_shows_what_is_owed_and_its_limit() -> None:
    card = {"balance": "-812.33", "availableFunds": "4187.67", "creditLimit": "5000.00", "status": "available"}
    wire = WireAccount.model_validate({**account(), **card})
    assert (to_account(wire).credit_limit, to_account(wire).status) == (Decimal("5000.00"), AccountStatus.ENABLED)


LOAN = {"startDate": "2022-12-09", "originalLoanAmount": "630300.00", "repaymentFrequency": "P1M"}


@pytest.mark.parametrize("word", ["mortgage", "loan"])
def test_loan_shows_what_is_owed_and_what_was_lent(word: str) -> None:
    shown = {"balance": "-602755.07", "availableFunds": "27544.93", "creditLimit": "630300.00", "meta": {"loan": LOAN}}
    wire = WireAccount.model_validate({**account(), **shown, "class": {"type": word, "product": "Hooli Home Loan"}})
    one = to_account(wire)
    assert (one.type, one.provider_type, one.credit_limit) == (AccountType.LOAN, word, Decimal("630300.00"))
    booked, available = to_balances(wire, datetime(2026, 1, 1, tzinfo=UTC))
    assert (booked.amount, available.amount) == (Decimal("-602755.07"), Decimal("27544.93"))


def test_term_deposit_has_a_balance_of_which_nothing_is_available() -> None:
    term = {"lodgementDate": "2023-03-18", "maturityDate": "2026-09-18", "maturityInstructions": "ROLLED_OVER"}
    shown = {"balance": "31654.48", "availableFunds": "0.00", "creditLimit": None, "meta": {"termDeposit": [term]}}
    wire = WireAccount.model_validate({**account(), **shown, "class": {"type": "term-deposit", "product": "Saver"}})
    booked, available = to_balances(wire, datetime(2026, 1, 1, tzinfo=UTC))
    assert (booked.amount, available.amount) == (Decimal("31654.48"), Decimal(0))
    assert (to_account(wire).type, to_account(wire).credit_limit) == (AccountType.INVESTMENT, None)


@pytest.mark.parametrize(
    ("word", "amount", "direction"), [("loan-repayment", "3856.31", "credit"), ("loan-interest", "-3113.05", "debit")]
)
def test_rows_of_a_loan_keep_their_sign_and_class(word: str, amount: str, direction: str) -> None:
    one = row(transaction(amount=amount, direction=direction, **{"class": word}))
    assert (one.amount, one.provider_type, one.category) == (Decimal(amount), word, word)


def test_balance_that_was_not_sent_is_no_zero() -> None:
    assert to_balances(WireAccount.model_validate(account()), datetime(2026, 1, 1, tzinfo=UTC)) == ()


def test_holder_of_a_joint_account_is_not_said_to_own_it() -> None:
    holder = {"accountHolder": "A & B"}
    accounts = [
        WireAccount.model_validate({**account("a"), **holder, "accountOwnership": "TWO_PARTY"}),
        WireAccount.model_validate({**account("b"), **holder, "accountOwnership": "ONE_PARTY"}),
        WireAccount.model_validate({**account("c"), **holder, "accountOwnership": "ONE_PARTY", "isOwned": False}),
    ]
    found = {(party.role, party.account_provider_ids) for party in to_parties(accounts)}
    assert found == {(PartyRole.OWNER, ("b",)), (PartyRole.UNKNOWN, ("a", "c"))}


def test_bank_reached_in_two_ways_is_one_institution_and_uploads_are_none() -> None:
    wires = [
        connector(),
        connector(method="openbanking"),
        connector("NZ00001", method="open-banking", country="New Zealand", logo=None),
        connector("AU00009", method="pdf"),
        {"id": "AU00010", "method": "web"},
    ]
    found = to_institutions(WireConnector.model_validate(wire) for wire in wires)
    assert [(bank.id, bank.country, bank.name) for bank in found] == [
        ("AU00000", "AU", "Hooli Bank"),
        ("NZ00001", "NZ", "Hooli Bank"),
        ("AU00010", None, "AU00010"),
    ]
    assert found[0].logo_url == "https://example.com/s.svg"


ANZSIC = {"group": {"code": "451", "title": "Cafes and Restaurants"}, "class": {"code": "4511", "title": "Cafes"}}


def test_what_enrich_found_is_kept() -> None:
    category = {"mcc": {"code": "5814", "title": "Fast Food"}, "anzsic": ANZSIC}
    one = row(transaction(enrich={"category": category, "tags": ["type:food", "chain:yes"], "merchant": None}))
    assert (one.category, one.merchant_category_code, one.labels) == ("Cafes", "5814", ("type:food", "chain:yes"))


@pytest.mark.parametrize(
    "enrich", [None, {}, {"category": None, "tags": None}, {"category": {"mcc": None, "anzsic": None}}]
)
def test_enrichment_may_lack_anything(enrich: object) -> None:
    one = row(transaction(enrich=enrich))
    assert (one.category, one.merchant_category_code, one.labels) == ("payment", None, ())


@pytest.mark.parametrize("code", ["MC12", "", "5 814"])
def test_merchant_category_that_is_none_is_left_out(code: str) -> None:
    assert row(transaction(enrich={"category": {"mcc": {"code": code}}})).merchant_category_code is None


def test_biller_is_the_other_side_of_a_bill() -> None:
    details = {"bpay": {"billerCode": "1234", "billerName": "Energy Co", "crn": "99"}}
    assert row(transaction(paymentDetails=details)).counterparty_name == "Energy Co"
    assert row(transaction(paymentDetails={"bpay": None})).counterparty_name is None
