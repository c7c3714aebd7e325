"""Contacts, and moving money between one's own accounts."""

from __future__ import annotations

import pytest
from sandbox.tests.kontist.callers import BANK, START, Kontist, StandingClock, make_account, make_person
from sandbox.tests.kontist.payers import IBAN, Payer

from bankweave_sandbox.kontist import KontistDialect
from bankweave_sandbox.kontist.people import account_public_id
from bankweave_sandbox.world import World

LIST = "query($filter: String){contacts(filter: $filter){id name iban favorite}}"
CREATE = "mutation($payload: CreateContactArgs!){createContact(payload: $payload){id name iban favorite}}"
UPDATE = "mutation($payload: UpdateContactArgs!){updateContact(payload: $payload){id name iban favorite}}"
DELETE = "mutation($id: ID!){deleteContact(id: $id){success}}"
MOVE = """mutation($input: CreateIntraCustomerTransferInput!) { createIntraCustomerTransfer(input: $input) {
  id amount createdAt recipientIban reference description } }"""


@pytest.fixture
def anna(kontist: Kontist) -> Payer:
    return Payer(kontist)


def test_contacts_are_kept_for_their_owner(kontist: Kontist, anna: Payer) -> None:
    made = anna.read(CREATE, payload={"name": "Zoe", "iban": "de02 1203 0000 0000 2020 51"})["createContact"]
    assert (made["name"], made["iban"], made["favorite"]) == ("Zoe", IBAN, False)
    anna.read(CREATE, payload={"name": "Änne Arndt", "iban": "DE35110101009876543210", "favorite": True})
    assert [c["name"] for c in anna.read(LIST)["contacts"]] == ["Zoe", "Änne Arndt"]
    assert [c["name"] for c in anna.read(LIST, filter="arn")["contacts"]] == ["Änne Arndt"]
    assert [c["name"] for c in anna.read(LIST, filter="DE02 1203")["contacts"]] == ["Zoe"]
    assert Payer(kontist, "ben").read(LIST) == {"contacts": []}


def test_a_contact_is_changed_and_deleted(anna: Payer) -> None:
    made = anna.read(CREATE, payload={"name": "Zoe", "iban": IBAN})["createContact"]
    changed = anna.read(UPDATE, payload={"id": made["id"], "favorite": True})["updateContact"]
    assert changed == made | {"favorite": True}
    assert anna.read(DELETE, id=made["id"]) == {"deleteContact": {"success": True}}
    assert anna.refused(DELETE, id=made["id"]) == (404, "Contact not found")
    assert anna.read(LIST) == {"contacts": []}


@pytest.mark.parametrize("payload", [{"name": " ", "iban": IBAN}, {"name": "Zoe", "iban": "DE00"}])
def test_a_contact_needs_a_name_and_an_iban(anna: Payer, payload: dict[str, str]) -> None:
    assert anna.refused(CREATE, payload=payload)[0] == 400


def two_accounts() -> tuple[Payer, str, str]:
    person = make_person("anna")
    main = make_account(person, "DE30110101001234567890", [])
    savings = make_account(person, "DE35110101009876543210", [])
    world = World([BANK], [main, savings], StandingClock(START))
    payer = Payer(Kontist(world, KontistDialect(world), main))
    return payer, account_public_id(main), account_public_id(savings)


def test_money_moves_between_own_accounts_without_a_code() -> None:
    anna, main, savings = two_accounts()
    moved = anna.read(
        MOVE, input={"amount": 2500, "fromAccountPublicId": main, "toAccountPublicId": savings, "reference": "Rücklage"}
    )["createIntraCustomerTransfer"]
    assert moved["amount"] == 2500
    assert (moved["recipientIban"], moved["reference"]) == ("DE35110101009876543210", "Rücklage")
    assert moved["createdAt"] == "2026-06-15T10:00:00.000Z"
    assert anna.balances()[0] == 97500
    assert anna.newest("amount type purpose") == {
        "amount": -2500,
        "type": "INTRA_CUSTOMER_TRANSFER",
        "purpose": "Rücklage",
    }
    (other,) = anna.read("{getSubAccounts{balance}}")["getSubAccounts"]
    assert other["balance"] == 102500


@pytest.mark.parametrize(("amount", "is_same"), [(0, False), (-1, False), (0.5, False), (100001, False), (1, True)])
def test_what_cannot_be_moved_is_refused(amount: float, *, is_same: bool) -> None:
    anna, main, savings = two_accounts()
    target = main if is_same else savings
    fields = {"amount": amount, "fromAccountPublicId": main, "toAccountPublicId": target, "reference": "x"}
    assert anna.refused(MOVE, input=fields)[0] == 400
    assert anna.balances() == (100000, 100000)


def test_money_is_not_moved_to_a_strangers_account() -> None:
    anna, main, _ = two_accounts()
    fields = {"amount": 1, "fromAccountPublicId": main, "toAccountPublicId": "nothing", "reference": "x"}
    assert anna.refused(MOVE, input=fields) == (404, "Account not found")
