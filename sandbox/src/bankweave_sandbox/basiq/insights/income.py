"""The income summary: regular, irregular and other credits (providers/basiq.md, section 5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bankweave_sandbox.basiq.data.classes import class_of
from bankweave_sandbox.basiq.data.money import money
from bankweave_sandbox.basiq.enrichment.categories import INTERNAL
from bankweave_sandbox.basiq.insights.figures import mean, per_month, total
from bankweave_sandbox.basiq.insights.selection import Selection, day_of, month_of
from bankweave_sandbox.basiq.insights.sources import Source, sources_of
from bankweave_sandbox.basiq.state import Row

Shape = dict[str, object]

_RECENT = 3  # months


def income_of(selection: Selection) -> Shape:
    """Sum up what came in from outside; transfers between own accounts are no income."""
    credits_ = _incoming(selection)
    earned = sources_of(row for row in credits_ if class_of(row) == "direct-credit")
    other = [row for row in credits_ if class_of(row) != "direct-credit"]
    regular = [source for source in earned if source.is_regular]
    irregular = [source for source in earned if not source.is_regular]
    return {
        "type": "income",
        **selection.coverage,
        "regular": [_regular(source, selection) for source in regular],
        "irregular": [_irregular(source, selection) for source in irregular],
        "otherCredit": [_other(source, selection) for source in sources_of(other)],
        "summary": _summary(regular, irregular, selection),
    }


def regular_income(selection: Selection) -> list[Row]:
    """List the rows of regular sources."""
    earned = [row for row in _incoming(selection) if class_of(row) == "direct-credit"]
    return [row for source in sources_of(earned) if source.is_regular for row in source.rows]


def _incoming(selection: Selection) -> list[Row]:
    return [row for row in selection.cash_flow if row.amount > 0 and row.category != INTERNAL]


def recent(rows: Sequence[Row], months: Sequence[str]) -> list[Row]:
    return [row for row in rows if month_of(row) in months[-_RECENT:]]


def _summary(regular: list[Source], irregular: list[Source], selection: Selection) -> Shape:
    rows = [row for source in regular for row in source.rows]
    months = selection.months
    year = months[-1][:4]
    return {
        "regularIncomeAvg": money(per_month(total(rows), months)),
        "regularIncomeYTD": money(total(row for row in rows if month_of(row).startswith(year))),
        "regularIncomeYear": money(total(row for row in rows if month_of(row) in months[-12:])),
        "irregularIncomeAvg": money(per_month(total(row for s in irregular for row in s.rows), months)),
    }


def _regular(source: Source, selection: Selection) -> Shape:
    months = selection.months
    gaps = _gaps(source, months)
    latest = recent(source.rows, months)
    amounts = [row.amount for row in latest]
    average = mean(amounts)
    span = max(amounts) - min(amounts) if amounts else Decimal(0)
    return {
        "source": source.name,
        "ageDays": source.age_days(selection.last),
        "frequency": source.frequency,
        "current": {**_current(source), "nextDate": f"{source.next_day}T00:00:00"},
        "changeHistory": _history(source),
        "irregularity": {"gaps": gaps, "stability": money(Decimal(100) - Decimal(100 * len(gaps)) / len(months))},
        "previous3Months": {
            "amountAvg": money(average),
            "amountAvgMonthly": money(total(latest) / min(_RECENT, len(months))),
            "variance": money(100 * span / average if average else Decimal(0)),
        },
    }


def _irregular(source: Source, selection: Selection) -> Shape:
    return {**_occurrences(source, selection), "frequency": "irregular", "current": _current(source)}


def _other(source: Source, selection: Selection) -> Shape:
    frequency = source.frequency if source.is_regular else "irregular"
    label = class_of(source.latest).replace("-", " ")
    return {
        **_occurrences(source, selection),
        "frequency": frequency,
        "current": {**_current(source), "otherCreditLabel": label},
    }


def _occurrences(source: Source, selection: Selection) -> Shape:
    return {
        "source": source.name,
        "ageDays": source.age_days(selection.last),
        "amountAvg": money(source.mean),
        "avgMonthlyOccurence": money(Decimal(len(source.rows)) / len(selection.months)),
        "noOccurrences": len(source.rows),
        "changeHistory": _history(source),
    }


def _gaps(source: Source, months: Sequence[str]) -> list[str]:
    """List the months between the first payment and the last without one."""
    paid = {month_of(row) for row in source.rows}
    return [month for month in months if min(paid) < month < max(paid) and month not in paid]


def _current(source: Source) -> Shape:
    return {"amount": money(source.latest.amount), "date": f"{day_of(source.latest)}T00:00:00"}


def _history(source: Source) -> list[Shape]:
    return [
        {"amount": money(row.amount), "date": f"{day_of(row)}T00:00:00", "source": source.name} for row in source.rows
    ]
