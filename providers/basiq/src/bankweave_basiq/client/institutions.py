"""The banks that can be connected, each by one method or several (section 3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter

from bankweave_basiq.client.api import Api, segment
from bankweave_basiq.client.filters import Filter
from bankweave_basiq.client.record import Json, Linked, Listing, Record
from bankweave_basiq.mapping import COUNTRIES


class LogoLinks(Record):
    square: str | None = None
    full: str | None = None


class Logo(Record):
    colors: Json | None = None
    links: LogoLinks | None = None


class InstitutionDetails(Record):
    name: str | None = None
    short_name: str | None = None
    type: str | None = None
    tier: str | None = None
    country: str | None = None
    logo: Logo | None = None
    abn: str | None = None
    acn: str | None = None


class ConnectorAuthorization(Record):
    """How a person signs in. The captions have Basiq's names with underscores: `login_id_caption` and others."""

    type: str | None = None
    meta: Mapping[str, str | None] | None = None


class DurationStatistics(Record):
    """Milliseconds that fetching takes on average; None where nobody knows."""

    verify_credentials: float | None = None
    retrieve_accounts: float | None = None
    retrieve_transactions: float | None = None
    retrieve_meta: float | None = None
    total: float | None = None


class ConnectorStatistics(Record):
    average_duration_ms: DurationStatistics | None = None


class Connector(Linked):
    """A bank and a method of reaching it. `scopes` is what can be read that way."""

    id: str
    method: str | None = None
    stage: str | None = None
    status: str | None = None
    scopes: tuple[str, ...] = ()
    authorization: ConnectorAuthorization | None = None
    institution: InstitutionDetails | None = None
    stats: ConnectorStatistics | None = None

    @property
    def name(self) -> str:
        return (self.institution and (self.institution.name or self.institution.short_name)) or self.id

    @property
    def logo_url(self) -> str | None:
        links = self.institution.logo.links if self.institution and self.institution.logo else None
        return (links.square or links.full) if links else None

    @property
    def is_available(self) -> bool:
        """Whether connecting may work right now; a bank with a degraded performance is slow, not closed."""
        return self.status in {None, "operational", "degraded-performance", "partial-outage"}

    @property
    def asks(self) -> bool:
        """Whether the bank may ask something at every refresh."""
        return bool(self.authorization and (self.authorization.type or "").startswith("user-mfa"))


_CONNECTOR = TypeAdapter(Connector)
_CONNECTORS = TypeAdapter(Listing[Connector])


class Institutions:
    """The directory of banks: Basiq calls an entry a connector."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def list(
        self,
        *,
        country: str | None = None,
        reached_by: str | None = None,
        status: str | None = None,
        stage: str | None = None,
        tiers: Sequence[str] = (),
        kind: str | None = None,
        scopes: Sequence[str] = (),
        where: Filter | None = None,
    ) -> tuple[Connector, ...]:
        """List connectors, all or those that fit.

        `country` is "AU" or "NZ", `reached_by` a method, `kind` the institution's, such as "Bank". What else can be asked
        goes into `where`: `connector.authorization.type`, `connector.connectorEngine`.
        """
        asked = (
            (where or Filter())
            .equal("connector.institution.country", COUNTRIES.get(country.upper(), country) if country else None)
            .equal("connector.method", reached_by)
            .equal("connector.status", status)
            .equal("connector.stage", stage)
            .any_of("connector.institution.tier", *tiers)
            .equal("connector.institution.type", kind)
            .any_of("connector.scopes", *scopes)
        )
        return await self._api.rows(_CONNECTORS, "list_connectors", "/connectors", asked.params)

    async def search(self, name: str, *, country: str | None = None) -> tuple[Connector, ...]:
        """Find live connectors by a part of their name or their id; the names are compared here, Basiq cannot."""
        wanted = name.casefold().split()
        found = await self.list(country=country, stage="live")
        return tuple(each for each in found if all(word in _words(each) for word in wanted))

    async def get(self, institution: str, method: str = "web") -> Connector:
        """Read one connector; `method` is "web", "openbanking", "csv" or "pdf"."""
        return await self._api.get(_CONNECTOR, "get_connector", f"/connectors/{segment(institution)}/{segment(method)}")


def _words(connector: Connector) -> str:
    short = (connector.institution and connector.institution.short_name) or ""
    return f"{connector.id} {connector.name} {short}".casefold()
