"""Kontomatik's shapes to neutral rows. Pure, and the only file that sees both."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from bankweave.errors import MalformedAnswer
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
from bankweave_kontomatik.holdings import VAGUE
from bankweave_kontomatik.wire import WireAccount, WireOwner, WireTarget, WireTransaction

_AMOUNT = re.compile(r"\s*[+-]?[0-9]{1,18}(?:\.[0-9]{1,8})?\s*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
# Kontomatik tells cards, deposits and loans from accounts by where they stand, and nothing more of an account.
_TYPES = {
    "account": AccountType.UNKNOWN,
    "creditCard": AccountType.CARD,
    "deposit": AccountType.SAVINGS,
    "loan": AccountType.LOAN,
}
_ROLES = {"OWNER": PartyRole.OWNER, "CO_OWNER": PartyRole.CO_OWNER, "COMPANY": PartyRole.OWNER}


# Accounts -------------------------------------------------------------------------------------------------------------


def identify_accounts(accounts: Sequence[WireAccount]) -> tuple[str | None, ...]:
    """Give each account of an import its provider id: its number, with the currency where several share one.

    Kontomatik has no ids for accounts. One number can stand for pockets in several currencies. A deposit or loan without
    number or currency gets none: what is inside of these is not known, and they do not change what others are known by.
    """
    numbers = tuple(_number_of(account) for account in accounts if account.kind not in VAGUE)
    shared = {number for number, count in Counter(numbers).items() if count > 1}
    taken: set[str] = set()
    return tuple(_identify(account, shared, taken) for account in accounts)


def _identify(account: WireAccount, shared: set[str], taken: set[str]) -> str | None:
    if account.kind in VAGUE:
        known_as = _vague_id(account)
    else:
        number = _number_of(account)
        known_as = f"{number}:{currency_of(account)}" if number in shared else number
    if known_as is None or known_as not in taken:
        taken.update({known_as} if known_as else ())
        return known_as
    if account.kind in VAGUE:
        return None
    raise MalformedAnswer("Kontomatik's import shows one account twice; nothing of it was used")


def _vague_id(account: WireAccount) -> str | None:
    number = compact(account.iban) or compact(account.number)
    amounts = (account.currency_balance, account.currency_funds_available)
    readable = _CURRENCY.fullmatch(_currency_word(account)) and all(map(_is_amount, amounts))
    return f"{account.kind}:{number}" if number and readable else None


def _is_amount(text: str | None) -> bool:
    return not (text or "").strip() or _AMOUNT.fullmatch(text or "") is not None


def map_account(account: WireAccount, provider_id: str) -> ObservedAccount:
    return ObservedAccount(
        provider_id=provider_id,
        currency=currency_of(account),
        name=one_line(account.friendly_name) or one_line(account.name),
        type=_TYPES[account.kind],
        iban=read_iban(account.iban),
        number=compact(account.number) or _local_number(account.iban),
        owner_name=_holder(account),
        credit_limit=read_optional_amount(account.limit) if _is_amount(account.limit) else None,
    )


def map_balances(account: WireAccount, provider_id: str, observed_at: datetime) -> tuple[Balance, ...]:
    stated = (
        (BalanceType.INTERIM_BOOKED, read_optional_amount(account.currency_balance)),
        (BalanceType.INTERIM_AVAILABLE, read_optional_amount(account.currency_funds_available)),
    )
    return tuple(
        Balance(
            account_provider_id=provider_id,
            type=kind,
            amount=amount,
            currency=currency_of(account),
            observed_at=observed_at,
        )
        for kind, amount in stated
        if amount is not None
    )


def currency_of(account: WireAccount) -> str:
    currency = _currency_word(account)
    if not _CURRENCY.fullmatch(currency):
        raise MalformedAnswer("An account of Kontomatik's import has no currency; nothing of it was used")
    return currency


def _currency_word(account: WireAccount) -> str:
    return (account.currency_name or "").strip().upper()


def _number_of(account: WireAccount) -> str:
    # A card may carry the IBAN of the account that pays for it, so that its own numbers come first.
    iban = compact(account.iban)
    number = (
        compact(account.card_id) or compact(account.number) or (iban and f"card:{iban}")
        if account.kind == "creditCard"
        else iban
    )
    if not number:
        raise MalformedAnswer("An account of Kontomatik's import has no number; nothing of it was used")
    return number


def _local_number(iban: str | None) -> str | None:
    # Outside the lands of the IBAN the field holds a plain account number (section 5).
    return None if read_iban(iban) else compact(iban)


def _holder(account: WireAccount) -> str | None:
    owners = [one_line(owner.name) for owner in account.owners if read_role(owner.kind) is PartyRole.OWNER]
    return next(iter(owners), None) or one_line(account.owner)


# Parties --------------------------------------------------------------------------------------------------------------


def map_parties(
    owners: Sequence[WireOwner], accounts: Sequence[WireAccount], ids: Sequence[str | None]
) -> tuple[Party, ...]:
    """Join the people of the import with the people of each account, who are told apart by their names alone."""
    details = {name: owner for owner in owners if (name := one_line(owner.name))}
    held: dict[tuple[str, PartyRole], list[str]] = {}
    for name, role, provider_id in _holdings(accounts, ids):
        held.setdefault((name, role), []).append(provider_id)
    seen = {name for name, _ in held}
    alone: dict[tuple[str, PartyRole], list[str]] = {
        (name, read_role(owner.kind)): [] for name, owner in details.items() if name not in seen
    }
    return tuple(
        _party(name, role, tuple(provider_ids), details.get(name))
        for (name, role), provider_ids in {**held, **alone}.items()
    )


def _holdings(accounts: Sequence[WireAccount], ids: Sequence[str | None]) -> Iterable[tuple[str, PartyRole, str]]:
    for account, provider_id in zip(accounts, ids, strict=True):
        for owner in account.owners:
            name = one_line(owner.name)
            if name and provider_id:
                yield name, read_role(owner.kind), provider_id


def _party(name: str, role: PartyRole, provider_ids: tuple[str, ...], details: WireOwner | None) -> Party:
    known = details or WireOwner()
    return Party(
        name=name,
        role=role,
        account_provider_ids=provider_ids,
        email=one_line(known.email),
        phone=one_line(known.phone),  # may be masked with asterisks
        address=one_line(known.address),
        birth_date=read_birth_date(known.birth_date),
    )


def read_role(kind: str | None) -> PartyRole:
    # One sample spells it CO-OWNER (section 5).
    return _ROLES.get((kind or "").strip().upper().replace("-", "_"), PartyRole.UNKNOWN)


def read_birth_date(text: str | None) -> date | None:
    """Read a day, or None where a bank wrote something else: a birthday is not worth the statement."""
    try:
        return read_date(text)
    except MalformedAnswer:
        return None


# Transactions ---------------------------------------------------------------------------------------------------------


def map_transaction(record: WireTransaction, currency: str) -> ObservedTransaction:
    """Map one row. It has no id of the provider's: the core tells rows apart by what they say."""
    title = one_line(record.get("title"))
    labels = read_labels(record.get("labels"))
    return ObservedTransaction(
        status=read_status(record.get("status")),
        amount=read_amount(record.get("currencyAmount")),
        currency=currency,
        booking_date=read_date(record.get("bookedOn")),
        transaction_date=read_date(record.get("transactionOn")),
        counterparty_name=one_line(record.get("party")),
        counterparty_iban=read_iban(record.get("partyIban")),
        remittance_information=(title,) if title else (),
        provider_type=_word(record.get("kind")),
        category=labels[0] if labels else None,
        labels=labels,
        balance_after=read_optional_amount(record.get("currencyBalance")),
    )


