"""Resolvers for tax declarations and what they are reckoned from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.taxes.declarations import Declarations
from bankweave_sandbox.kontist.taxes.periods import read_period
from bankweave_sandbox.kontist.timestamps import berlin_day, read_instant
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.kontist.transactions.rows import Row
from bankweave_sandbox.world import Account, Person


def _declarations(info: Info) -> tuple[Declarations, Person]:
    return info.context.services.records.declarations, info.context.signed_in


def _main_account(info: Info) -> Account:
    return info.context.books.account(info.context.signed_in, None)


def _list(parent: dict[str, Any], info: Info, *, type: str) -> list[dict[str, Any]]:  # noqa: A002
    declarations, person = _declarations(info)
    return declarations.listed(person, parent["account"], type)


def _stats(parent: dict[str, Any], info: Info, *, period: str, year: int) -> dict[str, Any]:
    declarations, _ = _declarations(info)
    return declarations.stats(parent["account"], period, year)


def _submissions(_account: object, info: Info, *, period: str, year: int) -> list[dict[str, Any]]:
    declarations, person = _declarations(info)
    submission = declarations.submission(person, read_period(period, year).number)
    return [submission.body()] if submission else []


def _submit(_root: object, info: Info, *, period: str, year: int) -> dict[str, Any]:
    declarations, person = _declarations(info)
    return declarations.submit(person, _main_account(info), period, year)


def _upsert(_root: object, info: Info, *, payload: Mapping[str, Any]) -> dict[str, Any]:
    declarations, person = _declarations(info)
    period, year, status = payload["period"], payload["year"], payload["submissionStatus"]
    return declarations.mark(person, _main_account(info), period, year, status)


def _reset(_root: object, info: Info, *, period: str, year: int) -> dict[str, bool]:
    declarations, person = _declarations(info)
    declarations.reset(person, period, year)
    return {"success": True}


def _categorize(_root: object, info: Info, **given: Any) -> dict[str, Any]:
    """Categorise a transaction or, with `isSplit`, one of its splits by its uuid."""
    books, person = info.context.books, info.context.signed_in
    changes: dict[str, Any] = {
        name: given[name] for name in ("category", "categoryCode", "vatCategoryCode") if name in given
    }
    if "date" in given:
        changes["userSelectedBookingDate"] = read_instant(given["date"]) if given["date"] else None
    if given.get("isSplit"):
        books.notes.note_split(_row_of_split(books, person, given["id"]).movement.id, given["id"], changes)
        return given
    row = books.row(person, given["id"])
    if row is None:
        raise Problem(404, "Transaction not found")
    books.notes.note(row.movement.id, row.amount, changes)
    return given


def _row_of_split(books: Books, person: Person, split_id: str) -> Row:
    found = next((row for row in books.rows_of(person) if split_id in {split.uuid for split in row.note.splits}), None)
    if found is None:
        raise Problem(404, "Split not found")
    return found


def _tax_years(_account: object, info: Info) -> list[dict[str, Any]]:
    return info.context.services.records.tax_years.taxes(info.context.signed_in)


def _set_tax_years(
    _root: object,
    info: Info,
    *,
    taxYearSettings: list[Mapping[str, Any]],  # noqa: N803 - Kontist's argument
) -> list[dict[str, Any]]:
    return info.context.services.records.tax_years.set_taxes(info.context.signed_in, taxYearSettings)


def _vat_years(_account: object, info: Info, *, year: int | None = None) -> list[dict[str, Any]]:
    years, person = info.context.services.records.tax_years, info.context.signed_in
    wanted = [year] if year is not None else years.years_set(person)
    return [{"year": float(one), "vatPaymentFrequency": years.frequency(person, one)} for one in wanted]


def _set_vat_year(root: object, info: Info, **given: Any) -> dict[str, Any]:
    years, person = info.context.services.records.tax_years, info.context.signed_in
    years.set_frequency(person, given["year"], given["vatPaymentFrequency"])
    return _vat_years(root, info, year=given["year"])[0]


def _vat_frequency(_user: object, info: Info) -> str:
    this_year = berlin_day(info.context.services.world.clock.now()).year
    return info.context.services.records.tax_years.frequency(info.context.signed_in, this_year)


RESOLVERS: Resolvers = {
    "User": {"vatPaymentFrequency": _vat_frequency},
    "Account": {
        "declarations": _list,
        "declarationStats": _stats,
        "vatDeclarationSubmissions": _submissions,
        "taxYearSettings": _tax_years,
        "vatYearSettings": _vat_years,
    },
    "Mutation": {
        "submitDeclaration": _submit,
        "upsertDeclaration": _upsert,
        "resetDeclaration": _reset,
        "categorizeTransactionForDeclaration": _categorize,
        "updateTaxYearSettings": _set_tax_years,
        "updateVatYearSetting": _set_vat_year,
    },
}
