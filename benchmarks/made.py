"""Answers of the three providers, made up in the shapes that their documents show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

NEWEST = date(2026, 11, 20)
BASIQ = "https://au-api.basiq.io"
KONTOMATIK_COMMAND = "command-1"
OWNER = "anna"


def basiq_page(first: int, count: int, *, enriched: bool = False, account: str = "acc-1", after: str = "") -> bytes:
    """One answer of `GET /users/user-1/transactions`; `enriched` rows carry what Basiq Enrich adds to a row."""
    rows = [_basiq_row(number, account, enriched=enriched) for number in range(first, first + count)]
    links = {"self": f"{BASIQ}/users/user-1/transactions", **({"next": after} if after else {})}
    return json.dumps({"type": "list", "count": count, "size": count, "data": rows, "links": links}).encode()


def _basiq_row(number: int, account: str, *, enriched: bool) -> dict[str, Any]:
    return {
        "type": "transaction",
        "id": f"9f000000-0000-4000-8000-{number:012}",
        "status": "posted",
        "description": f"WOOLWORTHS {number} SYDNEY NSW AU",
        "reference": "",
        "amount": f"-{number % 997}.{number % 100:02}",
        "currency": "AUD",
        "account": account,
        "balance": f"{number * 7}.{number % 89:02}",
        "direction": "debit" if number % 997 or number % 100 else "credit",
        "class": "payment",
        "institution": "AU00000",
        "connection": "b7a0c6d2-0f0e-4b43-8a51-9c1f1d2e3a44",
        "transactionDate": "",
        "postDate": f"{_day(number)}T00:00:00Z",
        "subClass": {"code": "411", "title": "Supermarket and Grocery Stores"},
        "enrich": _enrichment(number) if enriched else None,
        "links": {
            "self": f"{BASIQ}/users/user-1/transactions/9f000000-0000-4000-8000-{number:012}",
            "account": f"{BASIQ}/users/user-1/accounts/{account}",
            "institution": f"{BASIQ}/institutions/AU00000",
            "connection": None,
        },
    }


def _enrichment(number: int) -> dict[str, Any]:
    return {
        "cleanDescription": f"WOOLWORTHS {number}",
        "tags": [f"card:{number % 10_000:04}", "category:groceries"],
        "merchant": {
            "id": f"ae4a051c-0000-4000-8000-{number:012}",
            "businessName": f"Woolworths {number % 50}",
            "ABN": "88000014675",
            "website": f"https://stores.example/{number}",
            "phoneNumber": {"local": "0298765432", "international": "61298765432"},
        },
        "location": {
            "formattedAddress": f"{number % 300} George St, Sydney NSW 2000, Australia",
            "geometry": {"lat": "-33.8675", "lng": "151.2070"},
        },
        "category": {"anzsic": {"class": {"code": "4110", "title": "Supermarket and Grocery Stores"}}},
    }


def kontist_page(count: int = 50, first: int = 0) -> bytes:
    """One answer to the transactions query, as long as Kontist lets it be."""
    edges = [{"node": _kontist_row(number)} for number in range(first, first + count)]
    connection = {"edges": edges, "pageInfo": {"hasNextPage": False, "endCursor": "c"}}
    account = {"publicId": "acc-1", "transactions": connection}
    return json.dumps({"data": {"viewer": {"mainAccount": account}}}, ensure_ascii=False).encode()


def _kontist_row(number: int) -> dict[str, Any]:
    midnight = datetime.combine(_day(number), datetime.min.time(), tzinfo=UTC) - timedelta(hours=1)
    instant = midnight.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    unused = ("mandateNumber", "category", "categoryCode", "merchantCategoryCode", "originalAmount", "foreignCurrency")
    return {
        "id": f"0b7e8a1c-0000-4000-8000-{number:012}",
        "amount": -100 - number,
        "name": f"Müller & Söhne {number % 20} GmbH",
        "iban": "DE32110101001000000029",
        "type": "SEPA_DIRECT_DEBIT",
        "bookingDate": instant,
        "valutaDate": instant,
        "purpose": f"Rechnung 2026-{number:05} vom {_day(number)}",
        "e2eId": f"NOTPROVIDED-{number}",
        **dict.fromkeys(unused),
    }


def kontomatik_import(count: int) -> Iterator[bytes]:
    """The document of a finished import with one account, in pieces."""
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?><reply status="200 OK" timestamp="0" ownerExternalId="{OWNER}">'
        f'<command id="{KONTOMATIK_COMMAND}" name="DefaultImportCommand" state="successful" progress="1.0"><result>'
        "<owners><owner><name>Jan Kowalski</name></owner></owners><accounts><account><name>ROR</name>"
        "<iban>PL27114020040000300201355387</iban><currencyName>PLN</currencyName><currencyBalance>1.00</currencyBalance>"
        "<moneyTransactions>"
    ).encode()
    for first in range(0, count, 100):
        yield "".join(map(_kontomatik_row, range(first, min(first + 100, count)))).encode()
    yield b"</moneyTransactions></account></accounts></result></command></reply>"


def _kontomatik_row(number: int) -> str:
    return (
        f"<moneyTransaction><transactionOn>{_day(number + 1)}</transactionOn><bookedOn>{_day(number)}</bookedOn>"
        f"<currencyAmount>-{number % 997}.25</currencyAmount><currencyBalance>{number * 3}.10</currencyBalance>"
        f"<title>ZAKUP PRZY UŻYCIU KARTY {number} ŻABKA Z{number % 9000} WARSZAWA</title><party>ŻABKA Z{number % 9000}"
        f"</party><partyIban>PL6110901014000007121981{number % 9000:04}</partyIban><kind>PŁATNOŚĆ KARTĄ</kind>"
        "<status>DONE</status><labels><label>shopping</label><label>groceries</label></labels></moneyTransaction>"
    )


def _day(number: int) -> date:
    return NEWEST - timedelta(days=number // 4 % 700)
