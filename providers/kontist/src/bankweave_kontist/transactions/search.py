"""Free text as a filter: what people type into a search field, as the vendor's own SDK understands it (section 6.4).

Every word may stand in the counterparty's name or in the purpose. A word that looks like an amount also finds that amount,
paid or received; without decimals, every amount of so many euros. One that looks like an IBAN's beginning finds IBANs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from bankweave.errors import InvalidOrder
from bankweave_kontist.transactions.filters import Condition, Filter

LONGEST = 200  # characters that are read
LARGEST = Decimal("20000000.00")  # larger numbers are not taken for amounts
_AMOUNT = re.compile(r"-?\d+(?:[.,]\d{1,2})?", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]*", re.ASCII | re.IGNORECASE)
_EURO = Decimal(1)


def search_filter(text: str, within: Filter | None = None) -> Filter | None:
    """Translate a search text; None without a word and without `within`, which is everything.

    `within` must hold besides. Raises `InvalidOrder` where Kontist's filters cannot express both.
    """
    words = tuple(text[:LONGEST].split())
    if not words:
        return within
    wanted = _wanted(words)
    return wanted if within is None else _both(wanted, within)


def _wanted(words: tuple[str, ...]) -> Filter:
    amounts = [each for each in (_amount(word) for word in words) if each is not None]
    exact = tuple(sign * each.value for each in amounts for sign in (1, -1))
    ibans = tuple(word for word in words if _IBAN.fullmatch(word))
    return Filter(
        name_like_any=words,
        purpose_like_any=words,
        amount_in=exact or None,
        iban_like_any=ibans or None,
        operator="OR",
        conditions=tuple(each for amount in amounts if amount.is_whole for each in _of_so_many_euros(amount.value)),
    )


@dataclass(frozen=True, slots=True)
class _Amount:
    value: Decimal  # without its sign: people search for both
    is_whole: bool


def _amount(word: str) -> _Amount | None:
    if not _AMOUNT.fullmatch(word):
        return None
    value = abs(Decimal(word.replace(",", ".")))
    is_whole = "." not in word and "," not in word
    return _Amount(value, is_whole) if value <= LARGEST else None


def _of_so_many_euros(value: Decimal) -> tuple[Condition, Condition]:
    """Whatever the cents are: 12 finds 12.99, and -12.99 as well."""
    return (
        Condition(amount_gte=value, amount_lt=value + _EURO),
        Condition(amount_gt=-value - _EURO, amount_lte=-value),
    )


def _both(wanted: Filter, within: Filter) -> Filter:
    """Combine a search with a filter. Conditions hold no conditions, so ranges of amounts need each alternative alone."""
    if not wanted.conditions and (within.operator == "AND" or not within.conditions):
        return _around(wanted, within)
    if within.conditions or within.operator == "OR":
        raise InvalidOrder(
            "a search for a number cannot be combined with a filter that holds alternatives; nothing was sent",
            code="filter",
        )
    narrowed = (_narrowed(each, within) for each in _alternatives(wanted))
    return Filter(operator="OR", conditions=tuple(each for each in narrowed if each.amount_in != ()))


def _around(wanted: Filter, within: Filter) -> Filter:
    searched = Condition(**wanted.predicates(), operator="OR")  # type: ignore[arg-type]  # by their own names
    if within.operator == "AND":
        return replace(within, conditions=(*within.conditions, searched))
    alternatives = Condition(**within.predicates(), operator="OR")  # type: ignore[arg-type]  # by their own names
    return Filter(conditions=(alternatives, searched))


def _alternatives(wanted: Filter) -> list[Condition]:
    single = [Condition(**{name: value}) for name, value in wanted.predicates().items()]  # type: ignore[arg-type]  # as above
    return [*single, *wanted.conditions]


def _narrowed(alternative: Condition, within: Filter) -> Condition:
    """One alternative and the filter at once. Where both bound the amount, the narrower bound is the one that counts."""
    own, given = alternative.predicates(), within.predicates()
    merged = given | own | {name: _narrower(name, own[name], given[name]) for name in own.keys() & given.keys()}
    return Condition(**merged, operator="AND")  # type: ignore[arg-type]  # by their own names


def _narrower(name: str, one: object, other: object) -> object:
    match one, other:
        case Decimal(), Decimal():
            return max(one, other) if name in {"amount_gt", "amount_gte"} else min(one, other)
        case tuple(), tuple() if name == "amount_in":
            return tuple(each for each in one if each in other)
    raise InvalidOrder(f"a search cannot be combined with a filter by {name}; nothing was sent", code="filter")
