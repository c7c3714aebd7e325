"""Routes of the control origin that make payments happen, be booked, or lapse."""

from __future__ import annotations

from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bankweave_sandbox.jsonbody import Body
from bankweave_sandbox.stage import Stage
from bankweave_sandbox.truth import entry_truth
from bankweave_sandbox.world import Account, Entry, Kind, Movement, World


def payment_routes(stage: Stage) -> list[BaseRoute]:
    async def pay(request: Request) -> Response:
        body = await Body.read(request, "account amount text counterparty counterparty_iban kind pending")
        account, movement = _asked_payment(stage.world, body)
        stage.world.pay(account, movement)
        return _shown(stage.world, movement.id, 201)

    async def book(request: Request) -> Response:
        body = await Body.read(request, "amount text")
        _, movement = _pending_payment(stage.world, request.path_params["id"])
        stage.world.book(movement, body.amount("amount"), body.optional_text("text"))
        return _shown(stage.world, movement.id)

    async def lapse(request: Request) -> Response:
        account, movement = _pending_payment(stage.world, request.path_params["id"])
        stage.world.lapse(account, movement)
        return JSONResponse({"id": movement.id, "status": "lapsed"})

    return [
        Route("/payments", pay, methods=["POST"]),
        Route("/payments/{id}/book", book, methods=["POST"]),
        Route("/payments/{id}/lapse", lapse, methods=["POST"]),
    ]


def _asked_payment(world: World, body: Body) -> tuple[Account, Movement]:
    account = world.account(body.text("account"))
    if account is None:
        raise HTTPException(404, "no account has this id, IBAN or number; GET /truth lists them")
    amount = body.amount("amount")
    if amount is None:
        raise HTTPException(400, "amount is missing")
    now = world.clock.now()
    return account, Movement(
        id=str(uuid4()),
        amount=amount,
        kind=_asked_kind(body),
        occurred_at=now,
        booked_at=None if body.flag("pending") else now,
        text=body.text("text"),
        counterparty=body.optional_text("counterparty"),
        counterparty_iban=body.optional_text("counterparty_iban"),
    )


def _asked_kind(body: Body) -> Kind:
    try:
        return Kind(body.optional_text("kind") or Kind.TRANSFER)
    except ValueError:
        raise HTTPException(400, f"kind must be one of {', '.join(kind.value for kind in Kind)}") from None


def _pending_payment(world: World, payment_id: str) -> tuple[Account, Movement]:
    account, entry = _payment(world, payment_id)
    if entry.booked:
        raise HTTPException(400, "the payment is booked already")
    return account, entry.movement


def _payment(world: World, payment_id: str) -> tuple[Account, Entry]:
    found = world.entry(payment_id)
    if found is None:
        raise HTTPException(404, "no payment has this id")
    return found


def _shown(world: World, payment_id: str, status: int = 200) -> Response:
    return JSONResponse(entry_truth(*_payment(world, payment_id)), status_code=status)
