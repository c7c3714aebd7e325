# ruff: noqa: ARG002, S101 - the contract hands over more than an echo needs, and an echo asserts what it is told
"""The echo adapter's transfers, cards and live events; `EchoBank(pays=True)` has them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic import Field as Discriminated

from bankweave.adapter import Context, Signal
from bankweave.flow import (
    Answer,
    Ask,
    CancelTransfer,
    Challenge,
    ChallengeKind,
    Done,
    Event,
    Failed,
    Field,
    Pay,
    PaymentIntent,
    Reason,
    Step,
)
from bankweave.payment import Card, CardAction, CardStatus, Transfer, TransferKind, TransferOrder, TransferStatus
from bankweave.testing.echo import EchoAdapter, EchoBank, EchoGrant, EchoState


class AskedToConfirm(BaseModel):
    """The person was asked for the code that executes orders, or cancels a transfer."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["asked_to_confirm"] = "asked_to_confirm"
    account: str
    orders: tuple[TransferOrder, ...] = ()
    cancels: str | None = None


class PayingEchoAdapter(EchoAdapter):
    """An echo that has all abilities but a client of its own."""

    states: ClassVar[TypeAdapter[Any]] = TypeAdapter(
        Annotated[EchoState | AskedToConfirm, Discriminated(discriminator="kind")]
    )

    async def begin_payment(self, ctx: Context, grant: EchoGrant, intent: PaymentIntent) -> Step:
        self.bank.calls.append(f"begin {type(intent).__name__}")
        match intent:
            case Pay():
                state = AskedToConfirm(account=intent.account, orders=intent.orders)
            case CancelTransfer():
                state = AskedToConfirm(account=intent.account, cancels=intent.transfer)
        fields = (Field(name="code", label="Code"),)
        challenge = Challenge(kind=ChallengeKind.OTP, message="Type the code that you got", fields=fields)
        return Ask(state=state, interaction=challenge, expires_at=ctx.now() + timedelta(minutes=5))

    async def resume(self, ctx: Context, state: EchoState | AskedToConfirm, event: Event) -> Step:
        if not isinstance(state, AskedToConfirm):
            return await super().resume(ctx, state, event)
        assert isinstance(event, Answer)
        self.bank.calls.append(f"resume {state.kind}")
        return self._after_confirmation(state, event.values["code"])

    def _after_confirmation(self, state: AskedToConfirm, code: str) -> Step:
        if code != self.bank.code:
            return Failed(reason=Reason.WRONG_ANSWER, message="the code was wrong, the order is void; order again")
        if state.cancels is not None:
            return self._cancelled(state.cancels)
        made = [taken_down(self.bank, state.account, order) for order in state.orders]
        self.bank.transfers.extend(made)
        if self.bank.pay_failure is not None:
            raise self.bank.pay_failure
        return Done(transfers=tuple(made))

    def _cancelled(self, wanted: str) -> Step:
        place = next(place for place, transfer in enumerate(self.bank.transfers) if transfer.id == wanted)
        self.bank.transfers[place] = replace(self.bank.transfers[place], status=TransferStatus.CANCELLED)
        return Done(transfers=(self.bank.transfers[place],))

    async def transfers(
        self, ctx: Context, grant: EchoGrant, account: str, kind: TransferKind | None
    ) -> AsyncIterator[Transfer]:
        for transfer in self.bank.transfers:
            if transfer.account_provider_id == account and kind in {None, transfer.kind}:
                yield transfer

    async def cards(self, ctx: Context, grant: EchoGrant, account: str) -> Sequence[Card]:
        return [card for card in self.bank.cards if card.account_provider_id == account]

    async def change_card(
        self, ctx: Context, grant: EchoGrant, account: str, card: str, action: CardAction, code: str | None
    ) -> Card:
        place = next(place for place, one in enumerate(self.bank.cards) if one.id == card)
        self.bank.cards[place] = replace(self.bank.cards[place], status=_AFTER[action])
        return self.bank.cards[place]

    async def watch(self, ctx: Context, grant: EchoGrant) -> AsyncIterator[Signal]:
        events: asyncio.Queue[Exception | None] = asyncio.Queue()
        self.bank.watchers.append(events)
        try:
            yield Signal()
            while True:
                failure = await events.get()
                if failure is not None:
                    raise failure
                yield Signal()
        finally:
            self.bank.watchers.remove(events)


_AFTER = {
    CardAction.ACTIVATE: CardStatus.ACTIVE,
    CardAction.BLOCK: CardStatus.BLOCKED,
    CardAction.UNBLOCK: CardStatus.ACTIVE,
    CardAction.CLOSE: CardStatus.CLOSED,
}


def taken_down(bank: EchoBank, account: str, order: TransferOrder) -> Transfer:
    """The transfer that an order becomes."""
    standing = order.kind is TransferKind.STANDING_ORDER
    return Transfer(
        id=f"transfer-{len(bank.transfers) + 1}",
        account_provider_id=account,
        kind=order.kind,
        status=TransferStatus.ACTIVE if standing else TransferStatus.ACCEPTED,
        creditor_name=order.creditor_name,
        creditor_iban=order.creditor_iban,
        amount=order.amount,
        currency=order.currency,
        remittance_information=order.remittance_information,
        end_to_end_id=order.end_to_end_id,
    )
