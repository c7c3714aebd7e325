"""An adapter in one file, for a bank that anybody can run: the sandbox's control origin.

    bankweave sandbox --control-port 8904
    python examples/own_adapter.py http://127.0.0.1:8904 DE83110101001850371727

`GET /truth?account=...` answers with an account and its transactions, as JSON. Signing in is a question: which account?
docs/how-to/write-an-adapter.md goes through this file. An adapter of your own would be split as those in providers/ are.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bankweave import Bankweave, Config
from bankweave.adapter import CONTRACT, AdapterInfo, Context, Cursor, Page, Request, Response, Snapshot, Stream
from bankweave.errors import MalformedAnswer, ProviderRefused, ProviderUnavailable, WrongSubject
from bankweave.flow import Answer, Ask, Challenge, ChallengeKind, Connected, Event, Failed, Field, Intent, Reason, Step
from bankweave.model import (
    Balance,
    BalanceType,
    Institution,
    ObservedAccount,
    ObservedTransaction,
    TransactionStatus,
)

# wire.py: what the provider sends -------------------------------------------------------------------------------------


class WireModel(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class WireTransaction(WireModel):
    id: str
    status: str
    amount: Decimal
    currency: str
    booking_date: date | None
    transaction_date: date | None
    counterparty: str | None
    text: str


class WireAccount(WireModel):
    account: str
    name: str
    currency: str
    balance: Decimal
    transactions: tuple[WireTransaction, ...]


class WireTruth(WireModel):
    accounts: tuple[WireAccount, ...]


# protocol.py: requests are built and answers are read by pure functions ---------------------------------------------


def fetch_account(base_url: str, number: str) -> Request:
    return Request(
        method="GET",
        url=f"{base_url}/truth",
        params={"account": number},
        operation="fetch_account",
        repeatable=True,
    )


def read_account(answer: Response, number: str) -> WireAccount | None:
    """The account asked for, or None if there is none of that number."""
    if answer.status >= 500:
        raise ProviderUnavailable("the ledger is down; try again later", retry_at=answer.retry_at)
    if not answer.ok:
        raise ProviderRefused(f"the ledger refused the request (HTTP {answer.status})", code=str(answer.status))
    try:
        found = WireTruth.model_validate_json(answer.body).accounts
    except ValidationError:
        raise MalformedAnswer("the ledger's answer is not what its documents say; nothing was used") from None
    if any(one.account != number for one in found):
        raise WrongSubject("the ledger answered with another account; nothing was used")
    return found[0] if found else None


# mapping.py: wire to neutral, pure ------------------------------------------------------------------------------------

STATUSES = {"booked": TransactionStatus.BOOKED, "pending": TransactionStatus.PENDING}


def to_account(wire: WireAccount) -> ObservedAccount:
    return ObservedAccount(provider_id=wire.account, currency=wire.currency, name=wire.name, iban=wire.account)


def to_transaction(wire: WireTransaction) -> ObservedTransaction:
    return ObservedTransaction(
        provider_id=wire.id,  # this provider promises that ids last
        status=STATUSES.get(wire.status, TransactionStatus.UNKNOWN),
        amount=wire.amount,
        currency=wire.currency,
        booking_date=wire.booking_date,
        transaction_date=wire.transaction_date,
        counterparty_name=wire.counterparty,
        remittance_information=(wire.text,),
    )


# flow.py: what has to survive between two steps, and the grant that comes out of them ---------------------------------


class AskedForNumber(BaseModel):
    model_config = ConfigDict(frozen=True)

    kind: Literal["asked_for_number"] = "asked_for_number"


class LedgerGrant(BaseModel):
    model_config = ConfigDict(frozen=True)

    number: str


class LedgerSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    base_url: str


QUESTION = Challenge(
    kind=ChallengeKind.QUESTIONS,
    message="Which account?",
    fields=(Field(name="number", label="IBAN", secret=False),),
)


class Ledger:
    info: ClassVar[AdapterInfo] = AdapterInfo(
        name="ledger", title="Ledger", contract=CONTRACT, countries=("DE",), callback_key="state"
    )
    settings_type: ClassVar[type[BaseModel]] = LedgerSettings
    states: ClassVar[TypeAdapter[Any]] = TypeAdapter(AskedForNumber)
    grants: ClassVar[TypeAdapter[Any]] = TypeAdapter(LedgerGrant)

    def __init__(self, settings: LedgerSettings) -> None:
        self._base_url = settings.base_url

    @property
    def origins(self) -> tuple[str, ...]:
        return (self._base_url,)

    async def institutions(self, ctx: Context, country: str | None) -> Sequence[Institution]:  # noqa: ARG002
        return (Institution(id="ledger", adapter="ledger", name="Ledger", country="DE"),)

    async def begin(self, ctx: Context, intent: Intent) -> Step:  # noqa: ARG002
        return Ask(state=AskedForNumber(), interaction=QUESTION)

    async def resume(self, ctx: Context, state: AskedForNumber, event: Event) -> Step:
        match event:
            case Answer(values):
                return await self._after_answer(ctx, values["number"])
            case _:
                return Ask(state=state, interaction=QUESTION)

    async def _after_answer(self, ctx: Context, number: str) -> Step:
        if await self._fetch(ctx, number) is None:
            return Failed(reason=Reason.WRONG_ANSWER, message="there is no account of that number; begin again")
        (institution,) = await self.institutions(ctx, None)
        return Connected(grant=LedgerGrant(number=number), institution=institution)

    # reader.py: accounts and pages ------------------------------------------------------------------------------------

    async def open(self, ctx: Context, grant: LedgerGrant) -> Snapshot:
        account = await self._own_account(ctx, grant)
        balance = Balance(
            account_provider_id=account.account,
            type=BalanceType.INTERIM_BOOKED,
            amount=account.balance,
            currency=account.currency,
            observed_at=ctx.now(),
        )
        stream = Stream(id=account.account, accounts=(account.account,))
        return Snapshot(accounts=(to_account(account),), balances=(balance,), streams=(stream,))

    async def pull(
        self,
        ctx: Context,
        grant: LedgerGrant,
        stream: Stream,
        *,
        cursor: Cursor | None,  # noqa: ARG002 - everything comes in one answer: nobody can go on in the middle
        since: date | None,
    ) -> AsyncIterator[Page]:
        account = await self._own_account(ctx, grant)
        wanted = [row for row in map(to_transaction, account.transactions) if is_wanted(row, since)]
        yield Page(account=stream.id, rows=tuple(wanted))

    async def _own_account(self, ctx: Context, grant: LedgerGrant) -> WireAccount:
        account = await self._fetch(ctx, grant.number)
        if account is None:
            raise ProviderRefused("the ledger does not know the account any more; disconnect it")
        return account

    async def _fetch(self, ctx: Context, number: str) -> WireAccount | None:
        return read_account(await ctx.http.send(fetch_account(self._base_url, number)), number)


def is_wanted(row: ObservedTransaction, since: date | None) -> bool:
    """Every pending row is wanted, whatever the day."""
    return since is None or row.status is TransactionStatus.PENDING or row.date is None or row.date >= since


# A program that uses it -----------------------------------------------------------------------------------------------


def main(base_url: str, number: str, store: str = "ledger.db") -> None:
    config = Config(adapters={"ledger": {"base_url": base_url}})
    with Bankweave(store, config=config, adapters=[Ledger]) as bank:
        flow = bank.connect("ledger", owner="anna")
        flow = bank.answer(flow.id, number)
        if flow.failure is not None:
            print(f"not connected: {flow.failure.message}")
            return
        report = bank.sync(connection_id=flow.connection_id)
        report.raise_for_failures()
        print(f"{report.counts.added} transactions")
        for tx in islice(bank.transactions(connection_id=flow.connection_id), 5):
            print(tx.date, tx.status, tx.amount, tx.currency, tx.counterparty)


if __name__ == "__main__":
    main(*sys.argv[1:])
