"""A provider in memory, whose sign-in and data do what a test wants."""

# ruff: noqa: ARG002 - the contract says which arguments there are

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter

from bankweave.adapter import CONTRACT, Ability, AdapterInfo, Context, Cursor, Page, Snapshot, Stream
from bankweave.errors import BankweaveError
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
    Renew,
    Step,
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

CODE = "471108"
ACCOUNT = ObservedAccount(
    provider_id="a1",
    currency="EUR",
    name="Giro",
    iban="DE02120300000000202051",
    type=AccountType.CURRENT,
)
BANK = Institution(id="fake", adapter="fakebank", name="Fakebank", country="DE", website="https://fakebank.example")


def booked(amount: str, text: str, *, day: date = date(2026, 11, 20), **more: Any) -> ObservedTransaction:
    row = ObservedTransaction(
        status=TransactionStatus.BOOKED,
        amount=Decimal(amount),
        currency="EUR",
        booking_date=day,
        provider_id=text,
        counterparty_name="Kaffeehaus",
        remittance_information=(text,),
    )
    return replace(row, **more)


@dataclass
class Script:
    """What the bank does. One for all adapters of a test, since adapters are made anew by every command."""

    asks: Literal["nothing", "code", "questions", "approval"] = "nothing"
    refuses: bool = False
    asks_on_refresh: bool = False
    failure: BankweaveError | Exception | None = None  # of every sync
    polls_before_approval: int = 0
    rows: list[ObservedTransaction] = field(default_factory=lambda: [booked("-4.20", "coffee"), booked("10", "refund")])
    revokes: bool = True


SCRIPT = Script()


class FakeSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    api_key: SecretStr = SecretStr("key")
    level: int = 1


class State(BaseModel):
    model_config = ConfigDict(frozen=True)

    step: Literal["redirect", "challenge", "approval", "refresh"]
    key: str = ""


class Grant(BaseModel):
    token: str = "secret-token"


_CODE = Challenge(kind=ChallengeKind.OTP, message="Enter the code", fields=(Field(name="code", label="Code"),))
_QUESTIONS = Challenge(
    kind=ChallengeKind.QUESTIONS,
    message="Answer these",
    fields=(
        Field(name="pet", label="Your pet?", secret=False),
        Field(name="city", label="City", options=("Ulm", "Bonn")),
    ),
)
_APPROVAL = Challenge(kind=ChallengeKind.APP_APPROVAL, message="Confirm in the app")


class Fakebank:
    info: ClassVar[AdapterInfo] = AdapterInfo(
        name="fakebank",
        title="Fakebank",
        contract=CONTRACT,
        countries=("DE",),
        callback_key="state",
        abilities=frozenset({Ability.REVOCABLE}),
    )
    settings_type: ClassVar[type[BaseModel]] = FakeSettings
    states: ClassVar[TypeAdapter[Any]] = TypeAdapter(State)
    grants: ClassVar[TypeAdapter[Any]] = TypeAdapter(Grant)

    def __init__(self, settings: FakeSettings) -> None:
        self.settings = settings

    @property
    def origins(self) -> tuple[str, ...]:
        return ("https://api.fakebank.example",)

    async def institutions(self, ctx: Context, country: str | None) -> Sequence[Institution]:
        return [BANK] if country in {None, "DE"} else []

    async def begin(self, ctx: Context, intent: Intent) -> Step:
        match intent:
            case Refresh() if SCRIPT.asks_on_refresh:
                return Ask(state=State(step="refresh"), interaction=_CODE, expires_at=ctx.now() + timedelta(minutes=5))
            case Refresh():
                return Connected(grant=Grant())
            case Connect() | Renew():
                key = ctx.secret()
                query = urlencode({"redirect_uri": intent.redirect_uri or "", "state": key, **intent.options})
                link = Redirect(url=f"https://fakebank.example/sign-in?{query}")
                return Ask(state=State(step="redirect", key=key), interaction=link, correlation=key)

    async def resume(self, ctx: Context, state: State, event: Event) -> Step:
        match state.step, event:
            case "redirect", Callback():
                return self._after_sign_in(ctx)
            case "challenge" | "refresh", Answer(values):
                return self._judge(values.get("code", CODE))
            case "approval", _:
                return self._approve(ctx)
        raise AssertionError(f"{event} in {state.step}")

    async def open(self, ctx: Context, grant: Grant) -> Snapshot:
        if SCRIPT.failure is not None:
            raise SCRIPT.failure
        balance = Balance(
            account_provider_id="a1",
            type=BalanceType.INTERIM_BOOKED,
            amount=Decimal("1234.50"),
            currency="EUR",
            observed_at=ctx.now(),
        )
        return Snapshot(accounts=(ACCOUNT,), balances=(balance,), streams=(Stream(id="a1", accounts=("a1",)),))

    async def pull(
        self, ctx: Context, grant: Grant, stream: Stream, *, cursor: Cursor | None, since: date | None
    ) -> AsyncIterator[Page]:
        yield Page(account="a1", rows=tuple(SCRIPT.rows))

    async def revoke(self, ctx: Context, grant: Grant) -> None:
        if SCRIPT.failure is not None:
            raise SCRIPT.failure

    def _after_sign_in(self, ctx: Context) -> Step:
        if SCRIPT.refuses:
            return Failed(reason=Reason.USER_REFUSED, message="the person said no; begin again")
        match SCRIPT.asks:
            case "code":
                return Ask(state=State(step="challenge"), interaction=_CODE)
            case "questions":
                return Ask(state=State(step="challenge"), interaction=_QUESTIONS)
            case "approval":
                return self._ask_to_approve(ctx)
        return _connected()

    def _judge(self, code: str) -> Step:
        return _connected() if code == CODE else Ask(state=State(step="challenge"), interaction=_CODE)

    def _approve(self, ctx: Context) -> Step:
        if SCRIPT.polls_before_approval:
            SCRIPT.polls_before_approval -= 1
            return self._ask_to_approve(ctx)
        return _connected()

    def _ask_to_approve(self, ctx: Context) -> Step:
        return Ask(state=State(step="approval"), interaction=_APPROVAL, poll_at=ctx.now() + timedelta(milliseconds=20))


class Refreshing(Fakebank):
    """The same bank behind a provider that fetches before every read."""

    info: ClassVar[AdapterInfo] = replace(Fakebank.info, name="refreshing", refreshes=True)


def _connected() -> Step:
    consent = Consent(status=ConsentStatus.VALID, valid_until=datetime(2027, 5, 20, tzinfo=UTC))
    return Connected(grant=Grant(), consent=consent, institution=BANK)
