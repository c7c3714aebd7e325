"""Credit cards, deposits, loans and companies: what this world's customers have only when they are told to."""

from __future__ import annotations

from decimal import Decimal

import pytest
from lxml import etree

from .signin_service import Service, read, texts

CARD = "command/result/creditCards/creditCard"


def card_of(root: etree._Element) -> etree._Element:
    (card,) = root.findall(CARD)
    return card


def test_a_switch_gives_every_customer_a_card_with_a_history(service: Service) -> None:
    service.dialect.switches.credit_card = True
    card = card_of(service.imported(service.signed_in(), since="2026-01-01"))
    amounts = [Decimal(amount) for amount in texts(card, ".//currencyAmount")]
    balances = [Decimal(balance) for balance in texts(card, ".//moneyTransaction/currencyBalance")]
    assert len(amounts) > 50
    assert Decimal(card.findtext("currencyBalance") or "") == balances[0] < 0
    assert [b - a for b, a in zip(balances, amounts, strict=True)][:-1] == balances[1:]
    limit, available = Decimal(card.findtext("limit") or ""), Decimal(card.findtext("currencyFundsAvailable") or "")
    assert available == limit + balances[0]


def test_the_card_is_in_the_world_from_then_on_and_shows_while_it_is_wanted(service: Service) -> None:
    service.dialect.switches.credit_card = True
    number = card_of(service.imported(service.signed_in())).findtext("number")
    account = service.world.account(str(number))
    assert account is not None
    assert card_of(service.imported(service.signed_in())).findtext("number") == number
    assert len([a for a in service.world.accounts if a.number == number]) == 1
    service.dialect.switches.credit_card = False
    assert service.imported(service.signed_in()).find(CARD) is None


def test_a_card_is_in_the_currency_of_its_bank(service: Service) -> None:
    service.dialect.switches.credit_card = True
    czech = service.imported(service.session_from(service.mock_session(country="cz")))
    assert card_of(czech).findtext("currencyName") == "CZK"


def test_a_card_can_be_cut_short_while_the_accounts_are_whole(service: Service) -> None:
    root = service.imported(service.signed_in("partial-card"), since="2025-01-01")
    card = card_of(root)
    assert card.get("partialDueToTimeout") == "true"
    assert len(card.findall("moneyTransactions/moneyTransaction")) == 20
    assert [a.get("partialDueToTimeout") for a in root.findall("command/result/accounts/account")] == [None, None]


@pytest.mark.parametrize("spelling", ["interest", "interests"])
def test_the_rate_of_a_card_comes_in_two_spellings(service: Service, spelling: str) -> None:
    service.dialect.switches.credit_card = True
    service.dialect.switches.card_terms = spelling  # type: ignore[assignment]  # a parameter is a plain str
    card = card_of(service.imported(service.signed_in()))
    assert card.findtext(spelling) == "18.50"
    assert card.findtext("dueDate") == "2026-12-13"
    order = [child.tag for child in card]
    assert order.index("limit") < order.index(spelling) < order.index("dueDate") < order.index("owners")


def test_deposits_are_an_empty_element_of_stored_data_only(service: Service) -> None:
    assert service.imported(service.signed_in()).find(".//deposits") is None
    (deposits,) = stored(service).findall("owner/target/deposits")
    assert len(deposits) == 0


def test_deposits_and_loans_can_be_made_up(service: Service) -> None:
    service.dialect.switches.deposits = "deposit"
    result = service.imported(service.signed_in())
    assert texts(result, "command/result/deposits/deposit/currencyBalance") == ["15000.00"]
    assert result.find(".//loans") is None
    service.dialect.switches.deposits = "deposit-and-loan"
    result = service.imported(service.signed_in())
    assert texts(result, "command/result/loans/loan/currencyBalance") == ["-23480.55"]
    assert texts(stored(service), "owner/target/deposits/deposit/name") == ["Lokata 12M"]
    assert len(result.findall("command/result/accounts/account")) == 2, "they are no accounts"


def stored(service: Service) -> etree._Element:
    return read(service.api.get("/v1/data.xml", params={"ownerExternalId": "anna-1"}))


def test_co_owners_can_be_spelled_with_a_hyphen(service: Service) -> None:
    service.dialect.switches.co_owner_word = "CO-OWNER"
    root = service.imported(service.signed_in())
    assert texts(root, "command/result/owners/owner/kind") == ["CO-OWNER", "OWNER"]
    assert texts(root, "command/result/accounts/account[1]/owners/owner/kind") == ["OWNER", "CO-OWNER"]


def test_a_company_can_hold_the_accounts(service: Service) -> None:
    service.dialect.switches.company_owner = True
    root = service.imported(service.signed_in())
    company = root.findall("command/result/owners/owner")[0]
    assert [child.tag for child in company] == ["name", "address", "polishNip", "polishRegon", "kind"]
    assert (company.findtext("kind"), company.findtext("name")) == ("COMPANY", "Zofia Przykładowa - Usługi")
    assert checks(company.findtext("polishNip") or "", (6, 5, 7, 2, 3, 4, 5, 6, 7))
    assert checks(company.findtext("polishRegon") or "", (8, 9, 2, 3, 4, 5, 6, 7))
    assert texts(root, "command/result/accounts/account[2]/owners/owner/kind") == ["COMPANY", "OWNER"]


def checks(number: str, weights: tuple[int, ...]) -> bool:
    *digits, check = map(int, number)
    return sum(w * d for w, d in zip(weights, digits, strict=True)) % 11 % 10 == check


def test_the_nationality_stands_after_the_citizenship(service: Service) -> None:
    service.dialect.switches.nationality = True
    tags = [child.tag for child in service.imported(service.signed_in()).findall("command/result/owners/owner")[1]]
    assert tags[tags.index("citizenship") + 1] == "nationality"
