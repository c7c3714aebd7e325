"""Which transactions are wanted, in Python's words: built here, decided by Kontist (section 6.4).

    Filter(amount_lt=Decimal("-10"), booking_date_gte=date(2026, 1, 1))
    Filter(type_eq="CARD_USAGE", conditions=(Condition(name_like="kiosk", purpose_like="kiosk", operator="OR"),))

A name is Kontist's field and one of its operators. Texts match without regard to case: `like` anywhere in the field,
`like_any` any of several. All of a filter's own predicates and its conditions are combined by `operator`, and likewise the
predicates of a condition; conditions hold no further conditions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Literal, TypeAlias

from pydantic.alias_generators import to_camel

from bankweave.errors import InvalidOrder
from bankweave_kontist.berlin import midnight
from bankweave_kontist.money import to_cents
from bankweave_kontist.transactions.categories import TransactionCategory

When: TypeAlias = date | datetime
"""A day, which is its midnight in Berlin, as Kontist writes booking days; or an aware instant."""
Operator: TypeAlias = Literal["AND", "OR"]

_OPERATORS = {"like_any": "likeAny"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Predicates about a transaction. Amounts are euros, negative when money leaves the account."""

    amount_eq: Decimal | None = None
    amount_ne: Decimal | None = None
    amount_gt: Decimal | None = None
    amount_gte: Decimal | None = None
    amount_lt: Decimal | None = None
    amount_lte: Decimal | None = None
    amount_in: tuple[Decimal, ...] | None = None
    booking_date_eq: When | None = None
    booking_date_ne: When | None = None
    booking_date_gt: When | None = None
    booking_date_gte: When | None = None
    booking_date_lt: When | None = None
    booking_date_lte: When | None = None
    valuta_date_eq: When | None = None
    valuta_date_ne: When | None = None
    valuta_date_gt: When | None = None
    valuta_date_gte: When | None = None
    valuta_date_lt: When | None = None
    valuta_date_lte: When | None = None
    iban_eq: str | None = None
    iban_ne: str | None = None
    iban_like: str | None = None
    iban_like_any: tuple[str, ...] | None = None
    iban_in: tuple[str, ...] | None = None
    name_eq: str | None = None
    name_ne: str | None = None
    name_like: str | None = None
    name_like_any: tuple[str, ...] | None = None
    name_in: tuple[str, ...] | None = None
    purpose_eq: str | None = None
    purpose_ne: str | None = None
    purpose_like: str | None = None
    purpose_like_any: tuple[str, ...] | None = None
    category_eq: TransactionCategory | None = None
    category_in: tuple[TransactionCategory, ...] | None = None
    source_eq: str | None = None
    source_ne: str | None = None
    source_in: tuple[str, ...] | None = None
    type_eq: str | None = None
    assets_exist: bool | None = None
    vat_assets_exist: bool | None = None
    splits_exist: bool | None = None
    category_code_exist: bool | None = None
    vat_category_code_exist: bool | None = None
    operator: Operator = "AND"

    def predicates(self) -> dict[str, object]:
        """The predicates that were given, by their Python names."""
        given = ((name, getattr(self, name)) for name in _PREDICATES)
        return {name: value for name, value in given if value is not None}

    def variable(self) -> dict[str, object]:
        """Write it as a GraphQL variable. The operator always goes along: which one Kontist assumes is undocumented.

        Raises `InvalidOrder` for an empty one, an amount with fractions of a cent and an instant without a time zone.
        """
        given = self.predicates()
        if not given:
            raise InvalidOrder("a condition without predicates says nothing; nothing was sent", code="filter")
        return {_wire_name(name): _wire_value(name, value) for name, value in given.items()} | {
            "operator": self.operator
        }


_PREDICATES = tuple(each.name for each in fields(Condition) if each.name != "operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter(Condition):
    """A condition that may hold others."""

    conditions: tuple[Condition, ...] = ()

    def variable(self) -> dict[str, object]:
        written = {_wire_name(name): _wire_value(name, value) for name, value in self.predicates().items()}
        if self.conditions:
            written["conditions"] = [each.variable() for each in self.conditions]
        return written | {"operator": self.operator} if written else {}


def all_of(*conditions: Condition) -> Filter:
    """Want what fulfils every one of them."""
    return Filter(conditions=_plain(conditions), operator="AND")


def any_of(*conditions: Condition) -> Filter:
    """Want what fulfils at least one of them."""
    return Filter(conditions=_plain(conditions), operator="OR")


def _plain(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Take filters for conditions where they hold none themselves: Kontist nests only once."""
    return tuple(_condition(each) for each in conditions)


def _condition(given: Condition) -> Condition:
    if not isinstance(given, Filter):
        return given
    if given.conditions:
        raise InvalidOrder("Kontist's conditions hold no further conditions; nothing was sent", code="filter")
    return Condition(**given.predicates(), operator=given.operator)  # type: ignore[arg-type]  # by their own names


@cache
def _wire_name(name: str) -> str:
    """`booking_date_gte` is `bookingDate_gte`, and `name_like_any` is `name_likeAny`."""
    for ours, theirs in _OPERATORS.items():
        if name.endswith(f"_{ours}"):
            return f"{to_camel(name.removesuffix(f'_{ours}'))}_{theirs}"
    field, _, operator = name.rpartition("_")
    return f"{to_camel(field)}_{operator}"


def _wire_value(name: str, value: object) -> object:
    if value == ():
        raise InvalidOrder(f"{name} is empty, so that nothing can be meant by it; nothing was sent", code=name)
    if isinstance(value, tuple):
        return [_wire_value(name, each) for each in value]
    if isinstance(value, Decimal):
        return to_cents(value, name)
    if isinstance(value, datetime):
        return _instant(value, name)
    return midnight(value) if isinstance(value, date) else value


def _instant(value: datetime, name: str) -> str:
    if value.tzinfo is None:
        raise InvalidOrder(f"{name} is an instant without a time zone; nothing was sent", code=name)
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