def check_transaction(record: WireTransaction, since: date | None = None) -> bool:
    """Raise `MalformedAnswer` where mapping would, and tell whether the row is wanted by one who reads since a day."""
    read_amount(record.get("currencyAmount"))
    read_optional_amount(record.get("currencyBalance"))
    booked, paid = read_date(record.get("bookedOn")), read_date(record.get("transactionOn"))
    if (day := booked or paid) is None:
        raise MalformedAnswer("A transaction of Kontomatik's import has no date; nothing of it was used")
    # What is not surely booked may still change, however old it is.
    return since is None or day >= since or read_status(record.get("status")) is not TransactionStatus.BOOKED


def read_labels(labels: Sequence[str | None] | None) -> tuple[str, ...]:
    """Labels in the provider's order. They come only to who has bought them (section 5)."""
    return tuple([label for label in map(_word, labels) if label]) if labels else ()


@lru_cache(maxsize=64)
def read_status(status: str | None) -> TransactionStatus:
    # Only DONE was ever seen (section 14, item 18). What another word means is not known, and not guessed.
    return TransactionStatus.BOOKED if (status or "DONE").strip().upper() == "DONE" else TransactionStatus.UNKNOWN


def read_amount(text: str | None) -> Decimal:
    if text is None or not _AMOUNT.fullmatch(text):
        raise MalformedAnswer("Kontomatik's import has an amount that is no number; nothing of it was used")
    return Decimal(text)


def read_optional_amount(text: str | None) -> Decimal | None:
    return read_amount(text) if text and text.strip() else None


@lru_cache(maxsize=4096)
def read_date(text: str | None) -> date | None:
    stripped = (text or "").strip()
    if not stripped:
        return None
    # `fromisoformat` alone would take weeks and days without dashes too.
    if _DATE.fullmatch(stripped):
        try:
            return date.fromisoformat(stripped)
        except ValueError:
            pass  # the 31st of February is refused like any other text
    raise MalformedAnswer("Kontomatik's import has a day that is no date; nothing of it was used")


@lru_cache(maxsize=4096)
def read_iban(text: str | None) -> str | None:
    iban = (compact(text) or "").upper()
    return iban if _IBAN.fullmatch(iban) else None


def compact(text: str | None) -> str | None:
    return "".join((text or "").split()) or None


def one_line(text: str | None) -> str | None:
    # The same text comes wrapped differently from one import to the next (section 5).
    return (" ".join(text.split()) or None) if text else None


_word = lru_cache(maxsize=1024)(one_line)  # for what comes from a short list of the bank's


# Institutions ---------------------------------------------------------------------------------------------------------


def map_target(target: WireTarget) -> Institution:
    return Institution(
        id=target.name,
        adapter="kontomatik",
        name=one_line(target.official_name) or target.name,
        country=read_country(target.country),
        website=read_website(target.official_url),
    )


def map_bank(target: str | None, official_name: str | None, country: str | None) -> Institution | None:
    """The bank that a sign-in told of, which may be another than was preselected."""
    if target is None:
        return None
    return Institution(
        id=target, adapter="kontomatik", name=one_line(official_name) or target, country=read_country(country)
    )


def read_website(url: str | None) -> str | None:
    return url if url and url.startswith(("https://", "http://")) else None


def is_true(text: str | None) -> bool:
    return (text or "").strip().lower() == "true"


def read_country(code: str | None) -> str | None:
    # `all` is a choice of Kontomatik's, not a country.
    stripped = (code or "").strip().upper()
    return stripped if len(stripped) == 2 else None
