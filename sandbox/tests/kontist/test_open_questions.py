"""Every open question of the notes' section 13 has a switch; here are those that no topic's own tests hold."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal

import pytest
from sandbox.tests.kontist.callers import START, Kontist, make_kontist, make_movement

from bankweave_sandbox.kontist.switches import Switches


def test_every_open_question_has_a_switch() -> None:
    meanings = " ".join(field.metadata["meaning"] for field in fields(Switches))
    assert {int(number) for number in re.findall(r"13\.(\d+)", meanings)} == set(range(1, 17))


@pytest.mark.parametrize(("form", "body"), [("rfc6749", b"invalid_client"), ("status_only", b"")])
def test_what_a_refused_token_request_looks_like(kontist: Kontist, form: str, body: bytes) -> None:
    kontist.dialect.switches.token_errors = form  # type: ignore[assignment]  # a value of the Literal
    answer = kontist.send("POST", "/api/oauth/token", data={"grant_type": "refresh_token", "client_id": "nobody"})
    assert answer.status_code == 401
    assert body in answer.content
    assert bool(answer.content) is bool(body)


def test_more_than_fifty_rows_are_cut_or_refused() -> None:
    kontist = make_kontist([make_movement(number) for number in range(60)])
    assert len(kontist.transactions("first: 60")) == 50

    kontist.dialect.switches.page_above_50 = "refuse"
    query = "{ viewer { mainAccount { transactions(first: 60) { edges { cursor } } } } }"
    (error,) = kontist.ask(query, kontist.token())["errors"]
    assert error["extensions"]["status"] == 400
    assert len(kontist.transactions("first: 50")) == 50


def test_rows_are_sorted_by_the_day_of_booking_or_by_when_they_were_made() -> None:
    late = make_movement(1, at=START - timedelta(days=5), booked_at=START - timedelta(days=1))
    early = make_movement(2, at=START - timedelta(days=4), booked_at=START - timedelta(days=3))
    kontist = make_kontist([late, early])
    assert [row["id"] for row in kontist.transactions()] == [late.id, early.id]

    kontist.dialect.switches.sorted_by = "createdAt"
    assert [row["id"] for row in kontist.transactions()] == [early.id, late.id]


def test_a_filter_without_an_operator_joins_as_switched() -> None:
    kontist = make_kontist([make_movement(1, "-10.00"), make_movement(2, "-20.00")])
    wanted = "filter: {amount_eq: -1000, amount_lt: -1500}"
    assert kontist.transactions(wanted) == []

    kontist.dialect.switches.default_operator = "OR"
    assert len(kontist.transactions(wanted)) == 2


def test_a_foreign_amount_has_the_sign_of_the_amount_or_none() -> None:
    paid = make_movement(1, "-10.00", original_amount=Decimal("-11.50"), original_currency="USD")
    kontist = make_kontist([paid])
    assert kontist.transactions(fields="originalAmount") == [{"originalAmount": -1150.0}]

    kontist.dialect.switches.original_amount_sign = "positive"
    assert kontist.transactions(fields="originalAmount") == [{"originalAmount": 1150.0}]
