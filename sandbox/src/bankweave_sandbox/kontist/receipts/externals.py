"""Payments that the person writes in: cash, or another bank's (section 6.4). They move no money of the account."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bankweave_sandbox.kontist.money import euros
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.kontist.transactions.rows import Row
from bankweave_sandbox.world import Kind, Movement, Person

OUTSIDE, CASH = "EXTERNAL_TRANSACTION", "EXTERNAL_TRANSACTION_CASH"


class Externals:
    def __init__(self, books: Books) -> None:
        self._books = books

    def write(self, person: Person, given: Mapping[str, Any], *, is_new: bool) -> Row:
        """Write a payment in, or correct one; `amount` is in cents (undocumented: the field is a float)."""
        if not given["amount"] or given["amount"] != int(given["amount"]):
            raise Problem(400, "amount must be whole cents, and not zero")
        movement = _movement(given)
        if not is_new and self._own(person, movement.id).amount != int(given["amount"]):
            self._books.notes.unsplit(movement.id)  # they would not add up to the new amount
        account = self._books.account(person, None)
        self._books.strike_out(account, movement.id)
        self._books.write_in(account, movement, CASH if given.get("isCashTransaction") else OUTSIDE)
        self._books.notes.note(movement.id, int(given["amount"]), _annotation(given))
        return self._own(person, movement.id)

    def delete(self, person: Person, transaction_id: str) -> None:
        row = self._own(person, transaction_id)
        self._books.strike_out(self._books.account(person, None), row.movement.id)

    def _own(self, person: Person, transaction_id: str) -> Row:
        row = self._books.row(person, transaction_id)
        if row is None or row.type not in {OUTSIDE, CASH}:
            raise Problem(404, "External transaction not found")
        return row


def _movement(given: Mapping[str, Any]) -> Movement:
    paid_at: datetime = given["paymentDate"]
    return Movement(
        id=given.get("id") or str(uuid.uuid4()),
        amount=euros(int(given["amount"])),
        kind=Kind.TRANSFER,
        occurred_at=paid_at,
        booked_at=paid_at,
        text=given.get("description") or "",
        counterparty=given.get("name"),
        counterparty_iban=given.get("iban"),
    )


def _annotation(given: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: given[name] for name in ("categoryCode", "vatCategoryCode", "vatRate", "splits") if name in given}
    return kept | ({"personalNote": given["note"]} if "note" in given else {})
