"""The expense summary: what goes out, by kind and by division (providers/basiq.md, section 5.3)."""

from __future__ import annotations

from collections.abc import Sequence

from bankweave_sandbox.basiq.data.classes import class_of
from bankweave_sandbox.basiq.data.money import money
from bankweave_sandbox.basiq.enrichment.categories import INTERNAL, ExpenseClass, expense_class_of
from bankweave_sandbox.basiq.insights.figures import (
    average_and_history,
    monthly_history,
    per_month,
    percentage,
    total,
)
from bankweave_sandbox.basiq.insights.selection import Selection
from bankweave_sandbox.basiq.state import Row
from bankweave_sandbox.lending import REPAYMENTS

Shape = dict[str, object]

_KINDS = {
    "bankFees": "bank-fee",
    "cashWithdrawals": "cash-withdrawal",
    "externalTransfers": "transfer",
}


def expenses_of(selection: Selection) -> Shape:
    """Sum up what went out; transfers between own accounts are no expense.

    Instalments count where they are paid from. The interest is what was charged to loans: instalments cover it.
    """
    repayments = [row for row in outgoing(selection) if row.category in REPAYMENTS]
    debits = [row for row in outgoing(selection) if row.category not in REPAYMENTS]
    interest = [row for row in selection.rows if row.amount < 0 and class_of(row) == "loan-interest"]
    months = selection.months
    kinds = {name: [row for row in debits if class_of(row) == kind] for name, kind in _KINDS.items()}
    kinds |= {"loanInterests": interest, "loanRepayments": repayments}
    payments = [row for row in debits if class_of(row) == "payment"]
    return {
        "type": "expenses",
        **selection.coverage,
        **{name: average_and_history(rows, months) for name, rows in kinds.items()},
        "payments": _divisions(payments, months),
    }


def outgoing(selection: Selection) -> list[Row]:
    return [row for row in selection.cash_flow if row.amount < 0 and row.category != INTERNAL]


def _divisions(payments: Sequence[Row], months: Sequence[str]) -> list[Shape]:
    by_class: dict[ExpenseClass, list[Row]] = {}
    for row in payments:
        by_class.setdefault(expense_class_of(row), []).append(row)
    names = dict.fromkeys(sorted(one.division for one in by_class))
    return [
        _division(name, {one: rows for one, rows in by_class.items() if one.division == name}, payments, months)
        for name in names
    ]


def _division(
    name: str, classes: dict[ExpenseClass, list[Row]], payments: Sequence[Row], months: Sequence[str]
) -> Shape:
    rows = [row for found in classes.values() for row in found]
    return {
        "division": name,
        "avgMonthly": money(per_month(total(rows), months)),
        "percentageTotal": percentage(total(rows), total(payments)),
        "subCategory": [_sub_category(one, found) for one, found in classes.items()],
    }


def _sub_category(one: ExpenseClass, rows: Sequence[Row]) -> Shape:
    named = {
        "classCode": one.code,
        "classTitle": one.title,
        "divisionCode": one.division_code,
        "divisionTitle": one.division,
    }
    return {"category": {"expenseClass": named}, "changeHistory": monthly_history(rows), "summary": "monthly"}
