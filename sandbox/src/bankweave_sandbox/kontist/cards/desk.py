"""Everybody's cards: found, ordered, replaced, closed (providers/kontist.md section 8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from bankweave_sandbox.kontist.cards.card import Card
from bankweave_sandbox.kontist.cards.names import check_representation, spell_for_card
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.kontist.transactions.rows import CARD_KINDS
from bankweave_sandbox.world import Account, Person, world_id

_YEARS = 3
_FIRST_TYPE = "VISA_BUSINESS_DEBIT"


class Cards:
    """Who pays by card in the world has one from the beginning; others are ordered."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._clock = books.world.clock
        self._switches = books.switches
        self._holders: dict[str, str] = {}  # chosen representations, by person
        self._ordered = 0
        self._all: dict[str, Card] = {card.id: card for card in self._first_cards()}

    def everyones(self) -> list[Card]:
        """List all cards, closed ones as well."""
        return [self._up_to_date(card) for card in self._all.values()]

    def listed(self, person: Person) -> list[Card]:
        """List a person's cards; closed ones are not returned."""
        return [card for card in self.everyones() if card.person.id == person.id and card.status != "CLOSED"]

    def own(self, person: Person, card_id: str) -> Card:
        card = next((card for card in self.listed(person) if card.id == card_id), None)
        if card is None:
            raise Problem(404, "Card not found")
        return card

    def find(self, card_id: str) -> Card | None:
        return next((card for card in self.everyones() if card.id == card_id), None)

    def order(self, person: Person, card_type: str, representation: str | None = None) -> Card:
        holder = check_representation(representation) if representation else self.holder(person)
        now = self._clock.now()
        self._ordered += 1
        card = Card(self._new_id(person), person, card_type, holder, now, _month_after(now, _YEARS))
        self._all[card.id] = card
        return self._up_to_date(card)

    def activate(self, person: Person, card_id: str, code: str | None) -> Card:
        """Activate a card; the one that it replaces ends with that."""
        card = self.own(person, card_id)
        card.activate(code)
        if card.predecessor is not None:
            self._all[card.predecessor].close()
        return card

    def replace(self, person: Person, card_id: str) -> Card:
        """Order a card for one that was lost: the old one is blocked until the new one is activated.

        What becomes of the old card is undocumented; `newCardOrdered` tells that it stays for a while.
        """
        lost = self._replaceable(person, card_id)
        if lost.status == "ACTIVE":
            lost.block()
        return self._succeed(lost)

    def reorder(self, person: Person, card_id: str) -> Card:
        """Close a damaged card and order a new one."""
        damaged = self._replaceable(person, card_id)
        damaged.close()
        return self._succeed(damaged)

    def holder(self, person: Person) -> str:
        return self._holders.get(person.id) or spell_for_card(person)

    def choose_holder(self, person: Person, representation: str) -> str:
        """Set how the person's name stands on cards ordered from now on."""
        self._holders[person.id] = check_representation(representation)
        return representation

    def account_of(self, card: Card) -> Account:
        account = self._books.main_account(card.person)
        if account is None:
            raise Problem(404, "The card's account does not exist")
        return account

    def _replaceable(self, person: Person, card_id: str) -> Card:
        card = self.own(person, card_id)
        card.require("INACTIVE", "ACTIVE", "BLOCKED", "BLOCKED_BY_SOLARIS")
        if card.successor is not None:
            raise Problem(400, "A new card has been ordered already")
        return card

    def _succeed(self, old: Card) -> Card:
        card = self.order(old.person, old.type, old.holder)
        old.successor, card.predecessor = card.id, old.id
        return card

    def _up_to_date(self, card: Card) -> Card:
        made_at = card.ordered_at + timedelta(seconds=self._switches.card_processing_seconds)
        if card.status == "PROCESSING" and made_at <= self._clock.now():
            card.status = "INACTIVE"
        return card

    def _new_id(self, person: Person) -> str:
        return world_id("kontist-card", person.id, str(self._ordered)).replace("-", "")

    def _first_cards(self) -> Iterator[Card]:
        for person in self._books.people.everyone():
            account = self._books.main_account(person)
            if account and any(movement.kind in CARD_KINDS for movement in account.movements):
                yield self._first_card(person, account)

    def _first_card(self, person: Person, account: Account) -> Card:
        now = self._clock.now()
        years = _YEARS * (1 + (now.year - account.opened_on.year) // _YEARS)
        ordered = datetime.combine(account.opened_on, now.timetz())
        expires_on = _month_after(ordered, years)
        return Card(
            self._new_id(person), person, _FIRST_TYPE, spell_for_card(person), ordered, expires_on, "ACTIVE", pin="2580"
        )


def _month_after(instant: datetime, years: int) -> date:
    return date(instant.year + years, instant.month, 1)
