"""Kontomatik's own client: what no other provider has, bound to one connection.

    kontomatik = await bank.client(connection_id, AsyncKontomatikClient)
    for bank in (await kontomatik.aggregated()).targets: ...

`bankweave_kontomatik.blocking.KontomatikClient` is its synchronous twin.
"""

from __future__ import annotations

from bankweave.errors import ProviderUnavailable
from bankweave_kontomatik import protocol
from bankweave_kontomatik.client.aggregated import Aggregated
from bankweave_kontomatik.client.aggregating import fetch_aggregated
from bankweave_kontomatik.client.catalog import ACCESS_MODES, CatalogInstitution, read_catalog, search_catalog
from bankweave_kontomatik.client.health import HEALTH_PATHS, Health
from bankweave_kontomatik.client.mock_session import MockSession
from bankweave_kontomatik.client.session import Session
from bankweave_kontomatik.mock import open_mock_session
from bankweave_kontomatik.owner_ids import known_owner_id
from bankweave_kontomatik.protocol import MockSignIn
from bankweave_kontomatik.refusals import refusal
from bankweave_kontomatik.settings import AccessMode
from bankweave_kontomatik.wire import WireTarget

__all__ = ["AsyncKontomatikClient", "Session"]


class AsyncKontomatikClient:
    """What Kontomatik has beside accounts and transactions. Every error is one of `bankweave.errors`."""

    def __init__(self, session: Session) -> None:
        self._settings = session.settings
        self._ctx = session.ctx
        self._session = session

    async def owner_external_id(self) -> str:
        """Tell what Kontomatik knows the connection's person by (section 2): the id of the last sign-in that was begun."""
        return await known_owner_id(self._ctx)

    async def aggregated(self, owner_external_id: str | None = None) -> Aggregated:
        """Fetch what Kontomatik holds of the owner, of all their banks together (section 9).

        It holds data for about a day after an import. The document is read to its end before anything of it is handed
        out, at most 256 MB; rows are kept compressed and made when they are asked for. Amounts are `Decimal` in the
        account's currency, moments UTC to the microsecond. Asking again is harmless.
        Raises `ProviderRefused` (InvalidOwnerExternalId) where there are no data, `MalformedAnswer` and `WrongSubject`.
        """
        return await fetch_aggregated(self._session, await self._owner(owner_external_id))

    async def delete_aggregated(self, owner_external_id: str | None = None) -> bool:
        """Delete the data of the owner at Kontomatik before its day is over: OF ALL THEIR BANKS, not of this connection alone.

        Kontomatik knows no smaller deletion (section 9). The owner's other connections lose what was imported and not yet
        read; nothing that bankweave has stored goes, and no consent ends. Returns whether there was anything. Idempotent.
        """
        owner = await self._owner(owner_external_id)
        return protocol.read_data_deleted(await self._ctx.http.send(protocol.delete_data(self._settings, owner)))

    async def catalog(
        self, access_mode: AccessMode | None = None, country: str | None = None, search: str | None = None
    ) -> list[CatalogInstitution]:
        """List the banks with what each can do (section 10), in Kontomatik's order, or the likeliest first of a search.

        Without `access_mode` it is asked for every mode, in three requests: that alone tells which bank can do which.
        `country` is a code such as `pl`; `search` has words of a bank's name, in any case, with or without accents.
        """
        modes = ACCESS_MODES if access_mode is None else (access_mode,)
        land = (country or "").strip().lower() or None
        listed = {mode: await self._targets(mode, land) for mode in modes}
        banks = read_catalog(listed, land)
        return banks if search is None else search_catalog(banks, search)

    async def find_institutions(self, name: str, country: str | None = None) -> list[CatalogInstitution]:
        """Find banks by words of their name, the likeliest first, for the access mode of the settings: in one request."""
        return await self.catalog(self._settings.access_mode, country, name)

    async def health(self) -> Health:
        """Ask whether Kontomatik works. Its banks may be down all the same: see status.kontomatik.com.

        The path is not documented: two that were seen are tried (section 1). Raises `ProviderRefused` where both are gone.
        """
        for path in HEALTH_PATHS:
            try:
                answer = await self._ctx.http.send(protocol.ask_health(self._settings, path))
            except ProviderUnavailable:
                return Health(is_up=False, status=None)
            if answer.status != 404:
                return Health(is_up=answer.ok, status=answer.status)
        raise refusal(answer, "ask_health")

    async def mock_session(
        self,
        login: str,
        country: str,
        *,
        multiple_access: bool = True,
        owner_external_id: str | None = None,
        owner_email: str | None = None,
    ) -> MockSession:
        """Sign in at the mock bank without a browser (section 11), for tests. To connect, use the option `mock_login`.

        `login` is a user of KontoBank, such as `test1`; `country` a code such as `pl`. The session is good for one import.
        Not idempotent: every call makes a session, and never sends twice. Raises `ConfigurationError` outside the test
        environment and this machine, unless the setting `allow_mock` is on; `ProviderRefused` for an unknown login.
        """
        owner = await self._owner(owner_external_id)
        sign_in = MockSignIn(
            login=login, country=country, owner=owner, multiple_access=multiple_access, email=owner_email
        )
        session, access_id = await open_mock_session(self._ctx, self._settings, sign_in)
        return MockSession(
            id=session.id, signature=session.signature, multiple_access_id=access_id, owner_external_id=owner
        )

    async def _owner(self, given: str | None) -> str:
        return given or await known_owner_id(self._ctx)

    async def _targets(self, mode: AccessMode, country: str | None) -> tuple[WireTarget, ...]:
        request = protocol.list_targets(self._settings, country, mode)
        return protocol.read_targets(await self._ctx.http.send(request))
