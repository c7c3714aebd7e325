"""Cards for programs that know no provider: listed, activated, blocked, closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bankweave.payment import Card, CardAction
from bankweave_kontist.cards.mapping import neutral_card
from bankweave_kontist.cards.wire import CardsOfAccount
from bankweave_kontist.client.cards import Cards
from bankweave_kontist.queries.cards import LIST_CARDS
from bankweave_kontist.refusals import another_account

if TYPE_CHECKING:
    from bankweave_kontist.session import Session


async def list_cards(session: Session, account: str) -> Sequence[Card]:
    """List the cards of the main account, which alone has any; an answer about another is not used."""
    found = await session.account(LIST_CARDS, CardsOfAccount)
    if found.public_id != account:
        raise another_account(LIST_CARDS.operation)
    return tuple(neutral_card(card, account) for card in found.cards)


async def change_card(session: Session, account: str, card: str, action: CardAction, code: str | None) -> Card:
    return neutral_card(await Cards(session).change(card, action, code), account)
