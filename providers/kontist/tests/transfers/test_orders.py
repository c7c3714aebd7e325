"""What is sent for an order, and what is refused before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bankweave.errors import InvalidOrder
from bankweave.payment import Frequency, TransferKind, TransferOrder, TransferStatus
from bankweave_kontist.transfers.mapping import STATUSES, neutral_transfer, of_batch
from bankweave_kontist.transfers.orders import (
    REOCCURRENCES,
    TransferChange,
    batch_input,
    cents,
    change_input,
    check_change,
    identified,
    transfer_input,
)
from bankweave_kontist.transfers.wire import Batch, KontistTransfer

TODAY = date(2026, 11, 22)
IBAN = "DE89 3704 0044 0532 0130 00"
ORDER = TransferOrder(creditor_name="Vermieter", creditor_iban=IBAN, amount=Decimal("12.34"))


def refused(order: TransferOrder) -> str | None:
    with pytest.raises(InvalidOrder) as error:
        transfer_input(order, TODAY)
    return error.value.code


def test_a_plain_order_is_cents_and_a_plain_iban() -> None:
    order = replace(ORDER, remittance_information="Miete", end_to_end_id="E-1")
    assert transfer_input(order, TODAY) == {
        "recipient": "Vermieter",
        "iban": "DE89370400440532013000",
        "amount": 1234,
        "purpose": "Miete",
        "e2eId": "E-1",
    }


def test_only_an_instant_order_names_its_type() -> None:
    assert transfer_input(replace(ORDER, instant=True), TODAY)["type"] == "INSTANT_CREDIT_TRANSFER"


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2026, 7, 1), date(2027, 3, 28)])
def test_a_day_is_sent_as_an_instant_that_is_the_same_day_in_berlin_and_utc(day: date) -> None:
    sent = transfer_input(replace(ORDER, requested_execution_date=day), date(2026, 6, 1))
    assert sent["executeAt"] == f"{day}T12:00:00.000Z"
    assert "reoccurrence" not in sent


def test_a_standing_order_has_its_rhythm_and_both_days() -> None:
    first, last = date(2026, 12, 1), date(2027, 12, 1)
    order = replace(ORDER, frequency=Frequency.SEMI_ANNUAL, requested_execution_date=first, end_date=last)
    sent = transfer_input(order, TODAY)
    assert (sent["reoccurrence"], sent["executeAt"]) == ("EVERY_SIX_MONTHS", "2026-12-01T12:00:00.000Z")
    assert sent["lastExecutionDate"] == "2027-12-01T12:00:00.000Z"


@pytest.mark.parametrize("frequency", sorted(set(Frequency) - set(REOCCURRENCES)))
def test_rhythms_that_kontist_lacks_are_refused(frequency: Frequency) -> None:
    assert refused(replace(ORDER, frequency=frequency, requested_execution_date=TODAY)) == "frequency"


def test_options_go_along() -> None:
    options = {
        "category": "TAX_PAYMENT",
        "personal_note": "n" * 250,
        "user_selected_booking_date": "2026-10-31",
        "reference": "session-1",
    }
    sent = transfer_input(replace(ORDER, options=options), TODAY)
    assert sent["category"] == "TAX_PAYMENT"
    assert sent["userSelectedBookingDate"] == "2026-10-31T12:00:00.000Z"
    assert (sent["personalNote"], sent["reference"]) == ("n" * 250, "session-1")


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"personal_note": "n" * 251}, "personal_note"),
        ({"user_selected_booking_date": "2026-10-31"}, "user_selected_booking_date"),
        ({"user_selected_booking_date": "2026-10-31", "category": "PRIVATE"}, "user_selected_booking_date"),
        ({"user_selected_booking_date": "31.10.2026", "category": "VAT_REFUND"}, "user_selected_booking_date"),
        ({"category": "tax payment"}, "category"),
        ({"note": "n"}, "options"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, str], field: str) -> None:
    assert refused(replace(ORDER, options=options)) == field


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal(-1)}, "amount"),
        ({"amount": Decimal("0.001")}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
        ({"amount": Decimal("21474836.48")}, "amount"),
        ({"creditor_iban": "DE00370400440532013000"}, "creditor_iban"),
        ({"remittance_information": "x" * 141}, "remittance_information"),
        ({"remittance_information": "Müller"}, "remittance_information"),
        ({"end_to_end_id": "x" * 36}, "end_to_end_id"),
        ({"requested_execution_date": date(2026, 11, 21)}, "requested_execution_date"),
        ({"frequency": Frequency.MONTHLY}, "requested_execution_date"),
    ],
)
def test_what_no_bank_would_take_is_refused(changed: dict[str, object], field: str) -> None:
    assert refused(replace(ORDER, **changed)) == field  # type: ignore[arg-type]  # the fields of an order


def test_a_batch_takes_plain_transfers_only() -> None:
    assert len(batch_input([ORDER, replace(ORDER, options={"personal_note": "n"})])) == 2
    wrong = (
        (),
        (ORDER, replace(ORDER, instant=True)),
        (ORDER, replace(ORDER, requested_execution_date=TODAY)),
        (ORDER, replace(ORDER, options={"category": "PRIVATE"})),
    )
    for orders in wrong:
        with pytest.raises(InvalidOrder):
            batch_input(orders)


@given(some.integers(min_value=1, max_value=2**31 - 1))
def test_no_cent_is_lost(amount: int) -> None:
    assert cents(Decimal(amount).scaleb(-2)) == amount


def test_an_order_without_an_end_to_end_id_gets_one_that_sepa_takes() -> None:
    named = identified(ORDER, "secret")
    assert named.end_to_end_id is not None
    assert len(named.end_to_end_id) <= 35
    transfer_input(named, TODAY)
    assert identified(named, "other") is named
    assert identified(ORDER, "other").end_to_end_id != named.end_to_end_id


def test_only_standing_orders_are_changed_as_a_whole() -> None:
    change = TransferChange(amount=Decimal(20), purpose="", frequency=Frequency.WEEKLY)
    assert change_input(TransferKind.STANDING_ORDER, "id-1", change) == {
        "id": "id-1",
        "type": "STANDING_ORDER",
        "amount": 2000,
        "purpose": "",
        "reoccurrence": "WEEKLY",
    }
    with pytest.raises(InvalidOrder):
        check_change(TransferKind.SCHEDULED_TRANSFER, change)


@pytest.mark.parametrize(
    "change",
    [
        TransferChange(amount=Decimal(0)),
        TransferChange(amount=Decimal(-1)),
        TransferChange(amount=Decimal("0.001")),
        TransferChange(amount=Decimal("21474836.48")),
        TransferChange(amount=Decimal("1e999999")),
        TransferChange(amount=Decimal("Infinity")),
        TransferChange(amount=Decimal("sNaN")),
        TransferChange(purpose="Müller"),
        TransferChange(purpose="x" * 141),
        TransferChange(end_to_end_id="x" * 36),
        TransferChange(personal_note="n" * 251),
        TransferChange(user_selected_booking_date=TODAY),
        TransferChange(frequency=Frequency.DAILY),
    ],
)
def test_a_change_that_cannot_be_is_refused(change: TransferChange) -> None:
    def write() -> None:
        check_change(TransferKind.STANDING_ORDER, change)
        change_input(TransferKind.STANDING_ORDER, "id-1", change)

    with pytest.raises(InvalidOrder):
        write()


# What is shown --------------------------------------------------------------------------------------------------------


def row(**more: object) -> KontistTransfer:
    fields = {"id": "t-1", "recipient": "Vermieter", "iban": "DE89370400440532013000", "amount": 1234, **more}
    return KontistTransfer.model_validate(fields)


def test_a_row_shows_euros_and_berlin_days() -> None:
    shown = neutral_transfer(
        row(
            status="ACTIVE",
            executeAt="2026-10-31T23:00:00.000Z",
            lastExecutionDate="2027-10-30T22:00:00.000Z",
            nextOccurrence="2026-12-01T12:00:00.000Z",
            reoccurrence="MONTHLY",
            e2eId="E-1",
            purpose="",
        ),
        "account-1",
        TransferKind.STANDING_ORDER,
    )
    assert (shown.amount, shown.currency) == (Decimal("12.34"), "EUR")
    assert shown.requested_execution_date == date(2026, 11, 1)
    assert (shown.end_date, shown.next_execution_date) == (date(2027, 10, 31), date(2026, 12, 1))
    assert (shown.frequency, shown.status) == (Frequency.MONTHLY, TransferStatus.ACTIVE)
    assert (shown.end_to_end_id, shown.remittance_information) == ("E-1", None)


@pytest.mark.parametrize("word", [*STATUSES, None, "BRAND_NEW"])
def test_every_status_has_a_neutral_word_and_keeps_its_own(word: str | None) -> None:
    shown = neutral_transfer(row(status=word), "account-1", TransferKind.CREDIT_TRANSFER)
    assert shown.provider_status == word
    assert (shown.status is TransferStatus.UNKNOWN) == (word not in STATUSES)


def test_a_rhythm_that_comes_later_is_no_reason_to_fail() -> None:
    assert neutral_transfer(row(reoccurrence="HOURLY"), "a", TransferKind.STANDING_ORDER).frequency is None


def test_where_a_batch_has_failed_all_of_it_has() -> None:
    batch = Batch(id="b-1", status="FAILED", transfers=[row(status="AUTHORIZED")])
    assert [each.status for each in of_batch(batch)] == ["FAILED"]
    accepted = Batch(id="b-1", status="ACCEPTED", transfers=[row(status="CONFIRMED")])
    assert [each.status for each in of_batch(accepted)] == ["CONFIRMED"]


def test_a_row_shows_nobody_in_what_is_printed() -> None:
    assert "Vermieter" not in repr(row())
    assert "DE89" not in repr(row())
