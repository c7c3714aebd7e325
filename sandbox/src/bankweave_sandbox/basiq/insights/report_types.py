"""The types of reports, and what each is asked with (providers/basiq.md, section 5.3; the filters as specified)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from bankweave_sandbox.basiq import errors

_DATE = re.compile(r"(19|20)\d{2}-\d{2}-\d{2}")
_TITLE = 50  # characters at most


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class ReportType:
    id: str
    name: str
    description: str
    filters: tuple[Filter, ...]

    def shape(self) -> dict[str, object]:
        filters = [{"name": f.name, "type": f.type, "required": f.required} for f in self.filters]
        return {
            "type": "reportType",
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "filters": filters,
        }


CONSUMER = ReportType(
    "CON_AFFOR_01",
    "Consumer Affordability Report",
    "What a consumer earns, spends and owes.",
    (
        Filter("fromDate", "string", required=True),
        Filter("toDate", "string", required=True),
        Filter("accounts", "array", required=True),
        Filter("users", "array", required=True),
        Filter("includeGroups", "array", required=False),
        Filter("includeMetrics", "array", required=False),
    ),
)
STATEMENT = ReportType(
    "STATEMENT_01",
    "Bank Statement",
    "The transactions of one account between two days.",
    (
        Filter("fromDate", "string", required=True),
        Filter("toDate", "string", required=False),
        Filter("account", "string", required=True),
        Filter("user", "string", required=True),
    ),
)
REPORT_TYPES = {one.id: one for one in (CONSUMER, STATEMENT)}


@dataclass(frozen=True, slots=True)
class Order:
    """What a report is to be about, as it was asked for."""

    type: ReportType
    title: str
    filters: dict[str, Any]

    def day(self, name: str, otherwise: date) -> date:
        return date.fromisoformat(self.filters[name]) if self.filters.get(name) else otherwise


def read_order(body: dict[str, Any]) -> Order:
    """Read the request for a report, or raise the 400 that says what is wrong."""
    report_type = REPORT_TYPES.get(_text(body, "reportType"))
    if report_type is None:
        raise errors.value_not_valid("reportType", "reportType")
    title = _text(body, "title")
    if len(title) > _TITLE:
        raise errors.not_valid(f"title must not be longer than {_TITLE} characters", "title")
    return Order(report_type, title, _filters(body.get("filters"), report_type))


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise errors.not_supplied(f"{name} is required", name)
    return value


def _filters(value: object, report_type: ReportType) -> dict[str, Any]:
    if not isinstance(value, list) or not all(isinstance(one, dict) and "name" in one for one in value):
        raise errors.not_valid("filters must be an array of names and values", "filters")
    given = {str(one["name"]): one.get("value") for one in value}
    for wanted in report_type.filters:
        _check_filter(wanted, given)
    return given


def _check_filter(wanted: Filter, given: dict[str, Any]) -> None:
    if wanted.name not in given:
        if wanted.required:
            raise errors.not_supplied(f"filter {wanted.name} is required", wanted.name)
        return
    value = given[wanted.name]
    if value is None and not wanted.required:  # null has a meaning of its own for the lists of codes
        return
    kind = list if wanted.type == "array" else str
    texts = value if isinstance(value, list) else [value]
    is_fitting = isinstance(value, kind) and all(isinstance(text, str) for text in texts)
    if not is_fitting or (wanted.name.endswith("Date") and not _is_date(value)):
        raise errors.not_valid(f"filter {wanted.name} is not valid", wanted.name)


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False
