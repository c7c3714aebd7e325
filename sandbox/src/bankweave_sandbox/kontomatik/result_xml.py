"""The result document, element by element in the recorded order (providers/kontomatik.md section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from lxml import etree

from bankweave_sandbox.kontomatik.deposits_xml import deposits_element
from bankweave_sandbox.kontomatik.envelope import child
from bankweave_sandbox.kontomatik.holdings import Holding, Holdings
from bankweave_sandbox.kontomatik.owners_xml import account_owners_element, owners_element
from bankweave_sandbox.kontomatik.switches import Switches
from bankweave_sandbox.kontomatik.titles import Titles
from bankweave_sandbox.kontomatik.transaction_xml import transaction_element
from bankweave_sandbox.kontomatik.wording import friendly_name
from bankweave_sandbox.world import AccountKind, Entry

_CARD_RATE = "18.50"
_DAYS_TO_PAY = 21


class ResultWriter:
    """Write one customer's holdings from `since` on, whole or in the parts that the older commands gave."""

    def __init__(self, holdings: Holdings, since: date | None, switches: Switches, *, is_stored: bool = False) -> None:
        self._holdings = holdings
        self._since = since
        self._switches = switches
        self._is_stored = is_stored
        self._titles = Titles(holdings, switches, is_stored=is_stored)
        self._own_numbers = {n for h in holdings.accounts for n in (h.account.iban, h.account.number) if n}

    def write(self, parent: etree._Element) -> None:
        """Write it all; stored data have empty lists of cards and deposits too, a command's result leaves them out."""
        self.owners(parent)
        self.accounts(parent)
        if self._is_stored or any(h.is_card for h in self._holdings.accounts):
            self.cards(parent)
        if self._is_stored or self._switches.deposits != "empty":
            deposits_element(parent, self._holdings, self._switches)

    def owners(self, parent: etree._Element) -> None:
        owners_element(parent, self._holdings, self._switches)

    def accounts(self, parent: etree._Element, *, with_rows: bool = True) -> None:
        accounts = child(parent, "accounts")
        for holding in self._holdings.accounts:
            if not holding.is_card:
                self._account(accounts, holding, with_rows=with_rows)

    def cards(self, parent: etree._Element, *, with_rows: bool = True) -> None:
        cards = child(parent, "creditCards")
        for holding in self._holdings.accounts:
            if holding.is_card:
                self._card(cards, holding, with_rows=with_rows)

    def rows(self, parent: etree._Element, holding: Holding) -> None:
        rows = child(parent, "moneyTransactions")
        for entry in self._told(holding.entries):
            transaction_element(
                rows,
                holding.account,
                entry,
                title=self._titles.title(entry),
                own_numbers=self._own_numbers,
                switches=self._switches,
            )

    def _account(self, parent: etree._Element, holding: Holding, *, with_rows: bool) -> None:
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
        if with_rows:
            self.rows(element, holding)
        account_owners_element(element, account, self._switches)

    def _card(self, parent: etree._Element, holding: Holding, *, with_rows: bool) -> None:
        account = holding.account
        element = child(parent, "creditCard", attributes=_partial(holding))
        child(element, "name", account.name)
        child(element, "cardId", account.number)
        if account.iban:
            child(element, "iban", account.iban)
        child(element, "number", account.number)
        self._balances(element, holding)
        if self._switches.owner_text:
            child(element, "owner", ", ".join(p.name for p in account.holders))
        if account.credit_limit is not None:
            child(element, "limit", money(account.credit_limit))
        self._terms(element)
        account_owners_element(element, account, self._switches)
        if with_rows:
            self.rows(element, holding)

    def _terms(self, parent: etree._Element) -> None:
        """Write a rate and a due date: the names are known, under two spellings, the world has neither (14.19)."""
        if self._switches.card_terms == "absent":
            return
        child(parent, self._switches.card_terms, _CARD_RATE)
        due = self._holdings.taken_at.date() + timedelta(days=_DAYS_TO_PAY)
        child(parent, "dueDate", due.isoformat())

    def _balances(self, parent: etree._Element, holding: Holding) -> None:
        child(parent, "currencyBalance", money(holding.balance))
        child(parent, "currencyFundsAvailable", money(holding.available))
        child(parent, "currencyName", holding.account.currency)

    def _told(self, entries: Iterable[Entry]) -> Iterable[Entry]:
        by_booking = self._switches.since_compares == "bookedOn"
        for entry in entries:
            day = (entry.booking_date if by_booking else None) or entry.transaction_date
            if self._since is None or day >= self._since:
                yield entry


def money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _partial(holding: Holding) -> dict[str, str]:
    return {"partialDueToTimeout": "true"} if holding.is_partial else {}
