"""What Kontist keeps of people beside the account: one object for each kind of record."""

from __future__ import annotations

from dataclasses import dataclass

from bankweave_sandbox.kontist.addresses import Addresses
from bankweave_sandbox.kontist.books import Books
from bankweave_sandbox.kontist.declarations import Declarations
from bankweave_sandbox.kontist.document_mail import EmailDocuments
from bankweave_sandbox.kontist.document_store import DocumentStore
from bankweave_sandbox.kontist.drafts import Drafts
from bankweave_sandbox.kontist.externals import Externals
from bankweave_sandbox.kontist.plans import Plans
from bankweave_sandbox.kontist.tax_numbers import TaxNumbers
from bankweave_sandbox.kontist.tax_years import TaxYears
from bankweave_sandbox.kontist.user_records import UserRecords


@dataclass(frozen=True, slots=True)
class Records:
    user: UserRecords
    tax_numbers: TaxNumbers
    tax_years: TaxYears
    addresses: Addresses
    plans: Plans
    declarations: Declarations
    documents: DocumentStore
    mail: EmailDocuments
    drafts: Drafts
    externals: Externals


def make_records(books: Books) -> Records:
    clock, years = books.world.clock, TaxYears()
    user = UserRecords(clock)
    declarations = Declarations(books, years, user)
    return Records(
        user=user,
        tax_numbers=TaxNumbers(clock),
        tax_years=years,
        addresses=Addresses(clock, books.people),
        plans=Plans(clock, books.switches),
        declarations=declarations,
        documents=DocumentStore(books.world, books.people, declarations),
        mail=EmailDocuments(books),
        drafts=Drafts(),
        externals=Externals(books),
    )
