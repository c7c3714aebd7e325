"""Tax numbers over GraphQL (providers/kontist.md section 9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.taxes.numbers import TaxNumbers
from bankweave_sandbox.world import Person


def _numbers(info: Info) -> tuple[TaxNumbers, Person]:
    return info.context.services.records.tax_numbers, info.context.signed_in


def _list(_user: object, info: Info) -> list[dict[str, Any]]:
    numbers, person = _numbers(info)
    return [number.body() for number in numbers.of(person)]


def _create(_root: object, info: Info, *, payload: Mapping[str, Any]) -> dict[str, Any]:
    numbers, person = _numbers(info)
    return numbers.create(person, payload).body()


def _update(
    _root: object,
    info: Info,
    *,
    id: str,  # noqa: A002 - Kontist's argument
    payload: Mapping[str, Any],
) -> dict[str, Any]:
    numbers, person = _numbers(info)
    return numbers.update(person, id, payload).body()


def _delete(_root: object, info: Info, *, id: str) -> dict[str, bool]:  # noqa: A002
    numbers, person = _numbers(info)
    numbers.delete(person, id)
    return {"success": True}


RESOLVERS: Resolvers = {
    "User": {"taxNumbers": _list},
    "Mutation": {"createTaxNumber": _create, "updateTaxNumber": _update, "deleteTaxNumber": _delete},
}
