"""Payments that the bank knows nothing of, cash among them, and drafts of such (section 6.4)."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from bankweave.errors import InvalidOrder
from bankweave_kontist.berlin import midnight
from bankweave_kontist.client.assets import Assets, Upload
from bankweave_kontist.client.success import Success
from bankweave_kontist.money import to_cents
from bankweave_kontist.queries import drafts as queries
from bankweave_kontist.records import Day, Euros, Record
from bankweave_kontist.refusals import not_found
from bankweave_kontist.session import Session
from bankweave_kontist.transactions.categories import VatRate
from bankweave_kontist.transactions.records import Asset, Transaction
from bankweave_kontist.wire import Key


class Draft(Record):
    """A payment that is not complete yet. `amount` is euros, negative for what was spent; None until it is known."""

    id: Key
    amount: Euros | None = None
    name: str | None = None
    description: str | None = None
    note: str | None = None
    payment_date: Day | None = None
    is_cash_transaction: bool
    category_code: str | None = None
    vat_category_code: str | None = None
    vat_rate: str | None = None
    assets: tuple[Asset, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalPayment:
    """What the person says of a payment. `amount` is euros, negative for what was spent; codes are Kontist's words."""

    amount: Decimal | None = None
    day: date | None = None  # of the payment, in Berlin
    name: str | None = None
    description: str | None = None
    iban: str | None = None
    note: str | None = None
    is_cash: bool | None = None
    category_code: str | None = None
    vat_category_code: str | None = None
    vat_rate: VatRate | None = None

    def variable(self) -> dict[str, object]:
        """Write it as a GraphQL variable. Raises `InvalidOrder` for what is no amount."""
        written = {
            "amount": None if self.amount is None else to_cents(self.amount, "amount"),
            "paymentDate": None if self.day is None else midnight(self.day),
            "name": self.name,
            "description": self.description,
            "iban": self.iban,
            "note": self.note,
            "isCashTransaction": self.is_cash,
            "categoryCode": self.category_code,
            "vatCategoryCode": self.vat_category_code,
            "vatRate": self.vat_rate,
        }
        return {name: value for name, value in written.items() if value is not None}


class Drafts:
    """Begins with a receipt, and fills in the rest. No money moves."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list(self) -> builtins.list[Draft]:
        """List the drafts."""
        return (await self._session.run(queries.LIST_DRAFTS, _Drafts)).draft_transactions

    async def create(self, name: str, filetype: str, content: bytes) -> str:
        """Begin a draft by its receipt, as `Assets.add` uploads it; gives the draft's id. Never repeated by itself.

        Raises `OriginRefused` for a host that is not Kontist's (setting `upload_origins`), and `OutcomeUnknown` when an
        answer was lost: `list()` shows whether the draft is there.
        """
        begun = (await self._session.run(queries.CREATE_DRAFT, _Begun, fileName=name)).draft
        await Assets(self._session).upload(begun.receipt, name=name, filetype=filetype, content=content)
        query = queries.FINALIZE_DRAFT_RECEIPT
        await self._session.run(query, _Finalized, repeatable=True, assetId=begun.receipt.asset_id)
        return begun.id

    async def update(self, draft: str, payment: ExternalPayment) -> Draft:
        """Say what is known of the payment; what is None stays. Idempotent."""
        if payment.iban is not None:
            raise InvalidOrder("a draft holds no IBAN; nothing was sent", code="iban")
        query, payload = queries.UPDATE_DRAFT, {"id": draft, **payment.variable()}
        found = (await self._session.run(query, _Updated, repeatable=True, payload=payload)).draft
        if found is None:
            raise not_found(query.operation)
        return found

    async def delete(self, draft: str) -> None:
        """Delete a draft for good. Never repeated by itself."""
        query = queries.DELETE_DRAFT
        (await self._session.run(query, Success, id=draft)).check(query)


class ExternalTransactions:
    """Writes payments in, cash and those of other banks, so that they count in declarations. No money moves."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def write(self, payment: ExternalPayment, *, transaction: str | None = None) -> Transaction:
        """Write a payment in, or with `transaction` write one anew; the id of a draft makes a payment of that.

        The amount goes as cents, as everywhere, although Kontist takes a Float (undocumented). With an id it may be repeated;
        without, `OutcomeUnknown` when the answer was lost: look for it among the transactions. Raises `InvalidOrder` without
        an amount or a day.
        """
        if payment.amount is None or payment.day is None:
            raise InvalidOrder("a payment needs an amount and a day; nothing was sent", code="amount")
        query, repeatable = queries.WRITE_EXTERNAL, transaction is not None
        payload = payment.variable() | ({} if transaction is None else {"id": transaction})
        return (await self._session.run(query, _Written, repeatable=repeatable, payload=payload)).transaction

    async def delete(self, transaction: str) -> None:
        """Strike out a payment that was written in. Never repeated by itself."""
        query = queries.DELETE_EXTERNAL
        (await self._session.run(query, Success, id=transaction)).check(query)


class _Drafts(Record):
    draft_transactions: list[Draft]


class _Beginning(Record):
    id: Key
    receipt: Annotated[Upload, Field(alias="assetData")]


class _Begun(Record):
    draft: Annotated[_Beginning, Field(alias="createDraftTransaction")]


class _Finished(Record):
    id: str


class _Finalized(Record):
    receipt: Annotated[_Finished, Field(alias="finalizeAssetUpload")]


class _Updated(Record):
    draft: Annotated[Draft | None, Field(alias="updateDraftTransaction")]


class _Written(Record):
    transaction: Annotated[Transaction, Field(alias="updateExternalTransaction")]
