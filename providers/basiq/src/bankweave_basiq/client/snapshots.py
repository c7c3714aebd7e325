"""Affordability, income and expenses: computed by Basiq, kept as snapshots, in its own shapes (section 5.3)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import TypeVar

from pydantic import Field, TypeAdapter

from bankweave_basiq.client.api import Api
from bankweave_basiq.client.record import Instant, Json, Linked, Listing, Record
from bankweave_basiq.protocol import PAGE_SIZE

SnapshotT = TypeVar("SnapshotT", bound="Snapshot")


class Snapshot(Linked):
    """What all snapshots say. Months are "2026-05"."""

    id: str
    from_month: str | None = None
    to_month: str | None = None
    coverage_days: int | None = None
    generated_date: Instant | None = None


class AffordabilitySummary(Record):
    assets: Decimal | None = None
    liabilities: Decimal | None = None
    net_position: Decimal | None = None
    credit_limit: Decimal | None = None
    expenses: Decimal | None = None
    savings: Decimal | None = None
    loan_repayment_monthly: Decimal | None = None
    potential_liabilities_monthly: Decimal | None = None
    regular_income: Json | None = None


class Liabilities(Record):
    loan: tuple[Json, ...] = ()
    credit: tuple[Json, ...] = ()


class Affordability(Snapshot):
    """What a person owns, owes and spends. In a list, only what it is about is told."""

    summary: AffordabilitySummary | None = None
    assets: tuple[Json, ...] = ()
    liabilities: Liabilities | None = None
    external: tuple[Json, ...] = ()
    institutions: tuple[str, ...] = ()


class IncomeSummary(Record):
    regular_income_avg: Decimal | None = None
    regular_income_year: Decimal | None = None
    regular_income_ytd: Decimal | None = Field(default=None, alias="regularIncomeYTD")
    irregular_income_avg: Decimal | None = None


class Income(Snapshot):
    summary: IncomeSummary | None = None
    regular: tuple[Json, ...] = ()
    irregular: tuple[Json, ...] = ()
    other_credit: tuple[Json, ...] = ()


class ExpenseClass(Record):
    avg_monthly: Decimal | None = None
    summary: str | None = None
    change_history: tuple[Json, ...] = ()


class Expenses(Snapshot):
    bank_fees: ExpenseClass | None = None
    cash_withdrawals: ExpenseClass | None = None
    external_transfers: ExpenseClass | None = None
    loan_interests: ExpenseClass | None = None
    loan_repayments: ExpenseClass | None = None
    payments: tuple[Json, ...] = ()


class SnapshotTransaction(Linked):
    """A transaction as a snapshot or a report counted it; everything else is in `model_extra`."""

    id: str | None = None
    amount: Decimal | None = None
    description: str | None = None


_AFFORDABILITY = TypeAdapter(Affordability)
_AFFORDABILITIES = TypeAdapter(Listing[Affordability])
_INCOME = TypeAdapter(Income)
_EXPENSES = TypeAdapter(Expenses)
_TRANSACTIONS = TypeAdapter(Listing[SnapshotTransaction])


class AffordabilitySnapshots:
    """Snapshots of what a person can afford. Basiq makes so many a day as users were made that day, 1,000 at the most."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def create(
        self, *, accounts: Sequence[str] = (), from_month: str | None = None, to_month: str | None = None
    ) -> Affordability | None:
        """Make a snapshot of all accounts or some, and of months like "2026-05"; None where there are no data."""
        return await _create(self._api, "affordability", _AFFORDABILITY, _asked(accounts, from_month, to_month))

    async def list(self) -> tuple[Affordability, ...]:
        """List the snapshots, without what is in them."""
        path = await self._api.of_user("affordability")
        return await self._api.rows(_AFFORDABILITIES, "list_affordability", path)

    async def get(self, snapshot: str) -> Affordability:
        """Read a snapshot."""
        path = await self._api.of_user("affordability", snapshot)
        return await self._api.get(_AFFORDABILITY, "get_affordability", path)

    async def pdf(self, snapshot: str) -> bytes:
        """Read a snapshot as a PDF file, of 64 MiB at the most. What is on it is not documented."""
        path = await self._api.of_user("affordability", snapshot)
        return await self._api.file(path, "get_affordability", "application/pdf")

    async def transactions(self, snapshot: str) -> AsyncIterator[SnapshotTransaction]:
        """Yield the transactions that a snapshot counted, in pages of 500."""
        path = await self._api.of_user("affordability", snapshot, "transactions")
        limit = {"limit": str(PAGE_SIZE)}
        async for row in self._api.pages(_TRANSACTIONS, "list_affordability_transactions", path, limit):
            yield row

    async def transactions_csv(self, snapshot: str) -> bytes:
        """Read the transactions that a snapshot counted as a CSV file, as Basiq writes it. Its columns are not documented.

        Nor is whether it has more rows than a page: count them against `transactions`.
        """
        path = await self._api.of_user("affordability", snapshot, "transactions")
        return await self._api.file(path, "list_affordability_transactions", "application/csv")


class IncomeSnapshots:
    """Snapshots of where a person's money comes from."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def create(
        self, *, accounts: Sequence[str] = (), from_month: str | None = None, to_month: str | None = None
    ) -> Income | None:
        """Make a snapshot of all accounts or some, and of months like "2026-05"; None where there are no data."""
        return await _create(self._api, "income", _INCOME, _asked(accounts, from_month, to_month))

    async def get(self, snapshot: str) -> Income:
        """Read a snapshot."""
        return await self._api.get(_INCOME, "get_income", await self._api.of_user("income", snapshot))


class ExpenseSnapshots:
    """Snapshots of where a person's money goes."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def create(
        self, *, accounts: Sequence[str] = (), from_month: str | None = None, to_month: str | None = None
    ) -> Expenses | None:
        """Make a snapshot of all accounts or some, and of months like "2026-05"; None where there are no data."""
        return await _create(self._api, "expenses", _EXPENSES, _asked(accounts, from_month, to_month))

    async def get(self, snapshot: str) -> Expenses:
        """Read a snapshot."""
        return await self._api.get(_EXPENSES, "get_expenses", await self._api.of_user("expenses", snapshot))

    async def csv(self, snapshot: str) -> bytes:
        """Read a snapshot as a CSV file, as Basiq writes it. Its columns are not documented."""
        return await self._api.file(await self._api.of_user("expenses", snapshot), "get_expenses", "text/csv")


async def _create(api: Api, topic: str, shape: TypeAdapter[SnapshotT], body: dict[str, object]) -> SnapshotT | None:
    """Not repeated when its answer is lost: each counts against what a day allows."""
    operation = f"create_{topic}"
    response = await api.do("POST", operation, await api.of_user(topic), body)
    return await api.own(shape, response, operation) if response.body and response.status != 204 else None


def _asked(accounts: Sequence[str], from_month: str | None, to_month: str | None) -> dict[str, object]:
    asked: dict[str, object] = {"accounts": list(accounts), "fromMonth": from_month, "toMonth": to_month}
    return {name: value for name, value in asked.items() if value}
