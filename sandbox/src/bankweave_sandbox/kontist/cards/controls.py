"""Everybody's cards over the control origin: what is printed on them, and shops that charge them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.jsonbody import Body
from bankweave_sandbox.kontist.cards.card import Card
from bankweave_sandbox.kontist.cards.desk import Cards
from bankweave_sandbox.kontist.cards.frauds import FraudCases
from bankweave_sandbox.kontist.cards.payments import CardPayments, Purchase
from bankweave_sandbox.world import Kind

_KINDS = {"card": Kind.CARD, "cash": Kind.CASH}


class CardControls:
    def __init__(self, cards: Cards, payments: CardPayments, frauds: FraudCases) -> None:
        self._cards = cards
        self._payments = payments
        self._frauds = frauds

    def routes(self) -> list[Route]:
        return [
            Route("/cards", self.show, methods=["GET"]),
            Route("/cards/{id}/pay", self.pay, methods=["POST"]),
            Route("/cards/{id}/verify", self.verify, methods=["POST"]),
            Route("/cards/{id}/suspect", self.suspect, methods=["POST"]),
        ]

    async def show(self, _request: Request) -> Response:
        return JSONResponse([_shown(card) for card in self._cards.everyones()])

    async def pay(self, request: Request) -> Response:
        """Charge a card: the payment is reserved, or shows as FAILED_CARD_USAGE."""
        outcome = self._payments.pay(await self._purchase(request))
        status = "declined" if outcome.refusal else "pending"
        body = {"id": outcome.movement.id, "status": status, "reason": outcome.refusal}
        return JSONResponse(body, status_code=201)

    async def verify(self, request: Request) -> Response:
        """Charge a card on the Internet: the payment waits for 3-D Secure."""
        verification = self._payments.ask_first(await self._purchase(request))
        return JSONResponse(verification.body(), status_code=201)

    async def suspect(self, request: Request) -> Response:
        """Have the bank suspect fraud."""
        case = self._frauds.suspect(self._card(request))
        return JSONResponse({"id": case.id, "resolution": case.resolution}, status_code=201)

    async def _purchase(self, request: Request) -> Purchase:
        card = self._card(request)
        body = await Body.read(request, "amount text merchant kind")
        kind = _KINDS.get(body.optional_text("kind") or "card")
        if kind is None:
            raise HTTPException(400, f"kind must be one of {', '.join(_KINDS)}")
        merchant = body.optional_text("merchant") or "Testladen"
        return Purchase(card, _positive(body.amount("amount")), merchant, body.optional_text("text") or merchant, kind)

    def _card(self, request: Request) -> Card:
        card = self._cards.find(request.path_params["id"])
        if card is None:
            raise HTTPException(404, "no card has this id; GET /kontist/cards lists them")
        return card


def _positive(amount: Decimal | None) -> Decimal:
    """Read what is charged; its sign does not matter, as /payments has it negative."""
    if not amount:
        raise HTTPException(400, "amount is missing or zero")
    return abs(amount)


def _shown(card: Card) -> dict[str, Any]:
    return {
        "id": card.id,
        "person": card.person.username,
        "type": card.type,
        "status": card.status,
        "holder": card.holder,
        "pan": card.pan,
        "cvv": card.cvv,
        "expires": card.formatted_expiration,
        "printed_code": card.printed_code,
        "verification_token": card.verification_token,
        "pin": card.pin,
    }
