"""The contract that an adapter fulfils. An adapter sees this module, `model`, `errors` and `flow`, and nothing else of ours.

An adapter is plain `async` Python that makes nothing itself: the network, the clock, randomness and tokens are handed to it
in a `Context`, so that every request passes one gate and a test can move time. `pull` yields pages; a page is the unit of
commit. Whatever else a provider can do is a separate protocol below, fulfilled or not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, Protocol, TypeAlias, TypeVar, overload, runtime_checkable
from urllib.parse import urlencode

from bankweave.flow import Event, Intent, PaymentIntent, Step
from bankweave.model import Balance, Consent, Institution, ObservedAccount, ObservedTransaction, Party
from bankweave.payment import Card, CardAction, Transfer, TransferKind

if TYPE_CHECKING:
    from pydantic import BaseModel, TypeAdapter

CONTRACT = 1
"""The version of this contract; grows when an adapter written for it must be changed."""

P = ParamSpec("P")
T = TypeVar("T")
G = TypeVar("G")
S_contra = TypeVar("S_contra", contravariant=True)
G_contra = TypeVar("G_contra", contravariant=True)
Cursor: TypeAlias = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How hard a provider may be driven by one program."""

    concurrency: int = 8  # requests at a time
    per_minute: int | None = None  # None: not limited


class Ability(StrEnum):
    """What a provider may be able to do besides: each is a protocol at the end of this module."""

    RENEWABLE = "renewable"
    REVOCABLE = "revocable"
    FORGETFUL = "forgetful"
    TRANSFERS = "transfers"
    CARDS = "cards"
    STREAMS = "streams"
    CLIENT = "client"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterInfo:
    """What the core has to know about an adapter before it is made."""

    name: str
    title: str
    contract: int
    countries: tuple[str, ...]  # ISO 3166-1 alpha-2
    callback_key: str  # the query parameter of the callback URL that carries a flow's correlation
    refreshes: bool = False  # True: a sync must `begin(Refresh)` before it pulls
    look_back_days: int = 30  # how far back banks still change their minds: re-read by every sync
    limits: Limits = field(default_factory=Limits)
    abilities: frozenset[Ability] = frozenset()  # the protocols that the adapter fulfils


