"""Look after a card: see it, limit it, block it, and let it go on; set its PIN.

python examples/kontist/card.py CONNECTION
"""

from __future__ import annotations

import sys
from decimal import Decimal
from getpass import getpass

from bankweave import Bankweave
from bankweave.errors import InvalidOrder, ProviderRefused
from bankweave_kontist import KontistClient
from bankweave_kontist.client import KontistCard, LimitChange, LimitsChange


def show(card: KontistCard) -> None:
    print(f"{card.masked_pan} {card.type}, until {card.formatted_expiration_date}: {card.status}")


def limit(kontist: KontistClient, card: KontistCard, euros: Decimal) -> None:
    """Let no more be drawn from cash machines in a day; all other limits stay."""
    limits = kontist.cards.set_limits(card.id, atm=LimitsChange(daily=LimitChange(max_amount=euros)))
    if limits is not None:
        print(f"cash: {limits.atm.daily.max_amount} EUR a day, {limits.atm.monthly.max_amount} EUR a month")


def set_pin(kontist: KontistClient, card: KontistCard) -> None:
    """By the code of an SMS; with a bound device, `kontist.pins.set` sends the PIN encrypted instead."""
    wanted = kontist.pins.begin(card.id, getpass("New PIN: "))
    kontist.pins.confirm(wanted, input("Code from the SMS: "))
    print("the PIN is set")


def main(connection_id: str) -> None:
    with Bankweave() as bank:
        kontist = bank.client(connection_id, KontistClient)
        for card in kontist.cards.list():
            show(card)
        active = [card for card in kontist.cards.list() if card.status == "ACTIVE"]
        if not active:
            sys.exit("there is no active card")
        try:
            limit(kontist, active[0], Decimal(100))
            show(kontist.cards.block(active[0].id))
            show(kontist.cards.unblock(active[0].id))
            set_pin(kontist, active[0])
        except (InvalidOrder, ProviderRefused) as error:  # a PIN like 1234, a wrong code
            sys.exit(f"not done: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
