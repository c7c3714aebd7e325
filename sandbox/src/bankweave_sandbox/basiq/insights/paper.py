"""Summaries and reports as CSV and PDF; how the provider's look is undocumented."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence

from starlette.responses import Response

from bankweave_sandbox.basiq.calls import Call
from bankweave_sandbox.pdf import write_pdf

_WIDTH = 85


def wants(call: Call, media_type: str) -> bool:
    """Say whether the Accept header names a representation before JSON."""
    accepted = [part.partition(";")[0].strip() for part in call.request.headers.get("accept", "").split(",")]
    known = [one for one in accepted if one in {media_type, "application/json", "*/*"}]
    return bool(known) and known[0] == media_type


def answer_csv(media_type: str, rows: Sequence[Mapping[str, object]]) -> Response:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return Response(text.getvalue(), media_type=media_type)


def answer_pdf(title: str, shape: Mapping[str, object]) -> Response:
    lines = [title, "", *json.dumps(shape, indent=1, ensure_ascii=False, default=str).splitlines()]
    return Response(write_pdf([line[:_WIDTH] for line in lines]), media_type="application/pdf")


def _cell(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
