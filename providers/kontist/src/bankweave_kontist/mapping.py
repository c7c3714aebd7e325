"""From Kontist's shapes to the neutral rows. Pure; the only file that sees both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec

from bankweave.adapter import Snapshot, Stream
from bankweave.model import (
    AccountType,
    Balance,
    BalanceType,
    Institution,
    ObservedAccount,
    ObservedTransaction,
    Party,
    PartyRole,
    TransactionStatus,
)
from bankweave_kontist.berlin import berlin_day
from bankweave_kontist.money import euros
from bankweave_kontist.protocol import LIST_TRANSACTIONS
from bankweave_kontist.refusals import malformed
from bankweave_kontist.transactions.types import DECLINED, EXTERNAL, RESERVABLE, kind_of
from bankweave_kontist.wire import RECORDS, WireAccount, WireFee, WireTransaction, WireUser

KONTIST = Institution(id="kontist", adapter="kontist", name="Kontist", country="DE", website="https://kontist.com")
EURO = "EUR"

_CHARGED = "CHARGED"
_BOOKED = TransactionStatus.BOOKED  # a member of an enum is slow to look up

# ISO 4217: the currencies whose minor unit is not a hundredth
_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


@dataclass(frozen=True, slots=True)
class ForeignAmounts:
    """How to read `originalAmount`, which is undocumented: in minor units unless the settings say otherwise."""

    in_minor_units: bool = True

    def read(self, value: float, currency: str, booked: Decimal) -> Decimal:
        """Read an amount; its sign is that of the booked one (section 13, question 14)."""
        amount = Decimal(str(value))
        if amount == amount.to_integral_value():
            amount = amount.to_integral_value()
        if self.in_minor_units:
            amount = amount.scaleb(-_DECIMALS.get(currency, 2))
        return abs(amount).copy_sign(booked)


def snapshot(user: WireUser, now: datetime) -> Snapshot:
    """Say what a user has: one account, or nothing yet."""
    account = user.account
    if account is None:
        return Snapshot(accounts=())
    owner = _full_name(user)
    return Snapshot(
        accounts=(_account(account, owner),),
        balances=_balances(account, now),
        parties=() if owner is None else (_owner(owner, account),),
        streams=(Stream(id=account.public_id, accounts=(account.public_id,)),),
    )


def _full_name(user: WireUser) -> str | None:
    return " ".join(part.strip() for part in (user.first_name, user.last_name) if part and part.strip()) or None


def _owner(name: str, account: WireAccount) -> Party:
    return Party(name=name, role=PartyRole.OWNER, account_provider_ids=(account.public_id,))


def _account(account: WireAccount, owner: str | None) -> ObservedAccount:
    return ObservedAccount(
        provider_id=account.public_id,
        currency=EURO,  # never sent: Kontist keeps accounts in euro only
        name=_text(account.name),
        type=AccountType.CURRENT,
        iban=_text(account.iban),
        bic=_text(account.bic),
        owner_name=owner,
    )


def _balances(account: WireAccount, now: datetime) -> tuple[Balance, ...]:
    """Reservations lower the available balance and leave the other alone (section 6.4, inferred)."""
    stated = (
        (BalanceType.INTERIM_BOOKED, account.balance),
        (BalanceType.INTERIM_AVAILABLE, account.available_balance),
    )
    return tuple(
        Balance(account_provider_id=account.public_id, type=kind, amount=euros(cents), currency=EURO, observed_at=now)
        for kind, cents in stated
    )


def transaction(row: WireTransaction, foreign: ForeignAmounts) -> ObservedTransaction:
    """Map a row. A pending or declined one has the day of the payment and no booking date."""
    status = _status(row)
    is_booked = status is _BOOKED
    day = _day(row["bookingDate"])
    amount = euros(row["amount"])
    purpose = _text(row["purpose"])
    currency = _foreign_currency(row)
    return ObservedTransaction(
        status=status,
        amount=amount,
        currency=EURO,
        booking_date=day if is_booked else None,
        value_date=None if row["valutaDate"] is None else _day(row["valutaDate"]),
        transaction_date=None if is_booked else day,
        # undocumented whether a reservation keeps its id when it is booked; the core links the two if it does not
        provider_id=row["id"],
        counterparty_name=_text(row["name"]),
        counterparty_iban=_text(row["iban"]),
        remittance_information=() if purpose is None else (purpose,),
        end_to_end_id=_text(row["e2eId"]),
        mandate_id=_text(row["mandateNumber"]),
        merchant_category_code=_text(row["merchantCategoryCode"]),
        provider_type=row["type"],
        category=row["category"] or row["categoryCode"],
        instructed_amount=None if currency is None else foreign.read(row["originalAmount"] or 0, currency, amount),
        instructed_currency=currency,
        bank_transaction_code=kind_of(row["type"]).code(row["amount"]),
        payment_method=row.get("paymentMethod"),
        charges=_charges(fees) if (fees := row.get("fees")) else None,
    )


def records(body: bytes, places: Iterable[int]) -> list[bytes]:
    """Kontist's own records, byte for byte, of the rows at these places of a page that was read already."""
    try:
        edges = RECORDS.decode(body).data.viewer.main_account.transactions.edges
    except msgspec.DecodeError:  # a number that JSON does not have, such as NaN, in a field that is not read
        raise malformed(LIST_TRANSACTIONS) from None
    return [bytes(edges[place].node) for place in places]


def _status(row: WireTransaction) -> TransactionStatus:
    """Tell by the type, and of a card's row by the value date.

    Whether other rows have none while they are pending, such as a transfer of one's own, is undocumented: they count as
    booked, because a row that never gets one would stay pending for ever.
    """
    if row["type"] == DECLINED:  # no money moved
        return TransactionStatus.REJECTED
    if row["type"] in EXTERNAL:  # entered by the person: no money of this account
        return TransactionStatus.INFORMATION
    if row["valutaDate"] is None and row["type"] in RESERVABLE:
        return TransactionStatus.PENDING
    return _BOOKED


def _charges(fees: Iterable[WireFee]) -> Decimal | None:
    """What was taken: fees that are only announced, cancelled or on their way back are not."""
    taken = [fee["unitAmount"] for fee in fees if fee["status"] == _CHARGED and fee["unitAmount"] is not None]
    return euros(sum(taken)) if taken else None


def _foreign_currency(row: WireTransaction) -> str | None:
    """The currency of a foreign payment; None where either half of the amount is missing."""
    return None if row["originalAmount"] is None else _text(row["foreignCurrency"])


def _day(value: str | int) -> date:
    try:
        return berlin_day(value)
    except ValueError:
        raise malformed(LIST_TRANSACTIONS) from None


def _text(value: str | None) -> str | None:
    return value if value and not value.isspace() else None
