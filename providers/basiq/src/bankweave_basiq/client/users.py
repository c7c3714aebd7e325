"""The person's user at Basiq (section 2.1)."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import TypeAdapter

from bankweave.errors import InvalidOrder
from bankweave_basiq.client.api import Api
from bankweave_basiq.client.record import Linked, Listing, Record, Reference
from bankweave_basiq.user import USER_FIELDS, delete_user_of, ensure_user


class BusinessAddress(Record):
    address_line1: str | None = None
    address_line2: str | None = None
    suburb: str | None = None
    state: str | None = None
    postcode: str | None = None
    country_code: str | None = None


class User(Linked):
    """A user. `connections` and `accounts` are only named, and only where it was read, not where it was changed."""

    id: str
    email: str | None = None
    mobile: str | None = None
    name: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    business_name: str | None = None
    business_id_no: str | None = None
    business_id_no_type: str | None = None
    business_address: BusinessAddress | None = None
    verification_status: bool | None = None
    verification_date: str | None = None
    connections: Listing[Reference] | None = None
    accounts: Listing[Reference] | None = None


_USER = TypeAdapter(User)
_NAMES = {*USER_FIELDS, *USER_FIELDS.values(), "verificationStatus", "verificationDate"}  # ours, and Basiq's own


class Users:
    """The owner's one user. Basiq knows no uniqueness: it is made once and remembered before anything else can fail."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def create(self, options: Mapping[str, str]) -> User:
        """Give the owner's user; make it where there is none yet, from the same options that `connect` takes.

        Raises `ConfigurationError` where neither `email` nor `mobile` is among them and a user has to be made.
        """
        await ensure_user(self._api.session, options)
        return await self.get()

    async def id(self) -> str:
        """Give the id of the owner's user, which events and webhooks name; asks nobody.

        Raises `UnknownConnection` when there is none yet.
        """
        return await self._api.user_id()

    async def get(self) -> User:
        """Read the user, with the ids of its connections and accounts."""
        return await self._api.get(_USER, "get_user", await self._api.of_user())

    async def update(self, options: Mapping[str, str], *, address: Mapping[str, str] | None = None) -> User:
        """Change what is named, as `connect` names it (`email`, `first_name`, ...); the rest stays. Idempotent.

        `address` is a business's, under Basiq's own names (`addressLine1`, ...). Raises `InvalidOrder` for a name that is
        none: Basiq would change nothing, and not say so.
        """
        unknown = sorted(options.keys() - _NAMES)
        if unknown:
            message = f"a user has no {', '.join(unknown)}, but {', '.join(USER_FIELDS)}; nothing was sent"
            raise InvalidOrder(message, code="options")
        fields: dict[str, object] = {USER_FIELDS.get(name, name): value for name, value in options.items()}
        body = {**fields, **({"businessAddress": address} if address else {})}
        return await self._api.post(_USER, "update_user", await self._api.of_user(), body, repeatable=True)

    async def delete(self) -> None:
        """Delete the user with all its connections, consents and data. Cannot be undone; its id is forgotten. Idempotent.

        What is stored here stays: `bank.disconnect` every connection as well. `bank.governance.erase` does both.
        """
        await delete_user_of(self._api.session)
