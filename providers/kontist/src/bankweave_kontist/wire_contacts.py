"""Kontist's shapes of contacts."""

from __future__ import annotations

from pydantic import Field

from bankweave_kontist.records import Record


class Contact(Record):
    """An entry of the address book."""

    id: str
    name: str = Field(repr=False)
    iban: str = Field(repr=False)
    favorite: bool


class ContactList(Record):
    contacts: list[Contact]


class ContactCreated(Record):
    create_contact: Contact


class ContactUpdated(Record):
    update_contact: Contact


class Success(Record):
    success: bool


class ContactDeleted(Record):
    delete_contact: Success
