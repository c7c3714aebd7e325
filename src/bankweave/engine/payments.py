"""Transfers and cards: read live at the provider, and moved only with the person's word.

A payment is a flow of its own. It is stored before the bank is asked, and every order in it carries an end-to-end id; so
when an answer is lost, nothing is sent again, and what became of the money can be looked up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from bankweave.adapter import Cards, Context, Transfers
from bankweave.engine.bound import Bound, bind, bind_account
from bankweave.engine.envelope import Payment
from bankweave.engine.flows import Flows
from bankweave.engine.parts import Parts
from bankweave.engine.records import ended
from bankweave.errors import InvalidOrder, NotAsking, Origin, ProviderRefused, UnknownConnection
from bankweave.flow import CancelTransfer, Failed, Flow, FlowStatus, Pay, PaymentIntent, Purpose, Step
from bankweave.payment import Card, CardAction, Transfer, TransferKind, TransferOrder
from bankweave.sepa import as_sent, check_order

PATIENCE = timedelta(minutes=5)  # how long confirm() waits for a provider that works on it


class Paying:
    def __init__(self, parts: Parts, flows: Flows) -> None:
        self._parts = parts
        self._flows = flows

    # Transfers ----------------------------------------------------------------------------------------------------------

    async def transfer(self, account_id: str, orders: Sequence[TransferOrder], options: Mapping[str, str]) -> Flow:
        """Have transfers taken down; the flow asks the person to confirm them."""
        if not orders:
            raise InvalidOrder("there is nothing to transfer; nothing was sent", code="orders")
        flow_id = uuid4().hex
        for place, order in enumerate(orders, 1):
            _check(order, place, len(orders))
        named = tuple(_named(as_sent(order), flow_id, place, len(orders)) for place, order in enumerate(orders, 1))
        if len({order.end_to_end_id for order in named}) < len(named):
            raise InvalidOrder("two orders have one end_to_end_id; nothing was sent", code="end_to_end_id")
        bound, account = await bind_account(self._parts, account_id)
        payment = Payment(account.provider_id, tuple(order.end_to_end_id or "" for order in named))
        return await self._begin(
            flow_id, bound, payment, Pay(account=account.provider_id, orders=named, options=options)
        )

    async def cancel_transfer(self, account_id: str, transfer: Transfer, options: Mapping[str, str]) -> Flow:
        """Have a transfer cancelled; the flow may ask the person to confirm that."""
        bound, account = await bind_account(self._parts, account_id)
        payment = Payment(account.provider_id, cancels=transfer.id)
        intent = CancelTransfer(
            account=account.provider_id, transfer=transfer.id, kind=transfer.kind, options=dict(options)
        )
        return await self._begin(uuid4().hex, bound, payment, intent)

    async def _begin(self, flow_id: str, bound: Bound, payment: Payment, intent: PaymentIntent) -> Flow:
        adapter = bound.adapter
        if not isinstance(adapter, Transfers):
            raise bound.unsupported("transfers")

        async def first(ctx: Context) -> Step:
            return await adapter.begin_payment(ctx, grant, intent)

        async with bound.asking("payment") as grant:
            return await self._flows.begin_payment(flow_id, bound.connection, payment, first)

    async def confirm(self, flow_id: str, answers: Mapping[str, str]) -> tuple[Transfer, ...]:
        """Answer the challenge of a payment, and return what became of it; a second time, only return it."""
        flow = await self._payment_flow(flow_id)
        if flow.status is FlowStatus.DONE:
            return flow.transfers
        flow = await self._flows.answer(flow_id, answers)
        if not flow.over:
            flow = await self._flows.settle(flow.id, self._parts.clock.now() + PATIENCE)
        if flow.status is FlowStatus.DONE:
            return flow.transfers
        if flow.over:
            raise _refusal(flow) or ended(flow)
        raise NotAsking("the bank asks for one more thing, or still works on it: see flow()", flow=flow)

    async def outcome(self, flow_id: str) -> tuple[Transfer, ...]:
        """Look what became of a payment: those of its transfers that the bank shows now."""
        flow = await self._payment_flow(flow_id)
        payment = await self._flows.payment(flow_id)
        connection = await self._parts.store.connection(flow.connection_id)
        if connection is None or payment is None:
            raise UnknownConnection("the connection of this payment is gone; look at the bank itself")
        shown = self._shown(bind(self._parts, connection), payment.account, None)
        return tuple([transfer async for transfer in shown if payment.is_about(transfer)])

    async def transfers(self, account_id: str, kind: TransferKind | None) -> AsyncIterator[Transfer]:
        bound, account = await bind_account(self._parts, account_id)
        async for transfer in self._shown(bound, account.provider_id, kind):
            yield transfer

    async def _shown(self, bound: Bound, account: str, kind: TransferKind | None) -> AsyncIterator[Transfer]:
        adapter = bound.adapter
        if not isinstance(adapter, Transfers):
            raise bound.unsupported("transfers")
        async with bound.asking("transfers") as grant:
            async for transfer in adapter.transfers(bound.ctx, grant, account, kind):
                yield transfer

    async def _payment_flow(self, flow_id: str) -> Flow:
        flow = await self._flows.get(flow_id)
        if flow.purpose is not Purpose.PAY:
            raise NotAsking("this flow is no payment; answer() is for it", flow=flow)
        return flow

    # Cards --------------------------------------------------------------------------------------------------------------

    async def cards(self, account_id: str) -> tuple[Card, ...]:
        bound, account = await bind_account(self._parts, account_id)
        adapter = bound.adapter
        if not isinstance(adapter, Cards):
            raise bound.unsupported("cards")
        async with bound.asking("cards", account.id) as grant:
            return tuple(await adapter.cards(bound.ctx, grant, account.provider_id))

    async def change_card(self, account_id: str, card_id: str, action: CardAction, code: str | None) -> Card:
        bound, account = await bind_account(self._parts, account_id)
        adapter = bound.adapter
        if not isinstance(adapter, Cards):
            raise bound.unsupported("cards")
        if action is CardAction.ACTIVATE and not code:
            raise InvalidOrder("activating a card needs the code that came with it; nothing was sent", code="code")
        async with bound.asking("cards", account.id) as grant:
            return await adapter.change_card(bound.ctx, grant, account.provider_id, card_id, action, code)


def _check(order: TransferOrder, place: int, count: int) -> None:
    try:
        check_order(order)
    except InvalidOrder as error:
        if count == 1:
            raise
        raise InvalidOrder(f"order {place} of {count}: {error}", code=error.code) from None


def _named(order: TransferOrder, flow_id: str, place: int, count: int) -> TransferOrder:
    """Give an order an end-to-end id by which it is found again; the flow's id fits SEPA's letters and length."""
    if (order.end_to_end_id or "").strip():
        return order
    return replace(order, end_to_end_id=flow_id if count == 1 else f"{flow_id[:28]}-{place}")


def _refusal(flow: Flow) -> ProviderRefused | None:
    """What the bank said to the answer of this very call; None where it is not known that it refused."""
    failure = flow.failure
    if failure is None or failure.kind != Failed.__name__:
        return None
    origin = Origin(adapter=flow.adapter, operation="confirm", connection_id=flow.connection_id)
    return ProviderRefused(failure.message, origin=origin, code=failure.code)
