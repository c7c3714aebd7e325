"""Who is behind the text of a transaction, asked for by itself (section 5.3)."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field, TypeAdapter

from bankweave_basiq.client.api import Api
from bankweave_basiq.client.record import Linked
from bankweave_basiq.client.transactions import Enrichment


class Enriched(Linked):
    direction: str | None = None
    kind: str | None = Field(default=None, alias="class")
    data: Enrichment | None = None


_ENRICHED = TypeAdapter(Enriched)


class Enrich:
    """Looks up texts. A sandbox key may do that 100 times a month."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def lookup(
        self,
        text: str,
        institution: str,
        *,
        country: str = "AU",
        merchant_category_code: str | None = None,
        account_type: str | None = None,
        amount: Decimal | None = None,
    ) -> Enriched:
        """Say what a bank's text means. A negative `amount` is money that went out."""
        asked = {
            "q": text,
            "institution": institution,
            "country": country,
            "mcc": merchant_category_code,
            "accountType": account_type,
            "amount": None if amount is None else f"{amount:f}",
        }
        params = {name: value for name, value in asked.items() if value is not None}
        return await self._api.get(_ENRICHED, "enrich", "/enrich", params)
