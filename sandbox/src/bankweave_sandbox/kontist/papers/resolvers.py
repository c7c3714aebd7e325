"""Resolvers for documents and for receipts that arrive by mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolver, Resolvers
from bankweave_sandbox.kontist.papers.endpoint import document_url
from bankweave_sandbox.kontist.papers.mail import EmailDocument, EmailDocuments
from bankweave_sandbox.kontist.papers.store import CATEGORIES, Document, DocumentStore
from bankweave_sandbox.kontist.taxes.declarations import document_id
from bankweave_sandbox.world import Person

_SUCCESS = {"success": True}


def _store(info: Info) -> tuple[DocumentStore, Person]:
    return info.context.services.records.documents, info.context.signed_in


def _mail(info: Info) -> tuple[EmailDocuments, Person]:
    return info.context.services.records.mail, info.context.signed_in


def _documents(
    _user: object,
    info: Info,
    *,
    categoryIds: Sequence[str] | None = None,  # noqa: N803 - Kontist's argument
    year: int | None = None,
) -> list[dict[str, Any]]:
    store, person = _store(info)
    return [_render(document, info) for document in store.select(person, categoryIds, year)]


def _categories(_user: object, _info: Info, **arguments: Any) -> list[dict[str, str]]:
    names = arguments.get("categoryNames")
    return [category.body() for category in CATEGORIES if names is None or category.name in names]


def _update(_root: object, info: Info, **given: Any) -> dict[str, Any]:
    store, person = _store(info)
    metadata: Mapping[str, Any] = given.get("metadata") or {}
    return _render(store.change(person, given["id"], given.get("name"), metadata.get("documentCategoryId")), info)


def _delete(_root: object, info: Info, *, id: str) -> dict[str, bool]:  # noqa: A002
    store, person = _store(info)
    store.delete(person, id)
    return _SUCCESS


def _email_documents(_user: object, info: Info, **wanted: Any) -> list[dict[str, Any]]:
    mail, person = _mail(info)
    unmatched = bool(wanted.get("filterByUnmatched"))
    return [_render_mail(d, info) for d in mail.of(person, wanted.get("uploadSources"), unmatched=unmatched)]


def _email_document(_user: object, info: Info, *, id: str | None = None) -> dict[str, Any]:  # noqa: A002
    mail, person = _mail(info)
    return _render_mail(mail.find(person, id or ""), info)


def _match(_root: object, info: Info, **given: str) -> dict[str, bool]:
    mail, person = _mail(info)
    mail.match(person, given["emailDocumentId"], given["transactionId"])
    return _SUCCESS


def _delete_mail(_root: object, info: Info, *, id: str) -> dict[str, bool]:  # noqa: A002
    mail, person = _mail(info)
    mail.delete(person, id)
    return _SUCCESS


def _render(document: Document, info: Info) -> dict[str, Any]:
    return document.body(document_url(info.context.origin, document.id))


def _render_mail(document: EmailDocument, info: Info) -> dict[str, Any]:
    mail, person = _mail(info)
    books = info.context.books
    row = books.row_of_movement(person, document.movement_id)
    return {
        "id": document.id,
        "filename": document.filename,
        "url": document_url(info.context.origin, document.id),
        "createdAt": document.created_at,
        "amount": document.amount,
        "currency": None if document.amount is None else "EUR",
        "date": document.date,
        "documentNumber": document.number,
        "iban": document.iban,
        "name": document.name,
        "matchStatus": document.status,
        "matches": [books.render(candidate) for candidate in mail.candidates(document)],
        "transactionId": row.id if row else None,
    }


def _receipt(transaction: Mapping[str, Any], info: Info) -> EmailDocument | None:
    mail, person = _mail(info)
    return mail.receipt_of(person, transaction["movement"])


def _receipt_number(transaction: Mapping[str, Any], info: Info) -> str | None:
    receipt = _receipt(transaction, info)
    return receipt.number if receipt else None


def _receipt_type(transaction: Mapping[str, Any], info: Info) -> str | None:
    """Tell what kind of paper it is, by the direction of the money (undocumented)."""
    if _receipt(transaction, info) is None:
        return None
    return "EXPENSE" if transaction["amount"] < 0 else "INVOICE"


def _receipt_url(transaction: Mapping[str, Any], info: Info) -> str | None:
    receipt = _receipt(transaction, info)
    return document_url(info.context.origin, receipt.id) if receipt else None


def _receipt_download(transaction: Mapping[str, Any], info: Info) -> str | None:
    url = _receipt_url(transaction, info)
    return f"{url}?download=true" if url else None


def _declaration_pdf(_account: object, info: Info, *, id: int) -> str | None:  # noqa: A002
    person = info.context.signed_in
    submission = info.context.services.records.declarations.submission(person, id)
    return document_url(info.context.origin, document_id(person, submission)) if submission else None


_RECEIPT: dict[str, Resolver] = {
    "documentNumber": _receipt_number,
    "documentType": _receipt_type,
    "documentPreviewUrl": _receipt_url,
    "documentDownloadUrl": _receipt_download,
}
RESOLVERS: Resolvers = {
    "User": {
        "documents": _documents,
        "documentCategories": _categories,
        "emailDocuments": _email_documents,
        "emailDocument": _email_document,
    },
    "Account": {"declarationPdfUrl": _declaration_pdf},
    "Mutation": {
        "updateDocument": _update,
        "deleteDocument": _delete,
        "matchEmailDocumentToTransaction": _match,
        "deleteEmailDocument": _delete_mail,
    },
    "Transaction": _RECEIPT,
    "RawTransactionProjection": _RECEIPT,
}
