"""Single, instant and batch transfers: what is refused, what shows, where the money goes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sandbox.tests.kontist.callers import Kontist
from sandbox.tests.kontist.payers import CODE, CONFIRM, CREATE, IBAN, Payer, transfer

from bankweave_sandbox.world import News

BEN_IBAN = "DE35110101009876543210"
FUNDS = "There were insufficient funds to complete this action"
CREATE_MANY = "mutation($t: [CreateSepaTransferInput!]!){createTransfers(transfers: $t){confirmationId stringToSign}}"
CONFIRM_MANY = """mutation($id: String!, $code: String!) { confirmTransfers(confirmationId: $id, authorizationToken: $code) {
  id status transfers { id status recipient iban purpose amount e2eId assets { id } } } }"""
UPDATE = """mutation($transfer: UpdateTransferInput!) { updateTransfer(transfer: $transfer) {
  ... on ConfirmationRequest { confirmationId }
  ... on Transfer { id status category personalNote userSelectedBookingDate amount } } }"""
CANCEL = """mutation($id: String!, $type: TransferType!) { cancelTransfer(id: $id, type: $type) {
  ... on ConfirmationRequest { confirmationId } ... on Transfer { id status } } }"""


@pytest.fixture
def anna(kontist: Kontist) -> Payer:
    return Payer(kontist)


def test_nothing_moves_before_the_confirmation(anna: Payer) -> None:
    anna.request()
    assert anna.balances() == (97000, 97000)
    assert anna.listed() == []
    waiting = anna.read("{viewer{unfinishedTransfers{amount recipient iban purpose}}}")["viewer"]
    assert waiting == {
        "unfinishedTransfers": [{"amount": 1200, "recipient": "Vermieter GmbH", "iban": IBAN, "purpose": ""}]
    }


def test_a_transfer_is_confirmed_then_booked_as_the_clock_moves(kontist: Kontist, anna: Payer) -> None:
    paid = anna.pay(purpose="Miete März", reference="session-1")
    assert paid["status"] == "CONFIRMED"
    assert (paid["recipient"], paid["iban"], paid["amount"]) == ("Vermieter GmbH", IBAN, 1200)
    assert (paid["purpose"], paid["reference"]) == ("Miete März", "session-1")
    assert re.fullmatch(r"[0-9a-f]{32}ctrx", paid["id"])
    assert anna.balances() == (97000, 95800)
    kontist.advance(minutes=30)
    assert anna.look_up(paid["id"]) == paid | {"status": "BOOKED"}
    assert anna.balances() == (95800, 95800)
    assert anna.read("{viewer{unfinishedTransfers{iban}}}") == {"viewer": {"unfinishedTransfers": []}}


def test_the_transaction_shows_at_once_with_all_that_the_transfer_said(kontist: Kontist, anna: Payer) -> None:
    heard: list[News] = []
    kontist.world.subscribe(heard.append)
    paid = anna.pay(purpose="Rechnung 7", e2eId="RE-7", category="VAT_PAYMENT", personalNote="für März",
                    userSelectedBookingDate="2026-05-01T00:00:00.000Z")  # fmt: skip
    assert [news.what for news in heard] == ["appeared"]
    row = anna.newest(
        "amount name iban purpose type valutaDate e2eId category personalNote userSelectedBookingDate paymentMethod"
    )
    assert row == {
        "amount": -1200,
        "name": "Vermieter GmbH",
        "iban": IBAN,
        "purpose": "Rechnung 7",
        "type": "SEPA_CREDIT_TRANSFER",
        "valutaDate": None,
        "e2eId": "RE-7",
        "category": "VAT_PAYMENT",
        "personalNote": "für März",
        "userSelectedBookingDate": "2026-05-01T00:00:00.000Z",
        "paymentMethod": "bank_account",
    }
    assert paid["e2eId"] == "RE-7"


def test_the_bank_makes_an_end_to_end_id_where_none_is_given(anna: Payer) -> None:
    paid = anna.pay()
    assert re.fullmatch(r"E-[0-9a-f]{32}", paid["e2eId"])
    assert anna.newest("e2eId") == {"e2eId": paid["e2eId"]}


def test_the_transaction_may_show_only_when_booked(kontist: Kontist, anna: Payer) -> None:
    kontist.dialect.switches.transfer_shows_when = "booked"
    paid = anna.pay()
    assert (paid["status"], anna.balances()) == ("CONFIRMED", (97000, 97000))
    kontist.advance(minutes=30)
    assert anna.look_up(paid["id"])["status"] == "BOOKED"
    assert anna.newest("amount") == {"amount": -1200}


def test_a_transfer_without_delay_is_booked_at_once(kontist: Kontist, anna: Payer) -> None:
    kontist.dialect.switches.sepa_booking_seconds = 0
    assert anna.pay()["status"] == "BOOKED"
    assert anna.balances() == (95800, 95800)


def test_a_movement_that_the_control_origin_books_or_drops_tells_the_transfer(kontist: Kontist, anna: Payer) -> None:
    booked, dropped = anna.pay(purpose="one"), anna.pay(purpose="two")
    one, two = (next(m for m in kontist.account.movements if m.text == text) for text in ("one", "two"))
    kontist.world.book(one)
    kontist.world.lapse(kontist.account, two)
    kontist.advance(minutes=45)
    assert [anna.look_up(t["id"])["status"] for t in (booked, dropped)] == ["BOOKED", "FAILED"]
    assert anna.balances() == (95800, 95800)


def test_money_reaches_whoever_banks_in_this_world(kontist: Kontist, anna: Payer) -> None:
    ben = Payer(kontist, "ben")
    before = ben.balances()[0]
    anna.pay(iban="de35 1101 0100 9876 5432 10", purpose="Danke", amount=555)
    assert ben.balances()[0] == before
    kontist.advance(minutes=30)
    assert ben.balances()[0] == before + 555
    sent = anna.newest("e2eId")
    assert ben.newest("amount name iban purpose e2eId") == sent | {
        "amount": 555,
        "name": "Anna Muster",
        "iban": "DE30110101001234567890",
        "purpose": "Danke",
    }


def test_an_instant_transfer_is_there_at_once(kontist: Kontist, anna: Payer) -> None:
    ben = Payer(kontist, "ben")
    before = ben.balances()[0]
    paid = anna.pay(iban=BEN_IBAN, type="INSTANT_CREDIT_TRANSFER")
    assert paid["status"] == "BOOKED"
    assert anna.newest("type amount") == {"type": "SEPAInstantCreditTransfer", "amount": -1200}
    assert ben.balances()[0] == before + 1200
    assert anna.listed() == []
    assert [t["id"] for t in anna.listed("INSTANT_CREDIT_TRANSFER")] == [paid["id"]]


def test_instant_transfers_may_need_a_bank_that_takes_them(kontist: Kontist, anna: Payer) -> None:
    kontist.dialect.switches.instant_needs_known_bank = True
    assert refusal(anna, type="INSTANT_CREDIT_TRANSFER")[0] == 400
    assert anna.pay(type="INSTANT_CREDIT_TRANSFER", iban=BEN_IBAN)["status"] == "BOOKED"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"amount": 0}, "Error when creating wire transfer"),
        ({"amount": -5}, "Error when creating wire transfer"),
        ({"iban": "DE02120300000000202052"}, "Invalid IBAN"),
        ({"iban": "DE"}, "Invalid IBAN"),
        ({"recipient": " "}, "recipient is empty"),
        ({"purpose": "x" * 141}, "purpose is longer than 140 characters"),
        ({"personalNote": "x" * 251}, "personalNote is longer than 250 characters"),
        ({"iban": "DE30110101001234567890"}, "The recipient's account is the sender's"),
        ({"executeAt": "2026-06-14T12:00:00Z"}, "executeAt lies in the past"),
        ({"executeAt": "9999-12-31T23:59:59Z"}, "The date is out of range"),
        ({"reoccurrence": "MONTHLY"}, "executeAt is needed"),
        ({"lastExecutionDate": "2027-01-01T12:00:00Z"}, "lastExecutionDate is for standing orders"),
        (
            {
                "executeAt": "2026-07-01T12:00:00Z",
                "lastExecutionDate": "2026-06-30T12:00:00Z",
                "reoccurrence": "WEEKLY",
            },
            "lastExecutionDate lies before executeAt",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused(anna: Payer, fields: dict[str, Any], message: str) -> None:
    assert refusal(anna, **fields) == (400, message)


def test_limits_are_met_exactly(anna: Payer) -> None:
    assert anna.pay(purpose="x" * 140, personalNote="y" * 250, amount=97000)["status"] == "CONFIRMED"


def test_a_date_of_ones_own_needs_a_tax_category(anna: Payer) -> None:
    status, message = refusal(anna, category="PRIVATE", userSelectedBookingDate="2026-05-01T00:00:00Z")
    assert (status, "userSelectedBookingDate" in message) == (400, True)


def test_insufficient_funds_have_a_problem_of_their_own(anna: Payer) -> None:
    error = anna.ask(CREATE, transfer=transfer(amount=97001))["errors"][0]
    assert error["message"] == FUNDS
    assert error["path"] == ["createTransfer"]
    assert error["extensions"] == {
        "status": 400,
        "type": "https://api.kontist.com/problems/transfer/insufficient-funds",
    }


def test_money_that_has_gone_meanwhile_is_missed_at_the_confirmation(anna: Payer) -> None:
    first, second = anna.request(amount=60000), anna.request(amount=60000)
    anna.confirm(first["confirmationId"])
    refused = anna.refused(CONFIRM, confirmationId=second["confirmationId"], authorizationToken=CODE)
    assert refused == (400, FUNDS)
    assert len(anna.listed()) == 1


def test_funds_may_be_checked_at_the_confirmation_only(kontist: Kontist, anna: Payer) -> None:
    kontist.dialect.switches.funds_checked_from = "confirm"
    request = anna.request(amount=97001)
    refused = anna.refused(CONFIRM, confirmationId=request["confirmationId"], authorizationToken=CODE)
    assert refused == (400, FUNDS)


@pytest.mark.parametrize(
    ("fields", "is_accepted"),
    [
        ({"type": "SEPA_TRANSFER"}, True),
        ({"type": "INSTANT_CREDIT_TRANSFER"}, True),
        ({"type": "TIMED_ORDER"}, False),
        ({"type": "SEPA_TRANSFER", "executeAt": "2026-07-01T12:00:00Z"}, False),
        ({"type": "INSTANT_CREDIT_TRANSFER", "executeAt": "2026-07-01T12:00:00Z"}, False),
        ({"type": "TIMED_ORDER", "executeAt": "2026-07-01T12:00:00Z"}, True),
    ],
)
def test_an_explicit_type_has_to_agree(anna: Payer, fields: dict[str, str], *, is_accepted: bool) -> None:
    answer = anna.ask(CREATE, transfer=transfer(**fields))
    assert ("errors" not in answer) is is_accepted


def test_an_explicit_type_may_win(kontist: Kontist, anna: Payer) -> None:
    kontist.dialect.switches.transfer_type_must_agree = False
    assert anna.pay(type="SEPA_TRANSFER", executeAt="2026-07-01T12:00:00Z")["status"] == "CONFIRMED"
    assert refusal(anna, type="TIMED_ORDER") == (400, "executeAt is needed")


def test_a_reference_twice_is_two_transfers_unless_switched(kontist: Kontist, anna: Payer) -> None:
    assert anna.request(reference="a") != anna.request(reference="a")
    kontist.dialect.switches.transfer_reference_is_unique = True
    first = anna.request(reference="b")
    assert anna.request(reference="b") == first
    anna.confirm(first["confirmationId"])
    assert refusal(anna, reference="b")[0] == 409
    anna.pay(reference="c")


def test_a_batch_is_one_confirmation(kontist: Kontist, anna: Payer) -> None:
    batch = [{"recipient": f"R{n}", "iban": IBAN, "amount": n * 100, "purpose": f"P{n}"} for n in (1, 2, 3)]
    request = anna.read(CREATE_MANY, t=batch)["createTransfers"]
    assert request["stringToSign"] is None
    assert [m["purpose"] for m in kontist.control("GET", "/sms").json()] == ["3 transfers of 6.00 EUR together"]
    confirmed = anna.read(CONFIRM_MANY, id=request["confirmationId"], code=CODE)["confirmTransfers"]
    assert confirmed["status"] == "ACCEPTED"
    assert [(t["recipient"], t["amount"], t["status"]) for t in confirmed["transfers"]] == [
        ("R1", 100, "CONFIRMED"),
        ("R2", 200, "CONFIRMED"),
        ("R3", 300, "CONFIRMED"),
    ]
    assert [t["recipient"] for t in anna.listed()] == ["R3", "R2", "R1"]
    assert anna.balances() == (97000, 96400)


def test_a_batch_takes_plain_transfers_only(anna: Payer) -> None:
    answer = anna.ask(CREATE_MANY, t=[transfer(executeAt="2026-07-01T12:00:00Z")])
    assert "executeAt" in answer["errors"][0]["message"]
    assert "data" not in answer
    assert anna.refused(CREATE_MANY, t=[])[0] == 400


def test_a_batch_is_sent_whole_or_not_at_all(anna: Payer) -> None:
    assert anna.refused(CREATE_MANY, t=[transfer(amount=50000), transfer(amount=50000)]) == (400, FUNDS)
    assert anna.refused(CREATE_MANY, t=[transfer(), transfer(amount=0)])[0] == 400
    assert anna.listed() == []


def test_lists_are_paged_newest_first(kontist: Kontist, anna: Payer) -> None:
    ids: list[str] = []
    for _ in range(5):
        ids.insert(0, anna.pay(amount=1)["id"])
        kontist.advance(seconds=1)
    page = anna.page(first=2)
    assert [edge["node"]["id"] for edge in page["edges"]] == ids[:2]
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (True, False)
    following = anna.page(first=2, after=page["pageInfo"]["endCursor"])
    assert [edge["node"]["id"] for edge in following["edges"]] == ids[2:4]
    back = anna.page(last=2, before=following["pageInfo"]["startCursor"])
    assert [edge["node"]["id"] for edge in back["edges"]] == ids[:2]


def test_at_most_fifty_are_listed_at_a_time(anna: Payer) -> None:
    batch = [{"recipient": f"R{n}", "iban": IBAN, "amount": 1} for n in range(51)]
    request = anna.read(CREATE_MANY, t=batch)["createTransfers"]
    anna.read(CONFIRM_MANY, id=request["confirmationId"], code=CODE)
    page = anna.page(first=60)
    assert (len(page["edges"]), page["pageInfo"]["hasNextPage"]) == (50, True)


def test_lists_are_filtered_by_kind_and_status(kontist: Kontist, anna: Payer) -> None:
    old = anna.pay()["id"]
    kontist.advance(minutes=30)
    new = anna.pay()["id"]
    assert [t["id"] for t in anna.listed(where={"status": "BOOKED"})] == [old]
    assert [t["id"] for t in anna.listed(where={"status": "CONFIRMED"})] == [new]
    assert anna.listed("STANDING_ORDER") == []


def test_lists_may_have_what_waits_for_confirmation(kontist: Kontist, anna: Payer) -> None:
    kontist.dialect.switches.list_unconfirmed_transfers = True
    anna.request()
    assert [t["status"] for t in anna.listed()] == ["CONFIRMATION_REQUIRED"]


def test_a_transfer_is_found_by_its_owner_id_and_kind(kontist: Kontist, anna: Payer) -> None:
    paid = anna.pay()
    query = "query($id: ID!, $type: TransferType!){viewer{mainAccount{transfer(id: $id, type: $type){id}}}}"
    nothing = {"viewer": {"mainAccount": {"transfer": None}}}
    assert anna.read(query, id=paid["id"], type="TIMED_ORDER") == nothing
    assert Payer(kontist, "ben").read(query, id=paid["id"], type="SEPA_TRANSFER") == nothing
    assert Payer(kontist, "ben").listed() == []


def test_notes_on_a_pending_transfer_change_without_confirmation(anna: Payer) -> None:
    paid = anna.pay(personalNote="old")
    fields = {"id": paid["id"], "type": "SEPA_TRANSFER", "category": "PRIVATE"}
    changed = anna.read(UPDATE, transfer=fields)["updateTransfer"]
    assert (changed["category"], changed["personalNote"], changed["status"]) == ("PRIVATE", "old", "CONFIRMED")


def test_money_of_a_sent_transfer_does_not_change(kontist: Kontist, anna: Payer) -> None:
    fields = {"id": anna.pay()["id"], "type": "SEPA_TRANSFER"}
    assert anna.refused(UPDATE, transfer=fields | {"amount": 1})[0] == 400
    assert anna.refused(CANCEL, **fields)[0] == 400
    kontist.advance(minutes=30)
    assert anna.refused(UPDATE, transfer=fields | {"category": "PRIVATE"})[0] == 400
    assert anna.refused(UPDATE, transfer=fields | {"id": "nothing"}) == (404, "Transfer not found")
    assert anna.refused(CANCEL, id="nothing", type="STANDING_ORDER")[0] == 404


def test_whoever_was_paid_is_suggested(kontist: Kontist, anna: Payer) -> None:
    anna.pay(recipient="Vermieter alt")
    kontist.advance(seconds=1)
    anna.pay(recipient="Vermieter neu")
    anna.pay(recipient="Ben", iban=BEN_IBAN)
    found = anna.read("{viewer{mainAccount{transferSuggestions{iban name}}}}")["viewer"]["mainAccount"]
    names = {s["iban"]: s["name"] for s in found["transferSuggestions"]}
    assert names == {IBAN: "Vermieter neu", BEN_IBAN: "Ben"}


def refusal(payer: Payer, **fields: Any) -> tuple[int, str]:
    return payer.refused(CREATE, transfer=transfer(**fields))
