"""Credit cards, which the world's Polish and Czech customers do not have until a switch or a scenario gives them one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from bankweave_sandbox.household import Household, Life, live
from bankweave_sandbox.world import Account, AccountKind, Bank, Person, World, world_id

_NAMES = {"PL": "Karta Kredytowa", "CZ": "Kreditní karta"}
_LIMITS = {"PL": 8000, "CZ": 60000}
_LIFE = Life(credit_cards=9, transfers=0)


class CreditCards:
    """Makes each card once, and puts it into the world: it is in the truth from then on, and can be paid with."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._opened_at = world.clock.now()  # the world's first day, which its histories hang on
        self._made: set[str] = set()

    def give(self, person: Person, bank: Bank) -> None:
        """See to it that a customer has a card; somebody without an account gets none."""
        own = [a for a in self._world.accounts_of(person, bank) if a.kind is AccountKind.CURRENT]
        card_id = world_id("kontomatik-card", bank.id, person.id)
        if not own or card_id in self._made:
            return
        self._made.add(card_id)
        self._world.accounts.append(_lived_with(_card(card_id, person, own[0]), own[0], self._opened_at))

    def is_given(self, account: Account) -> bool:
        return account.id in self._made


def _card(card_id: str, person: Person, current: Account) -> Account:
    country = current.bank.country
    last = int.from_bytes(sha256(card_id.encode()).digest()[:4]) % 10_000
    return replace(
        current,
        id=card_id,
        holders=(person,),
        kind=AccountKind.CREDIT_CARD,
        name=_NAMES.get(country, "Credit card"),
        number=f"5100 00** **** {last:04d}",
        iban=None,
        opening_balance=Decimal(0),
        credit_limit=Decimal(_LIMITS.get(country, 2000)),
        movements=[],
    )


def _lived_with(card: Account, current: Account, opened_at: datetime) -> Account:
    # Whoever pays the card off is nobody in the world, so that the history of the current account stays as it is.
    payer = replace(current, id=world_id("kontomatik-payer", card.id), iban=None, movements=[])
    live(Household(_LIFE, payer, card=card), opened_at.astimezone(card.bank.zone).date())
    return card
