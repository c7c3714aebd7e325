# ruff: noqa: ARG002 - the contract hands over more than an echo needs
"""Another process that pays at an echo bank whose books are a file: reads its task from its first argument.

`at` names a moment ("ordering", "ordered", "confirming", "confirmed") and `there` what happens then: it kills itself as
`kill -9` would, or waits for a line on its standard input.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
from worker import LaggingClock, say

from bankweave import AsyncBankweave, BankweaveError, Config, TransferOrder
from bankweave.adapter import Context
from bankweave.flow import Event, PaymentIntent, Step
from bankweave.payment import Transfer, TransferKind
from bankweave.testing import EchoBank
from bankweave.testing.echo import EchoGrant
from bankweave.testing.paying_echo import AskedToConfirm, PayingEchoAdapter, taken_down

IBAN = "DE89370400440532013000"
CODE = "4711"


@dataclass(frozen=True)
class Moment:
    at: str = ""
    there: str = ""

    def reached(self, name: str) -> None:
        if name != self.at:
            return
        if self.there == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        say(paused=name)
        sys.stdin.readline()


class Bookkeeper(PayingEchoAdapter):
    """Has what it executed in a file, for all processes."""

    books: Path
    moment: Moment

    async def begin_payment(self, ctx: Context, grant: EchoGrant, intent: PaymentIntent) -> Step:
        self.moment.reached("ordering")
        step = await super().begin_payment(ctx, grant, intent)
        self.moment.reached("ordered")
        return step

    async def resume(self, ctx: Context, state: Any, event: Event) -> Step:
        if not isinstance(state, AskedToConfirm):
            return await super().resume(ctx, state, event)
        self.moment.reached("confirming")
        self.bank.code = CODE
        with self.books.open("a") as books:
            books.writelines(f"{order.end_to_end_id}\n" for order in state.orders)
        self.moment.reached("confirmed")
        return await super().resume(ctx, state, event)

    async def transfers(
        self,
        ctx: Context,
        grant: EchoGrant,
        account: str,
        kind: TransferKind | None,
    ) -> AsyncIterator[Transfer]:
        for name in executed(self.books):
            yield taken_down(self.bank, account, an_order(name))


def an_order(end_to_end_id: str | None = None) -> TransferOrder:
    return TransferOrder(
        creditor_name="Anna Blum", creditor_iban=IBAN, amount=Decimal("12.50"), end_to_end_id=end_to_end_id
    )


def executed(books: Path) -> list[str]:
    return books.read_text().split() if books.exists() else []


def parts(store: Path, key: str, *, minutes_later: int = 0, moment: Moment | None = None) -> dict[str, Any]:
    """What a bankweave over the store, and the books beside it, is made of."""
    bank = EchoBank(accounts={"giro": []}, pays=True)
    made = {"bank": bank, "info": bank.adapter().info, "books": store.with_name("books"), "moment": moment or Moment()}
    return {
        "config": Config(store=store, vault_keys=key),
        "adapters": [type("Bookkeeper", (Bookkeeper,), made)],
        "clock": LaggingClock(timedelta(minutes=minutes_later)),
    }


def bankweave(store: Path, key: str, *, minutes_later: int = 0, moment: Moment | None = None) -> AsyncBankweave:
    return AsyncBankweave(**parts(store, key, minutes_later=minutes_later, moment=moment))


async def work(task: dict[str, Any]) -> None:
    moment = Moment(task.get("at", ""), task.get("there", ""))
    async with bankweave(Path(task["store"]), task["key"], moment=moment) as one:
        try:
            if task["step"] == "transfer":
                say(flow=(await one.transfer(task["account"], an_order())).id)
            else:
                said = await one.confirm(task["flow"], CODE)
                say(done=[transfer.end_to_end_id for transfer in said])
        except BankweaveError as error:
            say(error=type(error).__name__)


if __name__ == "__main__":
    anyio.run(work, json.loads(sys.argv[1]))
