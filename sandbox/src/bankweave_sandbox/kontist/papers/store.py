"""A person's documents: statements and submitted declarations (providers/kontist.md section 9).

They are drawn up when they are read; kept is only what the person did to them. The categories are the sandbox's:
the documents do not name Kontist's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bankweave_sandbox.kontist.papers.statements import Statement, statements_of
from bankweave_sandbox.kontist.people import People
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.taxes.declarations import Declarations, Submission, document_id
from bankweave_sandbox.kontist.timestamps import berlin_day
from bankweave_sandbox.world import Person, World, world_id


@dataclass(frozen=True, slots=True)
class Category:
    name: str
    folder: str

    @property
    def id(self) -> str:
        return world_id("kontist-document-category", self.name)

    def body(self) -> dict[str, str]:
        return {"id": self.id, "categoryName": self.name, "folderName": self.folder}


STATEMENTS = Category("Kontoauszüge", "Bank")
DECLARATIONS = Category("Umsatzsteuer-Voranmeldungen", "Steuern")
OTHERS = Category("Sonstiges", "Sonstiges")
CATEGORIES = (STATEMENTS, DECLARATIONS, OTHERS)


@dataclass(frozen=True, slots=True)
class Document:
    id: str
    name: str
    category: Category
    created_at: datetime
    lines: Callable[[], Sequence[str]] = field(repr=False)

    def body(self, url: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "type": "pdf",  # a file type, as in the SDK's tests
            "url": url,
            "downloadUrl": f"{url}?download=true",
            "note": None,
            "createdAt": self.created_at,
            "metadata": {"category": self.category.body()},
        }


class DocumentStore:
    def __init__(self, world: World, people: People, declarations: Declarations) -> None:
        self._world = world
        self._people = people
        self._declarations = declarations
        self._names: dict[str, str] = {}
        self._moved: dict[str, Category] = {}
        self._deleted: set[str] = set()

    def of(self, person: Person) -> list[Document]:
        """List the person's documents, the newest first."""
        drawn_up = [*self._statements(person), *self._submissions(person)]
        kept = [self._as_changed(document) for document in drawn_up if document.id not in self._deleted]
        return sorted(kept, key=lambda document: document.created_at, reverse=True)

    def select(
        self, person: Person, category_ids: Sequence[str] | None = None, year: int | None = None
    ) -> list[Document]:
        """List those of some categories, and those created in a (German) year."""
        return [
            document
            for document in self.of(person)
            if (category_ids is None or document.category.id in category_ids)
            and (year is None or berlin_day(document.created_at).year == year)
        ]

    def find(self, person: Person, document_id: str) -> Document:
        found = next((document for document in self.of(person) if document.id == document_id), None)
        if found is None:
            raise Problem(404, "Document not found")
        return found

    def change(self, person: Person, document_id: str, name: str | None, category_id: str | None) -> Document:
        """Rename a document, or move it to another category."""
        self.find(person, document_id)
        if name is not None and not name.strip():
            raise Problem(400, "name must not be empty")
        category = next((c for c in CATEGORIES if c.id == category_id), None)
        if category_id is not None and category is None:
            raise Problem(404, "Document category not found")
        if name is not None:
            self._names[document_id] = name
        if category is not None:
            self._moved[document_id] = category
        return self.find(person, document_id)

    def delete(self, person: Person, document_id: str) -> None:
        """Delete a document for good. That statements can be deleted as well is undocumented."""
        self._deleted.add(self.find(person, document_id).id)

    def _as_changed(self, document: Document) -> Document:
        name = self._names.get(document.id, document.name)
        return replace(document, name=name, category=self._moved.get(document.id, document.category))

    def _statements(self, person: Person) -> list[Document]:
        accounts = self._people.accounts(person)
        return [self._from_statement(s) for account in accounts for s in statements_of(self._world, account)]

    def _from_statement(self, statement: Statement) -> Document:
        return Document(
            statement.id, statement.name, STATEMENTS, statement.issued_at, lambda: statement.lines(self._world)
        )

    def _submissions(self, person: Person) -> list[Document]:
        return [_from_submission(person, submission) for submission in self._declarations.submissions(person)]


def _from_submission(person: Person, submission: Submission) -> Document:
    name = f"UStVA {submission.period.code}-{submission.period.year}"
    return Document(
        document_id(person, submission), name, DECLARATIONS, submission.submitted_at, lambda: submission.lines
    )
