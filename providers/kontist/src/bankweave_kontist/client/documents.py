"""Documents, account statements among them, and receipts that came by mail (section 9). Scope statements."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from bankweave.errors import InvalidOrder
from bankweave_kontist.client.success import Success
from bankweave_kontist.files.download import download
from bankweave_kontist.queries import documents as queries
from bankweave_kontist.records import Day, Euros, Instant, Record
from bankweave_kontist.session import Session
from bankweave_kontist.wire import Key


class DocumentCategory(Record):
    id: Key
    category_name: str
    folder_name: str


class _Metadata(Record):
    category: DocumentCategory


class Document(Record):
    """A document. `type` is what Kontist calls its kind of file; its addresses need the connection's token."""

    id: Key
    name: str
    type: str
    created_at: Instant
    note: str | None = None
    url: Annotated[str, Field(repr=False)]
    download_url: Annotated[str, Field(repr=False)]
    metadata: _Metadata | None = None

    @property
    def category(self) -> DocumentCategory | None:
        return None if self.metadata is None else self.metadata.category


class _Match(Record):
    id: Key


class EmailDocument(Record):
    """A receipt that was mailed to Kontist, and what was read from it. Words of `match_status` are Kontist's.

    `amount` is in `currency`, whose minor unit is taken for a hundredth.
    """

    id: Key
    filename: str
    url: Annotated[str, Field(repr=False)]
    created_at: Instant
    amount: Euros | None = None
    currency: str | None = None
    date: Day | None = None
    document_number: str | None = None
    iban: str | None = Field(default=None, repr=False)
    name: str | None = None
    match_status: str | None = None
    transaction_id: str | None = None  # the transaction that it belongs to
    matches: tuple[_Match, ...] | None = None  # those that it may belong to

    @property
    def candidates(self) -> tuple[str, ...]:
        """The ids of transactions that it may belong to."""
        return tuple(match.id for match in self.matches or ())


class Documents:
    """Lists, fetches, names and deletes documents. Deleting is never repeated by itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list(
        self, *, categories: Sequence[str] | None = None, year: int | None = None
    ) -> builtins.list[Document]:
        """List documents: all, or those of some categories (ids) or of a year."""
        variables = {"categoryIds": None if categories is None else [*categories], "year": year}
        return (await self._session.viewer(queries.LIST_DOCUMENTS, _Documents, **variables)).documents

    async def categories(self, names: Sequence[str] | None = None) -> builtins.list[DocumentCategory]:
        """List the categories that documents may be in."""
        wanted = None if names is None else [*names]
        found = await self._session.viewer(queries.LIST_CATEGORIES, _Categories, categoryNames=wanted)
        return found.document_categories

    async def download(self, document: Document) -> bytes:
        """Fetch the file, of 32 MiB at most. Raises `OriginRefused` when it is at a host that is not Kontist's; see the
        setting `upload_origins`.
        """
        return await download(self._session, document.download_url)

    async def rename(self, document: str, name: str) -> Document:
        """Give a document another name."""
        if not name.strip():
            raise InvalidOrder("the name is empty; nothing was sent", code="name")
        return await self._update(document, name=name)

    async def move(self, document: str, category: str) -> Document:
        """Put a document into another category (id)."""
        return await self._update(document, metadata={"documentCategoryId": category})

    async def delete(self, document: str) -> None:
        """Delete a document for good."""
        query = queries.DELETE_DOCUMENT
        (await self._session.run(query, Success, id=document)).check(query)

    async def _update(self, document: str, **change: object) -> Document:
        query = queries.UPDATE_DOCUMENT
        return (await self._session.run(query, _Updated, repeatable=True, id=document, **change)).document


class EmailDocuments:
    """Lists receipts that came by mail, and ties them to transactions."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list(
        self, *, unmatched: bool = False, sources: Sequence[str] | None = None
    ) -> builtins.list[EmailDocument]:
        """List receipts: all, those without a transaction, or those of some of Kontist's sources (EMAIL, WEB ...)."""
        wanted = None if sources is None else [*sources]
        variables = {"filterByUnmatched": unmatched, "uploadSources": wanted}
        return (await self._session.viewer(queries.LIST_MAIL, _Mail, **variables)).email_documents

    async def get(self, document: str) -> EmailDocument:
        """Find a receipt. Raises `ProviderRefused` when there is none of that id."""
        return (await self._session.viewer(queries.ONE_MAIL, _OneMail, id=document)).email_document

    async def download(self, document: EmailDocument) -> bytes:
        """Fetch the file; see `Documents.download`."""
        return await download(self._session, document.url)

    async def match(self, document: str, transaction: str) -> None:
        """Tie a receipt to a transaction."""
        query = queries.MATCH_MAIL
        (await self._session.run(query, Success, emailDocumentId=document, transactionId=transaction)).check(query)

    async def delete(self, document: str) -> None:
        """Delete a receipt for good."""
        query = queries.DELETE_MAIL
        (await self._session.run(query, Success, id=document)).check(query)


class _Documents(Record):
    documents: list[Document]


class _Categories(Record):
    document_categories: list[DocumentCategory]


class _Updated(Record):
    document: Annotated[Document, Field(alias="updateDocument")]


class _Mail(Record):
    email_documents: list[EmailDocument]


class _OneMail(Record):
    email_document: EmailDocument
