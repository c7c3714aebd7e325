"""Nothing secret is said by the client: not in the log of anybody at any level, not in what is printed of its values."""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from kontist_client import SIGN_IN, SMS_CODE

from bankweave.errors import BankweaveError, ProviderRefused
from bankweave.payment import TransferKind, TransferOrder
from bankweave_kontist.client import AsyncKontistClient

pytestmark = pytest.mark.anyio

IBAN = "DE89370400440532013000"
PIN = "9173"
WRONG = "999999"
ORDER = TransferOrder(creditor_name="Vera Vermieter", creditor_iban=IBAN, amount=Decimal("1.23"))


async def everything(kontist: AsyncKontistClient) -> list[object]:
    """Use what has secrets in it; gives all values and errors that a program sees on the way."""
    seen: list[object] = [kontist._session]
    wanted = await kontist.transfers.create(ORDER)
    seen += [wanted, await kontist.transfers.confirm(wanted, SMS_CODE)]
    refused = await kontist.transfers.create(ORDER)
    with pytest.raises(ProviderRefused) as wrong:
        await kontist.transfers.confirm(refused, WRONG)
    signed = await kontist.transfers.create(ORDER, confirm_by="device")
    seen += [wrong.value, signed, await kontist.transfers.confirm(signed)]
    seen += [each async for each in kontist.transfers.list(TransferKind.CREDIT_TRANSFER)]
    card = next(each for each in await kontist.cards.list() if each.status == "ACTIVE")
    seen += [card, await kontist.pins.set(card.id, PIN), await kontist.pins.begin(card.id, PIN)]
    binding = await kontist.devices.bind("phone")
    seen += [binding, await kontist.devices.verify(binding, SMS_CODE), await kontist.devices.list()]
    with suppress(BankweaveError):
        seen += [await kontist.push.pending()]
    seen += [await kontist.contacts.create("Vera Vermieter", IBAN)]
    created = await kontist.clients.create("Mine", scopes=["offline"], secret="client-secret-of-mine")
    return [*seen, created, await kontist.documents.list(year=date(2026, 1, 1).year)]


async def test_nothing_secret_is_said(kontist_client: AsyncKontistClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    session = kontist_client._session
    secrets = {SMS_CODE: "code", WRONG: "wrong code", PIN: "pin", "client-secret-of-mine": "a client's secret"}
    secrets |= {IBAN: "payee", "Vera Vermieter": "payee", SIGN_IN["password"]: "password"}
    secrets[await session.token()] = "token"
    seen = await everything(kontist_client)
    secrets[await session.token()] = "confirmed token"
    secrets |= {await session.ctx.recall(f"device-key/{name}") or "": f"key of {name}" for name in ("laptop", "phone")}
    assert "" not in secrets
    said = "\n".join([*map(_line, caplog.records), *map(repr, seen), *map(str, seen)])
    assert "create_transfer" in said
    assert {meaning for secret, meaning in secrets.items() if _says(said, secret)} == set()


def _line(record: logging.LogRecord) -> str:
    """What a formatter may make of a record: its message, and whatever was added to it."""
    own = vars(record).keys() - vars(logging.makeLogRecord({})).keys()
    return f"{record.getMessage()} {[getattr(record, name) for name in sorted(own)]}"


def _says(text: str, secret: str) -> bool:
    """Whether a secret is in a text, and not by chance a part of some id or of a card's number."""
    return re.search(rf"(?<![\w*-]){re.escape(secret)}(?![\w-])", text) is not None


def test_the_listener_would_hear_it() -> None:
    record = logging.makeLogRecord({"msg": "sent %s", "args": ("9173",), "note": IBAN})
    assert _says(_line(record), "9173")
    assert _says(_line(record), IBAN)
    assert not _says("id 1-9173-4 and ****9173", "9173")
