"""Tax declarations (section 9)."""

from __future__ import annotations

import builtins
from typing import Annotated, Literal

from pydantic import Field

from bankweave_kontist.client.success import Success
from bankweave_kontist.queries import declarations as queries
from bankweave_kontist.records import Day, Euros, Instant, Record
from bankweave_kontist.session import Session
from bankweave_kontist.wire import Key

DeclarationType = Literal["EUER", "GewSt", "USt", "UStVA"]
SubmissionStatus = Literal["ALREADY_SUBMITTED", "NOT_NEEDED"]


class Declaration(Record):
    """A declaration. `amount` is euros; `period` and `submission_status` are Kontist's words, e.g. "11" and NOT_NEEDED."""

    id: int
    amount: Euros | None = None
    period: str
    year: int
    submission_status: str | None = None
    uploaded_at: Instant | None = None


class DeclaredRow(Record):
    """A transaction, or a part of one, as it counts in a declaration. Amounts are euros."""

    id: Key
    is_split: bool
    amount: Euros
    name: str | None = None
    purpose: str | None = None
    valuta_date: Day
    selected_booking_date: Day | None = None
    category: str | None = None
    category_code: str | None = None
    vat_category_code: str | None = None
    vat_rate: str | None = None
    vat_amount: Euros | None = None


class DeclaredGroup(Record):
    """What counts in one line of a declaration."""

    amount: Euros
    category_code: str
    category_code_translation: str
    transactions: tuple[DeclaredRow, ...]


class DeclarationStatistics(Record):
    """What a declaration would say now. `uncategorized` rows count nowhere yet."""

    amount: Euros
    category_groups: tuple[DeclaredGroup, ...]
    uncategorized: tuple[DeclaredRow, ...]


class SubmissionMessage(Record):
    """What the tax office's check said; `type` is VALIDATION_ERROR, NOTICE or a word that came later."""

    type: str
    text: str
    form_line_number: str
    field_identifier: str


class Submission(Record):
    """An attempt to hand in a VAT declaration."""

    id: int
    period: str
    year: int
    submitted_at: Instant
    is_final: bool
    is_successful: bool
    messages: tuple[SubmissionMessage, ...]


class Declarations:
    """Lists declarations, shows what they are made of, and hands them in.

    `period` is Kontist's word: a month of two digits in the vendor's samples; quarters are undocumented.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list(self, declaration_type: DeclarationType) -> builtins.list[Declaration]:
        """List the declarations of one type. Kontist's words are in mixed case."""
        found = await self._session.account(queries.LIST_DECLARATIONS, _Declarations, type=declaration_type)
        return found.declarations

    async def statistics(self, period: str, year: int) -> DeclarationStatistics:
        """Show what the VAT declaration of a period is made of."""
        return (await self._session.account(queries.DECLARATION_STATS, _Statistics, period=period, year=year)).stats

    async def submissions(self, period: str, year: int) -> builtins.list[Submission]:
        """List how handing in the VAT declaration of a period went."""
        return (
            await self._session.account(queries.LIST_SUBMISSIONS, _Submissions, period=period, year=year)
        ).submissions

    async def pdf_url(self, declaration: int) -> str | None:
        """Find the address of a declaration's file; None while there is none. It may be of another host than Kontist's."""
        return (await self._session.account(queries.DECLARATION_PDF, _Pdf, id=declaration)).url

    async def submit(self, period: str, year: int) -> Declaration:
        """Hand in the VAT declaration of a period at the tax office.

        Never repeated by itself: `OutcomeUnknown` when the answer was lost; then look at `submissions`.
        """
        return (await self._session.run(queries.SUBMIT_DECLARATION, _Submitted, period=period, year=year)).declaration

    async def mark(self, period: str, year: int, status: SubmissionStatus) -> Declaration:
        """Note that a declaration needs no handing in, or was handed in elsewhere. Idempotent."""
        payload = {"period": period, "year": year, "submissionStatus": status}
        query = queries.UPSERT_DECLARATION
        return (await self._session.run(query, _Marked, repeatable=True, payload=payload)).declaration

    async def reset(self, period: str, year: int) -> None:
        """Take such a note back."""
        query = queries.RESET_DECLARATION
        (await self._session.run(query, Success, period=period, year=year)).check(query)


class _Declarations(Record):
    declarations: list[Declaration]


class _Statistics(Record):
    stats: Annotated[DeclarationStatistics, Field(alias="declarationStats")]


class _Submissions(Record):
    submissions: Annotated[list[Submission], Field(alias="vatDeclarationSubmissions")]


class _Pdf(Record):
    url: Annotated[str | None, Field(alias="declarationPdfUrl", repr=False)]


class _Submitted(Record):
    declaration: Annotated[Declaration, Field(alias="submitDeclaration")]


class _Marked(Record):
    declaration: Annotated[Declaration, Field(alias="upsertDeclaration")]
