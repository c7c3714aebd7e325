"""The person's connections to banks (section 3.1)."""

from __future__ import annotations

from pydantic import TypeAdapter

from bankweave_basiq.access import is_open_banking, note_refresh
from bankweave_basiq.client.api import Api
from bankweave_basiq.client.filters import Filter
from bankweave_basiq.client.record import Instant, Linked, Listing, Record, Reference


class PostalAddress(Record):
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None
    country_code: str | None = None
    formatted_address: str | None = None


class ConnectionProfile(Record):
    """Who the bank says that the person is; left out for applications without that product."""

    full_name: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    email_addresses: tuple[str, ...] = ()
    phone_numbers: tuple[str, ...] = ()
    physical_addresses: tuple[PostalAddress, ...] = ()


class BasiqConnection(Linked):
    """A connection. `expiry_date` is only that of open banking; `accounts` and `profile` only where it was read alone."""

    id: str
    method: str | None = None
    status: str | None = None
    created_date: Instant | None = None
    expiry_date: Instant | None = None
    last_used: Instant | None = None
    institution: Reference | None = None
    mfa_enabled: bool | None = None
    accounts: Listing[Reference] | None = None
    profile: ConnectionProfile | None = None

    @property
    def is_open_banking(self) -> bool:
        return is_open_banking(self)

    @property
    def is_usable(self) -> bool:
        """Whether its data can be fetched: every status but `active`, unknown ones too, is not (section 3.1)."""
        return self.status == "active"


_CONNECTION = TypeAdapter(BasiqConnection)
_CONNECTIONS = TypeAdapter(Listing[BasiqConnection])
_JOB = TypeAdapter(Reference)
_JOBS = TypeAdapter(Listing[Reference])


class Connections:
    """Basiq's own connections of the person: one connection of bankweave may stand for several."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def list(
        self, *, status: str | None = None, institution: str | None = None, where: Filter | None = None
    ) -> tuple[BasiqConnection, ...]:
        """List connections, all or those of a status and an institution."""
        asked = (where or Filter()).equal("status", status).equal("institution.id", institution)
        return await self._api.rows(_CONNECTIONS, "list_connections", await self._path(), asked.params)

    async def get(self, connection: str) -> BasiqConnection:
        """Read one connection, with its accounts' ids and, where allowed, its profile."""
        return await self._api.get(_CONNECTION, "get_connection", await self._path(connection))

    async def refresh(self, connection: str) -> str:
        """Have Basiq fetch fresh data; gives the id of the job. While one runs, it is that one's.

        Raises `RateLimited` when open banking's refreshes of the day are used up. `jobs.wait` sees the job to its end.
        """
        await note_refresh(self._api.session, await self.get(connection), user_present=True)
        path = await self._path(connection, "refresh")
        return (await self._api.post(_JOB, "refresh_connection", path, repeatable=True)).id or ""

    async def refresh_all(self) -> tuple[str, ...]:
        """Have Basiq fetch fresh data of every connection; gives the ids of the jobs."""
        for connection in await self.list():
            await note_refresh(self._api.session, connection, user_present=True)
        jobs = await self._api.post(_JOBS, "refresh_connections", await self._path("refresh"), repeatable=True)
        return tuple(job.id for job in jobs.data if job.id)

    async def purge(self, connection: str) -> None:
        """Wipe the data of a connection and keep it; only while it is active."""
        await self._api.do("POST", "purge_connection", await self._path(connection, "purge"), repeatable=True)

    async def delete(self, connection: str) -> None:
        """Delete a connection. Its accounts and transactions stay with the user: purge first where they shall not."""
        await self._api.delete("delete_connection", await self._path(connection))

    async def _path(self, *words: str) -> str:
        return await self._api.of_user("connections", *words)
