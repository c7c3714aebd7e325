"""A row in Kontist's words: every field of `Transaction` but those of its document (providers/kontist.md section 6.4)."""

from __future__ import annotations

from typing import Any

from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.kontist.transactions.bookkeeping import Receipt, Split
from bankweave_sandbox.kontist.transactions.rows import Row

# ISO 4217: currencies whose smallest unit is the unit itself.
_WHOLE_CURRENCIES = {"CLP", "ISK", "JPY", "KRW", "VND", "XAF", "XOF"}


def render(row: Row, switches: Switches) -> dict[str, Any]:
    return _movement(row, switches) | _counterparty(row, switches) | _bookkeeping(row) | _receipts(row) | _charges()


def render_split(split: Split) -> dict[str, Any]:
    return {
        "id": split.id,
        "uuid": split.uuid,
        "amount": split.amount,
        "category": split.category,
        "categoryCode": split.category_code,
        "categoryCodeTranslation": None,
        "categorizationType": "USER",
        "userSelectedBookingDate": split.user_selected_booking_date,
        "vatRate": split.vat_rate,
        "vatCategoryCode": split.vat_category_code,
    }


def _movement(row: Row, switches: Switches) -> dict[str, Any]:
    return {
        "id": row.id,
        "movement": row.movement.id,  # for the resolvers of other topics; no field of the schema
        "amount": row.amount,
        "bookingDate": row.booking_date,
        "valutaDate": row.valuta_date,
        "createdAt": row.movement.occurred_at,
        "type": row.type,
        "source": row.source,
        "paymentMethod": switches.card_payment_method if row.is_card else "bank_account",
    }


def _counterparty(row: Row, switches: Switches) -> dict[str, Any]:
    movement = row.movement
    return {
        "name": movement.counterparty,
        "iban": row.iban,
        "purpose": movement.text,
        "description": movement.text,  # declared to be the same content
        "e2eId": movement.end_to_end_id,
        "mandateNumber": movement.mandate_id,
        "merchantCategoryCode": movement.merchant_category_code,
        "merchantCountryCode": None,  # the world does not know it
        "originalAmount": _original_amount(row, switches),
        "foreignCurrency": movement.original_currency,
    }


def _original_amount(row: Row, switches: Switches) -> float | None:
    """Give minor units; the sign is undocumented (section 13.14)."""
    movement = row.movement
    if movement.original_amount is None:
        return None
    exponent = 0 if movement.original_currency in _WHOLE_CURRENCIES else 2
    size = abs(movement.original_amount).scaleb(exponent)
    signed = row.amount < 0 and switches.original_amount_sign == "amount"
    return float(-size if signed else size)


def _bookkeeping(row: Row) -> dict[str, Any]:
    note = row.note
    is_categorized = bool(note.category or note.category_code or note.vat_category_code)
    return {
        "category": note.category,
        "categoryCode": note.category_code,
        "categoryCodeTranslation": None,
        "categorizationType": "USER" if is_categorized else None,
        "vatRate": note.vat_rate,
        "vatCategoryCode": note.vat_category_code,
        "userSelectedBookingDate": note.user_selected_booking_date,
        "personalNote": note.personal_note,
        "canBeRecategorized": True,
        "verified": None,
        "actionReason": None,
        "predictedCategory": None,
        "predictedUserSelectedBookingDate": None,
        "splits": [render_split(split) for split in note.splits],
        "businessAsset": None,
    }


def render_receipt(receipt: Receipt, transaction_id: str) -> dict[str, Any]:
    """Render a receipt; its addresses depend on where the server was reached, and need a bearer token."""
    return {
        "id": receipt.id,
        "assetableId": transaction_id,
        "name": receipt.name,
        "filetype": receipt.filetype,
        "path": receipt.path,
        "thumbnail": lambda info: f"{info.context.origin}/api/assets/{receipt.id}/thumbnail",
        "fullsize": lambda info: f"{info.context.origin}/api/assets/{receipt.id}/fullsize",
    }


def _receipts(row: Row) -> dict[str, Any]:
    rendered = {receipt.id: render_receipt(receipt, row.id) for receipt in row.note.receipts}

    def find(_info: object, assetId: str) -> dict[str, Any] | None:  # noqa: N803 - the schema's argument
        return rendered.get(assetId)

    return {
        "hasAssets": bool(rendered),
        "assets": list(rendered.values()),
        "asset": find,
        "transactionAssets": list(rendered.values()),
        "transactionAsset": find,
        "receiptName": None,
    }


def _charges() -> dict[str, Any]:
    return {"fees": [], "directDebitFees": [], "recurlyInvoiceNumber": None}
