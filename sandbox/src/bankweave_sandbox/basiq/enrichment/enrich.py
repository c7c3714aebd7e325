"""GET /enrich: who is behind a text (providers/basiq.md, section 5.3)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.calls import Call, Gate
from bankweave_sandbox.basiq.enrichment.merchants import (
    business_of,
    category_of,
    location_of,
    logos_of,
    merchant_in,
)

_COUNTRIES = {"AU", "NZ"}
_WINDOW = timedelta(days=30)  # the documents say a month


def routes(gate: Gate) -> list[Route]:
    return [gate.route("GET", "/enrich", enrich)]


def enrich(call: Call) -> Response:
    text, _, country = (_required(call, name) for name in ("q", "institution", "country"))
    if country not in _COUNTRIES:
        raise errors.value_not_valid("country", "country")
    amount = _amount(call)
    _count(call)
    merchant = merchant_in(text)
    links = {"self": str(call.request.url)}
    data: dict[str, object] = {"tags": []}
    if merchant is not None:
        links["logo-master"], links["logo-thumb"] = logos_of(merchant)
        data |= {"merchant": business_of(merchant, "abn"), "category": category_of(merchant, text)}
        data |= {"location": location_of(merchant)} if merchant.suburb else {}
    direction = "credit" if amount > 0 else "debit"
    kind = "payment" if direction == "debit" else "direct-credit"
    return JSONResponse({"type": "enrich", "direction": direction, "class": kind, "data": data, "links": links})


def _required(call: Call, name: str) -> str:
    value = call.query(name)
    if not value:
        raise errors.not_supplied(f"{name} is required", name)
    return value


def _amount(call: Call) -> Decimal:
    try:
        amount = Decimal(call.query("amount") or "0")
    except InvalidOperation:
        raise errors.value_not_valid("amount", "amount") from None
    if not amount.is_finite():
        raise errors.value_not_valid("amount", "amount")
    return amount


def _count(call: Call) -> None:
    platform, now = call.platform, call.platform.now()
    platform.enriched = [at for at in platform.enriched if at > now - _WINDOW]
    if len(platform.enriched) >= call.switches.enrich_calls:
        raise errors.too_many_requests()
    platform.enriched.append(now)
