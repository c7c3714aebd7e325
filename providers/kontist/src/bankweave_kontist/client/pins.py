"""PINs of cards (section 8)."""

from __future__ import annotations

from bankweave.errors import ProviderRefused
from bankweave_kontist.cards.pins import check_pin, encrypt_pin
from bankweave_kontist.cards.records import KontistCard, PinConfirmation
from bankweave_kontist.cards.rules import no_card
from bankweave_kontist.cards.wire import CardChanged, PinAsked, PinConfirmed, PinKeyOfCard
from bankweave_kontist.devices.bound import bound_device, signed
from bankweave_kontist.queries import cards as queries
from bankweave_kontist.refusals import origin, wrong_code
from bankweave_kontist.session import Session


class Pins:
    """Sets the PIN of a card, in one of three ways.

    Every way raises `InvalidOrder` (pin) before anything is sent, unless the PIN has four digits, no run like 1234, and at
    least three different ones: the rule of the bank behind Kontist, as Kontist documents none. Nothing is repeated by
    itself: after `OutcomeUnknown`, set the PIN anew.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def set(self, card: str, pin: str) -> KontistCard:
        """Set a PIN at once, encrypted and signed by the bound device. Raises `InvalidOrder` (no_device) without one.

        What is signed is undocumented: it is the encrypted PIN. Whether digits or JSON are in it, too: see the setting
        `pin_form`.
        """
        check_pin(pin)
        device = await bound_device(self._session)
        encrypted = await self._encrypted(card, pin)
        signature = await signed(self._session, device, encrypted["encryptedPin"])
        payload = {**encrypted, "deviceId": device.id, "signature": signature}
        query = queries.CHANGE_CARD_PIN_ENCRYPTED
        return (await self._session.run(query, CardChanged, id=card, payload=payload)).card

    async def request(self, card: str, pin: str) -> str:
        """Have an encrypted PIN taken down; gives the id of a change request, for `change_requests.sign`."""
        payload = await self._encrypted(card, check_pin(pin))
        query = queries.CHANGE_CARD_PIN_BY_REQUEST
        return (await self._session.run(query, PinAsked, id=card, payload=payload)).request.confirmation_id

    async def begin(self, card: str, pin: str) -> PinConfirmation:
        """Have a PIN taken down, in plain digits that Kontist reads; an SMS brings the code for `confirm`."""
        asked = await self._session.run(queries.CHANGE_CARD_PIN, PinAsked, id=card, pin=check_pin(pin))
        return PinConfirmation(id=asked.request.confirmation_id, card=card)

    async def confirm(self, wanted: PinConfirmation, code: str) -> None:
        """Set a PIN that was taken down. Raises `ProviderRefused` (wrong_code) for another code: then begin again."""
        query = queries.CONFIRM_CARD_PIN
        token = code.strip()
        try:
            answer = await self._session.run(
                query, PinConfirmed, id=wanted.card, confirmationId=wanted.id, authorizationToken=token
            )
        except ProviderRefused as refusal:
            raise wrong_code(refusal) from None
        if answer.confirmed.status != "COMPLETED":
            message = "Kontist did not set the PIN; its code says how it stands"
            raise ProviderRefused(message, origin=origin(query.operation), code=answer.confirmed.status)

    async def _encrypted(self, card: str, pin: str) -> dict[str, str]:
        found = (await self._session.account(queries.PIN_KEY, PinKeyOfCard, id=card)).card
        if found is None:
            raise no_card()
        encrypted = encrypt_pin(pin, found.pin_key, self._session.settings.pin_form)
        return {"encryptedPin": encrypted, "keyId": found.pin_key.kid}
