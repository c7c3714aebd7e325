"""What SEPA takes, and how to say it in its letters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankweave import Frequency, TransferKind, TransferOrder
from bankweave.errors import InvalidOrder
from bankweave.sepa import check_order, is_iban, plain_iban, written_out

ORDER = {"creditor_name": "Anna", "creditor_iban": "DE89 3704 0044 0532 0130 00", "amount": Decimal(1)}


def an_order(**more: object) -> TransferOrder:
    return TransferOrder(**{**ORDER, **more})  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize("iban", ["DE89370400440532013000", "gb82 west 1234 5698 7654 32", "NO9386011117947"])
def test_an_iban_is_known_by_its_check_digits(iban: str) -> None:
    assert is_iban(iban)


@pytest.mark.parametrize(
    "text", ["", "DE", "DE89370400440532013001", "DE8937040044053201300Ö", "D189370400440532013000"]
)
def test_what_is_no_iban_is_none(text: str) -> None:
    assert not is_iban(text)


@given(st.integers(0, 21), st.integers(0, 9))
def test_no_single_wrong_digit_passes(place: int, digit: int) -> None:
    iban = plain_iban("DE89370400440532013000")
    other = iban[:place] + str(digit) + iban[place + 1 :]
    assert is_iban(other) == (other == iban)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Müller & Söhne", "Mueller + Soehne"),
        ("Straße", "Strasse"),
        ("Çelik", "Celik"),
        ("5 €", "5 ."),
        ("A-b.c", "A-b.c"),
    ],
)
def test_other_letters_are_written_out(text: str, said: str) -> None:
    assert written_out(text) == said


@given(st.text(max_size=60))
def test_what_is_written_out_is_taken(text: str) -> None:
    check_order(an_order(remittance_information=written_out(text)[:140]))


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, TransferKind.CREDIT_TRANSFER),
        ({"instant": True}, TransferKind.INSTANT_TRANSFER),
        ({"requested_execution_date": date(2027, 1, 1)}, TransferKind.SCHEDULED_TRANSFER),
        (
            {"requested_execution_date": date(2027, 1, 1), "frequency": Frequency.MONTHLY},
            TransferKind.STANDING_ORDER,
        ),
    ],
)
def test_the_fields_decide_the_kind(more: dict[str, object], kind: TransferKind) -> None:
    order = an_order(**more)
    check_order(order)
    assert order.kind is kind


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"amount": Decimal("NaN")}, "amount"),
        ({"amount": Decimal("1e12")}, "amount"),
        ({"instant": True, "requested_execution_date": date(2027, 1, 1)}, "instant"),
        ({"frequency": Frequency.MONTHLY}, "requested_execution_date"),
        ({"end_date": date(2027, 1, 1)}, "end_date"),
        (
            {
                "frequency": Frequency.WEEKLY,
                "requested_execution_date": date(2027, 1, 2),
                "end_date": date(2027, 1, 1),
            },
            "end_date",
        ),
        ({"creditor_name": "x" * 71}, "creditor_name"),
    ],
)
def test_what_cannot_be_is_named(more: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidOrder, match=field) as invalid:
        check_order(an_order(**more))
    assert invalid.value.code == field
    assert "nothing was sent" in str(invalid.value)
