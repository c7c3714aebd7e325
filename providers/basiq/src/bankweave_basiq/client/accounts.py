"""Accounts and who holds them, with all that Basiq says (sections 5.1 and 5.3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field, TypeAdapter

from bankweave_basiq.client.api import Api
from bankweave_basiq.client.connections import PostalAddress
from bankweave_basiq.client.filters import Filter
from bankweave_basiq.client.record import Instant, Json, Linked, Listing, Record


class AccountClass(Record):
    type: str | None = None
    product: str | None = None


class Interval(Record):
    """Days between which transactions are known."""

    from_day: date | None = Field(default=None, alias="from")
    to_day: date | None = Field(default=None, alias="to")


class Purse(Record):
    amount: Decimal | None = None
    currency: str | None = None


class BasiqAccount(Linked):
    """An account. `meta` holds fees, rates and terms as open banking names them; rates are fractions as text."""

    id: str
    name: str | None = None
    currency: str | None = None
    account_no: str | None = None
    bsb: str | None = None
    unmasked_acc_num: str | None = None
    masked_number: str | None = None
    bundle_name: str | None = None
    account_holder: str | None = None
    account_ownership: str | None = None
    is_owned: bool | None = None
    balance: Decimal | None = None
    available_funds: Decimal | None = None
    credit_limit: Decimal | None = None
    account_class: AccountClass | None = Field(default=None, alias="class")
    status: str | None = None
    connection: str | None = None
    institution: str | None = None
    last_updated: Instant | None = None
    creation_date: str | None = None
    transaction_intervals: tuple[Interval, ...] = ()
    purses: tuple[Purse, ...] = ()
    meta: Json | None = None


class Identity(Linked):
    """What a bank says about the person. `birth_date` is as the bank writes it."""

    id: str
    created: Instant | None = None
    updated: Instant | None = None
    connection: str | None = Field(default=None, alias="connectionID")
    institution: str | None = Field(default=None, alias="institutionID")
    source: str | None = None
    full_name: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    birth_date: str | None = Field(default=None, alias="DOB")
    occupation_code: str | None = None
    phone_numbers: tuple[str, ...] = ()
    email_addresses: tuple[str, ...] = ()
    physical_addresses: tuple[PostalAddress, ...] = ()
    organisation: Json | None = None


_ACCOUNT = TypeAdapter(BasiqAccount)
_ACCOUNTS = TypeAdapter(Listing[BasiqAccount])
_IDENTITY = TypeAdapter(Identity)
_IDENTITIES = TypeAdapter(Listing[Identity])


class Accounts:
    """The person's accounts at all banks."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def list(
        self, *, connection: str | None = None, institution: str | None = None, where: Filter | None = None
    ) -> tuple[BasiqAccount, ...]:
        """List accounts, all or those of a connection or an institution."""
        asked = (where or Filter()).equal("connection.id", connection).equal("institution.id", institution)
        return await self._api.rows(_ACCOUNTS, "list_accounts", await self._api.of_user("accounts"), asked.params)

    async def get(self, account: str) -> BasiqAccount:
        """Read one account."""
        return await self._api.get(_ACCOUNT, "get_account", await self._api.of_user("accounts", account))


class Identities:
    """Who the banks say that the person is, one entry for each connection."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def list(self) -> tuple[Identity, ...]:
        """List the identities."""
        return await self._api.rows(_IDENTITIES, "list_identities", await self._api.of_user("identities"))

    async def get(self, identity: str) -> Identity:
        """Read one identity."""
        return await self._api.get(_IDENTITY, "get_identity", await self._api.of_user("identities", identity))
