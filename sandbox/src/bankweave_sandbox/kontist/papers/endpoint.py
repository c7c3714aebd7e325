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
from bankweave_sandbox.kontist.oauth.grants import require_grant, require_person
from bankweave_sandbox.kontist.oauth.tokens import TokenMint
from bankweave_sandbox.kontist.papers.mail import SOURCES
from bankweave_sandbox.kontist.papers.pdf import write_pdf
from bankweave_sandbox.kontist.records import Records
from bankweave_sandbox.kontist.services import Services
from bankweave_sandbox.kontist.timestamps import read_instant
from bankweave_sandbox.world import Person

_PATH = "/api/user/documents"
_MAIL_FIELDS = "to filename source amount name iban number date"


def document_url(origin: str, document_id: str) -> str:
    return f"{origin}{_PATH}/{document_id}"


class DocumentEndpoint:
    def __init__(self, services: Services, mint: TokenMint) -> None:
        self._services = services
        self._mint = mint

    def routes(self) -> list[Route]:
        return [Route(_PATH + "/{id}", self.download, methods=["GET"])]

    async def download(self, request: Request) -> Response:
        grant = require_grant(request, self._mint)
        # Receipts come with transactions, statements with the account's papers: either scope reads any of them.
        allowed = {"statements", "transactions"} & set(grant.scopes)
        if self._services.switches.enforce_scopes and not allowed:
            raise HTTPException(403, "the scope statements or transactions is needed")
        person = require_person(grant, self._services.people)
        name, lines = _read(self._services.records, person, request.path_params["id"])
        kind = "attachment" if request.query_params.get("download") == "true" else "inline"
        disposition = f"{kind}; filename*=UTF-8''{quote(name)}"
        return Response(write_pdf(lines), 200, {"content-disposition": disposition}, "application/pdf")


class Postman:
    """Brings receipts to the people's mail aliases, over the control origin."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[Route]:
        return [Route("/emails", self.bring, methods=["POST"])]

    async def bring(self, request: Request) -> Response:
        body = await Body.read(request, _MAIL_FIELDS)
        records, address = self._services.records, body.text("to")
        person = records.user.by_alias(address) or self._by_email(address)
        if person is None:
            return JSONResponse({"error": "nobody has this alias or e-mail address"}, status_code=404)
        source = body.optional_text("source") or "EMAIL"
        if source not in SOURCES:
            return JSONResponse({"error": "unknown source; known: " + ", ".join(SOURCES)}, status_code=400)
        document = records.mail.receive(
            person,
            body.text("filename"),
            source,
            amount=_cents(body.amount("amount")),
            name=body.optional_text("name"),
            iban=body.optional_text("iban"),
            number=body.optional_text("number"),
            date=_date(body.optional_text("date")),
        )
        return JSONResponse({"id": document.id, "matchStatus": document.status}, status_code=201)

    def _by_email(self, address: str) -> Person | None:
        wanted = address.casefold()
        return next((p for p in self._services.people.everyone() if p.email.casefold() == wanted), None)


def _read(records: Records, person: Person, document_id: str) -> tuple[str, list[str]]:
    """Find a document or a receipt: its file name and its lines."""
    receipt = next((d for d in records.mail.of(person) if d.id == document_id), None)
    if receipt is not None:
        return receipt.filename, receipt.lines()
    document = records.documents.find(person, document_id)
    return f"{document.name}.pdf", list(document.lines())


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else int(abs(amount).scaleb(2))


def _date(text: str | None) -> datetime | None:
    try:
        return None if text is None else read_instant(text)
    except GraphQLError as error:
        raise HTTPException(400, error.message) from None
