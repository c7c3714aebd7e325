"""The control origin over real HTTP: the clock, the truth, payments, the redirect URL, reset."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from bankweave_sandbox import Sandbox

Json = dict[str, Any]


def truth_of(control: httpx.Client, account: str) -> Json:
    accounts = control.get("/truth", params={"account": account}).json()["accounts"]
    assert len(accounts) == 1
    found: Json = accounts[0]
    return found


@pytest.fixture
def anna(control: httpx.Client) -> Json:
    accounts: list[Json] = control.get("/truth", params={"provider": "kontist"}).json()["accounts"]
    return next(a for a in accounts if a["holder"] == "anna@kontist.example")


def test_the_index_says_what_there_is(control: httpx.Client, sandbox: Sandbox) -> None:
    index = control.get("/").json()

    assert "POST /clock" in index["routes"]
    assert index["origins"]["kontist"]["url"] == sandbox.urls["kontist"]


def test_the_clock_is_advanced_by_seconds(control: httpx.Client) -> None:
    before = datetime.fromisoformat(control.get("/clock").json()["now"])

    after = datetime.fromisoformat(control.post("/clock", json={"advance": 86400}).json()["now"])

    assert timedelta(days=1) <= after - before < timedelta(days=1, minutes=1)


def test_the_clock_is_set_to_an_instant(control: httpx.Client) -> None:
    answer = control.post("/clock", json={"set": "2040-01-01T00:00:00+01:00"})

    assert answer.status_code == 200
    assert answer.json()["now"].startswith("2039-12-31T23:00:0")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"advance": -1}, "only moves forward"),
        ({"set": "2001-01-01T00:00:00Z"}, "only moves forward"),
        ({"set": "2040-01-01T00:00:00"}, "UTC offset"),
        ({"set": "tomorrow"}, "ISO 8601"),
        ({"advance": "1"}, "a number"),
        ({"advance": True}, "a number"),
        ({}, "either"),
        ({"advance": 1, "set": "2040-01-01T00:00:00Z"}, "either"),
        ({"advnace": 1}, "unknown field 'advnace'; known fields: advance, set"),
    ],
)
def test_a_wrong_move_of_the_clock_is_refused(control: httpx.Client, body: Json, message: str) -> None:
    answer = control.post("/clock", json=body)

    assert answer.status_code == 400
    assert message in answer.json()["error"]


def test_a_body_that_is_no_json_object_is_refused(control: httpx.Client) -> None:
    assert control.post("/clock", content=b"{").status_code == 400
    assert control.post("/clock", json=[1]).status_code == 400


def test_the_truth_adds_up(anna: Json) -> None:
    booked = [t for t in anna["transactions"] if t["status"] == "booked"]
    pending = [t for t in anna["transactions"] if t["status"] == "pending"]

    assert anna["institution"] == "kontist"
    assert anna["account"].startswith("DE")
    assert len(booked) > 1000
    assert Decimal(anna["available"]) - Decimal(anna["balance"]) == sum(Decimal(t["amount"]) for t in pending)
    assert {t["booking_date"] for t in pending} == {None}


def test_the_truth_is_narrowed_to_a_provider(control: httpx.Client) -> None:
    everything = control.get("/truth").json()["accounts"]
    kontist = control.get("/truth?provider=kontist").json()["accounts"]

    assert {a["provider"] for a in everything} == {"kontist", "kontomatik", "basiq"}
    assert {a["provider"] for a in kontist} == {"kontist"}
    assert control.get("/truth?provider=nobody").status_code == 404


def test_moving_the_clock_reveals_what_happened_meanwhile(control: httpx.Client, anna: Json) -> None:
    control.post("/clock", json={"advance": 40 * 86400})

    assert len(truth_of(control, anna["account"])["transactions"]) > len(anna["transactions"]) + 30


def test_a_payment_is_made_at_once(control: httpx.Client, anna: Json) -> None:
    made = control.post(
        "/payments",
        json={
            "account": anna["account"],
            "amount": "-12.34",
            "text": "Bücher & Käse",
            "counterparty": "Zoë",
            "counterparty_iban": "DE89370400440532013000",
        },
    )

    after = truth_of(control, anna["id"])
    assert made.status_code == 201
    assert made.json() == next(t for t in after["transactions"] if t["status"] == "booked")
    assert made.json() | {"amount": "-12.34", "kind": "transfer", "counterparty": "Zoë"} == made.json()
    assert Decimal(after["balance"]) == Decimal(anna["balance"]) - Decimal("12.34")


def test_a_pending_payment_is_booked_with_another_amount(control: httpx.Client, anna: Json) -> None:
    asked = {"account": anna["id"], "amount": "-20.00", "text": "DINNER", "kind": "card", "pending": True}
    made = control.post("/payments", json=asked).json()
    assert (made["status"], made["booking_date"]) == ("pending", None)

    booked = control.post(f"/payments/{made['id']}/book", json={"amount": "-23.00"}).json()

    assert booked | {"id": made["id"], "status": "booked", "amount": "-23.00", "text": "DINNER"} == booked
    assert booked["booking_date"] is not None
    again = control.post(f"/payments/{made['id']}/book")
    assert again.status_code == 400
    assert "booked already" in again.json()["error"]


def test_a_pending_payment_lapses(control: httpx.Client, anna: Json) -> None:
    asked = {"account": anna["id"], "amount": "-20.00", "text": "HOTEL", "kind": "card", "pending": True}
    made = control.post("/payments", json=asked).json()

    assert control.post(f"/payments/{made['id']}/lapse").status_code == 200

    assert truth_of(control, anna["id"]) == anna
    assert control.post(f"/payments/{made['id']}/lapse").status_code == 404


def test_a_payment_that_lies_ahead_cannot_be_touched(control: httpx.Client, sandbox: Sandbox) -> None:
    ahead = sandbox.world.accounts[0].movements[-1]

    assert control.post(f"/payments/{ahead.id}/lapse").status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"account": "DE00"}, 404, "no account"),
        ({"account": None}, 400, "account is missing"),
        ({"amount": "1.234"}, 400, "two decimals"),
        ({"amount": "NaN"}, 400, "two decimals"),
        ({"amount": "much"}, 400, "not an amount"),
        ({"amount": -12.34}, 400, 'a string such as "-12.34"'),
        ({"amount": None}, 400, "amount is missing"),
        ({"text": ""}, 400, "text is missing"),
        ({"kind": "gift"}, 400, "kind must be one of salary, rent, card"),
        ({"pending": "yes"}, 400, "true or false"),
        ({"currency": "EUR"}, 400, "unknown field 'currency'"),
    ],
)
def test_a_wrong_payment_is_refused(control: httpx.Client, anna: Json, change: Json, status: int, message: str) -> None:
    answer = control.post("/payments", json={"account": anna["id"], "amount": "1.00", "text": "x"} | change)

    assert answer.status_code == status
    assert message in answer.json()["error"]


def test_a_pending_payment_stays_hidden_at_a_bank_that_shows_none(control: httpx.Client) -> None:
    before = control.get("/truth?provider=kontomatik").json()["accounts"][0]
    asked = {"account": before["id"], "amount": "-1.00", "text": "hidden", "pending": True}

    made = control.post("/payments", json=asked).json()

    assert made["status"] == "pending"
    assert truth_of(control, before["id"]) == before
    assert control.post(f"/payments/{made['id']}/book").json()["status"] == "booked"
    assert truth_of(control, before["id"])["transactions"][0]["text"] == "hidden"


def test_the_redirect_url_reaches_the_dialects_and_survives_a_reset(
    control: httpx.Client, provider: httpx.Client
) -> None:
    assert control.get("/redirect-url").json() == {"url": "https://app.example/callback"}

    control.put("/redirect-url", json={"url": "http://127.0.0.1:5000/back"})
    control.post("/reset")

    assert provider.get("/").json()["back"] == "http://127.0.0.1:5000/back"
    assert control.put("/redirect-url", json={"url": "callback"}).status_code == 400


def test_switches_of_a_dialect_are_under_its_name(control: httpx.Client) -> None:
    assert control.patch("/kontist/switches", json={"loud": True}).json() == {"loud": True}
    assert control.get("/kontist/switches").json() == {"loud": True}


def test_a_reset_makes_everything_new(control: httpx.Client, provider: httpx.Client, anna: Json) -> None:
    control.patch("/kontist/switches", json={"loud": True})
    control.post("/payments", json={"account": anna["id"], "amount": "1.00", "text": "x"})
    control.post("/clock", json={"advance": 5 * 86400})
    control.post("/faults", json={"provider": "kontist", "path": "/never", "status": 500})
    assert provider.get("/").json()["asked"] == 1

    control.post("/reset")

    assert provider.get("/").json()["asked"] == 1
    assert truth_of(control, anna["id"]) == anna
    assert control.get("/kontist/switches").json() == {"loud": False}
    assert control.get("/faults").json() == {"faults": []}
    assert len(control.get("/requests").json()["requests"]) == 1


def test_a_reset_may_change_the_seed(control: httpx.Client, anna: Json) -> None:
    assert control.post("/reset", json={"seed": 7}).json()["seed"] == 7

    assert control.get("/truth", params={"account": anna["id"]}).json() == {"accounts": []}
    assert control.post("/reset", json={"seed": "7"}).status_code == 400


def test_unknown_paths_and_methods_are_json_errors(control: httpx.Client) -> None:
    assert control.get("/nowhere").json() == {"error": "Not Found"}
    assert control.delete("/clock").status_code == 405
    assert "error" in control.delete("/clock").json()
