# ruff: noqa: ARG002 - the contract hands over more than an echo needs
"""An adapter without a provider: it says back what an `EchoBank` was told. For tests, and to read as the smallest adapter.

bank = EchoBank(accounts={"giro": [coffee, rent]})
async with AsyncBankweave("test.db", config=config, adapters=[bank.adapter()]) as bankweave: ...
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic import Field as Discriminated

from bankweave.adapter import CONTRACT, Ability, AdapterInfo, Context, Cursor, Page, Snapshot, Stream, Token
from bankweave.errors import BankweaveError, ConsentExpired
from bankweave.flow import (
    Answer,
    Ask,
    Callback,
    Challenge,
    ChallengeKind,
    Connect,
    Connected,
    Event,
    Failed,
    Field,
    Intent,
    Reason,
    Redirect,
    Refresh,
    Step,
    Wait,
)
from bankweave.model import (
    AccountType,
    Balance,
    BalanceType,
    Consent,
    ConsentStatus,
    Institution,
    ObservedAccount,
    ObservedTransaction,
    TransactionStatus,
)
from bankweave.payment import Card, Transfer

HOUR = timedelta(hours=1)
_ABILITIES = frozenset({Ability.RENEWABLE, Ability.REVOCABLE, Ability.FORGETFUL})
_PAYING = frozenset({Ability.TRANSFERS, Ability.CARDS, Ability.STREAMS})
CURRENCY = "EUR"


class EchoSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EchoGrant(BaseModel):
    model_config = ConfigDict(frozen=True)

    access_token: str
    number: int = 1


class AtTheBank(BaseModel):
    """The person was sent away to sign in."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["at_the_bank"] = "at_the_bank"


class AskedForCode(BaseModel):
    model_config = ConfigDict(frozen=True)

    kind: Literal["asked_for_code"] = "asked_for_code"
    attempts_left: int


class AskedForApproval(BaseModel):
    """The person was asked to approve on another device."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["asked_for_approval"] = "asked_for_approval"


class Fetching(BaseModel):
    """The provider is at work."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["fetching"] = "fetching"
    polls_left: int


EchoState = AtTheBank | AskedForCode | AskedForApproval | Fetching


@dataclass
class EchoBank:
    """What the echo adapter shows. Change it between two syncs, as a bank would."""

    accounts: dict[str, list[ObservedTransaction]] = field(default_factory=dict)  # newest first, by provider id
    page_size: int = 2
    code: str | None = None  # ask for this one-time code after the redirect, and at every refresh
    approved: bool = True  # False: the person has yet to approve on another device
    polls: int = 0  # how often to make a flow wait
    refreshes: bool = False
    reaches_back_to: date | None = None  # older rows are not shown any more
    failures: dict[tuple[str, int], Exception] = field(default_factory=dict)  # by account and page number, from 0
    begin_failure: Exception | None = None
    open_failure: Exception | None = None
    subject: str | None = None  # what its events would call the person
    token_life: timedelta = HOUR
    reissues: bool = False  # renew to the very token that was rejected
    renewals: int = 0
    pays: bool = False  # it has transfers, cards and live events as well
    transfers: list[Transfer] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    pay_failure: Exception | None = None  # raised when a confirmed payment has been executed: its answer is lost
    watchers: list[asyncio.Queue[Exception | None]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)  # what the core asked for, in order

    def signal(self, failure: Exception | None = None) -> None:
        """Tell everybody who watches that something has happened, or that watching is over."""
        for watcher in self.watchers:
            watcher.put_nowait(failure)

    def adapter(self, name: str = "echo") -> type[EchoAdapter]:
        """An adapter class that is bound to this bank."""
        kind, abilities = EchoAdapter, _ABILITIES
        if self.pays:
            from bankweave.testing.paying_echo import PayingEchoAdapter as kind  # noqa: N813 - one of two

            abilities |= _PAYING
        info = AdapterInfo(
            name=name,
            title="Echo",
            contract=CONTRACT,
            countries=("DE",),
            callback_key="state",
            refreshes=self.refreshes,
            abilities=abilities,
        )
        return type("EchoAdapter", (kind,), {"bank": self, "info": info})

    def balance(self, account: str) -> Decimal:
        booked = (row.amount for row in self.accounts[account] if row.status is TransactionStatus.BOOKED)
        return sum(booked, Decimal(0))


