"""The Kontist adapter: wiring only. What not every sync needs is imported where it is used."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, TypeAdapter

from bankweave.adapter import (
    CONTRACT,
    Ability,
    AdapterInfo,
    Context,
    Cursor,
    Limits,
    Page,
    Signal,
    Snapshot,
    Stream,
    Token,
)
from bankweave.errors import Unsupported
from bankweave.flow import Event, Intent, PaymentIntent, Refresh, Step
from bankweave.model import Institution
from bankweave.payment import Card, CardAction, Transfer, TransferKind
from bankweave_kontist.devices.signer import Signer, SoftwareSigner
from bankweave_kontist.grant import GRANTS, Grant
from bankweave_kontist.mapping import KONTIST
from bankweave_kontist.reader import read_pages, read_snapshot
from bankweave_kontist.session import Session
from bankweave_kontist.settings import KontistSettings
from bankweave_kontist.states import STATES, State

if TYPE_CHECKING:
    from bankweave_kontist.client import AsyncKontistClient


class Kontist:
    """Speaks Kontist's protocol. Access cannot be ended from here: Kontist documents no way to revoke a token."""

    info: ClassVar[AdapterInfo] = AdapterInfo(
        name="kontist",
        title="Kontist",
        contract=CONTRACT,
        countries=("DE",),
        callback_key="state",
        limits=Limits(concurrency=4, per_minute=90),  # fewer than 100 a minute are allowed (section 5)
        abilities=frozenset({Ability.RENEWABLE, Ability.CLIENT, Ability.STREAMS, Ability.TRANSFERS, Ability.CARDS}),
    )
    settings_type: ClassVar[type[BaseModel]] = KontistSettings
    states: ClassVar[TypeAdapter[Any]] = STATES
    grants: ClassVar[TypeAdapter[Any]] = GRANTS

    def __init__(self, settings: KontistSettings) -> None:
        self._settings = settings

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._settings.storage_origins, self._settings.socket_origin)))

    async def institutions(self, ctx: Context, country: str | None) -> Sequence[Institution]:  # noqa: ARG002  contract
        """Kontist is its own and only institution, in Germany."""
        return (KONTIST,) if country is None or country.upper() == KONTIST.country else ()

    async def begin(self, ctx: Context, intent: Intent) -> Step:
        if isinstance(intent, Refresh):
            raise Unsupported("kontist shows the account as it is now; there is nothing to refresh before a sync")
        if intent.institution not in {None, KONTIST.id}:
            raise Unsupported("kontist reaches no other institution than kontist")
        from bankweave_kontist.flow import begin

        return await begin(self._session(ctx), intent)

    async def resume(self, ctx: Context, state: State, event: Event) -> Step:
        from bankweave_kontist.flow import resume

        return await resume(self._session(ctx), state, event)

    async def begin_payment(self, ctx: Context, grant: Grant, intent: PaymentIntent) -> Step:  # noqa: ARG002  as `open`
        """Begin to pay, or to cancel a transfer. Raises `InvalidOrder` before anything is sent."""
        from bankweave_kontist.transfers.flow import begin_payment

        return await begin_payment(self._session(ctx), intent)

    def transfers(
        self,
        ctx: Context,
        grant: Grant,  # noqa: ARG002  as `open`
        account: str,
        kind: TransferKind | None,
    ) -> AsyncIterator[Transfer]:
        from bankweave_kontist.transfers.reader import read_transfers

        return read_transfers(self._session(ctx), account, kind)

    def signer(self, ctx: Context, device: str) -> Signer:
        """Find the key of a device. Override it for keys in hardware; these are kept in the vault."""
        return SoftwareSigner(ctx, device)

    def _session(self, ctx: Context) -> Session:
        return Session(self._settings, ctx, self.signer)

    async def open(self, ctx: Context, grant: Grant) -> Snapshot:  # noqa: ARG002  the token comes from ctx.access_token
        return await read_snapshot(self._session(ctx))

    def pull(
        self,
        ctx: Context,
        grant: Grant,  # noqa: ARG002  the token comes from ctx.access_token, which renews it
        stream: Stream,
        *,
        cursor: Cursor | None,
        since: date | None,
    ) -> AsyncIterator[Page]:
        return read_pages(self._session(ctx), stream, cursor, since)

    def access_token(self, grant: Grant) -> Token:
        return Token(grant.access_token, grant.expires_at)

    async def renew(self, ctx: Context, grant: Grant) -> Grant:
        """Fetch a new access token. Raises `ConsentExpired` when neither a refresh token nor a bound device gives one."""
        from bankweave_kontist.signin.renewal import renew

        return await renew(self._session(ctx), grant)

    def watch(self, ctx: Context, grant: Grant) -> AsyncIterator[Signal]:  # noqa: ARG002  as above
        """Signal transactions as they appear on the account."""
        from bankweave_kontist.live.stream import watch

        return watch(self._settings, ctx)

    async def cards(self, ctx: Context, grant: Grant, account: str) -> Sequence[Card]:  # noqa: ARG002  as above
        """List the cards of the main account. Closed ones are not shown."""
        from bankweave_kontist.cards.reader import list_cards

        return await list_cards(self._session(ctx), account)

    async def change_card(
        self,
        ctx: Context,
        grant: Grant,  # noqa: ARG002  as above
        account: str,
        card: str,
        action: CardAction,
        code: str | None,
    ) -> Card:
        """Activate a card by the code that is printed on it, or block, unblock or close one."""
        from bankweave_kontist.cards.reader import change_card

        return await change_card(self._session(ctx), account, card, action, code)

    def client(self, ctx: Context) -> AsyncKontistClient:
        """Make the client of a connection, with all that only Kontist has."""
        from bankweave_kontist.client import AsyncKontistClient

        return AsyncKontistClient(self._session(ctx))
