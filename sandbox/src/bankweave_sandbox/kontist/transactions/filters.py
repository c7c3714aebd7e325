"""TransactionFilter: suffix operators, nested conditions, presets (providers/kontist.md section 6.4).

Undocumented and decided here: a null predicate counts as not given; a row without the value matches no comparison with
it, `ne` included, as in SQL; without `operator` the switch says whether all must hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.timestamps import berlin_day
from bankweave_sandbox.kontist.transactions.rows import Row

Predicate: TypeAlias = Callable[[Row], bool]
_JOINS: dict[str, Callable[[Iterable[bool]], bool]] = {"AND": all, "OR": any}
_VALUES: dict[str, Callable[[Row], Any]] = {
    "amount": lambda row: row.amount,
    "bookingDate": lambda row: row.booking_date,
    "valutaDate": lambda row: row.valuta_date,
    "iban": lambda row: row.iban,
    "name": lambda row: row.movement.counterparty,
    "purpose": lambda row: row.movement.text,
    "category": lambda row: row.note.category,
    "source": lambda row: row.source,
    "type": lambda row: row.type,
}
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, wanted: value == wanted,
    "ne": lambda value, wanted: value != wanted,
    "gt": lambda value, wanted: value > wanted,
    "gte": lambda value, wanted: value >= wanted,
    "lt": lambda value, wanted: value < wanted,
    "lte": lambda value, wanted: value <= wanted,
    "in": lambda value, wanted: value in wanted,
    "like": lambda value, wanted: wanted.casefold() in value.casefold(),
    "likeAny": lambda value, wanted: any(word.casefold() in value.casefold() for word in wanted),
}
_EXISTENCE: dict[str, Predicate] = {
    "assets": lambda row: bool(row.note.receipts),
    "vatAssets": lambda row: bool(row.note.receipts),  # what makes a receipt one for VAT is undocumented
    "splits": lambda row: bool(row.note.splits),
    "categoryCode": lambda row: row.note.category_code is not None,
    "vatCategoryCode": lambda row: row.note.vat_category_code is not None,
}


def apply_filter(rows: Sequence[Row], wanted: Mapping[str, Any] | None, default_operator: str = "AND") -> list[Row]:
    matches = _compile(wanted or {}, default_operator)
    return [row for row in rows if matches(row)]


def apply_preset(rows: Sequence[Row], preset: Mapping[str, Any] | None) -> list[Row]:
    """Narrow to a preset. Only their names are public, their meaning is read from the names."""
    if preset is None:
        return list(rows)
    paid = [row for row in rows if not row.is_declined]
    if preset.get("insightPresetType"):
        return [row for row in paid if _is_insight(row, preset)]
    year = preset.get("year")
    in_year = [row for row in paid if year is None or berlin_day(row.booking_date).year == year]
    match preset["value"]:
        case "MISSING_TAX_TRANSACTIONS":
            return [row for row in in_year if not row.note.category and not row.note.splits]
        case "MISSING_TAX_ASSETS":
            return [row for row in in_year if row.amount < 0 and not _EXISTENCE["assets"](row)]
        case unknown:
            raise Problem(400, f"Unknown filter preset {unknown}")


def preset_years(rows: Sequence[Row]) -> list[int]:
    return sorted({berlin_day(row.booking_date).year for row in rows}, reverse=True)


def _compile(wanted: Mapping[str, Any], default_operator: str) -> Predicate:
    join = _JOINS[wanted.get("operator") or default_operator]
    own = [_predicate(name, value) for name, value in wanted.items() if _is_predicate(name, value)]
    nested = [_compile(condition, default_operator) for condition in wanted.get("conditions") or ()]
    predicates = own + nested
    return lambda row: not predicates or join(predicate(row) for predicate in predicates)


def _is_predicate(name: str, value: object) -> bool:
    return name not in {"operator", "conditions"} and value is not None


def _predicate(name: str, wanted: Any) -> Predicate:
    field, _, operator = name.rpartition("_")
    if operator == "exist":
        exists = _EXISTENCE[field]
        return lambda row: exists(row) is wanted
    read, compare = _VALUES[field], _OPERATORS[operator]

    def matches(row: Row) -> bool:
        value = read(row)
        return value is not None and compare(value, wanted)

    return matches


def _is_insight(row: Row, preset: Mapping[str, Any]) -> bool:
    if row.note.category == "PRIVATE" and not preset.get("insightWithPrivateTransactions"):
        return False
    match preset["insightPresetType"]:
        case "EXPENSE":
            return row.amount < 0
        case "INCOME":
            return row.amount > 0
        case _:
            return True
