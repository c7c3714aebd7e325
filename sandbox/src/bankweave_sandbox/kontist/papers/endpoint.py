"""Where documents are downloaded, and the postman who brings new ones at the control origin.

The address is the sandbox's own: Kontist answers URLs of a storage service (providers/kontist.md sections 6.4, 9).
A bearer token is needed, as was seen of receipts.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.jsonbody import Body
from bankweave_sandbox.kontist.money import cents
from bankweave_sandbox.kontist.oauth.bearers import Bearers
from bankweave_sandbox.kontist.papers.mail import SOURCES, EmailDocuments
from bankweave_sandbox.kontist.papers.store import DocumentStore
from bankweave_sandbox.kontist.people import People
from bankweave_sandbox.kontist.person.user_records import UserRecords
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.kontist.timestamps import read_instant
from bankweave_sandbox.pdf import write_pdf
from bankweave_sandbox.world import Person

_PATH = "/api/user/documents"
_MAIL_FIELDS = "to filename source amount name iban number date"


def document_url(origin: str, document_id: str) -> str:
    return f"{origin}{_PATH}/{document_id}"


class DocumentEndpoint:
    def __init__(self, bearers: Bearers, store: DocumentStore, mail: EmailDocuments, switches: Switches) -> None:
        self._bearers = bearers
        self._store = store
        self._mail = mail
        self._switches = switches

    def routes(self) -> list[Route]:
        return [Route(_PATH + "/{id}", self.download, methods=["GET"])]

    async def download(self, request: Request) -> Response:
        # Receipts come with transactions, statements with the account's papers: either scope reads any of them.
        allowed = {"statements", "transactions"} & set(self._bearers.grant(request).scopes)
        if self._switches.enforce_scopes and not allowed:
            raise HTTPException(403, "the scope statements or transactions is needed")
        name, lines = self._read(self._bearers.person(request), request.path_params["id"])
        kind = "attachment" if request.query_params.get("download") == "true" else "inline"
        disposition = f"{kind}; filename*=UTF-8''{quote(name)}"
        return Response(write_pdf(lines), 200, {"content-disposition": disposition}, "application/pdf")

    def _read(self, person: Person, document_id: str) -> tuple[str, list[str]]:
        """Find a document or a receipt: its file name and its lines."""
        receipt = next((d for d in self._mail.of(person) if d.id == document_id), None)
        if receipt is not None:
            return receipt.filename, receipt.lines()
        document = self._store.find(person, document_id)
        return f"{document.name}.pdf", list(document.lines())


class Postman:
    """Brings receipts to the people's mail aliases, over the control origin."""

    def __init__(self, people: People, told: UserRecords, mail: EmailDocuments) -> None:
        self._people = people
        self._told = told
        self._mail = mail

    def routes(self) -> list[Route]:
        return [Route("/emails", self.bring, methods=["POST"])]

    async def bring(self, request: Request) -> Response:
        body = await Body.read(request, _MAIL_FIELDS)
        address = body.text("to")
        person = self._told.by_alias(address) or self._by_email(address)
        if person is None:
            raise HTTPException(404, "nobody has this alias or e-mail address")
        source = body.optional_text("source") or "EMAIL"
        if source not in SOURCES:
            raise HTTPException(400, "unknown source; known: " + ", ".join(SOURCES))
        document = self._mail.receive(
            person,
            body.text("filename"),
            source,
            amount=_size(body.amount("amount")),
            name=body.optional_text("name"),
            iban=body.optional_text("iban"),
            number=body.optional_text("number"),
            date=_date(body.optional_text("date")),
        )
        return JSONResponse({"id": document.id, "matchStatus": document.status}, status_code=201)

    def _by_email(self, address: str) -> Person | None:
        wanted = address.casefold()
        return next((p for p in self._people.everyone() if p.email.casefold() == wanted), None)


def _size(amount: Decimal | None) -> int | None:
    return None if amount is None else cents(abs(amount))


def _date(text: str | None) -> datetime | None:
    try:
        return None if text is None else read_instant(text)
    except GraphQLError as error:
        raise HTTPException(400, error.message) from None
