"""The money of transfers: it leaves the account, is booked, and reaches whoever banks in this world."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from bankweave_sandbox.kontist.money import cents, euros
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.kontist.transfers.transfer import Transfer
from bankweave_sandbox.world import Account, Kind, Movement, News

INSUFFICIENT_FUNDS = "https://api.kontist.com/problems/transfer/insufficient-funds"
_TRANSACTION_TYPES = {"INSTANT_CREDIT_TRANSFER": "SEPAInstantCreditTransfer"}


class TransferPayments:
    def __init__(self, books: Books) -> None:
        self._world = books.world
        self._books = books
        self._switches = books.switches
        self._unbooked: dict[str, Transfer] = {}  # by movement id
        books.world.subscribe(self._hear)

    def has_funds(self, account: Account, amount: int) -> bool:
        return cents(self._world.available_balance(account)) >= amount

    def require_funds(self, account: Account, amount: int) -> None:
        if not self.has_funds(account, amount):
            raise Problem(400, "There were insufficient funds to complete this action", INSUFFICIENT_FUNDS)

    def at(self, instant: datetime, action: Callable[[], None]) -> None:
        """Do something when the clock reaches the instant: now, when it has."""
        if instant <= self._world.clock.now():
            action()
        else:
            self._world.schedule(instant, action)

    def send(self, transfer: Transfer) -> None:
        """Send a SEPA transfer: CONFIRMED now, BOOKED later (section 7.2)."""
        transfer.status = "CONFIRMED"
        booked_at = self._world.clock.now() + timedelta(seconds=self._switches.sepa_booking_seconds)
        if self._switches.transfer_shows_when == "booked":
            self.at(booked_at, lambda: self._settle_late(transfer))
            return
        # Own transfers show, and `newTransaction` fires, at once (section 13.12).
        movement = self._withdrawal(transfer, booked_at=None)
        self._unbooked[movement.id] = transfer
        self._pay(transfer, movement)
        self.at(booked_at, lambda: self._book(movement))

    def settle(self, transfer: Transfer) -> None:
        """Move the money at once: an instant transfer, or an order on its day."""
        movement = self._withdrawal(transfer, booked_at=self._world.clock.now())
        self._pay(transfer, movement)
        self._credit(transfer, movement)

    def _settle_late(self, transfer: Transfer) -> None:
        if not self.has_funds(transfer.account, transfer.order.amount):
            transfer.status = "FAILED"
            return
        self.settle(transfer)
        transfer.status = "BOOKED"

    def _book(self, movement: Movement) -> None:
        if movement.id in self._unbooked:  # else it was booked or has lapsed at the control origin
            self._world.book(movement)

    def _hear(self, news: News) -> None:
        """Follow a transfer's movement, whoever books it or lets it lapse."""
        if news.what == "appeared" or news.movement.id not in self._unbooked:
            return
        transfer = self._unbooked.pop(news.movement.id)
        transfer.status = "BOOKED" if news.what == "booked" else "FAILED"
        if news.what == "booked":
            self._credit(transfer, news.movement)

    def _withdrawal(self, transfer: Transfer, booked_at: datetime | None) -> Movement:
        order = transfer.order
        return Movement(
            id=str(uuid.uuid4()),
            amount=-euros(order.amount),
            kind=Kind.TRANSFER,
            occurred_at=self._world.clock.now(),
            booked_at=booked_at,
            text=order.purpose or "",
            counterparty=order.recipient,
            counterparty_iban=order.iban,
            end_to_end_id=order.e2e_id or make_e2e_id(),
        )

    def _pay(self, transfer: Transfer, movement: Movement) -> None:
        # Before it appears, so that listeners meet the row as it will stay.
        self._mark(transfer, movement)
        self._books.notes.annotate(movement.id, transfer.order.note)
        self._world.pay(transfer.account, movement)

    def _credit(self, transfer: Transfer, sent: Movement) -> None:
        """Give the money to the recipient, if the account is one of this world's."""
        recipient = self._world.account(transfer.order.iban)
        if recipient is None or recipient.currency != "EUR":
            return
        now = self._world.clock.now()
        movement = Movement(
            id=str(uuid.uuid4()),
            amount=-sent.amount,
            kind=Kind.TRANSFER,
            occurred_at=now,
            booked_at=now,
            text=sent.text,
            counterparty=transfer.person.name,
            counterparty_iban=transfer.account.iban,
            end_to_end_id=sent.end_to_end_id,
        )
        self._mark(transfer, movement)
        self._world.pay(recipient, movement)

    def _mark(self, transfer: Transfer, movement: Movement) -> None:
        if type_ := _TRANSACTION_TYPES.get(transfer.order.type):
            self._books.mark_type(movement.id, type_)


def make_e2e_id() -> str:
    """Make what the bank puts where the client gives none (section 7.1)."""
    return f"E-{uuid.uuid4().hex}"
