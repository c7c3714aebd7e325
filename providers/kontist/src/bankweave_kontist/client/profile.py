"""The user's own affairs: mail alias, confirmations, tax numbers, business addresses (section 9)."""

from __future__ import annotations

import builtins
from datetime import date
from typing import Annotated, Literal

from pydantic import AliasChoices, Field

from bankweave.errors import InvalidOrder
from bankweave_kontist.berlin import midnight
from bankweave_kontist.client.success import Success
from bankweave_kontist.queries import profile as queries
from bankweave_kontist.records import Day, Instant, Record
from bankweave_kontist.session import Session
from bankweave_kontist.wire import Key

UserConfirmation = Literal[
    "ADVISOR_DOCUMENTS_UPLOADED",
    "MANUAL_DOCUMENTS_UPLOADED",
    "SUBMIT_ASSETS",
    "SUBMIT_EXTERNAL_TRANSACTIONS",
    "TAX_DECLARATION_NOT_NEEDED",
    "TOOLS_DOCUMENTS_UPLOADED",
]
TaxNumberType = Literal["BUSINESS", "PERSONAL"]


class TaxNumber(Record):
    """A tax number. `type` is Kontist's word."""

    id: Key
    tax_number: str = Field(repr=False)
    type: str
    description: str
    is_main_business_tax_number: bool
    valid_from: Day | None = None
    deleted_at: Instant | None = None


class BusinessAddress(Record):
    """Where the business is, or was, from a day on."""

    id: Key
    street: str = Field(repr=False)
    post_code: str
    city: str
    moving_date: Day
    deleted_at: Instant | None = None


class Users:
    """What the user tells Kontist about themselves. The profile itself is `accounts.profile`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def create_email_alias(self, alias: str, alias_hash: str) -> None:
        """Take a name for receipts by mail. `alias_hash` goes with the alias, from where Kontist offered it (undocumented)."""
        query = queries.CREATE_EMAIL_ALIAS
        (await self._session.run(query, Success, alias=alias, hash=alias_hash)).check(query)

    async def confirm(self, confirmation: UserConfirmation, year: int | None = None) -> None:
        """Confirm something to Kontist's accountants, for a year. Idempotent."""
        query = queries.CONFIRM_USER
        (await self._session.run(query, Success, repeatable=True, confirmation=confirmation, year=year)).check(query)


class TaxNumbers:
    """Lists, adds, changes and deletes tax numbers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list(self) -> builtins.list[TaxNumber]:
        """List the tax numbers."""
        return (await self._session.viewer(queries.LIST_TAX_NUMBERS, _TaxNumbers)).tax_numbers

    async def create(
        self,
        tax_number: str,
        tax_type: TaxNumberType,
        *,
        description: str,
        is_main: bool = False,
        valid_from: date | None = None,
    ) -> TaxNumber:
        """Add a tax number; `is_main`: it is the business's own. Never repeated by itself."""
        payload = _tax_payload(tax_number, tax_type, description, is_main=is_main, valid_from=valid_from)
        return (await self._session.run(queries.CREATE_TAX_NUMBER, _TaxNumberOf, payload=payload)).tax_number

    async def update(self, changed: TaxNumber) -> TaxNumber:
        """Write a tax number anew, all of it: take one of `list()` and `model_copy` it."""
        payload = _tax_payload(
            changed.tax_number,
            changed.type,
            changed.description,
            is_main=changed.is_main_business_tax_number,
            valid_from=changed.valid_from,
        )
        query = queries.UPDATE_TAX_NUMBER
        return (
            await self._session.run(query, _TaxNumberOf, repeatable=True, id=changed.id, payload=payload)
        ).tax_number

    async def delete(self, tax_number_id: str) -> None:
        """Delete a tax number."""
        query = queries.DELETE_TAX_NUMBER
        (await self._session.run(query, Success, id=tax_number_id)).check(query)


class Addresses:
    """Lists business addresses, and adds those that the business moves to."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list(self) -> builtins.list[BusinessAddress]:
        """List the business addresses, past and present."""
        return (await self._session.viewer(queries.LIST_ADDRESSES, _Addresses)).business_addresses

    async def last(self) -> BusinessAddress:
        """Find the newest address."""
        return (await self._session.viewer(queries.LAST_ADDRESS, _LastAddress)).last_business_address

    async def create(self, street: str, post_code: str, city: str, *, moving_date: date) -> BusinessAddress:
        """Add an address that is the business's from a Berlin day on. Never repeated by itself."""
        payload = {"street": street, "postCode": post_code, "city": city, "movingDate": midnight(moving_date)}
        if not all(payload.values()):
            raise InvalidOrder("an address needs street, post code and city; nothing was sent", code="address")
        return (await self._session.run(queries.CREATE_ADDRESS, _AddressCreated, payload=payload)).address


def _tax_payload(
    tax_number: str, tax_type: str, description: str, *, is_main: bool, valid_from: date | None
) -> dict[str, object]:
    if not tax_number.strip():
        raise InvalidOrder("the tax number is empty; nothing was sent", code="tax_number")
    return {
        "taxNumber": tax_number,
        "type": tax_type,
        "description": description,
        "isMainBusinessTaxNumber": is_main,
        "validFrom": None if valid_from is None else midnight(valid_from),
    }


class _TaxNumbers(Record):
    tax_numbers: list[TaxNumber]


class _TaxNumberOf(Record):
    tax_number: Annotated[TaxNumber, Field(validation_alias=AliasChoices("createTaxNumber", "updateTaxNumber"))]


class _Addresses(Record):
    business_addresses: list[BusinessAddress]


class _LastAddress(Record):
    last_business_address: BusinessAddress


class _AddressCreated(Record):
    address: Annotated[BusinessAddress, Field(alias="createBusinessAddress")]
