"""The result document against the world it tells of."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from lxml import etree

from bankweave_sandbox.world import AccountKind, Kind, Movement

from .signin_service import Service, attribute, texts

ROW = "moneyTransactions/moneyTransaction"


def accounts_of(root: etree._Element) -> list[etree._Element]:
    return root.findall("command/result/accounts/account")


def amounts(account: etree._Element, name: str) -> list[Decimal]:
    return [Decimal(text) for text in texts(account, f"{ROW}/{name}")]


def movement(service: Service, text: str = "Opłata", **changes: object) -> Movement:
    now = service.world.clock.now()
    made = Movement(str(uuid.uuid4()), Decimal("-12.30"), Kind.CARD, now, now, text)
    return replace(made, **changes)  # type: ignore[arg-type]  # field names and values come from the test


def test_all_accounts_of_the_person_at_the_bank_are_told(service: Service) -> None:
    root = service.imported(service.signed_in())
    told = {(a.findtext("iban"), a.findtext("currencyBalance"), a.findtext("currencyName")) for a in accounts_of(root)}
    bank = service.world.banks_of("kontomatik")[0]
    zofia = service.world.person_at(bank, "test1")
    assert zofia is not None
    accounts = service.world.accounts_of(zofia, bank)
    assert told == {(a.iban, f"{service.world.booked_balance(a):.2f}", a.currency) for a in accounts}
    assert len(told) == 2


def test_every_booked_row_since_the_day_is_told_newest_first(service: Service) -> None:
    account = accounts_of(service.imported(service.signed_in(), since="2026-06-15"))[0]
    entries = [e for e in service.world.entries(service.world.accounts[0]) if str(e.booking_date) >= "2026-06-15"]
    told = zip(
        texts(account, f"{ROW}/bookedOn"),
        texts(account, f"{ROW}/transactionOn"),
        texts(account, f"{ROW}/currencyAmount"),
        texts(account, f"{ROW}/currencyBalance"),
        texts(account, f"{ROW}/title"),
        strict=True,
    )
    true = [
        (
            str(e.booking_date),
            str(e.transaction_date),
            f"{e.movement.amount:.2f}",
            f"{e.balance_after:.2f}",
            e.movement.text,
        )
        for e in entries
    ]
    assert list(told) == true
    assert len(true) > 200


def test_each_balance_follows_from_the_next_row(service: Service) -> None:
    for account in accounts_of(service.imported(service.signed_in(), since="2024-12-01")):
        balances, changes = amounts(account, "currencyBalance"), amounts(account, "currencyAmount")
        assert Decimal(account.findtext("currencyBalance") or "") == balances[0]
        assert [b - c for b, c in zip(balances, changes, strict=True)][:-1] == balances[1:]


def test_rows_equal_in_all_but_balance_are_both_told(service: Service) -> None:
    account = accounts_of(service.imported(service.signed_in(), since="2024-12-01"))[0]
    names = ("bookedOn", "transactionOn", "currencyAmount", "title")
    seen = Counter(zip(*(texts(account, f"{ROW}/{name}") for name in names), strict=True))
    assert max(seen.values()) >= 2


def test_no_row_has_an_id_and_every_row_is_done(service: Service) -> None:
    account = accounts_of(service.imported(service.signed_in()))[0]
    rows = account.findall(ROW)
    assert {row.findtext("status") for row in rows} == {"DONE"}
    assert not any(row.attrib for row in rows)
    assert not any("id" in child.tag.lower() for row in rows for child in row)


def test_optional_elements_are_left_out_never_empty(service: Service) -> None:
    root = service.imported(service.signed_in(), since="2025-01-01")
    empty = {e.tag for e in root.iter() if len(e) == 0 and not (e.text or "").strip() and not e.attrib}
    assert empty == set()
    rows = root.findall(f".//{ROW}")
    for name in ("party", "partyIban", "kind", "labels"):
        assert 0 < sum(row.find(name) is not None for row in rows) < len(rows), name


def test_owners_and_co_owners_are_named(service: Service) -> None:
    root = service.imported(service.signed_in())
    owners = root.findall("command/result/owners/owner")
    assert [(o.findtext("name"), o.findtext("kind")) for o in owners] == [
        ("Marek Przykładowy", "CO_OWNER"),
        ("Zofia Przykładowa", "OWNER"),
    ]
    assert len(owners[1].findtext("polishPesel") or "") == 11
    assert owners[1].findtext("phone") == "+48600***123"
    joint, savings = accounts_of(root)
    assert texts(joint, "owners/owner/kind") == ["OWNER", "CO_OWNER"]
    assert texts(savings, "owners/owner/kind") == ["OWNER"]


def test_a_pesel_tells_the_birth_date_and_checks(service: Service) -> None:
    root = service.imported(service.signed_in())
    pesel = texts(root, "command/result/owners/owner/polishPesel")[0]
    assert pesel.startswith("900214")
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    assert sum(w * int(d) for w, d in zip(weights, pesel, strict=True)) % 10 == 0


def test_czech_rows_carry_their_symbols(service: Service) -> None:
    session = service.session_from(service.mock_session(country="cz"))
    root = service.imported(session)
    assert attribute(root, "command/@target") == "KontoBankApi_cz"
    assert attribute(root, "command/@institution") == "KontoBank_cz"
    assert all(symbol.isdigit() for symbol in texts(root, ".//variableSymbol"))
    assert texts(root, ".//variableSymbol")
    assert root.find(".//polishPesel") is None


def test_a_partial_import_marks_the_account_that_was_cut_short(service: Service) -> None:
    first, second = accounts_of(service.imported(service.signed_in("partial"), since="2025-01-01"))
    assert first.get("partialDueToTimeout") == "true"
    assert len(first.findall(ROW)) == 20
    assert second.get("partialDueToTimeout") is None
    assert len(second.findall(ROW)) > 20


def test_an_empty_account_has_an_empty_list(service: Service) -> None:
    account = accounts_of(service.imported(service.signed_in("empty")))[0]
    assert account.find("moneyTransactions") is not None
    assert account.findall(ROW) == []
    assert account.findtext("currencyBalance") == "0.00"


@pytest.mark.parametrize("text", ["<b>&amp; 'x' \"y\"", "Zażółć 🎁 ]]> gęślą", "  dwa   odstępy  "])
def test_bank_texts_come_through_unharmed(service: Service, text: str) -> None:
    service.world.pay(service.world.accounts[0], movement(service, text))
    account = accounts_of(service.imported(service.signed_in()))[0]
    assert texts(account, f"{ROW}/title")[0] == text


def test_characters_that_xml_cannot_carry_are_dropped(service: Service) -> None:
    service.world.pay(service.world.accounts[0], movement(service, "A\x00B\x1b[0m\ufffeC"))
    account = accounts_of(service.imported(service.signed_in()))[0]
    assert texts(account, f"{ROW}/title")[0] == "AB[0mC"


def test_what_happens_after_the_start_is_not_in_the_result(service: Service) -> None:
    session = service.signed_in()
    command_id = attribute(etree.fromstring(service.start(session).content), "command/@id")
    service.world.pay(service.world.accounts[0], movement(service, "too late"))
    service.later(seconds=4)
    assert "too late" not in texts(service.poll(command_id), f".//{ROW}/title")


def test_rows_that_are_not_booked_can_be_listed(service: Service) -> None:
    service.world.pay(service.world.accounts[0], movement(service, "waiting", booked_at=None))
    hidden = accounts_of(service.imported(service.signed_in()))[0]
    assert "waiting" not in texts(hidden, f"{ROW}/title")
    service.dialect.switches.pending_rows = "listed"
    row = accounts_of(service.imported(service.signed_in()))[0].findall(ROW)[0]
    assert (row.findtext("title"), row.findtext("status")) == ("waiting", "PENDING")
    assert row.find("currencyBalance") is None


def test_labels_can_be_withheld(service: Service) -> None:
    assert "salary" in texts(service.imported(service.signed_in()), f".//{ROW}/labels/label")
    service.dialect.switches.labels = False
    assert service.imported(service.signed_in()).find(".//labels") is None


def test_the_deprecated_owner_text_can_be_shown(service: Service) -> None:
    service.dialect.switches.owner_text = True
    account = accounts_of(service.imported(service.signed_in()))[0]
    assert account.findtext("owner") == "Zofia Przykładowa, Marek Przykładowy"


def test_since_can_compare_the_other_day(service: Service) -> None:
    account = service.world.accounts[0]
    late = next(e for e in service.world.entries(account) if e.booking_date != e.transaction_date)
    day = str(late.booking_date)
    assert late.movement.text in [t for t, d in rows_since(service, day) if d == str(late.transaction_date)]
    service.dialect.switches.since_compares = "transactionOn"
    assert min(d for _, d in rows_since(service, day)) >= day


def rows_since(service: Service, since: str) -> list[tuple[str, str]]:
    account = accounts_of(service.imported(service.signed_in(), since))[0]
    return list(zip(texts(account, f"{ROW}/title"), texts(account, f"{ROW}/transactionOn"), strict=True))


def test_a_credit_card_stands_apart_from_the_accounts(service: Service) -> None:
    card = replace(
        service.world.accounts[1],
        id="card",
        kind=AccountKind.CREDIT_CARD,
        name="Karta Kredytowa",
        number="5100 00** **** 0017",
        iban=None,
        credit_limit=Decimal(5000),
        opening_balance=Decimal(0),
        opened_on=date(2025, 1, 1),
        movements=[],
    )
    service.world.accounts.append(card)
    service.world.pay(card, movement(service, amount=Decimal(-310)))
    root = service.imported(service.signed_in())
    assert len(accounts_of(root)) == 2
    element = root.find("command/result/creditCards/creditCard")
    assert element is not None
    assert [(e.tag, e.text) for e in element][:6] == [
        ("name", "Karta Kredytowa"),
        ("cardId", "5100 00** **** 0017"),
        ("number", "5100 00** **** 0017"),
        ("currencyBalance", "-310.00"),
        ("currencyFundsAvailable", "4690.00"),
        ("currencyName", "PLN"),
    ]
    assert element.findtext("limit") == "5000.00"
