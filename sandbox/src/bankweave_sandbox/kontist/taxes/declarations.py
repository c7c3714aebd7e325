"""Tax declarations: what they amount to, and what was submitted (providers/kontist.md section 9).

Listed are the periods that have ended since the account was opened, submitted or not; which ones Kontist lists is
undocumented. Nothing reaches a tax office: every submission succeeds, without messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bankweave_sandbox.kontist.money import euros
from bankweave_sandbox.kontist.person.user_records import UserRecords
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.taxes.accounting import Part, group_by_category, parts_of, profit, vat_due
from bankweave_sandbox.kontist.taxes.periods import WHOLE_YEAR, Period, read_period, vat_periods
from bankweave_sandbox.kontist.taxes.years import TaxYears
from bankweave_sandbox.kontist.timestamps import berlin_day
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.world import Account, Person, world_id

_NOT_NEEDED = "TAX_DECLARATION_NOT_NEEDED"
# No period has these numbers. Trade tax is missing: everybody here is a freelancer, who pays none.
_YEARLY = {"USt": (91, vat_due), "EUER": (92, profit)}


@dataclass(frozen=True, slots=True)
class Submission:
    period: Period
    amount: int
    submitted_at: datetime
    lines: tuple[str, ...]  # of its PDF

    def body(self) -> dict[str, Any]:
        return {
            "id": self.period.number,
            "period": self.period.code,
            "year": self.period.year,
            "isFinal": True,
            "isSuccessful": True,
            "submittedAt": self.submitted_at,
            "messages": [],
        }


class Declarations:
    def __init__(self, books: Books, years: TaxYears, user: UserRecords) -> None:
        self._books = books
        self._years = years
        self._user = user
        self._submitted: dict[tuple[str, int], Submission] = {}
        self._statuses: dict[tuple[str, int], str] = {}

    def listed(self, person: Person, account: Account, kind: str) -> list[dict[str, Any]]:
        """List the declarations of a kind, newest first."""
        parts = list(parts_of(self._books.rows(account)))
        years = range(berlin_day(self._now()).year, account.opened_on.year - 1, -1)
        if kind == "UStVA":
            return [self._render(person, period, parts) for year in years for period in self._vat_periods(person, year)]
        if kind not in _YEARLY:
            return []
        return [self._render_year(person, kind, Period(WHOLE_YEAR, year), parts) for year in years[1:]]

    def stats(self, account: Account, code: str, year: int) -> dict[str, Any]:
        parts = self._parts(account, read_period(code, year))
        return {
            "amount": vat_due(parts),
            "categoryGroups": group_by_category(parts),
            "uncategorized": [part.body() for part in parts if part.group is None],
            "exitedBusinessAssetsWithVat": [],  # there are no business assets here
        }

    def submit(self, person: Person, account: Account, code: str, year: int) -> dict[str, Any]:
        """Submit an advance VAT return once, after its period (which checks Kontist makes is undocumented)."""
        period = read_period(code, year)
        if period.ends_at > self._now():
            raise Problem(400, "The period has not ended yet")
        if (person.id, period.number) in self._submitted:
            raise Problem(400, "The declaration was submitted before")
        parts = self._parts(account, period)
        submission = Submission(period, vat_due(parts), self._now(), tuple(_pdf_lines(person, period, parts)))
        self._submitted[person.id, period.number] = submission
        return self._render(person, period, parts)

    def mark(self, person: Person, account: Account, code: str, year: int, status: str) -> dict[str, Any]:
        """Note that a declaration is not needed, or went to the tax office another way."""
        period = read_period(code, year)
        self._statuses[person.id, period.number] = status
        return self._render(person, period, self._parts(account, period))

    def reset(self, person: Person, code: str, year: int) -> None:
        """Take such a note back. A submission stays: the tax office has it."""
        self._statuses.pop((person.id, read_period(code, year).number), None)

    def submission(self, person: Person, number: int) -> Submission | None:
        return self._submitted.get((person.id, number))

    def submissions(self, person: Person) -> list[Submission]:
        return [submission for (owner, _), submission in self._submitted.items() if owner == person.id]

    def _vat_periods(self, person: Person, year: int) -> Iterator[Period]:
        ended = [p for p in vat_periods(year, self._years.frequency(person, year)) if p.ends_at <= self._now()]
        return reversed(ended)

    def _parts(self, account: Account, period: Period) -> list[Part]:
        return [part for part in parts_of(self._books.rows(account)) if period.contains(part.day)]

    def _render(self, person: Person, period: Period, parts: Iterable[Part]) -> dict[str, Any]:
        submitted = self.submission(person, period.number)
        amount = submitted.amount if submitted else vat_due(p for p in parts if period.contains(p.day))
        return {
            "id": period.number,
            "amount": amount,
            "period": period.code,
            "year": period.year,
            "uploadedAt": submitted.submitted_at if submitted else None,
            "submissionStatus": self._statuses.get((person.id, period.number)),
        }

    def _render_year(self, person: Person, kind: str, period: Period, parts: Iterable[Part]) -> dict[str, Any]:
        number, reckon = _YEARLY[kind]
        # That the person's confirmation shows here is our reading; the schema shows it nowhere else.
        is_needed = not self._user.has_confirmed(person, _NOT_NEEDED, period.year)
        return {
            "id": period.year * 100 + number,
            "amount": reckon(part for part in parts if period.contains(part.day)),
            "period": period.code,
            "year": period.year,
            "uploadedAt": None,  # only advance VAT returns can be submitted over this API
            "submissionStatus": None if is_needed else "NOT_NEEDED",
        }

    def _now(self) -> datetime:
        return self._books.world.clock.now()


def document_id(person: Person, submission: Submission) -> str:
    return world_id("kontist-declaration", person.id, str(submission.period.number))


def _pdf_lines(person: Person, period: Period, parts: list[Part]) -> Iterator[str]:
    yield f"Umsatzsteuer-Voranmeldung {period.year}, Zeitraum {period.code}"
    yield person.name
    yield ""
    for group in group_by_category(parts):
        yield f"{group['categoryCode']:<50} {euros(group['amount']):>12} EUR"
    yield ""
    yield f"{'Umsatzsteuer':<50} {euros(vat_due(parts)):>12} EUR"
