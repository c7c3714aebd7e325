"""From Basiq's shapes to the neutral rows. Pure; the only file that sees both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NoReturn
from zoneinfo import ZoneInfo

import msgspec

from bankweave.adapter import Stream
from bankweave.errors import MalformedAnswer, Origin
from bankweave.model import (
    AccountStatus,
    AccountType,
    Balance,
    BalanceType,
    Consent,
    ConsentStatus,
    Institution,
    ObservedAccount,
    ObservedTransaction,
    TransactionStatus,
)
from bankweave_basiq.links import NAME, id_in
from bankweave_basiq.wire import (
    RECORDS,
    WireAccount,
    WireCategory,
    WireConnection,
    WireConnector,
    WireConsent,
    WireTransaction,
)

COUNTRIES = {"AU": "Australia", "NZ": "New Zealand"}

_ACCOUNT_TYPES = {
    "transaction": AccountType.CURRENT,
    "savings": AccountType.SAVINGS,
    "credit-card": AccountType.CARD,
    "mortgage": AccountType.LOAN,
    "loan": AccountType.LOAN,
    "investment": AccountType.INVESTMENT,
    "term-deposit": AccountType.INVESTMENT,
}
_CONSENT_STATUSES = {
    "active": ConsentStatus.VALID,
    "expired": ConsentStatus.EXPIRED,
    # Basiq does not tell the person's revoking from ours.
    "revoked": ConsentStatus.REVOKED_BY_USER,
}
_BOOKED, _UNKNOWN = TransactionStatus.BOOKED, TransactionStatus.UNKNOWN  # a member of an enum is slow to look up
_ROW_STATUSES = {"posted": _BOOKED, "pending": TransactionStatus.PENDING}


# Values ------------------------------------------------------------------------------------------------------------------


def to_amount(text: str) -> Decimal:
    """Read a decimal text exactly. Raises `MalformedAnswer` for what is no finite number."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        _malformed("an amount")
    return amount if amount.is_finite() else _malformed("an amount")


@lru_cache(maxsize=64)
def to_currency(text: str | None) -> str:
    code = (text or "").upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else _malformed("a currency")


def to_instant(text: str | None) -> datetime | None:
    """Read RFC 3339 with or without milliseconds; "" and null are no instant (section 9.10)."""
    return _instant(text) if text else None


def to_day(text: str | None, zone: ZoneInfo) -> date | None:
    return _day(text, zone) if text else None


@lru_cache(maxsize=4096)
def _day(text: str, zone: ZoneInfo) -> date:
    """The bank's day of a post date.

    Banks read over the web know only the day, and Basiq adds midnight UTC: that date is the bank's. Open banking gives real
    instants turned into UTC, on which the day in Australia may be the next one (section 5.2).
    """
    instant = _instant(text)
    if instant.timetz() == time(tzinfo=UTC):
        return instant.date()
    try:
        return instant.astimezone(zone).date()
    except OverflowError:
        _malformed("a date")


@lru_cache(maxsize=4096)
def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        _malformed("a date")


def _malformed(what: str) -> NoReturn:
    raise MalformedAnswer(
        f"{what} in Basiq's answer cannot be read; nothing of it was used", origin=Origin(adapter=NAME)
    ) from None


# Institutions and consents -------------------------------------------------------------------------------------------------


def to_institution(connector: WireConnector) -> Institution:
    bank = connector.institution
    names = {name.casefold(): code for code, name in COUNTRIES.items()}
    links = bank.logo.links if bank and bank.logo else None
    return Institution(
        id=connector.id,
        adapter=NAME,
        name=(bank and (bank.name or bank.short_name)) or connector.id,
        country=names.get((bank.country or "").casefold()) if bank else None,
        logo_url=links.square if links else None,
    )


def to_institutions(connectors: Iterable[WireConnector]) -> tuple[Institution, ...]:
    """The banks a person can log in at. One reached by both methods is there twice, statement uploads are no login."""
    by_id: dict[str, Institution] = {}
    for connector in connectors:
        if (connector.method or "").replace("-", "") in {"web", "openbanking"}:
            by_id.setdefault(connector.id, to_institution(connector))
    return tuple(by_id.values())


def newest(consents: Sequence[WireConsent]) -> WireConsent | None:
    """The active consent; without one, the one that changed last."""
    active = [consent for consent in consents if consent.status == "active"]
    return max(active or consents, key=lambda consent: consent.updated or consent.created or "", default=None)


def to_consent(consents: Sequence[WireConsent], connections: Sequence[WireConnection] = ()) -> Consent | None:
    """What is allowed now, until the consent to Basiq ends or, if sooner, that at an open banking data holder."""
    consent = newest(consents)
    if consent is None:
        return None
    ends = [to_instant(consent.expiry_date), *(to_instant(connection.expiry_date) for connection in connections)]
    return Consent(
        status=_CONSENT_STATUSES.get((consent.status or "").casefold(), ConsentStatus.UNKNOWN),
        permissions=consented_scopes(consent),
        valid_from=to_instant(consent.created),
        valid_until=min((end for end in ends if end is not None), default=None),
        provider_id=consent.id,
        recurring=True,
        purpose=consent.purpose.primary.title if consent.purpose and consent.purpose.primary else None,
        policy_urls=(policy,) if (policy := consent.links and consent.links.consent_policy) else (),
    )


def consented_scopes(consent: WireConsent) -> tuple[str, ...]:
    permissions = (consent.data and consent.data.permissions) or ()
    return tuple(p.scope for p in permissions if p.scope and p.consented is not False)


