"""A transaction as Kontist knows it: far more than the neutral row has (section 6.4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from bankweave_kontist.records import Day, Euros, Instant, Record
from bankweave_kontist.transactions.types import is_reservation


class Fee(Record):
    """A fee that Kontist took for a transaction. `type` and `status` are Kontist's words."""

    type: str
    status: str
    unit_amount: Euros | None = None
    used_at: Instant | None = None


class Asset(Record):
    """A receipt. `path`, `thumbnail` and `fullsize` are addresses, perhaps of another origin than Kontist's API."""

    id: str
    name: str
    filetype: str
    path: str | None = None
    thumbnail: str
    fullsize: str
    assetable_id: str | None = None


class Split(Record):
    """A part of a transaction with a category of its own; its amount has the sign of the whole."""

    id: int
    uuid: str | None = None
    amount: Euros
    category: str | None = None
    category_code: str | None = None
    vat_category_code: str | None = None
    vat_rate: str | None = None
    categorization_type: str | None = None
    user_selected_booking_date: Day | None = None


class Transaction(Record):
    """A transaction. Amounts are euros, negative when money leaves the account; days are Berlin's.

    Words of enums (`type`, `category`, `payment_method`, `source` and so on) are Kontist's own. What lists leave out is None
    or empty in them: documents, and `assets`.
    """

    id: str
    amount: Euros
    type: str
    booking_date: Day
    valuta_date: Day | None = None  # None while a card payment is only reserved
    created_at: Instant
    name: str | None = None
    iban: str | None = None
    payment_method: str
    purpose: str | None = None
    e2e_id: Annotated[str | None, Field(alias="e2eId")] = None
    mandate_number: str | None = None
    personal_note: str | None = None
    category: str | None = None
    category_code: str | None = None
    vat_category_code: str | None = None
    vat_rate: str | None = None
    categorization_type: str | None = None
    user_selected_booking_date: Day | None = None
    can_be_recategorized: bool | None = None
    source: str | None = None
    # As Kontist sends it; its unit is undocumented, and the one sample there is shows minor units.
    original_amount: Decimal | None = None
    foreign_currency: str | None = None
    merchant_category_code: str | None = None
    merchant_country_code: str | None = None
    has_assets: bool | None = None
    fees: tuple[Fee, ...] = ()
    splits: tuple[Split, ...] = ()
    document_number: str | None = None
    document_type: str | None = None
    document_preview_url: str | None = None
    document_download_url: str | None = None
    assets: tuple[Asset, ...] = ()

    @property
    def is_reservation(self) -> bool:
        """Whether it is a card payment that is not booked yet: told by type and missing value date, as nothing says so."""
        return self.valuta_date is None and is_reservation(self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionPage:
    """Some transactions, newest first, and the way to those before and after them. Cursors are opaque."""

    rows: tuple[Transaction, ...]
    has_next: bool
    has_previous: bool
    start_cursor: str | None
    end_cursor: str | None
    _after: Callable[[], Awaitable[TransactionPage]] = field(repr=False, compare=False)
    _before: Callable[[], Awaitable[TransactionPage]] = field(repr=False, compare=False)

    async def next(self) -> TransactionPage | None:
        """Fetch the page of older transactions; None at the end."""
        return await self._after() if self.has_next else None

    async def previous(self) -> TransactionPage | None:
        """Fetch the page of newer transactions; None at the beginning."""
        return await self._before() if self.has_previous else None


class Preset(Record):
    """A filter that Kontist has made. `value` names it; the rest is what some of them are about."""

    value: str
    year: int | None = None
    insight_preset_type: str | None = None
    insight_with_private_transactions: bool | None = None

    def variable(self) -> dict[str, object]:
        """Write it as a GraphQL variable."""
        return self.model_dump(by_alias=True, exclude_none=True)


class Categorization(Record):
    """What a transaction was declared as."""

    category: str | None = None
    category_code: str | None = None
    vat_category_code: str | None = None
    date: str | None = None  # a text whose form is undocumented
