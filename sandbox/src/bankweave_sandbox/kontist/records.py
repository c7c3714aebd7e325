"""What Kontist keeps of people beside the account: one object for each kind of record."""

from __future__ import annotations

from dataclasses import dataclass

from bankweave_sandbox.kontist.papers.mail import EmailDocuments
from bankweave_sandbox.kontist.papers.store import DocumentStore
from bankweave_sandbox.kontist.person.addresses import Addresses
from bankweave_sandbox.kontist.person.plans import Plans
from bankweave_sandbox.kontist.person.user_records import UserRecords
from bankweave_sandbox.kontist.receipts.drafts import Drafts
from bankweave_sandbox.kontist.receipts.externals import Externals
from bankweave_sandbox.kontist.taxes.declarations import Declarations
from bankweave_sandbox.kontist.taxes.numbers import TaxNumbers
from bankweave_sandbox.kontist.taxes.years import TaxYears
from bankweave_sandbox.kontist.transactions.books import Books


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
