"""Who pays whom is in no log, no error and no text of a flow, and is not readable in the store."""

from __future__ import annotations

import logging
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from banks import connected, weave
from overhearing import Ears, LogEar, leaks

from bankweave import AsyncBankweave, TransferOrder
from bankweave.errors import BankweaveError, OutcomeUnknown
from bankweave.flow import Pay
from bankweave.store.base import Scope
from bankweave.testing import EchoBank

pytestmark = pytest.mark.anyio

NAME, IBAN, TEXT, CODE, AMOUNT, OWN = (
    "Zacharias Quendel",
    "DE89370400440532013000",
    "quarterly wyvern feed",
    "48151623",
    "8172.93",
    "WYVERN-FEED-31",
)
PRIVATE = {
    NAME: "a name",
    IBAN: "an IBAN",
    TEXT: "a text",
    CODE: "a code",
    AMOUNT: "an amount",
    OWN: "an end-to-end id",
}


def an_order(**more: Any) -> TransferOrder:
    given = {"creditor_name": NAME, "creditor_iban": IBAN, "amount": Decimal(AMOUNT), "remittance_information": TEXT}
    return TransferOrder(**{**given, "end_to_end_id": OWN, **more})


async def pay_in_every_way(one: AsyncBankweave, bank: EchoBank, ears: Ears) -> None:
    (account,) = await one.accounts()
    for failure, code in ((None, CODE), (None, CODE + "0"), (OutcomeUnknown("lost"), CODE), (KeyError(NAME), CODE)):
        bank.pay_failure = failure
        flow = await one.transfer(account.id, an_order())
        with suppress(BankweaveError):
            await heard(ears, one.confirm(flow.id, code))
        with suppress(BankweaveError):
            await heard(ears, one.confirm(flow.id, {"wrong": code}))
        await one.outcome(flow.id)
    bank.pay_failure = None
    wrong = ({"creditor_iban": IBAN[:-1]}, {"creditor_name": f"{NAME} €"}, {"remittance_information": f"{TEXT} €"})
    for order in (*wrong, {"amount": Decimal(f"{AMOUNT}1")}, {"end_to_end_id": f"{OWN}€"}, {"amount": AMOUNT}):
        with suppress(BankweaveError):
            await heard(ears, one.transfer(account.id, an_order(**order)))


def contents(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("*.db*"))


async def heard(ears: Ears, doing: Any) -> None:
    try:
        await doing
    except BankweaveError as error:
        ears.errors.append(error)
        raise


async def test_nothing_of_a_payment_is_said(tmp_path: Path) -> None:
    ears, bank = Ears(), EchoBank(accounts={"giro": []}, pays=True)
    ear, root = LogEar(ears), logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        async with weave(tmp_path / "bank.db", bank) as one:
            await connected(one)
            await one.sync()
            bank.code = CODE
            await pay_in_every_way(one, bank, ears)
            flows = await one.flows()
            records = await one._parts.store.flows(Scope())
            stored = contents(tmp_path)
    finally:
        root.removeHandler(ear)
        root.setLevel(level)

    assert any(flow.transfers for flow in flows)
    assert len(ears.errors) >= 10
    assert any("adapter_bug" in record for record in ears.records)
    said = {
        "logs": "\n".join(ears.records),
        "errors": "\n".join(ears.error_texts()),
        "failures": "\n".join(f"{flow.failure!r} {flow.failure}" for flow in flows),
        "texts of flows": "\n".join(f"{flow!r} {flow}" for flow in flows),
        "texts of records": "\n".join(f"{record!r} {record}" for record in records),
        "texts of steps": repr(Pay(account="giro", orders=(an_order(),))),
        "store": stored.decode("latin-1"),
    }
    assert {place: leaks(PRIVATE, text) for place, text in said.items() if leaks(PRIVATE, text)} == {}


def test_a_program_s_own_rows_are_shown_like_any_other() -> None:
    assert NAME in repr(an_order())
