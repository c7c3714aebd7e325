"""The result document, element by element in the recorded order (providers/kontomatik.md section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from lxml import etree

from bankweave_sandbox.kontomatik import identity
from bankweave_sandbox.kontomatik.envelope import child
from bankweave_sandbox.kontomatik.holdings import Holding, Holdings
from bankweave_sandbox.kontomatik.switches import Switches
from bankweave_sandbox.kontomatik.transaction_xml import transaction_element
from bankweave_sandbox.kontomatik.wording import friendly_name
from bankweave_sandbox.world import Account, AccountKind, Entry, Person


class ResultWriter:
    """Write one customer's holdings from `since` on."""

    def __init__(self, holdings: Holdings, since: date | None, switches: Switches) -> None:
        self._holdings = holdings
        self._since = since
        self._switches = switches
        self._own_numbers = {n for h in holdings.accounts for n in (h.account.iban, h.account.number) if n}

    def write(self, parent: etree._Element, *, is_stored: bool = False) -> None:
        """Write owners, accounts and cards; stored data has empty lists too, a command's result leaves them out."""
        self._owners(child(parent, "owners"))
        accounts = child(parent, "accounts")
        cards = [h for h in self._holdings.accounts if h.account.kind is AccountKind.CREDIT_CARD]
        for holding in self._holdings.accounts:
            if holding not in cards:
                self._account(accounts, holding)
        if cards or is_stored:
            self._cards(child(parent, "creditCards"), cards)
        if is_stored:
            child(parent, "deposits")

    def _owners(self, parent: etree._Element) -> None:
        people = {p.id: p for h in self._holdings.accounts for p in h.account.holders}
        people.setdefault(self._holdings.person.id, self._holdings.person)
        for person in sorted(people.values(), key=lambda p: p.name):
            element = child(parent, "owner")
            child(element, "name", person.name)
            if person.id == self._holdings.person.id:  # of a co-owner a bank tells the name only
                self._details(element, person)
            child(element, "kind", self._kind(person))

    def _details(self, parent: etree._Element, person: Person) -> None:
        country = self._holdings.bank.country
        child(parent, "address", person.address)
        if country == "PL":
            child(parent, "polishPesel", identity.pesel(person))
        child(parent, "phone", identity.masked_phone(person))
        child(parent, "email", person.email)
        child(parent, "citizenship", country)
        if country in identity.DOCUMENTS:
            child(parent, "personalDocumentType", identity.DOCUMENTS[country])
            child(parent, "personalDocumentNumber", identity.document_number(person))
        child(parent, "birthDate", person.birth_date.isoformat())
        if town := identity.birth_place(person):
            child(parent, "birthPlace", town)

    def _kind(self, person: Person) -> str:
        is_first = any(h.account.holders[0].id == person.id for h in self._holdings.accounts)
        return "OWNER" if is_first or person.id == self._holdings.person.id else "CO_OWNER"

    def _account(self, parent: etree._Element, holding: Holding) -> None:
        account = holding.account
        element = child(parent, "account", attributes=_partial(holding))
        child(element, "name", account.name)
        if friendly := friendly_name(account.kind, account.bank.country):
            child(element, "friendlyName", friendly)
        child(element, "iban", account.iban or account.number)
        self._balances(element, holding)
        if self._switches.owner_text:
            child(element, "owner", ", ".join(p.name for p in account.holders))
        child(element, "activeSinceAtLeast", account.opened_on.isoformat())
        if account.kind is AccountKind.CURRENT:
            child(element, "directDebit", attributes={"available": "true"})
        self._transactions(element, holding)
        _account_owners(element, account)

    def _cards(self, parent: etree._Element, cards: Iterable[Holding]) -> None:
        for holding in cards:
            self._card(parent, holding)

    def _card(self, parent: etree._Element, holding: Holding) -> None:
        # Only field names of cards are known; a rate and a due date are nothing this world has.
        account = holding.account
        element = child(parent, "creditCard", attributes=_partial(holding))
        child(element, "name", account.name)
        child(element, "cardId", account.number)
        if account.iban:
            child(element, "iban", account.iban)
        child(element, "number", account.number)
        self._balances(element, holding)
        if account.credit_limit is not None:
            child(element, "limit", money(account.credit_limit))
        _account_owners(element, account)
        self._transactions(element, holding)

    def _balances(self, parent: etree._Element, holding: Holding) -> None:
        child(parent, "currencyBalance", money(holding.balance))
        child(parent, "currencyFundsAvailable", money(holding.available))
        child(parent, "currencyName", holding.account.currency)

    def _transactions(self, parent: etree._Element, holding: Holding) -> None:
        rows = child(parent, "moneyTransactions")
        for entry in holding.entries:
            if self._is_told(entry):
                transaction_element(rows, holding.account, entry, self._own_numbers, self._switches)

    def _is_told(self, entry: Entry) -> bool:
        by_booking = self._switches.since_compares == "bookedOn" and entry.booking_date is not None
        day = entry.booking_date if by_booking else entry.transaction_date
        return self._since is None or day is None or day >= self._since


def money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _partial(holding: Holding) -> dict[str, str]:
    return {"partialDueToTimeout": "true"} if holding.is_partial else {}


def _account_owners(parent: etree._Element, account: Account) -> None:
    owners = child(parent, "owners")
    for index, person in enumerate(account.holders):
        element = child(owners, "owner")
        child(element, "name", person.name)
        if index == 0:
            child(element, "address", person.address)
        child(element, "kind", "OWNER" if index == 0 else "CO_OWNER")
