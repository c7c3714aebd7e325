"""Timed and standing orders, executed as the clock moves (providers/kontist.md section 7.2)."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from bankweave_sandbox.kontist.transfers.input import TransferInput
from bankweave_sandbox.kontist.transfers.order_dates import occurrence
from bankweave_sandbox.kontist.transfers.payments import TransferPayments
from bankweave_sandbox.kontist.transfers.transfer import Transfer

_T = TypeVar("_T")


class Orders:
    def __init__(self, payments: TransferPayments) -> None:
        self._payments = payments

    def schedule(self, transfer: Transfer) -> None:
        """Start a timed order: SCHEDULED, then EXECUTED or FAILED on its day."""
        transfer.status = "SCHEDULED"
        self._payments.at(_needed(transfer.order.execute_at), lambda: self._execute(transfer))

    def activate(self, transfer: Transfer) -> None:
        """Start a standing order: ACTIVE until its last date has passed."""
        first = _needed(transfer.order.execute_at)
        transfer.status, transfer.first_occurrence, transfer.next_occurrence = "ACTIVE", first, first
        self._plan(transfer, first)

    def change(self, transfer: Transfer, order: TransferInput) -> None:
        """Change an active standing order; a new rhythm counts from the next occurrence."""
        if order.reoccurrence != transfer.order.reoccurrence:
            transfer.first_occurrence, transfer.occurrences = transfer.next_occurrence, 0
        transfer.order = order
        self._end_when_over(transfer)

    def cancel(self, transfer: Transfer) -> None:
        transfer.status, transfer.next_occurrence = "CANCELED", None

    def _plan(self, transfer: Transfer, due: datetime) -> None:
        self._payments.at(due, lambda: self._run(transfer))

    def _execute(self, transfer: Transfer) -> None:
        if transfer.status != "SCHEDULED":
            return
        if not self._payments.has_funds(transfer.account, transfer.order.amount):
            transfer.status = "FAILED"
            return
        self._payments.settle(transfer)
        transfer.status = "EXECUTED"

    def _run(self, transfer: Transfer) -> None:
        if transfer.status != "ACTIVE":
            return
        # Without funds the occurrence is declined, and the order stays active.
        if self._payments.has_funds(transfer.account, transfer.order.amount):
            self._payments.settle(transfer)
        transfer.occurrences += 1
        first, rhythm = _needed(transfer.first_occurrence), _needed(transfer.order.reoccurrence)
        transfer.next_occurrence = following = occurrence(first, rhythm, transfer.occurrences)
        self._end_when_over(transfer)
        self._plan(transfer, following)  # finds the order ended when it is

    def _end_when_over(self, transfer: Transfer) -> None:
        last, following = transfer.order.last_execution_date, transfer.next_occurrence
        if last and following and following > last:
            transfer.status, transfer.next_occurrence = "INACTIVE", None


def _needed(value: _T | None) -> _T:
    if value is None:
        raise ValueError("a standing or timed order lacks its dates")
    return value
