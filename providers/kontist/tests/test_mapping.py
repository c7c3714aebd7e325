from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from bankweave.errors import MalformedAnswer
from bankweave.model import TransactionStatus
from bankweave_kontist.mapping import ForeignAmounts, transaction
from bankweave_kontist.wire import WireTransaction

ROW = TypeAdapter(WireTransaction)
MINOR = ForeignAmounts()


def row(**changes: Any) -> WireTransaction:
    whole: dict[str, Any] = {
        "id": "t-1",
        "amount": -1234,
        "name": "Acme GmbH",
        "iban": "DE32110101001000000029",
        "type": "SEPA_CREDIT_TRANSFER",
        "bookingDate": "2026-07-13T22:00:00.000Z",
        "valutaDate": "2026-07-14T22:00:00.000Z",
        "purpose": "Rechnung 7",
        "e2eId": "E-1",
        "mandateNumber": "M-1",
        "category": "PRIVATE",
        "categoryCode": "1120",
        "merchantCategoryCode": None,
        "originalAmount": None,
        "foreignCurrency": None,
    }
    return ROW.validate_json(to_json(whole | changes))


def test_a_booked_row_keeps_every_word_of_kontist() -> None:
    mapped = transaction(row(), MINOR)
    assert mapped.status is TransactionStatus.BOOKED
    assert (mapped.booking_date, mapped.value_date, mapped.transaction_date) == (
        date(2026, 7, 14), date(2026, 7, 15), None)  # fmt: skip
    assert (mapped.provider_id, mapped.counterparty_name, mapped.counterparty_iban) == (
        "t-1", "Acme GmbH", "DE32110101001000000029")  # fmt: skip
    assert mapped.remittance_information == ("Rechnung 7",)
    assert (mapped.end_to_end_id, mapped.mandate_id) == ("E-1", "M-1")
    assert (mapped.provider_type, mapped.category, mapped.currency) == ("SEPA_CREDIT_TRANSFER", "PRIVATE", "EUR")


@pytest.mark.parametrize(
    ("cents", "euros"),
    [(-1234, "-12.34"), (1, "0.01"), (0, "0.00"), (100, "1.00"), (2**53, "90071992547409.92"), (-7, "-0.07")],
)
def test_cents_become_euros_exactly_and_keep_their_sign(cents: int, euros: str) -> None:
    amount = transaction(row(amount=cents), MINOR).amount
    assert (amount, str(amount)) == (Decimal(euros), euros)


@pytest.mark.parametrize("amount", [12.5, "1234", True, None, 2**60])
def test_an_amount_that_is_no_whole_number_of_cents_is_never_rounded(amount: object) -> None:
    with pytest.raises(ValidationError):
        row(amount=amount)


@pytest.mark.parametrize("kind", ["CARD_USAGE", "ATM", "CARD_TRANSACTION"])
def test_a_card_row_without_value_date_is_a_reservation(kind: str) -> None:
    mapped = transaction(row(type=kind, valutaDate=None), MINOR)
    assert mapped.status is TransactionStatus.PENDING
    assert (mapped.booking_date, mapped.value_date, mapped.transaction_date) == (None, None, date(2026, 7, 14))


@pytest.mark.parametrize("kind", ["EXTERNAL_TRANSACTION", "EXTERNAL_TRANSACTION_CASH"])
def test_what_the_person_entered_is_no_money_of_the_account(kind: str) -> None:
    assert transaction(row(type=kind), MINOR).status is TransactionStatus.INFORMATION


@pytest.mark.parametrize("kind", ["SEPA_CREDIT_TRANSFER", "SOMETHING_OF_2031"])
def test_any_other_row_without_value_date_is_booked(kind: str) -> None:
    mapped = transaction(row(type=kind, valutaDate=None), MINOR)
    assert (mapped.status, mapped.provider_type) == (TransactionStatus.BOOKED, kind)
    assert mapped.booking_date == date(2026, 7, 14)


def test_a_settled_card_row_is_booked() -> None:
    assert transaction(row(type="CARD_USAGE"), MINOR).status is TransactionStatus.BOOKED


@pytest.mark.parametrize("valued", [None, "2026-07-14T22:00:00.000Z"])
def test_a_declined_card_payment_is_no_booking(valued: str | None) -> None:
    mapped = transaction(row(type="FAILED_CARD_USAGE", valutaDate=valued), MINOR)
    assert (mapped.status, mapped.booking_date) == (TransactionStatus.REJECTED, None)


