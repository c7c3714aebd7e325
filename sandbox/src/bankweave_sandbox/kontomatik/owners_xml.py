"""Owners: of the whole import with their papers, and of each account by name (providers/kontomatik.md section 5)."""

from __future__ import annotations

from lxml import etree

from bankweave_sandbox.kontomatik import identity
from bankweave_sandbox.kontomatik.envelope import child
from bankweave_sandbox.kontomatik.holdings import Holdings
from bankweave_sandbox.kontomatik.switches import Switches
from bankweave_sandbox.world import Account, Person


def owners_element(parent: etree._Element, holdings: Holdings, switches: Switches) -> None:
    """Write everybody who holds an account of the import; the one who signed in with all details."""
    owners = child(parent, "owners")
    if switches.company_owner:
        _company(owners, holdings.person, holdings.bank.country)
    people = {p.id: p for h in holdings.accounts for p in h.account.holders}
    people.setdefault(holdings.person.id, holdings.person)
    for person in sorted(people.values(), key=lambda p: p.name):
        element = child(owners, "owner")
        child(element, "name", person.name)
        if person.id == holdings.person.id:  # of a co-owner a bank tells the name only
            _details(element, person, holdings.bank.country, switches)
        is_first = any(h.account.holders[0].id == person.id for h in holdings.accounts)
        child(element, "kind", _kind(switches, is_owner=is_first or person.id == holdings.person.id))


def account_owners_element(parent: etree._Element, account: Account, switches: Switches) -> None:
    owners = child(parent, "owners")
    if switches.company_owner:
        element = child(owners, "owner")
        child(element, "name", identity.company(account.holders[0]))
        child(element, "kind", "COMPANY")
    for index, person in enumerate(account.holders):
        element = child(owners, "owner")
        child(element, "name", person.name)
        if index == 0:
            child(element, "address", person.address)
        child(element, "kind", _kind(switches, is_owner=index == 0))


def _company(parent: etree._Element, person: Person, country: str) -> None:
    element = child(parent, "owner")
    child(element, "name", identity.company(person))
    child(element, "address", person.address)
    if country == "PL":
        child(element, "polishNip", identity.nip(person))
        child(element, "polishRegon", identity.regon(person))
    child(element, "kind", "COMPANY")


def _details(parent: etree._Element, person: Person, country: str, switches: Switches) -> None:
    child(parent, "address", person.address)
    if country == "PL":
        child(parent, "polishPesel", identity.pesel(person))
    child(parent, "phone", identity.masked_phone(person))
    child(parent, "email", person.email)
    child(parent, "citizenship", country)
    if switches.nationality:
        child(parent, "nationality", country)
    if country in identity.DOCUMENTS:
        child(parent, "personalDocumentType", identity.DOCUMENTS[country])
        child(parent, "personalDocumentNumber", identity.document_number(person))
    child(parent, "birthDate", person.birth_date.isoformat())
    if town := identity.birth_place(person):
        child(parent, "birthPlace", town)


def _kind(switches: Switches, *, is_owner: bool) -> str:
    return "OWNER" if is_owner else switches.co_owner_word
