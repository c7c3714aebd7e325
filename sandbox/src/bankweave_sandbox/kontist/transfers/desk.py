"""Where transfers are asked for, confirmed and looked up (providers/kontist.md section 7)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from bankweave_sandbox.kontist.devices.confirmations import Confirmations, Delivery, PendingRequest
from bankweave_sandbox.kontist.money import euros
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.kontist.transfers.input import TransferInput, TransferType, read_transfer
from bankweave_sandbox.kontist.transfers.orders import Orders
from bankweave_sandbox.kontist.transfers.payments import TransferPayments, make_e2e_id
from bankweave_sandbox.kontist.transfers.transfer import Transfer
from bankweave_sandbox.world import Account, Person

# Which confirm call takes a request.
ONE, MANY, CANCELLATION = "transfer", "transfers", "transfer-cancellation"


class TransferDesk:
    def __init__(self, books: Books, confirmations: Confirmations, payments: TransferPayments) -> None:
        self.confirmations = confirmations
        self.orders = Orders(payments)
        self._clock = books.world.clock
        self._books = books
        self._payments = payments
        self._switches = books.switches
        self._confirmed: dict[str, Transfer] = {}
        self._waiting: dict[str, Transfer] = {}  # by the id of the request that would confirm it
        self._numbers = count()

    def create(
        self,
        person: Person,
        fields: Mapping[str, Any],
        *,
        delivery: Delivery | None = None,
        device_id: str | None = None,
    ) -> PendingRequest:
        """Register one transfer. Nothing is executed before it is confirmed."""
        transfer = self._register(person, fields)
        if twin := self._twin(transfer):
            return twin
        self._check_funds_early(transfer.account, transfer.order)
        request = self.confirmations.ask(
            person,
            ONE,
            describe_transfer(transfer.order),
            lambda: self._carry_out(transfer),
            delivery=delivery,
            device_id=device_id,
            # As in the SDK's samples of standing orders; clients must not read it.
            id_prefix="standing-order:" if transfer.order.type == "STANDING_ORDER" else "",
        )
        self._waiting[request.id] = transfer
        return request

    def create_many(self, person: Person, batch: Sequence[Mapping[str, Any]]) -> PendingRequest:
        """Register several SEPA transfers for one confirmation, by SMS only."""
        if not batch:
            raise Problem(400, "transfers is empty")
        transfers = [self._register(person, fields) for fields in batch]
        self._check_funds_early(transfers[0].account, *(transfer.order for transfer in transfers))
        total = sum(transfer.order.amount for transfer in transfers)
        purpose = f"{len(transfers)} transfers of {euros(total)} EUR together"
        return self.confirmations.ask(person, MANY, purpose, lambda: self._carry_out_many(transfers))

    def find(self, person: Person, transfer_id: str, type_: TransferType) -> Transfer | None:
        transfer = self._confirmed.get(transfer_id)
        is_it = transfer and transfer.person.id == person.id and transfer.order.type == type_
        return transfer if is_it else None

    def require(self, person: Person, transfer_id: str, type_: TransferType) -> Transfer:
        transfer = self.find(person, transfer_id, type_)
        if transfer is None:
            raise Problem(404, "Transfer not found")
        return transfer

    def listed(self, person: Person, type_: TransferType, status: str | None = None) -> list[Transfer]:
        """List the person's transfers of one kind, newest first."""
        known = [t for t in self._confirmed.values() if t.person.id == person.id and self._is_listed(t)]
        if self._switches.list_unconfirmed_transfers:
            known += self.unfinished(person)
        wanted = (t for t in known if t.order.type == type_ and status in {None, t.status})
        return sorted(wanted, key=lambda t: t.sort_key, reverse=True)

    def unfinished(self, person: Person) -> list[Transfer]:
        """List what waits for its confirmation."""
        return [self._waiting[r.id] for r in self.confirmations.open_requests(person, ONE) if r.id in self._waiting]

    def _is_listed(self, transfer: Transfer) -> bool:
        is_gone = transfer.order.type == "TIMED_ORDER" and transfer.status == "CANCELED"
        return not is_gone or self._switches.list_canceled_timed_orders

    def _register(self, person: Person, fields: Mapping[str, Any]) -> Transfer:
        now = self._clock.now()
        order = read_transfer(fields, now, self._switches)
        account = self._books.account(person, None)
        if order.iban == account.iban:
            raise Problem(400, "The recipient's account is the sender's")
        self._check_reach(order)
        return Transfer(_make_id(order.type), str(uuid.uuid4()), person, account, order, now, next(self._numbers))

    def _check_reach(self, order: TransferInput) -> None:
        needs_reach = order.type == "INSTANT_CREDIT_TRANSFER" and self._switches.instant_needs_known_bank
        if needs_reach and self._books.neighbour(order.iban) is None:
            raise Problem(400, "The recipient's bank takes no instant transfers")

    def _twin(self, transfer: Transfer) -> PendingRequest | None:
        """Find the open request of the same `reference`, where that is for de-duplication (section 13.13)."""
        reference = transfer.order.reference
        if not reference or not self._switches.transfer_reference_is_unique:
            return None
        person = transfer.person
        if any(t.order.reference == reference for t in self._confirmed.values() if t.person.id == person.id):
            raise Problem(409, "There is a transfer with this reference")
        opened = self.confirmations.open_requests(person, ONE)
        twins = (r for r in opened if r.id in self._waiting and self._waiting[r.id].order.reference == reference)
        return next(twins, None)

    def _check_funds_early(self, account: Account, *orders: TransferInput) -> None:
        if self._switches.funds_checked_from == "create":
            self._payments.require_funds(account, _due_now(orders))

    def _carry_out(self, transfer: Transfer) -> Transfer:
        self._payments.require_funds(transfer.account, _due_now([transfer.order]))
        self._confirmed[transfer.id] = transfer
        self._start(transfer)
        return transfer

    def _carry_out_many(self, transfers: Sequence[Transfer]) -> dict[str, Any]:
        """Carry out all or, when the money does not suffice for all, none."""
        self._payments.require_funds(transfers[0].account, _due_now([t.order for t in transfers]))
        for transfer in transfers:
            self._confirmed[transfer.id] = transfer
            self._start(transfer)
        return {"id": str(uuid.uuid4()), "status": "ACCEPTED", "transfers": transfers}

    def _start(self, transfer: Transfer) -> None:
        start: dict[TransferType, Callable[[Transfer], None]] = {
            "SEPA_TRANSFER": self._send,
            "INSTANT_CREDIT_TRANSFER": self._send_at_once,
            "TIMED_ORDER": self.orders.schedule,
            "STANDING_ORDER": self.orders.activate,
        }
        start[transfer.order.type](transfer)

    def _send(self, transfer: Transfer) -> None:
        transfer.order = _with_e2e_id(transfer.order)
        self._payments.send(transfer)

    def _send_at_once(self, transfer: Transfer) -> None:
        transfer.order = _with_e2e_id(transfer.order)
        self._payments.settle(transfer)
        transfer.status = "BOOKED"


def describe_transfer(order: TransferInput) -> str:
    what = order.type.replace("_", " ").lower()
    return f"{what} of {euros(order.amount)} EUR to {order.recipient}"


def _due_now(orders: Sequence[TransferInput]) -> int:
    """Add up what leaves the account with the confirmation; orders are looked at on their day."""
    return sum(order.amount for order in orders if order.type in {"SEPA_TRANSFER", "INSTANT_CREDIT_TRANSFER"})


def _with_e2e_id(order: TransferInput) -> TransferInput:
    return order if order.e2e_id else replace(order, e2e_id=make_e2e_id())


def _make_id(type_: TransferType) -> str:
    """Make an id as seen: 32 hex digits and a suffix for SEPA, uuids for orders (section 7.2)."""
    is_order = type_ in {"TIMED_ORDER", "STANDING_ORDER"}
    return str(uuid.uuid4()) if is_order else f"{uuid.uuid4().hex}ctrx"
