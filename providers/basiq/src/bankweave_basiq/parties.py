"""Who holds the accounts: what accounts say, and what banks say about the person (sections 5.1 and 5.3). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from operator import itemgetter

from bankweave.model import Party, PartyRole
from bankweave_basiq.mapping import belongs_to, consented_scopes
from bankweave_basiq.wire import WireAccount, WireAddress, WireConsent, WireIdentity, WireOrganisation

_ADDRESS_PARTS = ("line_1", "line_2", "line_3", "city", "state", "postcode", "country")


def may_be_identified(consent: WireConsent | None) -> bool:
    """Whether the person lets us know who they are: customer data are a permission of their own (section 2.4)."""
    return any(scope.startswith("customer.") for scope in consented_scopes(consent)) if consent else False


def to_parties(accounts: Sequence[WireAccount], identities: Iterable[WireIdentity] = ()) -> tuple[Party, ...]:
    """The holders by name, with what banks say about those of that name; then whoever else the banks know."""
    known = _by_name(party for party in (_identified(identity, accounts) for identity in identities) if party)
    holders = _holders(accounts)
    described = tuple(_described(holder, known.get(_key(holder))) for holder in holders)
    named = {_key(holder) for holder in holders}
    return (*described, *(party for key, party in known.items() if key not in named))


def _by_name(people: Iterable[Party]) -> dict[str, Party]:
    """Each person once, with the accounts of all banks that know them; of what banks say, the last word counts."""
    known: dict[str, Party] = {}
    for party in people:
        before = known.get(_key(party))
        known[_key(party)] = _joined(before, party) if before else party
    return known


def _joined(before: Party, party: Party) -> Party:
    return replace(
        party,
        account_provider_ids=tuple(dict.fromkeys(before.account_provider_ids + party.account_provider_ids)),
        email=party.email or before.email,
        phone=party.phone or before.phone,
        address=party.address or before.address,
        birth_date=party.birth_date or before.birth_date,
    )


def _holders(accounts: Iterable[WireAccount]) -> tuple[Party, ...]:
    """The holders by name. Only of an account of one party is it sure that the named one owns it."""
    held = sorted(
        (account.account_holder, _role(account), account.id) for account in accounts if account.account_holder
    )
    return tuple(
        Party(name=name, role=role, account_provider_ids=tuple(map(itemgetter(2), group)))
        for (name, role), group in groupby(held, key=itemgetter(0, 1))
    )


def _role(account: WireAccount) -> PartyRole:
    sole = account.account_ownership == "ONE_PARTY" and account.is_owned is not False
    return PartyRole.OWNER if sole else PartyRole.UNKNOWN


def _described(holder: Party, known: Party | None) -> Party:
    if known is None:
        return holder
    return replace(holder, email=known.email, phone=known.phone, address=known.address, birth_date=known.birth_date)


def _identified(identity: WireIdentity, accounts: Iterable[WireAccount]) -> Party | None:
    """Who a bank's customer is: a business before the person who acts for it. What they own is not said: the role is open."""
    business = _business(identity.organisation)
    name = business or _person(identity)
    if not name:
        return None
    connection = (identity.connection,) if identity.connection else ()
    return Party(
        name=name,
        account_provider_ids=tuple(a.id for a in accounts if a.connection and belongs_to(a, connection)),
        email=_first(identity.emails),
        phone=_first(identity.phones),
        address=next((text for address in identity.addresses or () if (text := _address(address))), None),
        birth_date=None if business else _day(identity.birth_date),
    )


def _business(organisation: WireOrganisation | None) -> str | None:
    if organisation is None:
        return None
    return organisation.business_name or organisation.legal_name or organisation.short_name


def _person(identity: WireIdentity) -> str:
    return identity.full_name or " ".join(part for part in (identity.first_name, identity.last_name) if part)


def _first(texts: Iterable[str] | None) -> str | None:
    return next((text for text in texts or () if text), None)


def _address(address: WireAddress) -> str | None:
    if address.formatted:
        return address.formatted
    parts = (getattr(address, part) for part in _ADDRESS_PARTS)
    return ", ".join(part for part in parts if part) or None


def _day(text: str | None) -> date | None:
    """A date of birth. How it is written is not documented: what is no ISO 8601 is left to the raw record."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def _key(party: Party) -> str:
    return " ".join(party.name.casefold().split())
