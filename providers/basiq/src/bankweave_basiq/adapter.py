"""The Basiq v3 adapter: wiring only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, TypeAdapter

from bankweave.adapter import CONTRACT, Ability, AdapterInfo, Context, Cursor, Page, Snapshot, Stream
from bankweave.errors import NotAsking, Origin
from bankweave.flow import Answer, Callback, Due, Event, Intent, Refresh, Renew, Step
from bankweave.model import Institution
from bankweave_basiq.access import end_access
from bankweave_basiq.auth_link import after_auth_link
from bankweave_basiq.flow import after_consent, begin_connect, begin_renew
from bankweave_basiq.following import after_jobs
from bankweave_basiq.links import NAME
from bankweave_basiq.mapping import COUNTRIES, to_institutions
from bankweave_basiq.protocol import list_connectors, read_connectors
from bankweave_basiq.reader import TransactionReader, open_connection
from bankweave_basiq.refreshing import after_answer, after_refresh, begin_refresh
from bankweave_basiq.session import Session
from bankweave_basiq.settings import BasiqSettings
from bankweave_basiq.states import (
    GRANTS,
    STATES,
    AwaitingAnswer,
    AwaitingAuthLink,
    AwaitingConsent,
    AwaitingJobs,
    BasiqGrant,
    RefreshingJobs,
    State,
)
from bankweave_basiq.user import delete_user_of

if TYPE_CHECKING:
    from bankweave_basiq.client import AsyncBasiqClient


class Basiq:
    """Banks of Australia and New Zealand through Basiq v3. Fulfils `Revocable`, `Forgetful` and `HasClient`."""

    info: ClassVar[AdapterInfo] = AdapterInfo(
        abilities=frozenset({Ability.REVOCABLE, Ability.FORGETFUL, Ability.CLIENT}),
        name=NAME,
        title="Basiq",
        contract=CONTRACT,
        countries=tuple(COUNTRIES),
        callback_key="state",
        refreshes=True,
    )
    settings_type: ClassVar[type[BaseModel]] = BasiqSettings
    states: ClassVar[TypeAdapter[State]] = STATES
    grants: ClassVar[TypeAdapter[BasiqGrant]] = GRANTS

    def __init__(self, settings: BasiqSettings) -> None:
        self.settings = settings

    @property
    def origins(self) -> tuple[str, ...]:
        """Only the API's: the consent page is for the person's browser."""
        return (self.settings.base_url,)

    async def institutions(self, ctx: Context, country: str | None) -> Sequence[Institution]:
        name = COUNTRIES.get(country.upper()) if country else None
        if country and name is None:
            return ()
        response = await self._session(ctx).as_server(list_connectors(self.settings, name))
        return to_institutions(read_connectors(response))

    async def begin(self, ctx: Context, intent: Intent) -> Step:
        session = self._session(ctx)
        match intent:
            case Refresh():
                return await begin_refresh(session, intent)
            case Renew():
                return await begin_renew(session, intent)
            case _:
                return await begin_connect(session, intent)

    async def resume(self, ctx: Context, state: State, event: Event) -> Step:
        session = self._session(ctx)
        match state, event:
            case AwaitingConsent(), Callback(params):
                return await after_consent(session, state, params)
            case AwaitingAuthLink(), Due():
                return await after_auth_link(session, state)
            case AwaitingJobs(), Due():
                return await after_jobs(session, state)
            case RefreshingJobs(), Due():
                return await after_refresh(session, state)
            case AwaitingAnswer(), Answer(values):
                return await after_answer(session, state, values)
            case _:
                raise NotAsking("this flow does not wait for that", origin=Origin(adapter=NAME))

    async def open(self, ctx: Context, grant: BasiqGrant) -> Snapshot:
        return await open_connection(self._session(ctx), grant)

    def pull(
        self, ctx: Context, grant: BasiqGrant, stream: Stream, *, cursor: Cursor | None, since: date | None
    ) -> AsyncIterator[Page]:
        return TransactionReader(self._session(ctx), grant, stream.id, since).pages(cursor)

    async def revoke(self, ctx: Context, grant: BasiqGrant) -> None:
        """Purge and delete this connection's connections. The user and its consent stay: others may hang on them."""
        await end_access(self._session(ctx), grant.user_id, grant.connections)

    async def forget(self, ctx: Context) -> None:
        """Delete the owner's user, with everything that Basiq has of them."""
        await delete_user_of(self._session(ctx))

    def client(self, ctx: Context) -> AsyncBasiqClient:
        """Make the client of a connection's owner, with all that only Basiq has."""
        from bankweave_basiq.client import AsyncBasiqClient

        return AsyncBasiqClient(self._session(ctx))

    def _session(self, ctx: Context) -> Session:
        return Session(self.settings, ctx)
