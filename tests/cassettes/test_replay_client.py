"""What a provider's own client makes of what the provider was recorded to say, with the sandbox off and no network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from bankweave import FlowStatus, TransferStatus
from bankweave.testing.driver import Surface
from bankweave.testing.wire import Wire
from bankweave_kontist.devices.signer import is_signed_by

from . import basiq_courses
from . import kontist_courses as courses
from .recordings import (
    BASIQ_CLIENT,
    BASIQ_WEBHOOKS,
    KONTIST_CARDS,
    KONTIST_DEVICE,
    KONTIST_DOCUMENTS,
    KONTIST_PASSWORD,
    KONTIST_TRANSACTIONS,
    KONTIST_TRANSFERS,
    replayed,
)
from .scrubbing import SMS_CODE

pytestmark = [pytest.mark.usefixtures("no_network"), pytest.mark.parametrize("surface", ["async", "sync"])]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_a_password_and_a_push(store: Path, surface: Surface) -> None:
    with replayed(KONTIST_PASSWORD, store, surface) as drive:
        flow = courses.password_and_push(drive)

    assert flow.status is FlowStatus.CONNECTED


def test_a_device_is_bound_and_signs(store: Path, surface: Surface) -> None:
    with replayed(KONTIST_DEVICE, store, surface) as drive:
        bound = courses.device_binding(drive)

    assert bound.flow.status is FlowStatus.CONNECTED
    assert bound.names == ["till"]
    assert bound.is_removed
    assert not bound.is_ours


@dataclass
class Overhearing(httpx.AsyncBaseTransport):
    """Notes the JSON that is sent."""

    make: Callable[[], httpx.AsyncBaseTransport]
    sent: list[dict[str, Any]] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("content-type") == "application/json" and request.content:
            self.sent.append(json.loads(request.content))
        return await self.make().handle_async_request(request)


def test_what_a_cassette_cannot_compare_is_signed_all_the_same(store: Path, surface: Surface) -> None:
    with replayed(KONTIST_DEVICE, store, surface) as drive:
        overhearing = Overhearing(drive.wire.make)
        courses.device_binding(replace(drive, wire=Wire(lambda: overhearing)))

    (key,) = [body["key"] for body in overhearing.sent if "key" in body]
    signed = [body["signature"] for body in overhearing.sent if "signature" in body]
    signed += [body["variables"]["signature"] for body in overhearing.sent if "signature" in body.get("variables", {})]
    strings = re.findall(r'"stringToSign": "([^"]+)"', KONTIST_DEVICE.path.read_text())
    answers = [SMS_CODE, *strings]
    assert [is_signed_by(key, text, signature) for text, signature in zip(answers, signed, strict=True)] == [True] * 4


def test_transfers(store: Path, surface: Surface) -> None:
    with replayed(KONTIST_TRANSFERS, store, surface) as drive:
        paid = courses.transfers(drive)

    assert (paid.transfer.status, paid.transfer.amount) == (TransferStatus.ACCEPTED, Decimal("12.34"))
    assert paid.batch == [("RENT-2", Decimal("1.00")), ("RENT-3", Decimal("2.00"))]
    assert paid.standing == ("ACTIVE", "MONTHLY")
    assert paid.cancelled == "CANCELED"
    assert paid.wrong_code == "wrong_code"
    assert paid.too_much == "insufficient_funds"
    assert sorted(paid.listed, key=str) == ["RENT-1", "RENT-2", "RENT-3"]


def test_cards(store: Path, surface: Surface) -> None:
    with replayed(KONTIST_CARDS, store, surface) as drive:
        carried = courses.cards(drive)

    assert carried.statuses == ["ACTIVE", "BLOCKED", "ACTIVE"]
    assert carried.cash_a_day == Decimal("100.00")
    assert carried.ordered == "PROCESSING"


def test_transactions(store: Path, surface: Surface) -> None:
    with replayed(KONTIST_TRANSACTIONS, store, surface) as drive:
        annotated = courses.transactions(drive)

    assert annotated.newest == [Decimal("-80.02"), Decimal("-131.45"), Decimal("-25.66")]
    assert annotated.older == 6
    assert annotated.found == ["Spreebahn"]
    assert annotated.large[-2:] == [Decimal("-40.06"), Decimal("-385.79")]
    assert (annotated.category, annotated.note) == ("VAT_19", "for the tax adviser")
    assert len(annotated.csv.splitlines()) == 1 + len(annotated.newest) + annotated.older


def test_documents(store: Path, surface: Surface) -> None:
    with replayed(KONTIST_DOCUMENTS, store, surface) as drive:
        filed = courses.documents(drive)

    assert filed.names[0] == "Kontoauszug 10-2026 DE83110101001850371727"
    assert len(filed.names) == 11
    assert filed.renamed == "newest.pdf"
    assert filed.categories == ["Kontoauszüge", "Umsatzsteuer-Voranmeldungen", "Sonstiges"]
    assert filed.statistics == Decimal("6797.27")


def test_basiqs_consents_and_events(store: Path, surface: Surface) -> None:
    with replayed(BASIQ_CLIENT, store, surface) as drive:
        told = basiq_courses.consents_and_events(drive)

    assert told.flow.status is FlowStatus.CONNECTED
    assert told.email == "anna@mail.example"
    assert told.consent == "active"
    assert "account.basic" in told.permissions
    assert {"user.created", "consent.created", "connection.created", "transactions.updated"} <= set(told.first_read)
    assert told.read_again == []
    assert told.refused == "resource-not-found"
    assert sorted(told.after_the_end) == ["connection.deleted", "consent.revoked"]
    assert told.ended == "revoked"


def test_basiqs_webhooks(store: Path, surface: Surface) -> None:
    with replayed(BASIQ_WEBHOOKS, store, surface) as drive:
        registered = basiq_courses.webhooks(drive)

    assert registered.secret == "fake-webhook-secret-1"
    assert registered.subscribed == ("consent.revoked", "transactions.updated")
    assert registered.refused == "event-already-subscribed"
    assert registered.listed == [("https://app.example/basiq", None)], "the secret is told once only"
    assert [kind for kind, _ in registered.told] == ["consent.revoked"]
    assert registered.moved_to == "https://app.example/basiq/new"
    assert registered.kept_secret
    assert registered.left == 0
