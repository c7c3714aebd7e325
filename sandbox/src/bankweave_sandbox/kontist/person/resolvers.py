"""What a person tells Kontist about themselves: addresses, terms, aliases, confirmations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.person.addresses import Addresses
from bankweave_sandbox.kontist.person.user_records import UserRecords
from bankweave_sandbox.world import Person

_SUCCESS = {"success": True}


def _told(info: Info) -> tuple[UserRecords, Person]:
    return info.context.services.records.user, info.context.signed_in


def _places(info: Info) -> tuple[Addresses, Person]:
    return info.context.services.records.addresses, info.context.signed_in


def _terms(_root: object, info: Info, *, name: str | None = None) -> list[dict[str, Any]]:
    told, person = _told(info)
    return told.terms(person, name)


def _decide_terms(_root: object, info: Info, *, payload: Mapping[str, Any]) -> dict[str, Any]:
    told, person = _told(info)
    return told.decide_terms(
        person, payload["name"], is_confirmed=payload["confirmed"], business_id=payload.get("businessId")
    )


def _payment_methods(_root: object, _info: Info) -> list[dict[str, Any]]:
    """List the cards kept for top-ups: none, as top-ups run over a payment provider that is not served here."""
    return []


def _create_alias(_root: object, info: Info, **given: str) -> dict[str, bool]:
    told, person = _told(info)
    told.add_alias(person, given["alias"], given["hash"])
    return _SUCCESS


def _confirm(_root: object, info: Info, *, confirmation: str, year: int | None = None) -> dict[str, bool]:
    told, person = _told(info)
    told.confirm(person, confirmation, year)
    return _SUCCESS


def _addresses(_user: object, info: Info) -> list[dict[str, Any]]:
    places, person = _places(info)
    return [address.body() for address in places.of(person)]


def _last_address(_user: object, info: Info) -> dict[str, Any]:
    return _addresses(_user, info)[0]


def _current_address(_user: object, info: Info) -> dict[str, Any]:
    places, person = _places(info)
    return places.current(person).body()


def _add_address(_root: object, info: Info, *, payload: Mapping[str, Any]) -> dict[str, Any]:
    places, person = _places(info)
    return places.add(person, payload).body()


RESOLVERS: Resolvers = {
    "Query": {
        "termsAndConditions": _terms,
        "listPaymentMethods": _payment_methods,
    },
    "User": {
        "businessAddresses": _addresses,
        "lastBusinessAddress": _last_address,
        "businessAddress": _current_address,
    },
    "Mutation": {
        "createUserEmailAlias": _create_alias,
        "userConfirmation": _confirm,
        "updateTermsAndConditions": _decide_terms,
        "createBusinessAddress": _add_address,
    },
}
