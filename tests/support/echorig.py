"""The echo adapter as a rig: an echo bank, and somebody who has accounts there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from banks import callback_of
from ledger import DAY, booked, pending

from bankweave import Challenge, Flow
from bankweave.model import ObservedTransaction, TransactionStatus
from bankweave.testing import EchoBank, Person, Rig, TrueAccount, TrueRow

CODE = "4711"


class Customer(Person):
    def sign_in(self, flow: Flow) -> str:
        return callback_of(flow)

    def refuse(self, flow: Flow) -> str:
        return callback_of(flow, error="access_denied")

    def answer(self, challenge: Challenge) -> str:  # noqa: ARG002 - there is one code
        return CODE

    def answer_wrongly(self, challenge: Challenge) -> str:  # noqa: ARG002 - there is one code
        return "0000"


@dataclass
class Doings:
    """What happens at an echo bank."""

    bank: EchoBank

    @property
    def rows(self) -> list[ObservedTransaction]:
        return self.bank.accounts["giro"]

    def pay(self) -> None:
        self.rows.insert(0, booked("-8.15", provider_id="paid"))

    def reserve(self) -> Callable[[], None]:
        self.rows.insert(0, pending("-99.01"))

        def book() -> None:
            self.rows[0] = replace(booked("-99.01", provider_id="collected"), transaction_date=DAY)

        return book

    def resize(self, size: int) -> None:
        self.bank.page_size = size

    def truth(self) -> list[TrueAccount]:
        return [
            TrueAccount(key=name, currency="EUR", rows=tuple(map(_true, rows)))
            for name, rows in self.bank.accounts.items()
        ]


def _true(row: ObservedTransaction) -> TrueRow:
    return TrueRow(
        status=row.status,
        amount=row.amount,
        currency=row.currency,
        booking_date=row.booking_date if row.status is TransactionStatus.BOOKED else None,
        text=" ".join(row.remittance_information),
        counterparty=row.counterparty_name,
    )


def rig_of(bank: EchoBank) -> Rig:
    doings = Doings(bank)
    return Rig(
        adapter=bank.adapter(),
        settings={},
        person=Customer(),
        truth=doings.truth,
        pay=doings.pay,
        reserve=doings.reserve,
        set_page_size=doings.resize,
    )


def make_bank(**ways: object) -> EchoBank:
    history = [booked(f"-{n}.00", provider_id=f"tx-{n}", day=DAY - timedelta(days=n)) for n in range(1, 12)]
    return EchoBank(accounts={"giro": history, "savings": [booked(), booked()], "empty": []}, **ways)  # type: ignore[arg-type]
