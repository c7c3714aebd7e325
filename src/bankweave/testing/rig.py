"""What an adapter's author hands to the conformance kit: the adapter, a person, and what is true at the bank.

Whatever the rig cannot do is left None; the cases that need it are skipped and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bankweave.adapter import AnyAdapter
from bankweave.client import Answers
from bankweave.clock import Clock
from bankweave.flow import Challenge, Flow
from bankweave.model import TransactionStatus
from bankweave.testing.clock import StillClock


class Person:
    """Somebody who has accounts at the bank. Override what the adapter needs of them."""

    def sign_in(self, flow: Flow) -> str | None:
        """Follow the flow's redirect and allow everything; returns the address they were sent back to, if any."""
        raise NotImplementedError("the adapter sends the person away: override Person.sign_in")

    def refuse(self, flow: Flow) -> str | None:
        """Follow the flow's redirect and allow nothing."""
        raise NotImplementedError("the adapter sends the person away: override Person.refuse")

    def answer(self, challenge: Challenge) -> Answers:
        """Answer rightly; approve what is to be approved on another device, and return nothing."""
        raise NotImplementedError("the adapter asks the person: override Person.answer")

    def answer_wrongly(self, challenge: Challenge) -> Answers:
        """Answer wrongly; deny what is to be approved on another device, and return nothing."""
        raise NotImplementedError("the adapter asks the person: override Person.answer_wrongly")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueRow:
    """A transaction as the adapter shall show it."""

    status: TransactionStatus
    amount: Decimal
    currency: str
    booking_date: date | None  # None while pending
    text: str = ""  # the remittance information, joined by blanks
    counterparty: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueAccount:
    """An account with all rows that it shows at present. `key` is its IBAN, its number or its provider id."""

    key: str
    currency: str
    rows: tuple[TrueRow, ...]


@dataclass(frozen=True, kw_only=True)
class Rig:
    """An adapter, and a bank behind it whose doings the test decides."""

    adapter: type[AnyAdapter]
    settings: Mapping[str, Any]
    person: Person
    truth: Callable[[], Sequence[TrueAccount]]  # the accounts of the person, as they are now

    owner: str = "anna"
    redirect_uri: str | None = "https://app.example/callback"
    institution: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=StillClock)  # the bank's own, where it has one; sleeping must move it
    pause: timedelta = timedelta(0)  # how long to let pass between two syncs, where the provider counts them

    pay: Callable[[], None] | None = None  # a payment is made and booked
    reserve: Callable[[], Callable[[], None]] | None = None  # one is made and pending; what is returned books it
    set_page_size: Callable[[int], None] | None = None  # pages have so many rows from now on
    end_access: Callable[[], None] | None = None  # the access token has just run out; it can be renewed
