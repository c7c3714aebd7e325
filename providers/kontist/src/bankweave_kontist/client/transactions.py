"""Transactions: read, searched, and told what they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import TypeVar

from pydantic import BaseModel, Field

from bankweave.errors import InvalidOrder
from bankweave_kontist.berlin import midnight
from bankweave_kontist.paging import PAGE_SIZE
from bankweave_kontist.queries import Query
from bankweave_kontist.queries.transactions import (
    CATEGORIZE_FOR_DECLARATION,
    CREATE_SPLITS,
    DELETE_SPLITS,
    ONE_TRANSACTION,
    TRANSACTION_PRESETS,
    TRANSACTIONS_CSV,
    UPDATE_SPLITS,
    UPDATE_TRANSACTION,
)
from bankweave_kontist.records import Record
from bankweave_kontist.refusals import not_found
from bankweave_kontist.session import Session
from bankweave_kontist.transactions.categories import TransactionCategory, VatRate, check_booking_date, check_note
from bankweave_kontist.transactions.filters import Filter
from bankweave_kontist.transactions.pages import Place, Wanted, each_page, read_page
from bankweave_kontist.transactions.records import Categorization, Preset, Transaction, TransactionPage
from bankweave_kontist.transactions.search import search_filter
from bankweave_kontist.transactions.splits import SplitOrder, check_splits

_S = TypeVar("_S", bound=BaseModel)


class _One(Record):
    transaction: Transaction | None


class _Presets(Record):
    transaction_filter_presets: tuple[Preset, ...]


class _Csv(Record):
    text: str = Field(alias="transactionsCSV")


class _Updated(Record):
    update_transaction: Transaction


class _Created(Record):
    create_transaction_splits: Transaction


class _Changed(Record):
    update_transaction_splits: Transaction


class _Deleted(Record):
    delete_transaction_splits: Transaction


class _Categorized(Record):
    categorize_transaction_for_declaration: Categorization


class Transactions:
    """Reads and annotates transactions. Lists are newest first; `account` is the public id of a sub-account."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def newest(
        self,
        count: int = PAGE_SIZE,
        *,
        where: Filter | None = None,
        preset: Preset | None = None,
        account: str | None = None,
    ) -> TransactionPage:
        """Read the page of the newest 1 to 50, from which `next` and `previous` go on."""
        return await read_page(self._session, Wanted(where=where, preset=preset, account=account), Place(size=count))

    async def list(
        self,
        *,
        where: Filter | None = None,
        preset: Preset | None = None,
        account: str | None = None,
        oldest_first: bool = False,
    ) -> AsyncIterator[Transaction]:
        """Yield all of them, a page at a time, when it is needed.

        What is booked while one reads is not seen newest first, and is oldest first.
        """
        wanted = Wanted(where=where, preset=preset, account=account)
        async for page in each_page(self._session, wanted, backward=oldest_first):
            for row in reversed(page.rows) if oldest_first else page.rows:
                yield row

    async def search(
        self, text: str, *, where: Filter | None = None, account: str | None = None
    ) -> AsyncIterator[Transaction]:
        """Yield what a person means by a text: words, amounts, IBANs (see `bankweave_kontist.transactions.search`)."""
        async for row in self.list(where=search_filter(text, where), account=account):
            yield row

    async def get(self, transaction_id: str) -> Transaction | None:
        """Read one with all its details; None if the main account has none of that id."""
        return (await self._session.account(ONE_TRANSACTION, _One, id=transaction_id)).transaction

    async def presets(self) -> tuple[Preset, ...]:
        """Read which filters Kontist offers, for `newest` and `list`."""
        found = await self._session.account(TRANSACTION_PRESETS, _Presets)
        return found.transaction_filter_presets

    async def csv(self, since: date | None = None, until: date | None = None) -> str:
        """Export as CSV, in columns of Kontist's that are undocumented; without days, everything.

        Days are Berlin's and go as their midnights, like booking days, so that both should be included (undocumented).
        """
        days = {"from": since, "to": until}
        variables = {name: midnight(day) for name, day in days.items() if day is not None}
        return (await self._session.account(TRANSACTIONS_CSV, _Csv, **variables)).text

    async def update(
        self,
        transaction_id: str,
        *,
        category: TransactionCategory | None = None,
        category_code: str | None = None,
        vat_category_code: str | None = None,
        vat_rate: VatRate | None = None,
        user_selected_booking_date: date | None = None,
        personal_note: str | None = None,
        splits: Sequence[SplitOrder] = (),
    ) -> Transaction:
        """Say what a transaction is. What is not given stays; an empty `personal_note` clears it. Idempotent.

        Raises `InvalidOrder` before anything is sent: for a note of more than 250 characters, a booking date with another
        category than payments and refunds of taxes, splits that are not the whole, and a change of nothing.
        """
        check_note(personal_note)
        check_booking_date(category, user_selected_booking_date)
        day = user_selected_booking_date
        given: dict[str, object] = {
            "category": category,
            "categoryCode": category_code,
            "vatCategoryCode": vat_category_code,
            "vatRate": vat_rate,
            "userSelectedBookingDate": None if day is None else midnight(day),
            "personalNote": personal_note,
            "splits": await self._checked(transaction_id, splits) if splits else None,
        }
        if all(value is None for value in given.values()):
            raise InvalidOrder("there is nothing to change; nothing was sent", code="update")
        # A split without an id is a new one: sent twice, it may be there twice.
        repeatable = all(each.id is not None for each in splits)
        updated = await self._session.run(
            UPDATE_TRANSACTION, _Updated, repeatable=repeatable, id=transaction_id, **given
        )
        return updated.update_transaction

    async def create_splits(self, transaction_id: str, splits: Sequence[SplitOrder]) -> Transaction:
        """Split a transaction, which then has no category itself.

        Reads it first: the parts have its sign and add up to it, else `InvalidOrder`. Raises `OutcomeUnknown` when the
        answer was lost; `get` tells whether it was split.
        """
        if any(each.id is not None for each in splits):
            raise InvalidOrder("new splits have no ids yet; nothing was sent", code="splits")
        made = await self._split(CREATE_SPLITS, _Created, transaction_id, splits)
        return made.create_transaction_splits

    async def update_splits(self, transaction_id: str, splits: Sequence[SplitOrder]) -> Transaction:
        """Change the parts of a transaction, each known by its id. As `create_splits`."""
        changed = await self._split(UPDATE_SPLITS, _Changed, transaction_id, splits)
        return changed.update_transaction_splits

    async def delete_splits(self, transaction_id: str) -> Transaction:
        """Make a split transaction whole again. Idempotent."""
        deleted = await self._session.run(DELETE_SPLITS, _Deleted, repeatable=True, transactionId=transaction_id)
        return deleted.delete_transaction_splits

    async def categorize_for_declaration(
        self,
        transaction_id: str,
        *,
        category: TransactionCategory | None = None,
        category_code: str | None = None,
        vat_category_code: str | None = None,
        day: date | None = None,
        is_split: bool = False,
    ) -> Categorization:
        """Say where a transaction, or with `is_split` a split by its `uuid`, belongs in a tax declaration. Idempotent.

        Which id of a split is meant, and the form of the day on the wire, are undocumented: the ISO day is sent.
        """
        done = await self._session.run(
            CATEGORIZE_FOR_DECLARATION,
            _Categorized,
            repeatable=True,
            id=transaction_id,
            category=category,
            categoryCode=category_code,
            vatCategoryCode=vat_category_code,
            date=None if day is None else day.isoformat(),
            isSplit=is_split,
        )
        return done.categorize_transaction_for_declaration

    async def _checked(self, transaction_id: str, splits: Sequence[SplitOrder]) -> tuple[dict[str, object], ...]:
        written = tuple(each.variable() for each in splits)
        whole = await self.get(transaction_id)
        if whole is None:
            raise not_found(ONE_TRANSACTION.operation)
        check_splits(splits, whole)
        return written

    async def _split(self, query: Query, data: type[_S], transaction_id: str, splits: Sequence[SplitOrder]) -> _S:
        checked = await self._checked(transaction_id, splits)
        return await self._session.run(query, data, transactionId=transaction_id, splits=checked)
