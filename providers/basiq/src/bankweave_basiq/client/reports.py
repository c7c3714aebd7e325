"""Reports and uploaded statements: both are made by jobs (section 5.3)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from pydantic import Field, JsonValue, TypeAdapter

from bankweave.errors import InvalidOrder
from bankweave_basiq.client.api import Api, segment
from bankweave_basiq.client.filters import Filter
from bankweave_basiq.client.record import Instant, Json, Linked, Listing, Record, Reference
from bankweave_basiq.client.snapshots import SnapshotTransaction
from bankweave_basiq.refusals import read


class ReportFilter(Record):
    """What a report is about, or what its type may be asked about (`type`, `required`)."""

    name: str
    value: JsonValue = None
    type: str | None = None
    required: bool | None = None


class Report(Linked):
    """A report. `data` is its type's own, and left out of a list."""

    id: str
    title: str | None = None
    report_type: str | None = None
    created_date: Instant | None = None
    created_by: str | None = None
    expires_at: str | None = None
    filters: tuple[ReportFilter, ...] = ()
    data: Json | None = None


class ReportType(Linked):
    id: str
    name: str | None = None
    description: str | None = None
    filters: tuple[ReportFilter, ...] = Field(default=())


_REPORT = TypeAdapter(Report)
_REPORTS = TypeAdapter(Listing[Report])
_TYPES = TypeAdapter(Listing[ReportType])
_JOB = TypeAdapter(Reference)
_TRANSACTIONS = TypeAdapter(Listing[SnapshotTransaction])


class Reports:
    """Reports of the whole application, whoever they are about."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def types(self) -> tuple[ReportType, ...]:
        """List what reports there are, and what each wants to know."""
        return await self._api.rows(_TYPES, "list_report_types", "/reports/types")

    async def type(self, report_type: str) -> tuple[ReportType, ...]:
        """Read one type of report; Basiq specifies a list as its answer."""
        return await self._api.rows(_TYPES, "get_report_type", f"/reports/types/{segment(report_type)}")

    async def create(self, report_type: str, title: str, filters: Mapping[str, str | Sequence[str]]) -> str:
        """Have a report made; gives the id of the job, whose source is the report. Not idempotent."""
        named = [{"name": name, "value": value} for name, value in filters.items()]
        body = {"reportType": report_type, "title": title, "filters": named}
        return (await self._api.post(_JOB, "create_report", "/reports", body)).id or ""

    async def list(self) -> tuple[Report, ...]:
        """List the reports, without what is in them."""
        return await self._api.rows(_REPORTS, "list_reports", "/reports")

    async def get(self, report: str) -> Report:
        """Read a report."""
        return await self._api.get(_REPORT, "get_report", f"/reports/{segment(report)}")

    async def pdf(self, report: str) -> bytes:
        """Read a report as a PDF file, of 64 MiB at the most."""
        return await self._api.file(f"/reports/{segment(report)}", "get_report", "application/pdf")

    async def delete(self, report: str) -> None:
        """Delete a report."""
        await self._api.delete("delete_report", f"/reports/{segment(report)}")

    async def transactions(self, report: str, *, where: Filter | None = None) -> AsyncIterator[SnapshotTransaction]:
        """Yield the transactions that a report counted, all or those that fit."""
        path = f"/reports/{segment(report)}/transactions"
        asked = (where or Filter()).params
        async for row in self._api.pages(_TRANSACTIONS, "list_report_transactions", path, asked):
            yield row


class Statements:
    """Statements that the person has as files."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def upload(self, institution: str, name: str, content: bytes) -> str:
        """Have a PDF or CSV file read; gives the id of the job. Not repeated when its answer is lost."""
        kinds = {"pdf": "application/pdf", "csv": "text/csv"}
        kind = kinds.get(name.rpartition(".")[2].lower())
        if kind is None or not name.isprintable() or '"' in name:
            raise InvalidOrder("a statement's name must end in .pdf or .csv; nothing was sent", code="name")
        segment(institution)
        boundary = self._api.session.ctx.secret()
        parts = [
            _part(boundary, 'name="institutionId"', None, institution.encode()),
            _part(boundary, f'name="statement"; filename="{name}"', kind, content),
            f"--{boundary}--\r\n".encode(),
        ]
        path = await self._api.of_user("statements")
        request = self._api.request("POST", path, "upload_statement", accept="application/json")
        headers = {**request.headers, "Content-Type": f"multipart/form-data; boundary={boundary}"}
        response = await self._api.send(replace(request, headers=headers, body=b"".join(parts)))
        return read(_JOB, response, "upload_statement").id or ""


def _part(boundary: str, about: str, kind: str | None, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {about}\r\n"
    head += f"Content-Type: {kind}\r\n" if kind else ""
    return f"{head}\r\n".encode() + content + b"\r\n"
