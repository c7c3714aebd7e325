"""Transactions, with all that Basiq says about each (section 5.2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

# Only of these rows the order of reading does not matter, and only a task group can wait for several answers at once.
import anyio  # noqa: TID251  as above
from pydantic import Field, TypeAdapter

from bankweave.errors import InvalidOrder
from bankweave_basiq.client.api import Api
from bankweave_basiq.client.filters import Filter
from bankweave_basiq.client.record import Instant, Json, Linked, Listing, Record
from bankweave_basiq.protocol import PAGE_SIZE

_MOST_WINDOWS = 24


class SubClass(Record):
    code: str | None = Field(default=None, coerce_numbers_to_str=True)  # an example has a number (section 5.2)
    title: str | None = None


class Bpay(Record):
    biller_code: str | None = None
    biller_name: str | None = None
    crn: str | None = None


class PaymentDetails(Record):
    bpay: Bpay | None = None
    apca_number: str | None = None


class Merchant(Record):
    id: str | None = None
    business_name: str | None = None
    website: str | None = None
    logo_master: str | None = None
    logo_thumb: str | None = None
    phone_number: Json | None = None


class EnrichedCategory(Record):
    """What kind of trade it was: `mcc` and `anzsic` hold codes with titles."""

    match_type: str | None = None
    match_score: Decimal | None = None
    mcc: Json | None = None
    anzsic: Json | None = None


class Enrichment(Record):
    clean_description: str | None = None
    tags: tuple[str, ...] = ()
    merchant: Merchant | None = None
    location: Json | None = None
    category: EnrichedCategory | None = None


class BasiqTransaction(Linked):
    """A transaction. Outgoing amounts are negative; the id of a pending one lasts until the next refresh only."""

    id: str
    status: str | None = None
    amount: Decimal
    account: str | None = None
    description: str | None = None
    reference: str | None = None
    currency: str | None = None
    balance: Decimal | None = None
    direction: str | None = None
    kind: str | None = Field(default=None, alias="class")
    sub_class: SubClass | None = None
    transaction_date: Instant | None = None
    post_date: Instant | None = None
    institution: str | None = None
    connection: str | None = None
    payment_details: PaymentDetails | None = None
    enrich: Enrichment | None = None


_TRANSACTION = TypeAdapter(BasiqTransaction)
_TRANSACTIONS = TypeAdapter(Listing[BasiqTransaction])


class Transactions:
    """The person's transactions at all banks, in pages of 500."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def list(
        self,
        *,
        account: str | None = None,
        institution: str | None = None,
        status: str | None = None,
        direction: str | None = None,
        kind: str | None = None,
        since: date | None = None,
        until: date | None = None,
        where: Filter | None = None,
    ) -> AsyncIterator[BasiqTransaction]:
        """Yield transactions, read page by page: all, or those that fit. `kind` is Basiq's class, such as "transfer".

        Days are those of UTC (section 5.2), both included. Pending rows have no post date: with days, ask for them apart.
        """
        asked = (
            (where or Filter())
            .equal("account.id", account)
            .equal("institution.id", institution)
            .equal("transaction.status", status)
            .equal("transaction.direction", direction)
            .equal("transaction.class", kind)
            .at_least("transaction.postDate", since)
            .at_most("transaction.postDate", until)
        )
        async for row in self._pages(asked):
            yield row

    async def get(self, transaction: str) -> BasiqTransaction:
        """Read one transaction."""
        path = await self._api.of_user("transactions", transaction)
        return await self._api.get(_TRANSACTION, "get_transaction", path)

    async def backfill(
        self, since: date, until: date, *, account: str | None = None, windows: int = 4
    ) -> tuple[BasiqTransaction, ...]:
        """Read the posted rows of a long time, several spans of days side by side; newest first, each row once.

        Held in memory all at once. Raises `InvalidOrder` for days in the wrong order and for more than 24 windows.
        """
        if since > until or not 1 <= windows <= _MOST_WINDOWS:
            raise InvalidOrder("since must not be after until, and windows 1 to 24; nothing was sent", code="windows")
        of_account = Filter().equal("account.id", account).equal("transaction.status", "posted")
        found: dict[str, BasiqTransaction] = {}

        async def read(first: date, after: date) -> None:
            days = Filter().at_least("transaction.postDate", first).below("transaction.postDate", after)
            async for row in self._pages(of_account & days):
                found[row.id] = row

        async with anyio.create_task_group() as group:
            for first, after in _spans(since, until, windows):
                group.start_soon(read, first, after)
        return tuple(sorted(found.values(), key=_age))

    async def _pages(self, asked: Filter) -> AsyncIterator[BasiqTransaction]:
        params = {"limit": str(PAGE_SIZE), **asked.params}
        path = await self._api.of_user("transactions")
        async for row in self._api.pages(_TRANSACTIONS, "list_transactions", path, params):
            yield row


def _spans(since: date, until: date, windows: int) -> list[tuple[date, date]]:
    """Cut a time into spans that share no day; the second of each is the first day after it."""
    days = (until - since).days + 1
    cuts = [since + timedelta(days=days * n // windows) for n in range(windows + 1)]
    return [(first, after) for first, after in pairwise(cuts) if first < after]


def _age(row: BasiqTransaction) -> tuple[float, str]:
    return (-row.post_date.timestamp() if row.post_date else 0.0), row.id
