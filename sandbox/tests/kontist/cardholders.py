"""Somebody with cards: the calls that Kontist's SDK makes for them, and what is printed on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.tests.kontist.callers import Kontist
from sandbox.tests.kontist.payers import Payer, Phone, bind, confirmed_token

SCOPES = "users accounts transactions change_request offline"
FIELDS = """id status type holder formattedExpirationDate maskedPan pinSet addedToApplePay newCardOrdered
  googlePayTokens {walletId tokenRefId} settings {contactlessEnabled}"""
_STATUS = "mutation ($id: String!, $action: CardAction!) {changeCardStatus(id: $id, action: $action) {status}}"
_ACTIVATE = f"mutation ($id: String!, $code: String) {{activateCard(id: $id, verificationToken: $code) {{{FIELDS}}}}}"
_CREATE = f"mutation ($type: CardType!) {{createCard(type: $type) {{{FIELDS}}}}}"


@dataclass
class CardHolder:
    """Anna, who has one active card from the beginning, and a phone."""

    kontist: Kontist
    phone: Phone = field(default_factory=Phone)
    _payer: Payer = field(init=False)

    def __post_init__(self) -> None:
        self._payer = Payer(self.kontist, token=confirmed_token(self.kontist, scope=SCOPES))

    @property
    def token(self) -> str:
        return self._payer.token

    def cards(self) -> list[dict[str, Any]]:
        return list(self.read(f"{{viewer {{mainAccount {{cards {{{FIELDS}}}}}}}}}")["viewer"]["mainAccount"]["cards"])

    @property
    def first(self) -> str:
        return str(self.cards()[0]["id"])

    def card(self, card_id: str, fields: str = FIELDS) -> Any:
        query = f"query ($id: String!) {{viewer {{mainAccount {{card(filter: {{id: $id}}) {{{fields}}}}}}}}}"
        return self.read(query, id=card_id)["viewer"]["mainAccount"]["card"]

    def order(self, card_type: str = "VISA_BUSINESS_DEBIT_2") -> dict[str, Any]:
        """Order a card and wait until it is made."""
        card = self.read(_CREATE, type=card_type)["createCard"]
        self.kontist.advance(minutes=1)
        return dict(card)

    def activate(self, card_id: str, code: str | None = None) -> dict[str, Any]:
        code = code or self.printed(card_id)["verification_token"]
        return dict(self.read(_ACTIVATE, id=card_id, code=code)["activateCard"])

    def refused_activation(self, card_id: str, code: str | None) -> int:
        return self.refused(_ACTIVATE, id=card_id, code=code)

    def change(self, card_id: str, action: str) -> str:
        return str(self.read(_STATUS, id=card_id, action=action)["changeCardStatus"]["status"])

    def refused_change(self, card_id: str, action: str) -> int:
        return self.refused(_STATUS, id=card_id, action=action)

    def bind_phone(self) -> str:
        return bind(self.kontist, self.token, self.phone)

    def printed(self, card_id: str) -> dict[str, Any]:
        """Look at the card itself, at the control origin."""
        shown = self.kontist.control("GET", "/cards").json()
        return next(dict(card) for card in shown if card["id"] == card_id)

    def pay(self, card_id: str, amount: str = "12.34", **values: str) -> dict[str, Any]:
        answer = self.kontist.control("POST", f"/cards/{card_id}/pay", {"amount": amount, **values})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def newest(self, fields: str = "id type amount valutaDate name purpose") -> dict[str, Any]:
        return self.kontist.transactions("first: 1", fields, self.token)[0]

    def read(self, query: str, **variables: Any) -> Any:
        return self._payer.read(query, **variables)

    def refused(self, query: str, **variables: Any) -> int:
        return self._payer.refused(query, **variables)[0]
