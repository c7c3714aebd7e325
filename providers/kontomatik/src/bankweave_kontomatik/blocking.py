"""`KontomatikClient`: the methods of `AsyncKontomatikClient` for programs without an event loop.

Written by `python -m bankweave.testing.twin` from `bankweave_kontomatik.client`: change that, and write it again.
"""

from __future__ import annotations

from typing import ClassVar

from bankweave.adapter import Portal
from bankweave_kontomatik.client import AsyncKontomatikClient
from bankweave_kontomatik.client.aggregated import Aggregated
from bankweave_kontomatik.client.catalog import CatalogInstitution
from bankweave_kontomatik.client.health import Health
from bankweave_kontomatik.client.mock_session import MockSession
from bankweave_kontomatik.settings import AccessMode


class KontomatikClient:
    """What Kontomatik has beside accounts and transactions. Every error is one of `bankweave.errors`."""

    twin_of: ClassVar[type[AsyncKontomatikClient]] = AsyncKontomatikClient

    def __init__(self, client: AsyncKontomatikClient, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def owner_external_id(self) -> str:
        """Tell what Kontomatik knows the connection's person by (section 2): the id of the last sign-in that was begun."""
        return self._portal.call(self._client.owner_external_id)

    def aggregated(self, owner_external_id: str | None = None) -> Aggregated:
        """Fetch what Kontomatik holds of the owner, of all their banks together (section 9).

        It holds data for about a day after an import. The document is read to its end before anything of it is handed
        out, at most 256 MB; rows are kept compressed and made when they are asked for. Amounts are `Decimal` in the
        account's currency, moments UTC to the microsecond. Asking again is harmless.
        Raises `ProviderRefused` (InvalidOwnerExternalId) where there are no data, `MalformedAnswer` and `WrongSubject`.
        """
        return self._portal.call(self._client.aggregated, owner_external_id)

    def delete_aggregated(self, owner_external_id: str | None = None) -> bool:
        """Delete the data of the owner at Kontomatik before its day is over: OF ALL THEIR BANKS, not of this connection alone.

        Kontomatik knows no smaller deletion (section 9). The owner's other connections lose what was imported and not yet
        read; nothing that bankweave has stored goes, and no consent ends. Returns whether there was anything. Idempotent.
        """
        return self._portal.call(self._client.delete_aggregated, owner_external_id)

    def catalog(
        self, access_mode: AccessMode | None = None, country: str | None = None, search: str | None = None
    ) -> list[CatalogInstitution]:
        """List the banks with what each can do (section 10), in Kontomatik's order, or the likeliest first of a search.

        Without `access_mode` it is asked for every mode, in three requests: that alone tells which bank can do which.
        `country` is a code such as `pl`; `search` has words of a bank's name, in any case, with or without accents.
        """
        return self._portal.call(self._client.catalog, access_mode, country, search)

    def find_institutions(self, name: str, country: str | None = None) -> list[CatalogInstitution]:
        """Find banks by words of their name, the likeliest first, for the access mode of the settings: in one request."""
        return self._portal.call(self._client.find_institutions, name, country)

    def health(self) -> Health:
        """Ask whether Kontomatik works. Its banks may be down all the same: see status.kontomatik.com.

        The path is not documented: two that were seen are tried (section 1). Raises `ProviderRefused` where both are gone.
        """
        return self._portal.call(self._client.health)

    def mock_session(
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
        return self._portal.call(
            self._client.mock_session,
            login,
            country,
            multiple_access=multiple_access,
            owner_external_id=owner_external_id,
            owner_email=owner_email,
        )
