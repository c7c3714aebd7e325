"""Cards of the main account (section 8)."""

from __future__ import annotations

import builtins

from bankweave.errors import InvalidOrder, ProviderRefused
from bankweave.payment import CardAction
from bankweave_kontist.cards.mapping import card_status
from bankweave_kontist.cards.pins import ENCRYPTION, WRAPPING, decrypt_details, make_key, public_jwk, spell_jwk
from bankweave_kontist.cards.records import (
    CardDetails,
    CardHolder,
    FraudCase,
    KontistCard,
    LimitsChange,
    SpendingLimits,
)
from bankweave_kontist.cards.rules import ACTIONS, TARGETS, activation_code, limits_input, no_card
from bankweave_kontist.cards.wire import (
    CardChanged,
    CardOfAccount,
    CardsOfAccount,
    DetailsEncrypted,
    FraudAnswered,
    HolderSet,
    LimitsOfCard,
    LimitsUpdated,
)
from bankweave_kontist.devices.bound import bound_device, signed
from bankweave_kontist.queries import Query
from bankweave_kontist.queries import cards as queries
from bankweave_kontist.session import Session


class Cards:
    """Orders, activates, blocks and limits cards.

    What changes something raises `ProviderRefused` when Kontist does not do it. Ordering is never repeated by itself:
    `OutcomeUnknown` when the answer was lost; look at `list()` before you order again.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    # Looking ----------------------------------------------------------------------------------------------------------

    async def list(self) -> builtins.list[KontistCard]:
        """List the cards. Closed ones are not shown."""
        return (await self._session.account(queries.LIST_CARDS, CardsOfAccount)).cards

    async def get(self, card: str) -> KontistCard | None:
        """Find a card by its id; None when there is none."""
        return (await self._session.account(queries.ONE_CARD, CardOfAccount, filter={"id": card})).card

    async def limits(self, card: str) -> SpendingLimits | None:
        """Read a card's limits, in euros; None where it has none. Raises `InvalidOrder` (card) when there is no such card."""
        found = (await self._session.account(queries.CARD_LIMITS, LimitsOfCard, id=card)).card
        if found is None:
            raise no_card()
        return found.settings.limits

    async def holder(self) -> CardHolder:
        """Read the names that may stand on a card, and whether a stopped payment waits for a word."""
        return await self._session.account(queries.CARD_HOLDER, CardHolder)

    async def details(self, card: str) -> CardDetails:
        """Read number and check digits of a virtual card, encrypted on their way to a key that is made for this call.

        The bound device signs for it: `InvalidOrder` (no_device) without one. What it signs, and the names of the fields
        that come, are undocumented.
        """
        device = await bound_device(self._session)
        key = make_key()
        jwk = public_jwk(key)
        signature = await signed(self._session, device, spell_jwk(jwk))
        wanted = {"alg": WRAPPING, "enc": ENCRYPTION}
        args = {"deviceId": device.id, "jwk": jwk, "jwe": wanted, "signature": signature}
        query = queries.VIRTUAL_CARD_DETAILS
        answer = await self._session.run(query, DetailsEncrypted, repeatable=True, id=card, args=args)
        return CardDetails(fields=decrypt_details(answer.encrypted, key, query.operation))

    # Ordering and changing --------------------------------------------------------------------------------------------

    async def create(self, card_type: str, holder: str | None = None) -> KontistCard:
        """Order a card of one of Kontist's types, e.g. VIRTUAL_VISA_FREELANCE_DEBIT. `holder` is one of its names."""
        variables = {"type": card_type, "cardHolderRepresentation": holder}
        return await self._card(queries.CREATE_CARD, repeatable=False, **variables)

    async def activate(self, card: str, code: str | None = None) -> KontistCard:
        """Activate a card by the code that is printed on it, of which the first six characters count. Idempotent."""
        return await self.change(card, CardAction.ACTIVATE, code)

    async def block(self, card: str) -> KontistCard:
        """Block a card for the time being. Idempotent."""
        return await self.change(card, CardAction.BLOCK)

    async def unblock(self, card: str) -> KontistCard:
        """Unblock a card that its holder has blocked. Idempotent."""
        return await self.change(card, CardAction.UNBLOCK)

    async def close(self, card: str) -> KontistCard:
        """Close a card for good. Idempotent as long as Kontist still knows the card."""
        return await self.change(card, CardAction.CLOSE)

    async def change(self, card: str, action: CardAction, code: str | None = None) -> KontistCard:
        """Activate, block, unblock or close a card; one that is so already is given as it is."""
        try:
            return await self._changed(card, action, code)
        except ProviderRefused:
            found = await self.get(card)
            if found is not None and card_status(found.status) is TARGETS[action]:
                return found
            raise

    async def replace(self, card: str) -> KontistCard:
        """Order another card for one that is lost or stolen."""
        return await self._card(queries.REPLACE_CARD, repeatable=False, id=card)

    async def reorder(self, card: str) -> KontistCard:
        """Order another card for one that is damaged, which is closed."""
        return await self._card(queries.REORDER_CARD, repeatable=False, id=card)

    async def set_limits(
        self, card: str, *, atm: LimitsChange | None = None, purchase: LimitsChange | None = None
    ) -> SpendingLimits | None:
        """Change limits, in euros; what is not given stays. Raises `InvalidOrder` for nothing, or less than nothing."""
        settings = limits_input(atm, purchase)
        query = queries.UPDATE_CARD_LIMITS
        return (
            await self._session.run(query, LimitsUpdated, repeatable=True, id=card, settings=settings)
        ).settings.limits

    async def set_holder(self, name: str) -> str:
        """Choose the name for cards to come, one of the `choices` of `holder()`. Gives it as Kontist has taken it."""
        if not name.strip():
            raise InvalidOrder("the name is empty; nothing was sent", code="name")
        query = queries.SET_CARD_HOLDER
        return (await self._session.run(query, HolderSet, repeatable=True, cardHolderRepresentation=name)).name

    # A stopped payment ------------------------------------------------------------------------------------------------

    async def whitelist(self) -> FraudCase:
        """Say that the stopped payment was the holder's own; for a while, the card is trusted."""
        return (await self._session.run(queries.WHITELIST_CARD, FraudAnswered)).case

    async def confirm_fraud(self) -> FraudCase:
        """Say that the stopped payment was not the holder's own."""
        return (await self._session.run(queries.CONFIRM_FRAUD, FraudAnswered)).case

    # ------------------------------------------------------------------------------------------------------------------

    async def _changed(self, card: str, action: CardAction, code: str | None) -> KontistCard:
        if action is CardAction.ACTIVATE:
            token = activation_code(code)
            return await self._card(queries.ACTIVATE_CARD, repeatable=True, id=card, verificationToken=token)
        return await self._card(queries.CHANGE_CARD_STATUS, repeatable=True, id=card, action=ACTIONS[action])

    async def _card(self, query: Query, *, repeatable: bool, **variables: object) -> KontistCard:
        return (await self._session.run(query, CardChanged, repeatable=repeatable, **variables)).card
