"""The consumer affordability report: metrics and groups of transactions (providers/basiq.md, section 5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5

from bankweave_sandbox.basiq.data.money import money
from bankweave_sandbox.basiq.enrichment.categories import GROUPS, Group
from bankweave_sandbox.basiq.insights.figures import by_month, mean, median, percentage, total
from bankweave_sandbox.basiq.insights.metrics import METRICS, Facts, facts_of
from bankweave_sandbox.basiq.insights.report_types import Order
from bankweave_sandbox.basiq.insights.selection import Selection, day_of
from bankweave_sandbox.basiq.insights.sources import Source, sources_of
from bankweave_sandbox.basiq.state import Row

Shape = dict[str, object]

_PERIODS = {
    "daily": "P1D",
    "weekly": "P1W",
    "bi-weekly": "P2W",
    "monthly": "P1M",
    "bi-monthly": "P2M",
    "quarterly": "P3M",
    "half-year": "P6M",
    "yearly": "P1Y",
}


def consumer_report(order: Order, selection: Selection) -> Shape:
    """Compute the metrics and groups that were asked for: all without a list of codes, none for null."""
    facts = facts_of(selection)
    metrics = [metric for metric in METRICS if _is_wanted(order, "includeMetrics", metric.id)]
    groups = [group for group in GROUPS if facts.of(group) and _is_wanted(order, "includeGroups", group.id)]
    return {
        "metrics": [metric.shape(facts) for metric in metrics],
        "groups": [_group(group, facts) for group in groups],
    }


def _is_wanted(order: Order, name: str, code: str) -> bool:
    if name not in order.filters:
        return True
    codes = order.filters[name]
    return codes is not None and (not codes or code in codes)


def _group(group: Group, facts: Facts) -> Shape:
    rows = facts.of(group)
    return {
        "id": group.id,
        "title": group.title,
        "sections": list(group.sections),
        "analysis": _analysis(Source(group.title, tuple(rows)), facts),
        "subgroup": [_subgroup(source, facts) for source in sources_of(rows)],
    }


def _subgroup(source: Source, facts: Facts) -> Shape:
    return {
        "id": md5(source.name.encode(), usedforsecurity=False).hexdigest(),
        "name": source.name.upper(),
        "analysis": _analysis(source, facts),
        "transactions": [
            {"id": row.id, "date": day_of(row).isoformat(), "description": row.text, "amount": money(row.amount)}
            for row in source.rows
        ],
    }


def _analysis(source: Source, facts: Facts) -> Shape:
    rows = source.rows
    days = [day_of(row) for row in rows]
    shape: Shape = {
        "summary": {"transactionCount": len(rows), "overallPercentage": _share(rows, facts)},
        "range": {
            "startDate": min(days).isoformat(),
            "endDate": max(days).isoformat(),
            "duration": (max(days) - min(days)).days,
        },
        "amount": _amounts(source, facts),
    }
    return {**shape, "frequency": _frequency(source)} if source.is_regular else shape


def _share(rows: Sequence[Row], facts: Facts) -> Shape:
    paid_in = [row for row in rows if row.amount > 0]
    paid_out = [row for row in rows if row.amount < 0]
    return {
        "credit": percentage(total(paid_in), total(facts.income)),
        "debit": percentage(total(paid_out), total(facts.spent)),
    }


def _amounts(source: Source, facts: Facts) -> Shape:
    amounts = [row.amount for row in source.rows]
    months = list(by_month(source.rows).values())
    return {
        "total": money(total(source.rows)),
        "min": money(min(amounts, key=abs)),
        "max": money(max(amounts, key=abs)),
        "average": {
            "transaction": money(mean(amounts)),
            "month": money(facts.monthly(list(source.rows))),
            "medianTransaction": money(median(amounts)),
            "medianMonth": money(median(months)),
        },
        "stableMonths": len(months),
    }


def _frequency(source: Source) -> Shape:
    amount = money(source.mean)
    following = {"date": source.next_day.isoformat(), "amount": amount}
    name = source.frequency
    return {"type": _PERIODS[name], "amount": amount, "display": name.capitalize(), "next": following}
