"""The metrics of the affordability report. Their ids and titles are the provider's; how it computes them is guessed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from bankweave_sandbox.basiq.data.money import money
from bankweave_sandbox.basiq.enrichment import categories
from bankweave_sandbox.basiq.enrichment.categories import Group, group_of
from bankweave_sandbox.basiq.insights.figures import by_month, median, per_month, percentage, total
from bankweave_sandbox.basiq.insights.selection import Selection
from bankweave_sandbox.basiq.insights.sources import sources_of
from bankweave_sandbox.basiq.state import Row
from bankweave_sandbox.world import AccountKind, Kind


@dataclass(frozen=True, slots=True)
class Facts:
    """What the metrics are computed from."""

    selection: Selection
    rows: tuple[tuple[Group, Row], ...]

    def of(self, *groups: Group) -> list[Row]:
        return [row for group, row in self.rows if group in groups]

    def in_section(self, section: str) -> list[Row]:
        return [row for group, row in self.rows if section in group.sections]

    def monthly(self, rows: list[Row]) -> Decimal:
        return per_month(total(rows), self.selection.months)

    @property
    def income(self) -> list[Row]:
        return self.in_section(categories.INCOME)

    def income_without(self, *groups: Group) -> list[Row]:
        return [row for group, row in self.rows if categories.INCOME in group.sections and group not in groups]

    @property
    def spent_but_not_owed(self) -> list[Row]:
        return [row for group, row in self.rows if row.amount < 0 and categories.LIABILITIES not in group.sections]

    @property
    def owed(self) -> list[Row]:
        """List what is paid to lenders."""
        return self.in_section(categories.LIABILITIES)

    @property
    def needed(self) -> list[Row]:
        """List non-discretionary expenses, to which the report counts what is paid to lenders."""
        return [*self.in_section(categories.NEEDED), *self.owed]

    @property
    def spent(self) -> list[Row]:
        return [row for _, row in self.rows if row.amount < 0]

    @property
    def risky(self) -> list[Row]:
        return self.in_section(categories.HIGH_RISK)

    def cards(self, field: str) -> Decimal:
        return sum((getattr(card, field) or Decimal(0) for card in self.selection.cards), Decimal(0))

    @property
    def cash_advances(self) -> list[Row]:
        pairs = self.selection.pairs()
        return [row for account, row in pairs if account.kind is AccountKind.CREDIT_CARD and row.kind is Kind.CASH]


def facts_of(selection: Selection) -> Facts:
    grouped = ((group_of(row), row) for row in selection.cash_flow)
    return Facts(selection, tuple((group, row) for group, row in grouped if group is not None))


@dataclass(frozen=True, slots=True)
class Metric:
    id: str
    title: str
    section: str
    format: str
    compute: Callable[[Facts], str]

    def shape(self, facts: Facts) -> dict[str, object]:
        return {
            "id": self.id,
            "title": self.title,
            "description": self.title,
            "sections": [self.section],
            "result": {"value": self.compute(facts), "format": self.format},
        }


def _money(id_: str, title: str, section: str, compute: Callable[[Facts], Decimal]) -> Metric:
    return Metric(id_, title, section, "money", lambda facts: money(compute(facts)))


def _monthly(id_: str, title: str, section: str, rows: Callable[[Facts], list[Row]]) -> Metric:
    return _money(id_, title, section, lambda facts: facts.monthly(rows(facts)))


def _percent(id_: str, title: str, section: str, compute: Callable[[Facts], float]) -> Metric:
    return Metric(id_, title, section, "percent", lambda facts: str(compute(facts)))


def _count(id_: str, title: str, section: str, compute: Callable[[Facts], int]) -> Metric:
    return Metric(id_, title, section, "integer", lambda facts: str(compute(facts)))


def _flag(id_: str, title: str, compute: Callable[[Facts], bool]) -> Metric:
    return Metric(id_, title, "Risk Flags", "boolean", lambda facts: str(compute(facts)).lower())


_INCOME, _EXPENSES, _RISK, _OWED = "Income Sources", "Expenses", "Risk Metrics", "Financial Commitments"


def _salary(facts: Facts) -> list[Row]:
    return facts.of(categories.SALARY)


def _cash(facts: Facts) -> list[Row]:
    return facts.of(categories.CASH)


def _benefits(facts: Facts) -> list[Row]:
    return facts.of(categories.JOBSEEKER)


def _mortgage(facts: Facts) -> list[Row]:
    return facts.of(categories.MORTGAGE_REPAYMENTS)


def _has_unshared_mortgage(facts: Facts) -> bool:
    shared = any(account.kind is AccountKind.MORTGAGE for account in facts.selection.accounts)
    return bool(_mortgage(facts)) and not shared


METRICS = (
    _count("ME001", "# of identified salary sources", _INCOME, lambda f: len(sources_of(_salary(f)))),
    _monthly("ME002", "Average monthly amount from salary", _INCOME, _salary),
    _monthly(
        "ME004",
        "Other possible income monthly",
        _INCOME,
        lambda f: f.income_without(categories.SALARY, categories.JOBSEEKER),
    ),
    _monthly("ME007", "Misc Government services monthly", "Government Services", _benefits),
    _monthly("ME008", "Average monthly amount", _OWED, lambda f: f.owed),
    _count("ME009", "# of identified companies", _OWED, lambda f: len(sources_of(f.owed))),
    _money("ME010", "Total credit card limit", _OWED, lambda f: f.cards("credit_limit")),
    _money("ME011", "Total credit card balance", _OWED, lambda f: f.cards("balance")),
    _monthly("ME012", "Monthly spend on non-discretionary expenses (inc. liabilities)", _EXPENSES, lambda f: f.needed),
    _percent(
        "ME013",
        "% of spend on non-discretionary expenses",
        _EXPENSES,
        lambda f: percentage(total(f.needed), total(f.spent)),
    ),
    _monthly(
        "ME014", "Mean monthly spend on discretionary expenses", _EXPENSES, lambda f: f.in_section(categories.WANTED)
    ),
    _percent(
        "ME015",
        "% of spend on discretionary expenses",
        _EXPENSES,
        lambda f: percentage(total(f.in_section(categories.WANTED)), total(f.spent)),
    ),
    _monthly("ME016", "Monthly spend on other expenses", _EXPENSES, lambda f: f.in_section(categories.OTHER)),
    _percent(
        "ME018",
        "% of salary income withdrawn via ATM",
        _RISK,
        lambda f: percentage(-total(_cash(f)), total(_salary(f))),
    ),
    _percent(
        "ME020",
        "% of income spent on high risk activities",
        _RISK,
        lambda f: percentage(-total(f.risky), total(f.income)),
    ),
    _money("ME021", "Total spend on high risk activities", _RISK, lambda f: total(f.risky)),
    _flag("ME025", "Has cash advances", lambda f: bool(f.cash_advances)),
    _flag("ME028", "Missing non-discretionary expenses: groceries", lambda f: not f.of(categories.GROCERIES)),
    _flag(
        "ME029",
        "Missing non-discretionary expenses: telecommunication",
        lambda f: not f.of(categories.TELECOMMUNICATION),
    ),
    _flag("ME030", "Missing non-discretionary expenses: utilities", lambda f: not f.of(categories.UTILITIES)),
    _flag("ME031", "Has Unemployment Benefit", lambda f: bool(_benefits(f))),
    _monthly("ME033", "Average income monthly", _INCOME, lambda f: f.income_without(categories.JOBSEEKER)),
    _monthly("ME034", "Average outgoings monthly", _EXPENSES, lambda f: f.spent),
    _money(
        "ME036", "Median monthly amount from salary", _INCOME, lambda f: median(list(by_month(_salary(f)).values()))
    ),
    _monthly("ME039", "Average outgoings excluding liabilities", _EXPENSES, lambda f: f.spent_but_not_owed),
    _monthly("ME040", "Average monthly credits", _EXPENSES, lambda f: f.income),
    _monthly("ME041", "Average monthly debits", _EXPENSES, lambda f: f.spent),
    _flag("ME047", "Has unshared mortgage account", _has_unshared_mortgage),
    _money("ME048", "Ongoing monthly mortgage repayment", _OWED, lambda f: -f.monthly(_mortgage(f))),
)
