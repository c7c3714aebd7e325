"""Payments by card, as merchants start them: approved, declined, or waiting for 3-D Secure (sections 6.4, 7.4 and 8)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from bankweave_sandbox.kontist.cards.card import Card
from bankweave_sandbox.kontist.cards.desk import Cards
from bankweave_sandbox.kontist.cards.limits import Limit, Limits
from bankweave_sandbox.kontist.devices.confirmations import CHANGE_REQUEST, Confirmations, PendingRequest
from bankweave_sandbox.kontist.money import cents
from bankweave_sandbox.kontist.timestamps import berlin_day, format_instant
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.world import Kind, Movement, Person


@dataclass(frozen=True, slots=True)
class Purchase:
    card: Card
    amount: Decimal  # positive, EUR
    merchant: str
    text: str
    kind: Kind = Kind.CARD
    is_online: bool = False


_Spent: TypeAlias = tuple[Purchase, datetime]


@dataclass(frozen=True, slots=True)
class Outcome:
    movement: Movement
    refusal: str | None  # why it was declined; None: reserved


@dataclass(frozen=True, slots=True)
class Verification:
    """A purchase that waits for its buyer: one of two change requests is confirmed."""

    purchase: Purchase
    approval: PendingRequest
    refusal: PendingRequest

    def body(self) -> dict[str, str]:
        """Render it; how the amount is spelt is undocumented."""
        return {
            "name": self.purchase.merchant,
            "amount": f"{self.purchase.amount:.2f}",
            "expiresAt": format_instant(self.approval.expires_at),
            "authenticateChangeRequestId": self.approval.id,
            "declineChangeRequestId": self.refusal.id,
        }


class CardPayments:
    def __init__(self, books: Books, cards: Cards, confirmations: Confirmations) -> None:
        self._books = books
        self._cards = cards
        self._confirmations = confirmations
        self._clock = books.world.clock
        self._spent: list[_Spent] = []
        self._waiting: list[Verification] = []

    def pay(self, purchase: Purchase) -> Outcome:
        """Reserve the amount, or show the attempt as FAILED_CARD_USAGE, which moves no money."""
        refusal = self._refusal(purchase)
        account, movement = self._cards.account_of(purchase.card), self._movement(purchase)
        if refusal is not None:
            self._books.decline(account, movement)
            return Outcome(movement, refusal)
        self._spent.append((purchase, self._clock.now()))
        self._books.world.pay(account, movement)
        return Outcome(movement, None)

    def ask_first(self, purchase: Purchase) -> Verification:
        """Start a payment on the Internet, which its buyer has to confirm on a bound device."""
        purchase = replace(purchase, is_online=True)
        person, what = purchase.card.person, f"{purchase.amount:.2f} EUR at {purchase.merchant}"
        approval = self._confirmations.open(person, CHANGE_REQUEST, f"approve {what}", lambda: self._approve(asked))
        refusal = self._confirmations.open(person, CHANGE_REQUEST, f"decline {what}", lambda: self._forget(asked))
        asked = Verification(purchase, approval, refusal)
        self._waiting.append(asked)
        return asked

    def waiting(self, person: Person) -> Verification | None:
        """Find the person's oldest purchase that still waits."""
        now = self._clock.now()
        self._waiting = [v for v in self._waiting if v.approval.expires_at > now]
        return next((v for v in self._waiting if v.purchase.card.person.id == person.id), None)

    def _approve(self, asked: Verification) -> Outcome:
        self._forget(asked)
        return self.pay(asked.purchase)

    def _forget(self, asked: Verification) -> None:
        self._waiting = [v for v in self._waiting if v is not asked]
        self._confirmations.discard(asked.approval.id)
        self._confirmations.discard(asked.refusal.id)

    def _movement(self, purchase: Purchase) -> Movement:
        return Movement(
            id=str(uuid.uuid4()),
            amount=-purchase.amount,
            kind=purchase.kind,
            occurred_at=self._clock.now(),
            booked_at=None,
            text=purchase.text,
            counterparty=purchase.merchant,
        )

    def _refusal(self, purchase: Purchase) -> str | None:
        account = self._cards.account_of(purchase.card)
        if purchase.card.status != "ACTIVE":
            return f"the card is {purchase.card.status}"
        if purchase.card.is_expired_on(self._today()):
            return "the card has expired"
        if self._books.world.available_balance(account) < purchase.amount:
            return "insufficient funds"
        return next(self._exceeded(purchase), None)

    def _today(self) -> date:
        return berlin_day(self._clock.now())

    def _exceeded(self, purchase: Purchase) -> Iterator[str]:
        """Name the limits that the purchase would exceed."""
        settings = purchase.card.settings
        alike = [(p, at) for p, at in self._spent if p.card.id == purchase.card.id and p.kind is purchase.kind]
        if purchase.kind is Kind.CASH:
            yield from self._over(alike, purchase, settings.atm)
            return
        of_all, of_place = settings.for_purchase(online=purchase.is_online)
        yield from self._over(alike, purchase, of_all)
        if of_place is not None:
            there = [(p, at) for p, at in alike if p.is_online is purchase.is_online]
            yield from self._over(there, purchase, of_place)

    def _over(self, earlier: list[_Spent], purchase: Purchase, limits: Limits) -> Iterator[str]:
        """Compare with what was spent before; days and months are Berlin's."""
        today = self._today()
        days = [(p, berlin_day(at)) for p, at in earlier]
        if _is_over([p for p, day in days if day == today], purchase, limits.daily):
            yield "daily limit"
        if _is_over([p for p, day in days if day.replace(day=1) == today.replace(day=1)], purchase, limits.monthly):
            yield "monthly limit"


def _is_over(earlier: list[Purchase], purchase: Purchase, limit: Limit) -> bool:
    spent = sum(cents(p.amount) for p in [*earlier, purchase])
    return spent > limit.max_amount_cents or len(earlier) + 1 > limit.max_transactions