# Talking to the provider ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. Headers, query and body may hold secrets and are not printable."""

    method: str
    url: str = field(repr=False)
    operation: str  # our name for it, for errors and logs: "list_accounts"
    repeatable: (
        bool  # may it be sent again when its answer was lost? Never for codes, OTPs and whatever starts something
    )
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    timeout: float | None = None  # seconds from its first turn on, tries included; None: the gate's own
    limit: int | None = None  # bytes of decoded body; None: the gate's own

    def form(self, fields: Mapping[str, str]) -> Request:
        """The same request with a form body."""
        return self._with_body(urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def json(self, value: object) -> Request:
        """The same request with a JSON body."""
        from pydantic_core import to_json

        return self._with_body(to_json(value), "application/json")

    def bearer(self, token: str) -> Request:
        """The same request, authorised by a bearer token."""
        return replace(self, headers={**self.headers, "Authorization": f"Bearer {token}"})

    def _with_body(self, body: bytes, content_type: str) -> Request:
        return replace(self, body=body, headers={**self.headers, "Content-Type": content_type})


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer, read whole. `retry_at` is what a `Retry-After` header asked for."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # names in lower case
    body: bytes = field(default=b"", repr=False)
    retry_at: datetime | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class Http(Protocol):
    """The gate to the provider.

    It refuses every origin that the adapter does not own, follows no redirect, bounds time and size, and repeats repeatable
    requests when the network or the provider (429, 502, 503, 504) fails them. It raises `OriginRefused`,
    `ProviderUnavailable`, `OutcomeUnknown` (a request that must not be repeated got no answer) and `MalformedAnswer` (too
    large, cut short, not decodable). Any status that is left after the tries is returned, not raised.
    """

    async def send(self, request: Request) -> Response: ...

    def stream(self, request: Request) -> AbstractAsyncContextManager[Streamed]:
        """Open an answer whose body is too large to hold; the same rules, except that it is not repeated once begun."""
        ...

    def socket(self, url: str, *, operation: str, subprotocol: str) -> AbstractAsyncContextManager[Socket]:
        """Open a WebSocket (`wss://`), under the same rules of origin, time and size. Opened once, never repeated.

        Raises `OriginRefused`, and `ProviderUnavailable` when it cannot be opened or the provider does not agree to the
        sub-protocol.
        """
        ...


class Streamed(Protocol):
    """An answer whose body comes in pieces."""

    @property
    def head(self) -> Response:
        """Status and headers; the body is empty."""
        ...

    def chunks(self) -> AsyncIterator[bytes]: ...


class Socket(Protocol):
    """An open WebSocket of text messages."""

    async def send(self, text: str) -> None:
        """Raises `ProviderUnavailable` when it is closed."""
        ...

    async def receive(self) -> str:
        """Wait for the next message, however long.

        When it is closed, raises `ProviderUnavailable` with the close code as `code`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Token:
    value: str = field(repr=False)
    expires_at: datetime | None  # None: unknown; it is used until the provider rejects it


class Context(Protocol):
    """What an adapter is handed for one connection or flow."""

    @property
    def http(self) -> Http: ...

    @property
    def owner(self) -> str:
        """The application's own opaque id of the person."""
        ...

    @property
    def connection_id(self) -> str: ...

    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...

    def secret(self) -> str:
        """Make an unguessable text of 43 URL-safe characters, for `state` and PKCE verifiers."""
        ...

    async def access_token(self, rejected: str | None = None) -> str:
        """The connection's access token, renewed first when it is about to expire or is the one that was `rejected`.

        One renewal at a time per connection, in all processes; the new grant is stored before the token is handed out.
        Only for adapters that are `Renewable`, and only where the connection exists: not in a flow that makes one.
        """
        ...

    async def save_grant(self, grant: Any) -> None:
        """Put a better grant in the place of the connection's own, for clients that obtain one outside a flow."""
        ...

    async def shared_token(self, name: str, fetch: Callable[[], Awaitable[Token]], rejected: str | None = None) -> str:
        """A token of the application, not of a connection: fetched once for all who ask at the same time, and cached."""
        ...

    async def use_quota(self, name: str, *, at_most: int, within: timedelta) -> None:
        """Note a use of something that the provider grants the connection so often, before it is asked for.

        Counted durably and for all processes together. Raises `RateLimited`, with the instant of the next free use, when
        it is used up. Only where the connection exists.
        """
        ...

    async def recall(self, name: str) -> str | None:
        """What was remembered under `name` for this adapter and owner."""
        ...

    async def remember(self, name: str, value: str) -> None:
        """Keep a value for this adapter and owner, encrypted, before anything else can fail."""
        ...

    async def remember_once(self, name: str, make: Callable[[], Awaitable[str]], *, unless: str | None = None) -> str:
        """What is remembered under `name`; where that is nothing, or only `unless`, what `make` gives, which is then kept.

        One at a time in all processes: whoever comes second gets what the first has made. For what must not be made twice.
        """
        ...


# What is read -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Something that is read page by page: one account, or one document with several."""

    id: str
    accounts: tuple[str, ...]  # provider ids of the accounts whose transactions come out of it
    reaches_back_to: date | None = None  # what is older is not in it, whatever is asked for, and not taken for removed
    booked_balances: Mapping[str, Decimal] = field(default_factory=dict)  # by account: what its newest row leads to


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a connection consists of right now. An account that is missing from it is kept, never deleted."""

    accounts: tuple[ObservedAccount, ...]
    balances: tuple[Balance, ...] = ()
    parties: tuple[Party, ...] = ()
    streams: tuple[Stream, ...] = ()
    consent: Consent | None = None  # None: unchanged, or not known


class Records(Sequence[bytes]):
    """The `count` records of a page, which `make` gives all at once when the first is asked for.

    Most pages of a second reading hold nothing new: nobody asks for their records, and so nobody pays for them.
    """

    def __init__(self, count: int, make: Callable[[], Iterable[bytes]]) -> None:
        self._count = count
        self._make: Callable[[], Iterable[bytes]] | None = make
        self._made: tuple[bytes, ...] = ()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> bytes: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[bytes]: ...

    def __getitem__(self, place: int | slice) -> bytes | Sequence[bytes]:
        if self._make is not None:
            self._made, self._make = tuple(self._make()), None  # lets go of the answer that they were made from
        return self._made[place]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some transactions of one account. `next` is where to go on after it, None at the end or where nobody can go on."""

    account: str  # its provider id
    rows: tuple[ObservedTransaction, ...]
    raw: Sequence[bytes] = ()  # the provider's own record of each row, as JSON, or empty; read where a row is written
    next: Cursor | None = None
    partial: bool = False  # True: the provider says that rows of this account are missing; nothing is taken for removed


class Adapter(Protocol[S_contra, G_contra]):
    """Speaks one provider's protocol. Made once per program, from its settings; keeps no state of its own."""

    info: ClassVar[AdapterInfo]
    settings_type: ClassVar[type[BaseModel]]  # validated by the core; extra keys are errors, secrets are SecretStr
    states: ClassVar[TypeAdapter[Any]]  # the union of frozen models that its flows can be in
    grants: ClassVar[TypeAdapter[Any]]  # its grant

    def __init__(self, settings: Any) -> None: ...

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins (scheme, host, port) that requests may go to, e.g. ("https://api.kontist.com",)."""
        ...

    async def institutions(self, ctx: Context, country: str | None) -> Sequence[Institution]: ...

    async def begin(self, ctx: Context, intent: Intent) -> Step: ...

    async def resume(self, ctx: Context, state: S_contra, event: Event) -> Step: ...

    async def open(self, ctx: Context, grant: G_contra) -> Snapshot: ...

    def pull(
        self, ctx: Context, grant: G_contra, stream: Stream, *, cursor: Cursor | None, since: date | None
    ) -> AsyncIterator[Page]:
        """Yield the transactions of a stream: from `cursor` on if given, else all of them, or all since a day.

        Every row that the provider still shows as pending is yielded, whatever `since` is.
        """
        ...


AnyAdapter: TypeAlias = Adapter[Any, Any]


# What a provider may be able to do besides -------------------------------------------------------------------------------


@runtime_checkable
class Transfers(Protocol[G_contra]):
    """It can move money. Nothing is executed before the person has confirmed it.

    A request that may have moved money is never sent twice: where its answer is lost, `OutcomeUnknown` leaves the adapter.
    """

    async def begin_payment(self, ctx: Context, grant: G_contra, intent: PaymentIntent) -> Step:
        """Begin a payment flow, which ends with `Done`. Its states are among `states`, and `resume` goes on with them."""
        ...

    def transfers(
        self, ctx: Context, grant: G_contra, account: str, kind: TransferKind | None
    ) -> AsyncIterator[Transfer]:
        """Yield the transfers of an account, of one kind or of all, read lazily."""
        ...


@runtime_checkable
class Cards(Protocol[G_contra]):
    """It knows the cards of an account."""

    async def cards(self, ctx: Context, grant: G_contra, account: str) -> Sequence[Card]: ...

    async def change_card(
        self, ctx: Context, grant: G_contra, account: str, card: str, action: CardAction, code: str | None
    ) -> Card:
        """Activate (with the `code` that came with it), block, unblock or close a card; idempotent."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Something happened at the provider. `account` is a provider id; None: it may be any of them."""

    account: str | None = None


@runtime_checkable
class Streams(Protocol[G_contra]):
    """It tells by itself when something has happened."""

    def watch(self, ctx: Context, grant: G_contra) -> AsyncIterator[Signal]:
        """Yield a `Signal` for every event, and one whenever events may have been missed: at the start, and after a break.

        It reconnects by itself and ends only with an error: `NeedsUser`, `ProviderRefused` or what else will not pass.
        """
        ...


@runtime_checkable
class HasClient(Protocol):
    """It offers what no other provider has through a client of its own, for a connection or for the application."""

    def client(self, ctx: Context) -> object:
        """Make an asynchronous client. Its synchronous twin is a class that fulfils `Twin`."""
        ...


class Portal(Protocol):
    """The way from a synchronous program into the event loop."""

    def call(self, method: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T: ...

    def iterate(self, rows: AsyncIterator[T]) -> Iterator[T]: ...


class Twin(Protocol):
    """A client's synchronous twin: the same methods, each run through a portal."""

    twin_of: ClassVar[type[Any]]

    def __init__(self, client: Any, portal: Portal) -> None: ...


@runtime_checkable
class Renewable(Protocol[G]):
    """Its grants carry an access token that can be renewed without the person."""

    def access_token(self, grant: G) -> Token: ...

    async def renew(self, ctx: Context, grant: G) -> G:
        """Fetch a new access token. Raises `ConsentExpired` when only the person can give one."""
        ...


@runtime_checkable
class Revocable(Protocol[G_contra]):
    """It can end the access at the provider."""

    async def revoke(self, ctx: Context, grant: G_contra) -> None:
        """End the access. Idempotent: an access that is already gone is no error."""
        ...


@runtime_checkable
class Forgetful(Protocol):
    """It keeps something of a person beside their connections, and can delete it."""

    async def forget(self, ctx: Context) -> None:
        """Delete whatever the provider keeps of the owner, once their accesses have ended. Idempotent."""
        ...
