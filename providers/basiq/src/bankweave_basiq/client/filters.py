"""The language of Basiq's filters: `property.operation('value')`, joined by commas, which mean "and" (section 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bankweave.errors import InvalidOrder

Value = str | date


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that all must hold. What may be asked of which list, Basiq's specification says.

    Filter().equal("account.id", "a1").at_least("transaction.postDate", date(2026, 1, 1))
    """

    conditions: tuple[str, ...] = ()

    def equal(self, name: str, value: Value | None) -> Filter:
        """Where the property has this value; None says nothing."""
        return self._with(name, "eq", value)

    def unequal(self, name: str, value: Value | None) -> Filter:
        return self._with(name, "ne", value)

    def any_of(self, name: str, *values: Value) -> Filter:
        """Where the property has one of these values; only connectors know it."""
        return self._with(name, "in", *values) if values else self

    def between(self, name: str, first: Value, last: Value) -> Filter:
        """Where the property lies between two values, both included."""
        return self._with(name, "bt", first, last)

    def above(self, name: str, value: Value | None) -> Filter:
        return self._with(name, "gt", value)

    def at_least(self, name: str, value: Value | None) -> Filter:
        return self._with(name, "gteq", value)

    def below(self, name: str, value: Value | None) -> Filter:
        return self._with(name, "lt", value)

    def at_most(self, name: str, value: Value | None) -> Filter:
        return self._with(name, "lteq", value)

    def __and__(self, other: Filter) -> Filter:
        return Filter(self.conditions + other.conditions)

    @property
    def params(self) -> Mapping[str, str]:
        """The query that says it; none where there is nothing to say."""
        return {"filter": ",".join(self.conditions)} if self.conditions else {}

    def _with(self, name: str, operation: str, *values: Value | None) -> Filter:
        said = [_quoted(name, value) for value in values if value is not None]
        if not said:
            return self
        if not name.replace(".", "").isalnum() or not name.isascii():
            raise InvalidOrder("a filter's property has letters, digits and dots only; nothing was sent", code="filter")
        return Filter((*self.conditions, f"{name}.{operation}({','.join(said)})"))


def _quoted(name: str, value: Value) -> str:
    text = value.isoformat() if isinstance(value, date) else value
    if "'" in text or not text.isprintable():
        raise InvalidOrder(f"the value for {name} cannot be written in a filter; nothing was sent", code="filter")
    return f"'{text}'"