# Accounts ------------------------------------------------------------------------------------------------------------------


def belongs_to(account: WireAccount, connections: Sequence[str]) -> bool:
    """Whether an account hangs on one of these connections. It may not say so where the provider was asked for one only."""
    link = account.links.connection if account.links else None
    connection = account.connection or (id_in(link, "connections") if link else None)
    return len(connections) == 1 if connection is None else connection in connections


def to_account(account: WireAccount) -> ObservedAccount:
    kind = account.account_class.type if account.account_class else None
    return ObservedAccount(
        provider_id=account.id,
        currency=to_currency(account.currency),
        name=account.name,
        type=_ACCOUNT_TYPES.get((kind or "").casefold(), AccountType.UNKNOWN),
        provider_type=kind,
        # "unavailable" is not explained; it need not mean closed.
        status=AccountStatus.ENABLED if account.status == "available" else AccountStatus.UNKNOWN,
        number=account.account_no or account.masked_number,
        owner_name=account.account_holder,
        credit_limit=to_amount(account.credit_limit) if account.credit_limit else None,
    )


def to_stream(account: WireAccount) -> Stream:
    return Stream(id=account.id, accounts=(account.id,))


def to_balances(account: WireAccount, now: datetime) -> tuple[Balance, ...]:
    """What is booked, and what can be spent; of the latter nobody says whether it counts a credit limit (section 5.1)."""
    stated = (
        (BalanceType.INTERIM_BOOKED, account.balance, False),
        (BalanceType.INTERIM_AVAILABLE, account.available_funds, None),
    )
    return tuple(
        Balance(
            account_provider_id=account.id,
            type=kind,
            amount=to_amount(amount),
            currency=to_currency(account.currency),
            observed_at=to_instant(account.last_updated) or now,
            credit_limit_included=limit_included,
        )
        for kind, amount, limit_included in stated
        if amount
    )


# Transactions --------------------------------------------------------------------------------------------------------------


def to_transaction(row: WireTransaction, zone: ZoneInfo, currency: str | None) -> ObservedTransaction:
    """One row; `currency` is the account's, for old rows that lack it (section 5.2)."""
    status = _ROW_STATUSES.get(row["status"].casefold(), _UNKNOWN)
    booked = status is _BOOKED
    posted_on = to_day(row.get("postDate"), zone)
    balance = row.get("balance")
    return ObservedTransaction(
        status=status,
        amount=_signed(row),
        currency=to_currency(row.get("currency") or currency),
        booking_date=posted_on if booked else None,
        transaction_date=to_day(row.get("transactionDate"), zone) or (None if booked else posted_on),
        # A pending row gets another id at every refresh (sections 5.2 and 9.9).
        provider_id=row["id"] if booked else None,
        counterparty_name=_other_side(row),
        remittance_information=_lines(row.get("description"), row.get("reference")),
        provider_type=row.get("class") or None,
        merchant_category_code=_merchant_category(row),
        category=_category(row),
        labels=tuple(enrich.get("tags") or ()) if (enrich := row.get("enrich")) else (),
        # The documents' examples have "0.00" where a balance is hardly meant; it cannot be told from a true zero.
        balance_after=to_amount(balance) if balance else None,
    )


def _lines(description: str | None, reference: str | None) -> tuple[str, ...]:
    if description:
        return (description, reference) if reference else (description,)
    return (reference,) if reference else ()


def to_records(body: bytes, places: Iterable[int]) -> list[bytes]:
    """The provider's own records, byte for byte, of the rows at these places of a page that was read already."""
    try:
        records = RECORDS.decode(body).data
    except msgspec.DecodeError:  # a number that JSON does not have, such as NaN, in a field that is not read
        _malformed("a record")
    return [bytes(records[place]) for place in places]


def _signed(row: WireTransaction) -> Decimal:
    """Outgoing is negative already (section 5.2); `direction` must not say otherwise."""
    amount = to_amount(row["amount"])
    direction = row.get("direction")
    if (direction == "debit" and amount > 0) or (direction == "credit" and amount < 0):
        _malformed("the direction of an amount")
    return amount


def _other_side(row: WireTransaction) -> str | None:
    """The merchant that Enrich found, else the biller of a BPAY payment, which is no guess either."""
    enrich, details = row.get("enrich"), row.get("paymentDetails")
    merchant = enrich.get("merchant") if enrich else None
    bpay = details.get("bpay") if details else None
    return (merchant and merchant.get("businessName")) or (bpay and bpay.get("billerName")) or None


def _category(row: WireTransaction) -> str | None:
    """The narrowest word that Basiq has for it: the trade of the merchant, the sub-class, the class (section 5.2)."""
    category = _enriched_category(row)
    anzsic = category.get("anzsic") if category else None
    trades = (anzsic.get("subclass"), anzsic.get("class"), anzsic.get("group")) if anzsic else ()
    titles = (entry.get("title") for entry in (*trades, row.get("subClass")) if entry)
    return next((title for title in titles if title), None) or row.get("class") or None


def _merchant_category(row: WireTransaction) -> str | None:
    category = _enriched_category(row)
    mcc = category.get("mcc") if category else None
    code = str((mcc and mcc.get("code")) or "")
    return code if code.isascii() and code.isdecimal() else None


def _enriched_category(row: WireTransaction) -> WireCategory | None:
    enrich = row.get("enrich")
    return enrich.get("category") if enrich else None
