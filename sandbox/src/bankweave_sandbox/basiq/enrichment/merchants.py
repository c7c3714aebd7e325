"""Who is behind a transaction's text: what Enrich knows (providers/basiq.md, sections 5.2 and 5.3)."""

from __future__ import annotations

from dataclasses import dataclass

from bankweave_sandbox.basiq.enrichment.categories import INDUSTRIES
from bankweave_sandbox.places import PAY_LATER, PLACES, SUPPLIER
from bankweave_sandbox.world import world_id

_PLACE = PLACES["AU"]


@dataclass(frozen=True, slots=True)
class Merchant:
    name: str
    text: str  # what its transactions' texts contain
    category: str

    @property
    def slug(self) -> str:
        return "".join(char if char.isalnum() else "-" for char in self.name.casefold())

    @property
    def suburb(self) -> str:
        """Read the town from the card text "NAME SUBURB NS AUS", where it ends so."""
        words = self.text.removesuffix(" NS AUS").split()
        return words[-1].title() if self.text.endswith(" NS AUS") else ""

    @property
    def number(self) -> str:
        """Make up a business number of eleven digits."""
        return str(int(world_id("basiq", "abn", self.name).replace("-", ""), 16))[:11]


def _bill_text(text: str) -> str:
    """Keep what does not change from month to month."""
    return text.partition("{")[0].strip()


_SHOPS = (*_PLACE.shops, *_PLACE.abroad, *_PLACE.bookmakers)
_MERCHANTS = (
    *(Merchant(shop.name, shop.text, shop.category) for shop in _SHOPS),
    *(Merchant(bill.name, _bill_text(bill.text), bill.category) for bill in _PLACE.bills),
    *(Merchant(party.name, _bill_text(party.text), party.category) for party in (PAY_LATER, SUPPLIER)),
)


def merchant_in(text: str) -> Merchant | None:
    """Find the merchant whose own text or name a transaction's text holds."""
    wanted = text.casefold()
    return next((m for m in _MERCHANTS if m.text.casefold() in wanted or m.name.casefold() in wanted), None)


def is_full_match(merchant: Merchant, text: str) -> bool:
    return merchant.text.casefold() == text.strip().casefold()


def location_of(merchant: Merchant) -> dict[str, object]:
    country = "Australia"
    return {
        "routeNo": "1",
        "route": "Fiction St",
        "postalCode": "2000",
        "suburb": merchant.suburb,
        "state": "NSW",
        "country": country,
        "formattedAddress": f"1 Fiction St, {merchant.suburb} NSW 2000",
        "geometry": {"lat": "-33.8688", "lng": "151.2093"},
    }


def category_of(merchant: Merchant, text: str) -> dict[str, object]:
    full = is_full_match(merchant, text)
    industry = INDUSTRIES.get(merchant.category)
    matched = {"matchType": "merchantFull" if full else "merchantPartial", "matchScore": "1.0" if full else "0.8"}
    return {**matched, "anzsic": {} if industry is None else industry.tree()}


def business_of(merchant: Merchant, number_field: str) -> dict[str, object]:
    """Describe the business; the field of its number is spelt ABN and abn (section 5.2)."""
    return {
        "id": world_id("basiq", "merchant", merchant.name),
        "businessName": merchant.name,
        "website": f"https://{merchant.slug}.example",
        number_field: merchant.number,
        "phoneNumber": {"local": "(02) 5550 1234", "international": "+61 2 5550 1234"},
    }


def logos_of(merchant: Merchant) -> tuple[str, str]:
    """Name the addresses of the large logo and the small one."""
    url = f"https://logos.example/{merchant.slug}"
    return f"{url}-master.svg", f"{url}-thumb.svg"


def enrichment_of(text: str) -> dict[str, object]:
    """Tell what Enrich adds to a transaction."""
    merchant = merchant_in(text)
    plain: dict[str, object] = {"cleanDescription": text.title(), "tags": []}
    if merchant is None:
        return {**plain, "merchant": None, "location": None, "category": None}
    master, thumb = logos_of(merchant)
    return {
        **plain,
        "cleanDescription": merchant.name,
        "merchant": {**business_of(merchant, "ABN"), "logoMaster": master, "logoThumb": thumb},
        "location": location_of(merchant) if merchant.suburb else None,
        "category": category_of(merchant, text),
    }


def report_enrichment_of(text: str) -> dict[str, object]:
    """Tell the same as the rows of reports do: tags are an object there, and what is unknown is empty, never null."""
    found = enrichment_of(text)
    nobody = dict.fromkeys(("id", "businessName", "ABN", "website", "logoMaster", "logoThumb"), "")
    return {
        **found,
        "tags": {},
        "merchant": found["merchant"] or nobody,
        "location": found["location"] or {},
        "category": found["category"] or {},
    }
