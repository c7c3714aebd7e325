"""The life of a card: ordered, activated, blocked, replaced, closed, limited (providers/kontist.md section 8)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sandbox.tests.kontist.callers import BERLIN, Kontist
from sandbox.tests.kontist.cardholders import CardHolder

REPLACE = "mutation ($id: String!) {replaceCard(id: $id) {id status newCardOrdered}}"
REORDER = "mutation ($id: String!) {reorderCard(id: $id) {id status}}"
LIMITS = """mutation ($id: String!, $settings: CardSettingsInput!) {
    updateCardSettings(id: $id, settings: $settings) {
        cardSpendingLimits {
            atm {daily {maxAmountCents maxTransactions} monthly {maxAmountCents maxTransactions}}
            purchase {daily {maxAmountCents maxTransactions} monthly {maxAmountCents maxTransactions}}
        }
        contactlessEnabled cardNotPresentLimits {daily {maxAmountCents}}
    }
}"""
NAME = "mutation ($name: String!) {setCardHolderRepresentation(cardHolderRepresentation: $name)}"
DAILY = {"purchaseLimits": {"daily": {"maxAmountCents": 2000, "maxTransactions": 3}}}


@pytest.fixture
def anna(kontist: Kontist) -> CardHolder:
    return CardHolder(kontist)


def test_who_pays_by_card_has_one(anna: CardHolder) -> None:
    [card] = anna.cards()

    assert (card["status"], card["type"], card["holder"]) == ("ACTIVE", "VISA_BUSINESS_DEBIT", "ANNA/MUSTER")
    assert re.fullmatch(r"[0-9a-f]{32}", card["id"])
    assert re.fullmatch(r"\d{4}\*{8}\d{4}", card["maskedPan"])
    assert re.fullmatch(r"(0[1-9]|1[0-2])/\d\d", card["formattedExpirationDate"])
    assert card["pinSet"] is True


def test_everybody_sees_only_the_own_cards(kontist: Kontist, anna: CardHolder) -> None:
    mine, bens = "{viewer {mainAccount {cards {id}}}}", kontist.token(name="ben")

    assert kontist.read(mine, bens)["viewer"]["mainAccount"]["cards"][0]["id"] not in {c["id"] for c in anna.cards()}


def test_a_new_card_is_made_then_activated_with_its_printed_code(kontist: Kontist, anna: CardHolder) -> None:
    ordered = anna.read("mutation {createCard(type: VISA_BUSINESS_DEBIT_2) {id status pinSet}}")["createCard"]
    assert (ordered["status"], ordered["pinSet"]) == ("PROCESSING", False)
    assert anna.refused_activation(ordered["id"], anna.printed(ordered["id"])["verification_token"]) == 400

    kontist.advance(minutes=1)

    assert anna.card(ordered["id"], "status") == {"status": "INACTIVE"}
    assert anna.refused_activation(ordered["id"], "WRONG1") == 400
    assert anna.activate(ordered["id"])["status"] == "ACTIVE"
    assert anna.activate(ordered["id"], "WRONG1")["status"] == "ACTIVE"


def test_a_virtual_card_needs_no_printed_code(anna: CardHolder) -> None:
    card = anna.order("VIRTUAL_VISA_FREELANCE_DEBIT")

    activated = anna.read("mutation ($id: String!) {activateCard(id: $id) {status}}", id=card["id"])

    assert activated == {"activateCard": {"status": "ACTIVE"}}


def test_cards_are_found_by_id_and_type(anna: CardHolder) -> None:
    card = anna.order("MASTERCARD_BUSINESS_DEBIT")
    query = "{viewer {mainAccount {card(filter: {type: %s}) {id}}}}"

    found = anna.read(query % "MASTERCARD_BUSINESS_DEBIT")["viewer"]["mainAccount"]["card"]

    assert found == {"id": card["id"]}
    assert anna.read(query % "VIRTUAL_VISA_BUSINESS_DEBIT")["viewer"]["mainAccount"]["card"] is None
    assert anna.card("nonsense") is None


def test_blocking_is_undone_and_closing_is_not(anna: CardHolder) -> None:
    card = anna.first

    assert anna.change(card, "BLOCK") == "BLOCKED"
    assert anna.change(card, "BLOCK") == "BLOCKED"
    assert anna.change(card, "UNBLOCK") == "ACTIVE"
    assert anna.change(card, "CLOSE") == "CLOSED"

    assert anna.cards() == []
    assert anna.refused_change(card, "UNBLOCK") == 404


def test_a_card_that_is_not_active_cannot_be_blocked(anna: CardHolder) -> None:
    assert anna.refused_change(anna.order()["id"], "BLOCK") == 400


def test_a_lost_card_is_blocked_until_the_new_one_is_activated(kontist: Kontist, anna: CardHolder) -> None:
    lost = anna.first

    new = anna.read(REPLACE, id=lost)["replaceCard"]

    assert new["id"] != lost
    assert anna.card(lost, "status newCardOrdered") == {"status": "BLOCKED", "newCardOrdered": True}
    assert anna.refused(REPLACE, id=lost) == 400
    kontist.advance(minutes=1)
    anna.activate(new["id"])
    assert [card["id"] for card in anna.cards()] == [new["id"]]


def test_a_damaged_card_is_closed_at_once(anna: CardHolder) -> None:
    damaged = anna.first

    new = anna.read(REORDER, id=damaged)["reorderCard"]

    assert [(card["id"], card["status"]) for card in anna.cards()] == [(new["id"], "PROCESSING")]


def test_limits_change_one_by_one(anna: CardHolder) -> None:
    card = anna.first
    wanted = {"atmLimits": {"daily": {"maxAmountCents": 100}}, "purchaseLimits": {"monthly": {"maxTransactions": 9}}}

    changed = anna.read(LIMITS, id=card, settings=wanted)["updateCardSettings"]["cardSpendingLimits"]

    assert changed["atm"]["daily"] == {"maxAmountCents": 100, "maxTransactions": 20}
    assert changed["purchase"]["monthly"] == {"maxAmountCents": 2_500_000, "maxTransactions": 9}
    shown = anna.card(card, "settings {cardSpendingLimits {atm {daily {maxAmountCents}}}}")
    assert shown["settings"]["cardSpendingLimits"]["atm"]["daily"] == {"maxAmountCents": 100}


def test_the_older_settings_of_the_published_sdk_change_too(anna: CardHolder) -> None:
    wanted = {"contactlessEnabled": False, "cardNotPresentLimits": {"daily": {"maxAmountCents": 5000}}}

    changed = anna.read(LIMITS, id=anna.first, settings=wanted)["updateCardSettings"]

    assert (changed["contactlessEnabled"], changed["cardNotPresentLimits"]["daily"]["maxAmountCents"]) == (False, 5000)


def test_the_older_limit_of_shops_declines_once_it_is_set(anna: CardHolder) -> None:
    anna.read(LIMITS, id=anna.first, settings={"cardPresentLimits": {"daily": {"maxAmountCents": 1000}}})

    assert anna.pay(anna.first, "10.01")["reason"] == "daily limit"
    assert anna.pay(anna.first, "10.00")["status"] == "pending"
    assert anna.pay(anna.first, "10.01", kind="cash")["status"] == "pending"


@pytest.mark.parametrize("limit", [{"maxAmountCents": -1}, {"maxAmountCents": 800_001}, {"maxTransactions": 21}])
def test_limits_have_limits(anna: CardHolder, limit: dict[str, int]) -> None:
    assert anna.refused(LIMITS, id=anna.first, settings={"atmLimits": {"daily": limit}}) == 400


def test_the_chosen_name_is_on_the_next_card(anna: CardHolder) -> None:
    assert anna.read(NAME, name="A. M./MUSTER") == {"setCardHolderRepresentation": "A. M./MUSTER"}

    assert anna.order()["holder"] == "A. M./MUSTER"
    account = anna.read("{viewer {mainAccount {cardHolderRepresentation cardHolderRepresentations}}}")
    assert account["viewer"]["mainAccount"] == {
        "cardHolderRepresentation": "A. M./MUSTER",
        "cardHolderRepresentations": ["ANNA/MUSTER"],
    }


@pytest.mark.parametrize("name", ["ANNA MUSTER", "anna/muster", "ANNA/MÜSTER", "ANNA/" + "M" * 17, "/MUSTER"])
def test_a_name_that_cannot_be_printed_is_refused(anna: CardHolder, name: str) -> None:
    assert anna.refused(NAME, name=name) == 400


def test_a_payment_is_reserved_and_later_booked(kontist: Kontist, anna: CardHolder) -> None:
    paid = anna.pay(anna.first, merchant="Café", text="DINNER")

    assert paid["status"] == "pending"
    row = {"id": paid["id"], "type": "CARD_USAGE", "amount": -1234, "name": "Café", "purpose": "DINNER"}
    assert anna.newest() == row | {"valutaDate": None}
    found = kontist.world.entry(paid["id"])
    assert found is not None
    kontist.world.book(found[1].movement)
    assert anna.newest("id valutaDate")["valutaDate"] is not None


def test_cash_is_a_row_of_its_own_type(anna: CardHolder) -> None:
    anna.pay(anna.first, kind="cash")

    assert anna.newest()["type"] == "ATM"


@pytest.mark.parametrize(("amount", "reason"), [("5000.00", "insufficient funds"), ("20.01", "daily limit")])
def test_a_declined_payment_shows_and_moves_no_money(anna: CardHolder, amount: str, reason: str) -> None:
    anna.read(LIMITS, id=anna.first, settings=DAILY)
    before = balances(anna)

    declined = anna.pay(anna.first, amount)

    assert (declined["status"], declined["reason"]) == ("declined", reason)
    newest = anna.newest()
    assert (newest["id"], newest["type"], newest["valutaDate"]) == (declined["id"], "FAILED_CARD_USAGE", None)
    assert balances(anna) == before


def test_a_blocked_card_pays_nothing(anna: CardHolder) -> None:
    anna.change(anna.first, "BLOCK")

    assert anna.pay(anna.first)["reason"] == "the card is BLOCKED"


def test_an_expired_card_pays_nothing(kontist: Kontist, anna: CardHolder) -> None:
    card = anna.cards()[0]
    month, year = card["formattedExpirationDate"].split("/")
    last = datetime(2000 + int(year) + int(month) // 12, int(month) % 12 + 1, 1, tzinfo=BERLIN) - timedelta(seconds=1)
    kontist.world.advance(last - kontist.world.clock.now())

    assert anna.pay(card["id"])["status"] == "pending"
    kontist.advance(seconds=1)
    assert anna.pay(card["id"])["reason"] == "the card has expired"


def test_limits_count_by_day(kontist: Kontist, anna: CardHolder) -> None:
    card = anna.first
    anna.read(LIMITS, id=card, settings=DAILY)

    today = [anna.pay(card, "1.00")["status"] for _ in range(4)]
    kontist.advance(days=1)

    assert today == ["pending", "pending", "pending", "declined"]
    assert anna.pay(card, "1.00")["status"] == "pending"


def test_fraud_is_confirmed_or_not(anna: CardHolder) -> None:
    card, whitelist = anna.first, "mutation {whitelistCard {id resolution whitelistedUntil}}"
    assert anna.refused(whitelist) == 404
    anna.kontist.control("POST", f"/cards/{card}/suspect")
    assert has_fraud_case(anna)

    assert anna.read(whitelist)["whitelistCard"]["resolution"] == "WHITELISTED"

    assert not has_fraud_case(anna)
    anna.kontist.control("POST", f"/cards/{card}/suspect")
    assert anna.read("mutation {confirmFraud {resolution}}") == {"confirmFraud": {"resolution": "CONFIRMED"}}
    assert anna.card(card, "status") == {"status": "BLOCKED_BY_SOLARIS"}
    assert anna.refused_change(card, "UNBLOCK") == 403


def test_a_fraud_case_times_out(anna: CardHolder) -> None:
    anna.kontist.control("POST", f"/cards/{anna.first}/suspect")
    anna.kontist.advance(minutes=30)

    assert not has_fraud_case(anna)


def test_changing_cards_needs_a_confirmed_token(kontist: Kontist, anna: CardHolder) -> None:
    answer = kontist.ask("mutation {createCard(type: VISA_BUSINESS_DEBIT) {id}}", kontist.token())

    assert answer["errors"][0]["extensions"]["status"] == 403
    assert kontist.read("{viewer {mainAccount {cards {id}}}}", kontist.token())["viewer"]["mainAccount"]["cards"] == [
        {"id": anna.first}
    ]


@pytest.mark.parametrize("body", [{}, {"amount": "0"}, {"amount": "1.00", "kind": "rent"}, {"amount": "1", "x": 1}])
def test_the_control_origin_says_what_it_expects(anna: CardHolder, body: dict[str, Any]) -> None:
    assert anna.kontist.control("POST", f"/cards/{anna.first}/pay", body).status_code == 400
    assert anna.kontist.control("POST", "/cards/nonsense/pay", {"amount": "1.00"}).status_code == 404


def balances(anna: CardHolder) -> Any:
    return anna.read("{viewer {mainAccount {balance availableBalance}}}")["viewer"]["mainAccount"]


def has_fraud_case(anna: CardHolder) -> bool:
    account = anna.read("{viewer {mainAccount {hasPendingCardFraudCase}}}")["viewer"]["mainAccount"]
    return bool(account["hasPendingCardFraudCase"])
