"""Basiq's filter language: `prop.op('value')`, several of them joined by commas (providers/basiq.md, section 5.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from bankweave_sandbox.basiq.errors import invalid_filter

T = TypeVar("T")

EQUALITY = frozenset({"eq", "ne"})
SELECTION = frozenset({"eq", "ne", "in"})
ORDER = frozenset({"eq", "bt", "gt", "gteq", "lt", "lteq"})

_TERM = re.compile(
    r"(?P<prop>[A-Za-z]+(?:\.[A-Za-z]+)*)\.(?P<op>[a-z]+)\((?P<values>\s*'[^']*'(?:\s*,\s*'[^']*')*\s*)\)"
)
_OPERATORS: dict[str, Callable[[str, tuple[str, ...]], bool]] = {
    "eq": lambda actual, values: actual == values[0],
    "ne": lambda actual, values: actual != values[0],
    "in": lambda actual, values: actual in values,
    "bt": lambda actual, values: values[0] <= actual <= values[1],
    "gt": lambda actual, values: actual > values[0],
    "gteq": lambda actual, values: actual >= values[0],
    "lt": lambda actual, values: actual < values[0],
    "lteq": lambda actual, values: actual <= values[0],
}
_VALUE = re.compile(r"'([^']*)'")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Term:
    prop: str
    op: str
    values: tuple[str, ...]

    def allows(self, actual: str | Collection[str]) -> bool:
        """Say whether a field's value (or any of a list field's) satisfies this term; ISO dates compare as text."""
        if not isinstance(actual, str):
            matched = (self.allows(item) for item in actual)
            return all(matched) if self.op == "ne" else any(matched)
        return _OPERATORS[self.op](actual, self.values)


def parse_filter(
    text: str | None, allowed: Mapping[str, Collection[str]], dates: Collection[str] = ()
) -> tuple[Term, ...]:
    """Read a filter of the `allowed` properties and operators, or raise the 400 of section 7.2."""
    if not text:
        return ()
    terms = []
    position = 0
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None:
            raise invalid_filter()
        terms.append(_checked(found, allowed, dates))
        position = _after_comma(text, found.end())
    return tuple(terms)


def select(items: Iterable[T], terms: Sequence[Term], field: Callable[[T, str], str | Collection[str]]) -> list[T]:
    """Keep what all terms allow; `field` reads the property of a term from an item."""
    return [item for item in items if all(term.allows(field(item, term.prop)) for term in terms)]


def _after_comma(text: str, position: int) -> int:
    if position == len(text):
        return position
    if text[position] != "," or position + 1 == len(text):
        raise invalid_filter()
    return position + 1


def _checked(found: re.Match[str], allowed: Mapping[str, Collection[str]], dates: Collection[str]) -> Term:
    term = Term(found["prop"], found["op"], tuple(_VALUE.findall(found["values"])))
    arity_fits = {"bt": len(term.values) == 2, "in": True}.get(term.op, len(term.values) == 1)
    if term.op not in allowed.get(term.prop, ()) or not arity_fits:
        raise invalid_filter()
    if term.prop in dates and not all(_is_date(value) for value in term.values):
        raise invalid_filter()
    return term


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