def test_what_was_not_sent_is_none() -> None:
    empty = row(name=None, iban="", purpose=" ", e2eId=None, mandateNumber=None, category=None, categoryCode=None)
    mapped = transaction(empty, MINOR)
    assert (mapped.counterparty_name, mapped.counterparty_iban, mapped.remittance_information) == (None, None, ())
    assert (mapped.end_to_end_id, mapped.mandate_id, mapped.category) == (None, None, None)
    assert (mapped.instructed_amount, mapped.instructed_currency) == (None, None)


def test_the_category_code_stands_in_for_a_missing_category() -> None:
    assert transaction(row(category=None), MINOR).category == "1120"


@pytest.mark.parametrize(
    ("original", "currency", "amount", "instructed"),
    [
        (760, "CHF", -659, "-7.60"),
        (-760, "CHF", -659, "-7.60"),
        (760.0, "CHF", 659, "7.60"),
        (-760, "CHF", 659, "7.60"),
        (1500, "JPY", -900, "-1500"),
        (12345, "KWD", -3700, "-12.345"),
    ],
)
def test_a_foreign_amount_is_read_in_its_minor_unit_with_the_sign_of_the_booking(
    original: float, currency: str, amount: int, instructed: str
) -> None:
    mapped = transaction(row(originalAmount=original, foreignCurrency=currency, amount=amount), MINOR)
    assert (str(mapped.instructed_amount), mapped.instructed_currency) == (instructed, currency)


def test_a_foreign_amount_is_read_in_its_major_unit_where_the_settings_say_so() -> None:
    foreign = row(originalAmount=7.6, foreignCurrency="CHF")
    assert transaction(foreign, ForeignAmounts(in_minor_units=False)).instructed_amount == Decimal("-7.6")


@pytest.mark.parametrize("half", [{"originalAmount": 760}, {"foreignCurrency": "CHF"}])
def test_half_a_foreign_amount_is_none(half: dict[str, Any]) -> None:
    mapped = transaction(row(**half), MINOR)
    assert (mapped.instructed_amount, mapped.instructed_currency) == (None, None)


@pytest.mark.parametrize("day", ["yesterday", "", "9" * 40, "9999-12-31T23:30:00Z", 2**60])
@pytest.mark.parametrize("name", ["bookingDate", "valutaDate"])
def test_an_unreadable_day_is_not_guessed(name: str, day: str | int) -> None:
    with pytest.raises(MalformedAnswer):
        transaction(row(**{name: day}), MINOR)


@pytest.mark.parametrize("day", [None, True, 1.5, "9" * 41])
def test_what_can_be_no_day_is_no_row(day: object) -> None:
    with pytest.raises(ValidationError):
        row(bookingDate=day)


def test_the_old_milliseconds_are_read_as_well() -> None:
    assert transaction(row(bookingDate="1570399200000"), MINOR).booking_date == date(2019, 10, 7)


def test_a_row_says_in_iso_20022_what_it_is_and_keeps_kontists_words_beside() -> None:
    paid, received = transaction(row(), MINOR), transaction(row(amount=1), MINOR)
    assert (paid.bank_transaction_code, received.bank_transaction_code) == ("PMNT-ICDT-ESCT", "PMNT-RCDT-ESCT")
    assert paid.provider_type == received.provider_type == "SEPA_CREDIT_TRANSFER"
    assert transaction(row(type="SOMETHING_OF_2031"), MINOR).bank_transaction_code is None


def test_the_payment_method_is_kontists_free_word() -> None:
    assert transaction(row(paymentMethod="bank_account"), MINOR).payment_method == "bank_account"
    assert transaction(row(), MINOR).payment_method is None


@pytest.mark.parametrize(
    ("fees", "charges"),
    [
        ([], None),
        ([("CHARGED", 25)], "0.25"),
        ([("CHARGED", 25), ("CHARGED", 199)], "2.24"),
        ([("CHARGED", 25), ("REFUNDED", 25)], "0.25"),
        ([("CREATED", 25), ("CANCELLED", 25), ("REFUND_INITIATED", 25), ("REFUNDED", 25)], None),
        ([("CHARGED", None)], None),
    ],
)
def test_charges_are_the_fees_that_were_taken(fees: list[tuple[str, int | None]], charges: str | None) -> None:
    listed = [{"status": status, "unitAmount": amount} for status, amount in fees]
    mapped = transaction(row(fees=listed), MINOR)
    assert mapped.charges == (None if charges is None else Decimal(charges))
    assert mapped.amount == Decimal("-12.34")
