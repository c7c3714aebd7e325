"""The address book (section 7.1)."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

LIST_CONTACTS = query("query ListContacts($filter: String) { contacts(filter: $filter) { id name iban favorite } }")

CREATE_CONTACT = query(
    "mutation CreateContact($payload: CreateContactArgs!) { createContact(payload: $payload) { id name iban favorite } }"
)

UPDATE_CONTACT = query(
    "mutation UpdateContact($payload: UpdateContactArgs!) { updateContact(payload: $payload) { id name iban favorite } }"
)

DELETE_CONTACT = query("mutation DeleteContact($id: ID!) { deleteContact(id: $id) { success } }")
