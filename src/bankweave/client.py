"""The door: `AsyncBankweave`. `Bankweave` in blocking.py has the same methods for programs without an event loop.

Made for one store and used as a context manager. What needs the person or the provider is returned as data (`Flow`,
`SyncReport`); errors are those of `bankweave.errors`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias, TypeVar
from uuid import uuid4

from bankweave.adapter import AdapterInfo, AnyAdapter, HasClient
from bankweave.clock import Clock, SystemClock
from bankweave.engine.conversions import Conversion
from bankweave.engine.report import DisconnectReport, SyncReport
from bankweave.errors import ConfigurationError, NotAsking, UnknownConnection, Unsupported
from bankweave.flow import Challenge, Connect, Flow, Purpose, Renew
from bankweave.governance import AsyncGovernance
from bankweave.model import Account, Balance, Change, Connection, Institution, Party, Transaction, TransactionStatus
from bankweave.payment import Card, CardAction, Transfer, TransferKind, TransferOrder
from bankweave.registry import Registry
from bankweave.store.base import Scope

if TYPE_CHECKING:
    import httpx

    from bankweave.config import Config
    from bankweave.engine.flows import Flows
    from bankweave.engine.parts import Parts
    from bankweave.engine.payments import Paying
    from bankweave.engine.sync import OnEvent, Syncing
    from bankweave.engine.watch import Watching
    from bankweave.vault import Vault

C = TypeVar("C")

Answers: TypeAlias = Mapping[str, str] | Sequence[str] | str


class AsyncBankweave:
    """All banks of all owners in one store.

    `path` is the store's file; without it, and for everything else, the configuration counts (`Config.load()` unless given).
    `adapters` are adapter classes of the program's own, beside those that are installed. `actor` is what the program calls
    itself in the access log. `clock` and `transport` are for tests and recordings.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        config: Config | None = None,
        adapters: Sequence[type[AnyAdapter]] = (),
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        actor: str = "",
    ) -> None:
        self._path = path
        self._actor = actor
        self._config = config
        self.registry = Registry(*adapters)
        self._clock = clock or SystemClock()
        self._transport = transport
        self._resources = AsyncExitStack()
        self._opened: tuple[Parts, Flows, Syncing] | None = None

    async def __aenter__(self) -> Self:
        from bankweave.config import Config
        from bankweave.engine.flows import Flows
        from bankweave.engine.parts import Parts
        from bankweave.engine.providers import Providers
        from bankweave.engine.sync import Syncing
        from bankweave.store.sqlite import SqliteStore

        config = self._config or Config.load()
        if self._path is not None:
            config = config.model_copy(update={"store": Path(self._path)})
        async with AsyncExitStack() as opening:
            store = SqliteStore.open(config.store, now=self._clock.now)
            opening.push_async_callback(store.close)
            vault = _open_vault(config)  # after the store: one that cannot be made needs no key
            providers = Providers(self.registry, config.adapters, store, vault, self._clock, self._transport)
            opening.push_async_callback(providers.close)
            self._resources = opening.pop_all()
        parts = Parts(
            providers=providers,
            store=store,
            vault=vault,
            clock=self._clock,
            actor=self._actor,
            retention=config.retention,
        )
        flows = Flows(parts)
        self._opened = parts, flows, Syncing(parts, flows)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened = None
        await self._resources.aclose()

    # Providers and their banks ------------------------------------------------------------------------------------------

    async def adapters(self) -> tuple[AdapterInfo, ...]:
        """The adapters that are installed, by name. Works before the store is opened, too."""
        return self.registry.infos()

    async def institutions(self, adapter: str, *, country: str | None = None) -> tuple[Institution, ...]:
        """The banks that an adapter reaches. `country` is ISO 3166-1 alpha-2."""
        from bankweave.engine.origin import located

        providers = self._parts.providers
        with located(adapter):
            ctx = providers.context(adapter, owner="", connection_id="")
            return tuple(await providers.get(adapter).adapter.institutions(ctx, country.upper() if country else None))

    # Connecting -----------------------------------------------------------------------------------------------------------

    async def connect(
        self,
        adapter: str,
        *,
        owner: str,
        redirect_uri: str | None = None,
        institution: str | None = None,
        options: Mapping[str, str] | None = None,
    ) -> Flow:
        """Begin a connection for `owner`, the program's own opaque id of the person.

        `redirect_uri` is where the provider shall send the person back to; `options` are the provider's own (see its page).
        Not idempotent: every call begins another flow. Raises `ConfigurationError` for an empty `owner`.
        """
        if not owner:  # what belongs to nobody is the application's own
            raise ConfigurationError("an empty owner is nobody; give your own id of the person who connects")
        intent = Connect(redirect_uri=redirect_uri, institution=institution, options=dict(options or {}))
        return await self._flows.begin(adapter, owner, Purpose.CONNECT, intent, uuid4().hex)

    async def renew(
        self, connection_id: str, *, redirect_uri: str | None = None, options: Mapping[str, str] | None = None
    ) -> Flow:
        """Begin a new consent for a connection. Its old access goes on working until the flow is done."""
        from bankweave.engine.bound import bind

        connection = await self._connection(connection_id)
        intent = Renew(
            grant=await bind(self._parts, connection).keeper.load(),
            redirect_uri=redirect_uri,
            institution=connection.institution_id,
            options=dict(options or {}),
        )
        return await self._flows.begin(connection.adapter, connection.owner, Purpose.RENEW, intent, connection_id)

    async def resume(self, callback_url: str, *, owner: str | None = None) -> Flow:
        """Take the address that a person came back to, from any browser and in any process.

        The flow is found by the key in the address. A second delivery changes nothing and reports where the flow stands.
        With `owner`, a flow of somebody else is refused: pass it whenever the person is signed in to your program.
        Raises `UnknownFlow`, `FlowExpired`, `FlowOver`, `FlowBusy`, and provider errors.
        """
        return await self._flows.callback(callback_url, owner)

    async def answer(self, flow_id: str, answers: Answers = ()) -> Flow:
        """Answer a challenge: by field name, in the order of its fields, or one text where there is one field.

        An approval on another device is answered by nothing at all: it looks whether the person has approved.
        """
        flow = await self._flows.get(flow_id)
        return await self._flows.answer(flow_id, _by_name(flow, answers))

    async def wait(self, flow_id: str, *, seconds: float = 300) -> Flow:
        """Look at the provider as often as it allows, until the flow is over, or asks what only an answer can move."""
        return await self._flows.settle(flow_id, self._clock.now() + timedelta(seconds=seconds))

    async def cancel(self, flow_id: str) -> Flow:
        """End a flow. The provider is not told; a link that was handed out leads nowhere any more. Idempotent."""
        return await self._flows.cancel(flow_id)

    async def flow(self, flow_id: str) -> Flow:
        """Where a flow stands."""
        return await self._flows.get(flow_id)

    async def flows(self, *, owner: str | None = None, connection_id: str | None = None) -> tuple[Flow, ...]:
        """The flows of an owner or a connection, oldest first, ended ones included."""
        return await self._flows.flows(Scope(owner=owner, connection_id=connection_id))

    async def sweep(self, *, owner: str | None = None, adapter: str | None = None) -> tuple[Flow, ...]:
        """Look at every unfinished flow whose time has come, of people who never came back too; returns those looked at.

        Call it every few minutes, in any number of processes: a provider is not asked about one flow more often than it
        allows, and what is too old ends. `sync` does the same for the connections that it syncs.
        """
        from bankweave.engine.sweep import sweep

        return await sweep(self._flows, Scope(owner=owner, adapter=adapter))

    async def conversions(self, *, adapter: str | None = None, since: datetime | None = None) -> tuple[Conversion, ...]:
        """What became of the sign-ins that were begun, since an instant, by provider, country and bank.

        `sweep` first: a sign-in that nobody has looked at counts as open.
        """
        from bankweave.engine.conversions import count

        flows = await self._flows.flows(Scope(adapter=adapter))
        return count(flow for flow in flows if since is None or flow.created_at >= since)

    # Paying -----------------------------------------------------------------------------------------------------------------

    async def transfer(
        self,
        account_id: str,
        orders: TransferOrder | Sequence[TransferOrder],
        *,
        options: Mapping[str, str] | None = None,
    ) -> Flow:
        """Have the bank take down a transfer, or several that are confirmed together; `confirm` then executes them.

        The flow asks for the person's confirmation. An order without an end-to-end id gets one. Amounts are positive.
        Not idempotent, and never repeated by itself. Raises `InvalidOrder` before anything is sent, `Unsupported`,
        `ProviderRefused` (its `code` says why), and `OutcomeUnknown` when the bank's answer was lost: see `outcome`.
        """
        listed = (orders,) if isinstance(orders, TransferOrder) else tuple(orders)
        return await self._paying.transfer(account_id, listed, dict(options or {}))

    async def confirm(self, flow_id: str, answers: Answers = ()) -> tuple[Transfer, ...]:
        """Answer the challenge of a payment (a code, or nothing for a signature), and return what became of it.

        Once it is through, repeating it changes nothing and returns the same. Raises `ProviderRefused` when the bank
        will not (a wrong code often ends the order), `FlowExpired` when it came too late, and `OutcomeUnknown` when the
        bank's answer was lost: nothing is sent again, and `outcome` tells what the bank did.
        """
        flow = await self._flows.get(flow_id)
        return await self._paying.confirm(flow_id, _by_name(flow, answers))

    async def outcome(self, flow_id: str) -> tuple[Transfer, ...]:
        """Look what became of a payment: those of its transfers that the bank shows now, by their end-to-end ids.

        None means that the bank shows none yet; it may take a moment before it does.
        """
        return await self._paying.outcome(flow_id)

    async def cancel_transfer(
        self, account_id: str, transfer: Transfer, *, options: Mapping[str, str] | None = None
    ) -> Flow:
        """Have the bank cancel a transfer that it has not executed, or stop a standing order; see `confirm`."""
        return await self._paying.cancel_transfer(account_id, transfer, dict(options or {}))

    def transfers(self, account_id: str, *, kind: TransferKind | None = None) -> AsyncIterator[Transfer]:
        """The transfers of an account as the bank shows them now, read lazily; they are not stored."""
        return self._paying.transfers(account_id, kind)

    async def cards(self, account_id: str) -> tuple[Card, ...]:
        """The cards of an account as the bank shows them now; they are not stored."""
        return await self._paying.cards(account_id)

    async def change_card(self, account_id: str, card_id: str, action: CardAction, *, code: str | None = None) -> Card:
        """Activate a card (with the `code` that came with it), block, unblock or close it. Closing is for good."""
        return await self._paying.change_card(account_id, card_id, action, code)

    # Reading ----------------------------------------------------------------------------------------------------------------

    async def connections(
        self, *, owner: str | None = None, adapter: str | None = None, subject: str | None = None
    ) -> tuple[Connection, ...]:
        """Oldest first. `subject` is what the provider calls a person, as its webhooks do."""
        return tuple(await self._parts.store.connections(Scope(owner=owner, adapter=adapter, subject=subject)))

    async def accounts(
        self, *, owner: str | None = None, adapter: str | None = None, connection_id: str | None = None
    ) -> tuple[Account, ...]:
        scope = Scope(owner=owner, adapter=adapter, connection_id=connection_id)
        return tuple(await self._parts.store.accounts(scope))

    async def balances(self, account_id: str) -> tuple[Balance, ...]:
        """The last known balances, each with the instant at which the provider stated it."""
        return tuple(await self._parts.store.balances(account_id))

    async def parties(self, connection_id: str) -> tuple[Party, ...]:
        """Who holds the accounts of a connection."""
        return tuple(await self._parts.store.parties(connection_id))

    def transactions(
        self,
        *,
        owner: str | None = None,
        adapter: str | None = None,
        connection_id: str | None = None,
        account_id: str | None = None,
        since: date | None = None,
        until: date | None = None,
        status: TransactionStatus | None = None,
    ) -> AsyncIterator[Transaction]:
        """Stored transactions, newest first, read lazily. `since` and `until` are the bank's days, both inclusive."""
        scope = Scope(owner=owner, adapter=adapter, connection_id=connection_id, account_id=account_id)
        return self._parts.store.transactions(scope, since=since, until=until, status=status)

    async def raw(self, transaction_id: str) -> bytes | None:
        """The provider's own record of a transaction, as JSON."""
        return await self._parts.store.raw(transaction_id)

    def changes(
        self, since: int = 0, *, owner: str | None = None, connection_id: str | None = None
    ) -> AsyncIterator[Change]:
        """What was added, modified and removed after the change whose cursor is `since`, oldest first, read lazily."""
        return self._parts.store.changes(Scope(owner=owner, connection_id=connection_id), since)

    # Syncing ----------------------------------------------------------------------------------------------------------------

    async def sync(
        self,
        *,
        owner: str | None = None,
        adapter: str | None = None,
        connection_id: str | None = None,
        full: bool = False,
        due: bool = False,
        user_present: bool = False,
        on_event: OnEvent | None = None,
    ) -> SyncReport:
        """Pull what is new from every connection meant, side by side; one that fails stops none.

        Idempotent. `full` reads all history again instead of the last weeks,
        `due` syncs only connections that `mark_due` has marked. `user_present` says that the person is waiting:
        some providers grant few refreshes a day, of which one is kept back for them. `on_event` is called with every
        `SyncEvent`, from the event loop's thread. Failures are in the report: see `SyncReport.raise_for_failures`.
        """
        scope = Scope(owner=owner, adapter=adapter, connection_id=connection_id)
        return await self._syncing.sync(scope, full=full, due=due, user_present=user_present, on_event=on_event)

    async def mark_due(self, connection_id: str) -> None:
        """Note, durably, that a connection has something new: `sync(due=True)`, in any process, will fetch it.

        For receivers of webhooks, which have to answer at once. Idempotent; an unknown connection is no error.
        """
        await self._parts.store.mark_due(connection_id, self._clock.now())

    def watch(
        self,
        *,
        owner: str | None = None,
        adapter: str | None = None,
        connection_id: str | None = None,
        since: int | None = None,
        on_event: OnEvent | None = None,
    ) -> AsyncGenerator[Change, None]:
        """Yield what changes, as soon as the providers tell: everything after the change `since`, or from now on.

        It syncs on every event and after every break, so nothing is missed and nothing comes twice; a bank that is down
        is tried again. Ends with the error of the last connection that cannot be followed any more (`NeedsUser`, ...).
        Raises `Unsupported` where a connection meant has no live events. Close it to let go (`contextlib.aclosing`).
        """
        scope = Scope(owner=owner, adapter=adapter, connection_id=connection_id)
        return self._watching(scope, on_event).changes(since)

    async def client(self, connection_id: str, kind: type[C]) -> C:
        """The provider's own client for a connection, with what no other provider has.

        `kind` is its class, such as `bankweave_kontist.AsyncKontistClient`. It works while this `Bankweave` is open.
        """
        from bankweave.engine.bound import bind

        bound = bind(self._parts, await self._connection(connection_id))
        made = bound.adapter.client(bound.ctx) if isinstance(bound.adapter, HasClient) else None
        if not isinstance(made, kind):
            raise bound.unsupported(f"client of the class {kind.__name__}")
        await bound.accesses.note(bound.accesses.entry("client"))
        return made

    async def client_of(self, adapter: str, kind: type[C], *, owner: str = "") -> C:
        """A provider's own client without a connection, for what needs none: its users, webhooks, banks.

        Raises `Unsupported` where the adapter has no client of that class, and from calls that do need a connection.
        """
        providers = self._parts.providers
        provider = providers.get(adapter).adapter
        made = provider.client(providers.context(adapter, owner, "")) if isinstance(provider, HasClient) else None
        if not isinstance(made, kind):
            raise Unsupported(f"{provider.info.title} has no client of the class {kind.__name__}")
        return made

    @property
    def governance(self) -> AsyncGovernance:
        """What persons may ask for: consents and accesses of the past, a copy of their data, its erasure."""
        return AsyncGovernance(self._parts)

    async def disconnect(self, connection_id: str) -> DisconnectReport:
        """End the access at the provider, where it can be ended, and erase everything of the connection here."""
        from bankweave.engine.disconnect import disconnect

        return await disconnect(self._parts, await self._connection(connection_id))

    async def rotate_keys(self) -> int:
        """Encrypt every stored secret under the newest vault key; returns how many were under an older one.

        Idempotent. Add the new key in front of the old one first; when this has run, the old one can be let go.
        """
        from bankweave.engine.rotation import rotate_keys

        return await rotate_keys(self._parts)

    # Within -----------------------------------------------------------------------------------------------------------------

    @property
    def _parts(self) -> Parts:
        return self._open()[0]

    @property
    def _flows(self) -> Flows:
        return self._open()[1]

    @property
    def _syncing(self) -> Syncing:
        return self._open()[2]

    @property
    def _paying(self) -> Paying:
        from bankweave.engine.payments import Paying

        return Paying(self._parts, self._flows)

    def _watching(self, scope: Scope, on_event: OnEvent | None) -> Watching:
        from bankweave.engine.watch import Watching

        return Watching(self._parts, self._syncing, scope, on_event)

    def _open(self) -> tuple[Parts, Flows, Syncing]:
        if self._opened is None:
            raise ConfigurationError("open it first: with Bankweave(...) as bank, or async with AsyncBankweave(...)")
        return self._opened

    async def _connection(self, connection_id: str) -> Connection:
        connection = await self._parts.store.connection(connection_id)
        if connection is None:
            raise UnknownConnection("there is no connection with this id; list them with connections()")
        return connection


def _open_vault(config: Config) -> Vault:
    from bankweave.store.database import MEMORY
    from bankweave.vault import Vault, generate_key

    if config.vault_keys:
        return Vault.from_keys(config.vault_keys)
    if os.fspath(config.store) == MEMORY:
        return Vault.from_keys(generate_key())  # what is sealed under it ends with it
    return Vault.from_file(config.key_file)


def _by_name(flow: Flow, answers: Answers) -> Mapping[str, str]:
    """Give answers the names of the fields that they answer."""
    if isinstance(answers, Mapping):
        return answers
    values = (answers,) if isinstance(answers, str) else tuple(answers)
    fields = flow.interaction.fields if isinstance(flow.interaction, Challenge) else ()
    if flow.asks and len(values) != len(fields):
        raise NotAsking(f"this challenge has {len(fields)} fields, {len(values)} answers were given", flow=flow)
    return dict(zip((field.name for field in fields), values, strict=False))
