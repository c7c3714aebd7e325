"""What a person tells Kontist about themselves: resolvers for tax numbers, addresses, terms, aliases, confirmations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLResolveInfo

from bankweave_sandbox.kontist.records import Records
from bankweave_sandbox.kontist.transactions.resolvers import Caller, Resolver
from bankweave_sandbox.world import Person

_SUCCESS = {"success": True}


def _records(info: GraphQLResolveInfo[Caller]) -> tuple[Records, Person]:
    return info.context.services.records, info.context.signed_in


def _generic_features(_root: object, info: GraphQLResolveInfo[Caller]) -> list[dict[str, str]]:
    return [{"name": name} for name in info.context.switches.generic_features.split()]


def _terms(_root: object, info: GraphQLResolveInfo[Caller], *, name: str | None = None) -> list[dict[str, Any]]:
    records, person = _records(info)
    return records.user.terms(person, name)


def _decide_terms(_root: object, info: GraphQLResolveInfo[Caller], *, payload: Mapping[str, Any]) -> dict[str, Any]:
    records, person = _records(info)
    return records.user.decide_terms(
        person, payload["name"], is_confirmed=payload["confirmed"], business_id=payload.get("businessId")
    )


def _payment_methods(_root: object, _info: GraphQLResolveInfo[Caller]) -> list[dict[str, Any]]:
    """List the cards kept for top-ups: none, as top-ups run over a payment provider that is not served here."""
    return []


def _create_alias(_root: object, info: GraphQLResolveInfo[Caller], **given: str) -> dict[str, bool]:
    records, person = _records(info)
    records.user.add_alias(person, given["alias"], given["hash"])
    return _SUCCESS


def _confirm(
    _root: object, info: GraphQLResolveInfo[Caller], *, confirmation: str, year: int | None = None
) -> dict[str, bool]:
    records, person = _records(info)
    records.user.confirm(person, confirmation, year)
    return _SUCCESS


def _tax_numbers(_user: object, info: GraphQLResolveInfo[Caller]) -> list[dict[str, Any]]:
    records, person = _records(info)
    return [number.body() for number in records.tax_numbers.of(person)]


def _create_tax_number(
    _root: object, info: GraphQLResolveInfo[Caller], *, payload: Mapping[str, Any]
) -> dict[str, Any]:
    records, person = _records(info)
    return records.tax_numbers.create(person, payload).body()


def _update_tax_number(
    _root: object,
    info: GraphQLResolveInfo[Caller],
    *,
    id: str,  # noqa: A002 - Kontist's argument
    payload: Mapping[str, Any],
) -> dict[str, Any]:
    records, person = _records(info)
    return records.tax_numbers.update(person, id, payload).body()


def _delete_tax_number(_root: object, info: GraphQLResolveInfo[Caller], *, id: str) -> dict[str, bool]:  # noqa: A002
    records, person = _records(info)
    records.tax_numbers.delete(person, id)
    return _SUCCESS


def _addresses(_user: object, info: GraphQLResolveInfo[Caller]) -> list[dict[str, Any]]:
    records, person = _records(info)
    return [address.body() for address in records.addresses.of(person)]


def _last_address(_user: object, info: GraphQLResolveInfo[Caller]) -> dict[str, Any]:
    return _addresses(_user, info)[0]


def _current_address(_user: object, info: GraphQLResolveInfo[Caller]) -> dict[str, Any]:
    records, person = _records(info)
    return records.addresses.current(person).body()


def _add_address(_root: object, info: GraphQLResolveInfo[Caller], *, payload: Mapping[str, Any]) -> dict[str, Any]:
    records, person = _records(info)
    return records.addresses.add(person, payload).body()


RESOLVERS: dict[str, dict[str, Resolver]] = {
    "Query": {
        "genericFeatures": _generic_features,
        "termsAndConditions": _terms,
        "listPaymentMethods": _payment_methods,
    },
    "User": {
        "taxNumbers": _tax_numbers,
        "businessAddresses": _addresses,
        "lastBusinessAddress": _last_address,
        "businessAddress": _current_address,
    },
    "Mutation": {
        "createUserEmailAlias": _create_alias,
        "userConfirmation": _confirm,
        "updateTermsAndConditions": _decide_terms,
        "createTaxNumber": _create_tax_number,
        "updateTaxNumber": _update_tax_number,
        "deleteTaxNumber": _delete_tax_number,
        "createBusinessAddress": _add_address,
    },
}
