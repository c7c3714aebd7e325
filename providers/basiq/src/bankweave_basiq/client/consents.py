"""What the person consented to (section 2.4)."""

from __future__ import annotations

from pydantic import TypeAdapter

from bankweave.errors import Origin, ProviderRefused
from bankweave_basiq.client.api import Api
from bankweave_basiq.client.record import Instant, Json, Linked, Listing, Record
from bankweave_basiq.links import NAME, id_in


class Wording(Record):
    """How something is put to the person."""

    title: str | None = None
    description: str | None = None


class ConsentPurpose(Record):
    primary: Wording | None = None
    other: Json | None = None


class PermissionInformation(Record):
    name: str | None = None
    description: str | None = None
    attribute_list: tuple[str, ...] = ()


class Permission(Record):
    """One thing that may be read, or was not allowed: see `consented`."""

    scope: str | None = None
    required: bool | None = None
    consented: bool | None = None
    entity: str | None = None
    information: PermissionInformation | None = None
    purpose: Wording | None = None


class ConsentData(Record):
    """What may be read, how far back, and whether it may be kept afterwards."""

    retain_data: bool | None = None
    initial_retrieval_days: int | None = None
    permissions: tuple[Permission, ...] = ()
    organisation: Json | None = None
    disclosure: Json | None = None


class BasiqConsent(Linked):
    """A consent as Basiq has it."""

    id: str
    status: str | None = None
    created: Instant | None = None
    updated: Instant | None = None
    expiry_date: Instant | None = None
    revoked: Instant | None = None
    origin: str | None = None
    purpose: ConsentPurpose | None = None
    data: ConsentData | None = None

    @property
    def is_active(self) -> bool:
        return self.status == "active"

    @property
    def permissions(self) -> tuple[str, ...]:
        """The scopes that were allowed."""
        given = self.data.permissions if self.data else ()
        return tuple(each.scope for each in given if each.scope and each.consented is not False)

    @property
    def policy(self) -> str | None:
        """The id of the application's policy that was agreed to."""
        return self._policy("consentPolicy")

    @property
    def latest_policy(self) -> str | None:
        """The id of the application's policy of today."""
        return self._policy("latestConsentPolicy")

    @property
    def is_outdated(self) -> bool:
        """Whether the application's policy has changed since: `update` asks the person anew, and may end the old consent."""
        return None not in {self.policy, self.latest_policy} and self.policy != self.latest_policy

    def _policy(self, name: str) -> str | None:
        link = self.link(name)
        return id_in(link, "policies") if link else None


_CONSENTS = TypeAdapter(Listing[BasiqConsent])


class Consents:
    """The consents of the person: one active, and those before it."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def list(self) -> tuple[BasiqConsent, ...]:
        """List all consents, those that ended included."""
        return await self._api.rows(_CONSENTS, "list_consents", await self._api.of_user("consents"))

    async def get(self, consent: str) -> BasiqConsent:
        """Give one consent by its id, out of the list: Basiq documents no way to read one alone."""
        found = next((each for each in await self.list() if each.id == consent), None)
        if found is None:
            origin = Origin(adapter=NAME, operation="list_consents")
            raise ProviderRefused("the person has no such consent; list them", origin=origin, code="resource-not-found")
        return found

    async def delete(self, consent: str) -> None:
        """Revoke a consent. Basiq deletes its connections with it; that cannot be undone."""
        await self._api.delete("delete_consent", await self._api.of_user("consents", consent))
