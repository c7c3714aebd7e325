"""The adapter: wiring only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from pydantic import BaseModel, TypeAdapter

from bankweave.adapter import CONTRACT, Ability, AdapterInfo, Context, Cursor, Page, Snapshot, Stream
from bankweave.flow import Connect, Event, Intent, Refresh, Renew, Step
from bankweave.model import Institution
from bankweave_kontomatik import flow, protocol, reader, refreshing
from bankweave_kontomatik.grant import Grant
from bankweave_kontomatik.mapping import map_target
from bankweave_kontomatik.owner_ids import id_of_owner
from bankweave_kontomatik.settings import KontomatikSettings

if TYPE_CHECKING:
    from bankweave_kontomatik.client import AsyncKontomatikClient


class Kontomatik:
    """Reads banks of eight countries through Kontomatik's SignIn Redirection and default import."""

    info: ClassVar[AdapterInfo] = AdapterInfo(
        abilities=frozenset({Ability.REVOCABLE, Ability.FORGETFUL, Ability.CLIENT}),
        name="kontomatik",
        title="Kontomatik",
        contract=CONTRACT,
        countries=("CZ", "EE", "ES", "LT", "LV", "PL", "PT", "RO"),
        callback_key="redirectionId",
        refreshes=True,
    )
    settings_type: ClassVar[type[BaseModel]] = KontomatikSettings
    states: ClassVar[TypeAdapter[flow.AnyState]] = TypeAdapter(flow.AnyState)
    grants: ClassVar[TypeAdapter[Grant]] = TypeAdapter(Grant)

    def __init__(self, settings: KontomatikSettings) -> None:
        self._settings = settings

    @property
    def origins(self) -> tuple[str, ...]:
        parts = urlsplit(self._settings.base_url)
        return (f"{parts.scheme}://{parts.netloc}",)

    async def institutions(self, ctx: Context, country: str | None) -> Sequence[Institution]:
        """List the banks that can be preselected, for the access mode of the settings."""
        code = (country or self._settings.country or "").strip().lower() or None
        answer = await ctx.http.send(protocol.list_targets(self._settings, code))
        found = [map_target(target) for target in protocol.read_targets(answer)]
        # That the catalog filters by country was seen under its older name only (section 10), so it is done here too.
        return [bank for bank in found if bank.country is None or code in {None, "all", bank.country.lower()}]

    async def begin(self, ctx: Context, intent: Intent) -> Step:
        match intent:
            case Connect() | Renew():
                return await flow.begin_sign_in(ctx, self._settings, intent)
            case Refresh():
                return await refreshing.begin_refresh(ctx, self._settings, intent)

    async def resume(self, ctx: Context, state: flow.AnyState, event: Event) -> Step:
        match state:
            case flow.AwaitingRedirect():
                return await flow.after_redirect(ctx, self._settings, state, event)
            case flow.SignedIn():
                return await flow.start_import(ctx, self._settings, state)
            case flow.Importing():
                return await flow.after_import(ctx, self._settings, state)

    async def open(self, ctx: Context, grant: Grant) -> Snapshot:
        return await reader.open_import(ctx, self._settings, grant)

    def pull(
        self,
        ctx: Context,
        grant: Grant,
        stream: Stream,  # noqa: ARG002 there is one: the import
        *,
        cursor: Cursor | None,  # noqa: ARG002 an import is read from its beginning, or not at all
        since: date | None,
    ) -> AsyncIterator[Page]:
        return reader.pull_import(ctx, self._settings, grant, since)

    async def revoke(self, ctx: Context, grant: Grant) -> None:
        """End the consent for further imports. An access that worked once has nothing to end.

        What was imported is left alone: Kontomatik deletes it after a day, and can be told to only for all banks of the
        owner together (section 9), which would hit the owner's other connections.
        """
        if grant.access.multiple_access_id is None:
            return
        request = protocol.delete_access(self._settings, grant.access.multiple_access_id)
        protocol.read_deleted(await ctx.http.send(request))

    async def forget(self, ctx: Context) -> None:
        """Delete what was imported of the owner before its day is over (section 9), as far as their id is known."""
        known = await id_of_owner(ctx, self._settings)
        if known is not None:
            protocol.read_data_deleted(await ctx.http.send(protocol.delete_data(self._settings, known)))

    def client(self, ctx: Context) -> AsyncKontomatikClient:
        """Make the client of a connection, with all that only Kontomatik has."""
        from bankweave_kontomatik.client import AsyncKontomatikClient, Session

        return AsyncKontomatikClient(Session(self._settings, ctx))