class EchoAdapter:
    """The whole contract, with nothing behind it but an `EchoBank`."""

    bank: ClassVar[EchoBank]
    info: ClassVar[AdapterInfo]
    settings_type: ClassVar[type[BaseModel]] = EchoSettings
    grants: ClassVar[TypeAdapter[EchoGrant]] = TypeAdapter(EchoGrant)
    states: ClassVar[TypeAdapter[EchoState]] = TypeAdapter(Annotated[EchoState, Discriminated(discriminator="kind")])

    def __init__(self, settings: EchoSettings) -> None:
        self.settings = settings

    @property
    def origins(self) -> tuple[str, ...]:
        return ("https://echo.example",)

    async def institutions(self, ctx: Context, country: str | None) -> Sequence[Institution]:
        return (self._institution(),)

    async def begin(self, ctx: Context, intent: Intent) -> Step:
        self.bank.calls.append(f"begin {type(intent).__name__}")
        if self.bank.begin_failure is not None:
            raise self.bank.begin_failure
        if isinstance(intent, Refresh):
            return self._after_sign_in(ctx)
        key = ctx.secret()
        url = f"https://echo.example/sign-in?state={key}&back={intent.redirect_uri if isinstance(intent, Connect) else ''}"
        expires_at = ctx.now() + HOUR
        return Ask(state=AtTheBank(), interaction=Redirect(url=url), correlation=key, expires_at=expires_at)

    async def resume(self, ctx: Context, state: EchoState, event: Event) -> Step:
        self.bank.calls.append(f"resume {state.kind}")
        match state, event:
            case AtTheBank(), Callback(params) if params.get("error"):
                return Failed(reason=Reason.USER_REFUSED, message="the person refused; begin again")
            case AtTheBank(), Callback():
                return self._after_sign_in(ctx)
            case AskedForCode(), Answer(values):
                return self._after_code(ctx, state, values["code"])
            case AskedForApproval(), _:
                return self._after_sign_in(ctx)
            case Fetching(polls_left=left), _ if left > 1:
                return Wait(state=Fetching(polls_left=left - 1), poll_at=ctx.now() + timedelta(seconds=2))
            case Fetching(), _:
                return self._connected(ctx)
        raise AssertionError(f"{state} does not take {event}")

    async def open(self, ctx: Context, grant: EchoGrant) -> Snapshot:
        self.bank.calls.append("open")
        if self.bank.open_failure is not None:
            raise self.bank.open_failure
        return Snapshot(
            accounts=tuple(_account(name) for name in self.bank.accounts),
            balances=tuple(self._balance(ctx, name) for name in self.bank.accounts),
            streams=tuple(
                Stream(id=name, accounts=(name,), reaches_back_to=self.bank.reaches_back_to)
                for name in self.bank.accounts
            ),
        )

    async def pull(
        self,
        ctx: Context,
        grant: EchoGrant,
        stream: Stream,
        *,
        cursor: Cursor | None,
        since: date | None,
    ) -> AsyncIterator[Page]:
        days = [day for day in (since, stream.reaches_back_to) if day]
        rows = [row for row in self.bank.accounts[stream.id] if _is_within(row, max(days, default=None))]
        size = self.bank.page_size
        for start in range(int(cursor or 0), max(1, len(rows)), size):
            self.bank.calls.append(f"page {stream.id} {start // size}")
            failure = self.bank.failures.pop((stream.id, start // size), None)
            if failure is not None:
                raise failure
            page = tuple(rows[start : start + size])
            more = start + size < len(rows)
            yield Page(account=stream.id, rows=page, next=str(start + size) if more else None)

    # Renewable, Revocable, Forgetful ----------------------------------------------------------------------------------

    def access_token(self, grant: EchoGrant) -> Token:
        return Token(grant.access_token, None)

    async def renew(self, ctx: Context, grant: EchoGrant) -> EchoGrant:
        self.bank.renewals += 1
        await ctx.sleep(0.01)
        if self.bank.token_life <= timedelta(0):
            raise ConsentExpired("the access has ended; renew the connection")
        number = grant.number + (0 if self.bank.reissues else 1)
        return EchoGrant(access_token=f"token-{number}", number=number)

    async def revoke(self, ctx: Context, grant: EchoGrant) -> None:
        self.bank.calls.append("revoke")
        if isinstance(self.bank.open_failure, BankweaveError):
            raise self.bank.open_failure

    async def forget(self, ctx: Context) -> None:
        self.bank.calls.append(f"forget {ctx.owner}")
        if isinstance(self.bank.open_failure, BankweaveError):
            raise self.bank.open_failure

    # Steps ------------------------------------------------------------------------------------------------------------

    def _after_sign_in(self, ctx: Context) -> Step:
        if not self.bank.approved:
            return self._ask_for_approval(ctx)
        return self._ask_for_code(attempts=3) if self.bank.code else self._after_challenge(ctx)

    def _ask_for_approval(self, ctx: Context) -> Step:
        challenge = Challenge(kind=ChallengeKind.APP_APPROVAL, message="Confirm in the app")
        return Ask(state=AskedForApproval(), interaction=challenge, poll_at=ctx.now() + timedelta(seconds=3))

    def _ask_for_code(self, attempts: int) -> Step:
        challenge = Challenge(
            kind=ChallengeKind.OTP,
            message="Type the code that you got",
            fields=(Field(name="code", label="Code"),),
            attempts_left=attempts,
        )
        return Ask(state=AskedForCode(attempts_left=attempts), interaction=challenge)

    def _after_code(self, ctx: Context, state: AskedForCode, code: str) -> Step:
        if code == self.bank.code:
            return self._after_challenge(ctx)
        if state.attempts_left > 1:
            return self._ask_for_code(state.attempts_left - 1)
        return Failed(reason=Reason.WRONG_ANSWER, message="the code was wrong three times; begin again")

    def _after_challenge(self, ctx: Context) -> Step:
        if self.bank.polls:
            return Wait(state=Fetching(polls_left=self.bank.polls), poll_at=ctx.now() + timedelta(seconds=2))
        return self._connected(ctx)

    def _connected(self, ctx: Context) -> Step:
        consent = Consent(status=ConsentStatus.VALID, valid_until=ctx.now() + timedelta(days=90))
        grant = EchoGrant(access_token="token-1")  # noqa: S106
        return Connected(grant=grant, consent=consent, institution=self._institution(), subject=self.bank.subject)

    def _institution(self) -> Institution:
        return Institution(id="echo-bank", adapter=self.info.name, name="Echo Bank", country="DE")

    def _balance(self, ctx: Context, account: str) -> Balance:
        return Balance(
            account_provider_id=account,
            type=BalanceType.INTERIM_BOOKED,
            amount=self.bank.balance(account),
            currency=CURRENCY,
            observed_at=ctx.now(),
        )


def _account(name: str) -> ObservedAccount:
    return ObservedAccount(provider_id=name, currency=CURRENCY, name=name, type=AccountType.CURRENT)


def _is_within(row: ObservedTransaction, since: date | None) -> bool:
    return since is None or row.status is TransactionStatus.PENDING or row.date is None or row.date >= since
