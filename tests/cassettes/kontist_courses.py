"""What is done in the recordings of Kontist's own client: step by step, by either surface, everything anew for every step.

A course ends in what it has found out; the recorder runs it against the sandbox, the replay against a cassette.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from bankweave import (
    Challenge,
    ChallengeKind,
    Field,
    Flow,
    Frequency,
    Transfer,
    TransferKind,
    TransferOrder,
)
from bankweave.testing.driver import Driver
from bankweave_kontist.blocking import KontistClient
from bankweave_kontist.cards.records import LimitChange, LimitsChange
from bankweave_kontist.transactions.categories import TransactionCategory
from bankweave_kontist.transactions.filters import Filter

from .steps import ClientSteps

WRONG_CODE = "999999"
_SMS = Challenge(kind=ChallengeKind.OTP, message="", fields=(Field(name="code", label="Code from the SMS"),))
_FIRST_DAY = date(2026, 12, 1)


class Steps(ClientSteps):
    kind: ClassVar[type[Any]] = KontistClient

    @property
    def code(self) -> str:
        """The code of an SMS: the sandbox's in a recording, its fake in the replay."""
        return next(iter(self.drive.rig.person.answer(_SMS)))


def _order(amount: str, number: int, **more: Any) -> TransferOrder:
    return TransferOrder(
        creditor_name="Vera Vermieter",
        creditor_iban="DE89370400440532013000",
        amount=Decimal(amount),
        remittance_information="Miete",
        end_to_end_id=f"RENT-{number}",
        **more,
    )


# Signing in -----------------------------------------------------------------------------------------------------------


def password_and_push(drive: Driver) -> Flow:
    """A password opens a connection, a push confirms it."""
    flow = drive.connected()
    steps = Steps(drive)
    steps.call("push.confirm")
    steps.call("accounts.main")  # under the confirmed token
    return flow


@dataclass(frozen=True)
class Bound:
    flow: Flow
    names: list[str]
    is_removed: bool
    is_ours: bool


def device_binding(drive: Driver) -> Bound:
    """A device is bound at the sign-in, signs by itself, confirms a transfer, and is removed."""
    flow = drive.connected()
    steps = Steps(drive)
    steps.call("devices.confirm")
    steps.call("transfers.confirm", steps.call("transfers.create", _order("12.34", 1), confirm_by="device"))
    devices = steps.call("devices.list")
    is_removed = steps.call("devices.remove", devices[0].id)
    is_ours = steps.call("devices.ours") is not None
    return Bound(flow, [each.name for each in devices], is_removed, is_ours)


# Paying ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paid:
    transfer: Transfer  # in neutral words, by the flow of a program that knows no provider
    batch: list[tuple[str, Decimal]]
    standing: tuple[str, str]
    cancelled: str
    wrong_code: str | None
    too_much: str | None
    listed: list[str | None]


def transfers(drive: Driver) -> Paid:
    """One transfer, several, a standing order and its end; a wrong code, and more than there is."""
    drive.connected()
    drive.synced()
    steps = Steps(drive)
    flow = drive._do("transfer", drive.accounts()[0].id, _order("12.34", 1))
    (transfer,) = drive._do("confirm", flow.id, steps.code)
    many = steps.call("transfers.create_many", [_order("1.00", 2), _order("2.00", 3)])
    batch = steps.call("transfers.confirm_many", many, steps.code)
    monthly = _order("650.00", 4, requested_execution_date=_FIRST_DAY, frequency=Frequency.MONTHLY)
    standing = steps.call("transfers.confirm", steps.call("transfers.create", monthly), steps.code)
    stop = steps.call("transfers.cancel", standing.id, TransferKind.STANDING_ORDER)
    stopped = steps.call("transfers.confirm_cancel", stop, steps.code)
    return Paid(
        transfer=transfer,
        batch=[(each.end_to_end_id, each.amount) for each in batch],
        standing=(standing.status, standing.reoccurrence),
        cancelled=stopped.status,
        wrong_code=steps.refused("transfers.confirm", steps.call("transfers.create", _order("3.00", 5)), WRONG_CODE),
        too_much=steps.refused("transfers.create", _order("9000000", 6)),
        listed=[each.end_to_end_id for each in steps.call("transfers.list", TransferKind.CREDIT_TRANSFER)],
    )


# Cards, transactions, documents ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Carried:
    statuses: list[str]
    cash_a_day: Decimal
    ordered: str


def cards(drive: Driver) -> Carried:
    """A card is blocked and unblocked, limited, and gets a PIN; another one is ordered."""
    drive.connected()
    steps = Steps(drive)
    card = next(each for each in steps.call("cards.list") if each.status == "ACTIVE")
    blocked, unblocked = steps.call("cards.block", card.id), steps.call("cards.unblock", card.id)
    limits = steps.call("cards.set_limits", card.id, atm=LimitsChange(daily=LimitChange(max_amount=Decimal(100))))
    steps.call("pins.confirm", steps.call("pins.begin", card.id, "2580"), steps.code)
    ordered = steps.call("cards.create", "VIRTUAL_VISA_FREELANCE_DEBIT")
    return Carried(
        statuses=[card.status, blocked.status, unblocked.status],
        cash_a_day=limits.atm.daily.max_amount,
        ordered=ordered.status,
    )


@dataclass(frozen=True)
class Annotated:
    newest: list[Decimal]
    older: int
    found: list[str | None]
    large: list[Decimal]
    category: str | None
    note: str | None
    csv: str


def transactions(drive: Driver) -> Annotated:
    """Two pages, a search, a filter, a category and a note, and a CSV file."""
    drive.connected()
    steps = Steps(drive)
    page = steps.call("transactions.newest", 3)
    everything = steps.call("transactions.list")
    found = steps.call("transactions.search", "bahn")
    large = steps.call("transactions.list", where=Filter(amount_lt=Decimal(-20)))
    changed = steps.call(
        "transactions.update", large[0].id, category=TransactionCategory.VAT_19, personal_note="for the tax adviser"
    )
    return Annotated(
        newest=[each.amount for each in page.rows],
        older=len(everything) - len(page.rows),
        found=[each.name for each in found],
        large=[each.amount for each in large],
        category=changed.category,
        note=changed.personal_note,
        csv=steps.call("transactions.csv", date(2026, 11, 1), date(2026, 11, 30)),
    )


@dataclass(frozen=True)
class Filed:
    names: list[str]
    categories: list[str]
    renamed: str
    statistics: Decimal


def documents(drive: Driver) -> Filed:
    """Statements are listed and renamed; the balances that they end in."""
    drive.connected()
    steps = Steps(drive)
    listed = steps.call("documents.list", year=2026)
    renamed = steps.call("documents.rename", listed[0].id, "newest.pdf")
    return Filed(
        names=[each.name for each in listed],
        categories=[each.category_name for each in steps.call("documents.categories")],
        renamed=renamed.name,
        statistics=steps.call("accounts.statistics").account_balance,
    )
