"""Receipts and invoices that reach Kontist by mail, and which transactions they belong to (section 9).

How Kontist matches is undocumented; here a document belongs to a transaction when that is the only one of its amount.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bankweave_sandbox.kontist.money import cents, euros
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.kontist.transactions.rows import Row
from bankweave_sandbox.world import News, Person

SOURCES = ("BACKOFFICE", "EMAIL", "EMAIL_FETCH", "MOBILE", "WEB")
_NEAR = timedelta(days=31)  # a payment lies at most so far from the document's date


@dataclass(slots=True)
class EmailDocument:
    person: Person
    filename: str
    source: str
    created_at: datetime
    amount: int | None = None  # cents, without a sign
    name: str | None = None
    iban: str | None = None
    number: str | None = None
    date: datetime | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str | None = None
    movement_id: str | None = None

    def lines(self) -> list[str]:
        """Write the document out: what is known of it is all that there is."""
        amount = "" if self.amount is None else f"{euros(self.amount)} EUR"
        return [self.filename, "", self.name or "", self.number or "", self.iban or "", amount]


class EmailDocuments:
    def __init__(self, books: Books) -> None:
        self._books = books
        self._all: dict[str, EmailDocument] = {}
        books.world.subscribe(self._hear)

    def receive(self, person: Person, filename: str, source: str = "EMAIL", **read: Any) -> EmailDocument:
        """Take in a document with what was read from it, and look for its transaction."""
        document = EmailDocument(person, filename, source, self._books.world.clock.now(), **read)
        self._all[document.id] = document
        self._match(document, on_success=None)
        return document

    def of(
        self, person: Person, sources: Sequence[str] | None = None, *, unmatched: bool = False
    ) -> list[EmailDocument]:
        """List the person's documents, newest first."""
        mine = [document for document in self._all.values() if document.person.id == person.id]
        wanted = [d for d in mine if (sources is None or d.source in sources) and not (unmatched and d.movement_id)]
        return sorted(wanted, key=lambda document: document.created_at, reverse=True)

    def find(self, person: Person, document_id: str) -> EmailDocument:
        found = next((document for document in self.of(person) if document.id == document_id), None)
        if found is None:
            raise Problem(404, "Document not found")
        return found

    def match(self, person: Person, document_id: str, transaction_id: str) -> None:
        """Say to which transaction a document belongs; another document of it is let go."""
        document, row = self.find(person, document_id), self._books.row(person, transaction_id)
        if row is None:
            raise Problem(404, "Transaction not found")
        for other in self._all.values():
            if other.movement_id == row.movement.id and other is not document:
                other.movement_id, other.status = None, "WRONG_MATCH"
        document.movement_id, document.status = row.movement.id, "MANUAL_MATCH_USER"

    def delete(self, person: Person, document_id: str) -> None:
        del self._all[self.find(person, document_id).id]

    def receipt_of(self, person: Person, movement_id: str) -> EmailDocument | None:
        mine = (document for document in self._all.values() if document.person.id == person.id)
        return next((document for document in mine if document.movement_id == movement_id), None)

    def candidates(self, document: EmailDocument) -> list[Row]:
        """List the transactions that it may belong to: those of its amount, near its date if it has one."""
        account = self._books.main_account(document.person)
        if account is None or document.amount is None:
            return []
        paid = (row for row in self._books.rows(account) if not row.is_declined)
        rows = [row for row in paid if abs(row.amount) == document.amount]
        return [row for row in rows if document.date is None or abs(row.booking_date - document.date) <= _NEAR]

    def _hear(self, news: News) -> None:
        """See whether a transaction that has just come is the one that a document waits for."""
        amount = abs(cents(news.movement.amount))
        waiting = [d for d in self._all.values() if d.movement_id is None and d.amount == amount]
        for document in waiting:
            if document.person in news.account.holders:
                self._match(document, on_success="LATER_MATCH")

    def _match(self, document: EmailDocument, on_success: str | None) -> None:
        if document.status == "WRONG_MATCH":
            return
        found = self.candidates(document)
        if len(found) != 1:
            document.status = "TOO_MANY_MATCHES" if found else "NO_MATCHES"
        elif any(other.movement_id == found[0].movement.id for other in self._all.values()):
            document.status = "ALREADY_HAS_ASSET"
        else:
            document.movement_id, document.status = found[0].movement.id, on_success
