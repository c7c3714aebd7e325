"""The address book (section 7.1)."""

from __future__ import annotations

from pydantic import Field

from bankweave.errors import InvalidOrder
from bankweave.sepa import is_iban, plain_iban
from bankweave_kontist.queries.contacts import CREATE_CONTACT, DELETE_CONTACT, LIST_CONTACTS, UPDATE_CONTACT
from bankweave_kontist.records import Record
from bankweave_kontist.session import Session


class Contact(Record):
    """An entry of the address book."""

    id: str
    name: str = Field(repr=False)
    iban: str = Field(repr=False)
    favorite: bool


class Contacts:
    """Keeps names and IBANs for later transfers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list(self, search: str | None = None) -> tuple[Contact, ...]:
        """List contacts, all or those that a search finds; what Kontist compares it with is undocumented."""
        return tuple((await self._session.run(LIST_CONTACTS, _List, filter=search)).contacts)

    async def create(self, name: str, iban: str, *, favorite: bool = False) -> Contact:
        """Add a contact. Not idempotent. Raises `InvalidOrder` for what is no IBAN, before anything is sent."""
        payload = {"name": name, "iban": _checked(iban), "favorite": favorite}
        return (await self._session.run(CREATE_CONTACT, _Created, payload=payload)).create_contact

    async def update(
        self, contact: str, *, name: str | None = None, iban: str | None = None, favorite: bool | None = None
    ) -> Contact:
        """Change a contact by its id; what is None stays as it is. Idempotent."""
        fields = {"id": contact, "name": name, "iban": None if iban is None else _checked(iban), "favorite": favorite}
        payload = {field: value for field, value in fields.items() if value is not None}
        answer = await self._session.run(UPDATE_CONTACT, _Updated, repeatable=True, payload=payload)
        return answer.update_contact

    async def delete(self, contact: str) -> bool:
        """Delete a contact by its id; says whether Kontist has."""
        return (await self._session.run(DELETE_CONTACT, _Deleted, id=contact)).delete_contact.success


def _checked(iban: str) -> str:
    if not is_iban(iban):
        raise InvalidOrder("the contact's iban is not an IBAN; nothing was sent", code="iban")
    return plain_iban(iban)


class _List(Record):
    contacts: list[Contact]


class _Created(Record):
    create_contact: Contact


class _Updated(Record):
    update_contact: Contact


class _Success(Record):
    success: bool


class _Deleted(Record):
    delete_contact: _Success
