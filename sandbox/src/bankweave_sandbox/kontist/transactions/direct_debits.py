"""Direct debits given back by the person (providers/kontist.md section 6.4)."""

from __future__ import annotations

import uuid
from datetime import timedelta

from bankweave_sandbox.kontist.devices.confirmations import Confirmations, Delivery, PendingRequest
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.kontist.transactions.rows import Row
from bankweave_sandbox.world import Account, Kind, Movement, Person

REFUND = "direct-debit-refund"
_TYPES = {"SEPA_DIRECT_DEBIT", "DIRECT_DEBIT"}
_REFUNDABLE = timedelta(weeks=8)  # SEPA's rule for authorised debits; Kontist's own is undocumented


class DirectDebits:
    def __init__(self, books: Books, confirmations: Confirmations) -> None:
        self._books = books
        self._confirmations = confirmations
        self._refunded: set[str] = set()  # by movement id

    def ask(self, person: Person, transaction_id: str, delivery: Delivery, device_id: str) -> PendingRequest:
        """Ask for a refund, which is confirmed by SMS or by a device."""
        row = self._refundable(person, transaction_id)
        purpose = f"refund of the direct debit of {row.movement.counterparty}"
        return self._confirmations.ask(
            person,
            REFUND,
            purpose,
            lambda: self.refund(person, transaction_id),  # checked again when it is confirmed
            delivery=delivery,
            device_id=device_id,
        )

    def refund(self, person: Person, transaction_id: str) -> None:
        """Give the money back at once."""
        row = self._refundable(person, transaction_id)
        self._refunded.add(row.movement.id)
        self._books.world.pay(self._account_of(person, row), self._returned(row.movement))

    def _refundable(self, person: Person, transaction_id: str) -> Row:
        row = self._books.row(person, transaction_id)
        if row is None:
            raise Problem(404, "Transaction not found")
        if row.type not in _TYPES or row.amount >= 0 or row.valuta_date is None:
            raise Problem(400, "Only booked direct debits can be refunded")
        if row.movement.id in self._refunded:
            raise Problem(400, "The direct debit was refunded before")
        if row.booking_date + _REFUNDABLE < self._books.world.clock.now():
            raise Problem(400, "Direct debits can be refunded for eight weeks")
        return row

    def _account_of(self, person: Person, row: Row) -> Account:
        accounts = self._books.people.accounts(person)
        return next(a for a in accounts if any(r.id == row.id for r in self._books.rows(a)))

    def _returned(self, debit: Movement) -> Movement:
        now = self._books.world.clock.now()
        return Movement(
            id=str(uuid.uuid4()),
            amount=-debit.amount,
            kind=Kind.DIRECT_DEBIT,
            occurred_at=now,
            booked_at=now,
            text=debit.text,
            counterparty=debit.counterparty,
            counterparty_iban=debit.counterparty_iban,
            end_to_end_id=debit.end_to_end_id,
            mandate_id=debit.mandate_id,
        )
