"""The account and its owner."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from bankweave.errors import InvalidOrder
from bankweave.sepa import is_iban, plain_iban
from bankweave_kontist.queries.accounts import (
    ACCOUNT,
    IBAN_INFORMATION,
    PROFILE,
    SOLARIS_BALANCE,
    STATISTICS,
    SUB_ACCOUNTS,
    SYSTEM_STATUS,
)
from bankweave_kontist.records import Day, Euros, Instant, Record
from bankweave_kontist.session import Session


def _german_day(value: object) -> object:
    """`30-09-2022`, unlike every other date (section 6.2); anything else is left for the validator to judge."""
    if not isinstance(value, str):
        return value
    day, _, rest = value.partition("-")
    month, _, year = rest.partition("-")
    return f"{year}-{month}-{day}" if len(day) == len(month) == 2 and len(year) == 4 else value


class Account(Record):
    """The main account. Amounts are euros; `available_balance` is lowered by reservations, `balance` is not."""

    public_id: str
    iban: str
    bic: str
    name: str | None = None
    icon: str | None = None
    balance: Euros
    available_balance: Euros
    created_at: Instant
    can_create_overdraft: bool | None = None
    has_pending_card_fraud_case: bool | None = None


class Statistics(Record):
    """What is whose, as far as it is known, in euros.

    `account_balance` is `main` and what taxes will take; `main` is `yours` and `unknown`, which is not categorised yet.
    """

    account_balance: Euros
    main: Euros
    yours: Euros
    unknown: Euros
    vat_amount: Euros
    vat_total: Euros
    vat_missing: Euros
    tax_current_year_amount: Euros
    tax_past_years_amount: Euros | None = None
    tax_total: Euros
    tax_missing: Euros


class SolarisAmount(Record):
    """An amount as the bank behind Kontist states it: `value` in `unit`, which is cents wherever it was seen."""

    value: Decimal
    currency: str | None = None
    unit: str | None = None

    @property
    def amount(self) -> Decimal:
        """The amount in whole units of its currency. Raises `ValueError` for a unit other than cents."""
        if self.unit != "cents":
            raise ValueError(f"the unit {self.unit!r} is not known")
        return self.value.scaleb(-2)


class SeizureProtection(Record):
    """What is kept from creditors on a protected account."""

    current_blocked_amount: SolarisAmount
    protected_amount: SolarisAmount
    protected_amount_expiring: SolarisAmount
    protected_amount_expiring_date: Annotated[date, BeforeValidator(_german_day)]


class SolarisBalance(Record):
    """The balance as the bank behind Kontist states it."""

    balance: SolarisAmount | None = None
    available_balance: SolarisAmount | None = None
    seizure_protection: SeizureProtection | None = None


class SubAccount(Record):
    """A further account. Its balance is a float in a unit that is undocumented, and left as it is."""

    public_id: str | None = None  # None: it is still being opened
    name: str
    icon: str
    iban: str | None = None
    balance: Decimal | None = None
    status: str
    created_at: Instant | None = None


class IbanInformation(Record):
    """The bank of an IBAN."""

    bank_name: str | None = None
    bic: str | None = None
    is_sepa_instant_transfer_available: bool


class SystemStatus(Record):
    """Kontist's own word on how it is. `type` is None when all is well, else ERROR."""

    type: str | None = None
    message: str | None = None


class Profile(Record):
    """The person. Words of enums are Kontist's."""

    public_id: str
    created_at: Instant
    account_state: str | None = None
    language: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    gender: str | None = None
    birth_date: Day | None = None
    birth_place: str | None = None
    nationality: str | None = None
    is_us_person: Annotated[bool | None, Field(alias="isUSPerson")] = None
    email: str | None = None
    mobile_number: str | None = None
    untrusted_phone_number: str | None = None
    street: str | None = None
    post_code: str | None = None
    city: str | None = None
    country: str | None = None
    company_type: str | None = None
    business_purpose: str | None = None
    business_trading_name: str | None = None
    website_social_media: str | None = None


class _Statistics(Record):
    stats: Statistics


class _SolarisBalance(Record):
    solaris_balance: SolarisBalance


class _SubAccounts(Record):
    get_sub_accounts: tuple[SubAccount, ...]


class _IbanInformation(Record):
    iban_information: Annotated[IbanInformation, Field(alias="getIBANInformation")]


class _SystemStatus(Record):
    status: SystemStatus


class Accounts:
    """Reads the account, its balances and its owner. All of it may be repeated."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def main(self) -> Account:
        """Read the main account. Raises `ProviderRefused` (no_account) for a user without one."""
        return await self._session.account(ACCOUNT, Account)

    async def statistics(self) -> Statistics:
        """Read how much of the account is whose."""
        return (await self._session.account(STATISTICS, _Statistics)).stats

    async def solaris_balance(self) -> SolarisBalance:
        """Read the balance as the bank behind Kontist has it, with what is protected from seizure."""
        return (await self._session.account(SOLARIS_BALANCE, _SolarisBalance)).solaris_balance

    async def sub_accounts(self) -> tuple[SubAccount, ...]:
        """Read the accounts beside the main one, also those that are still being opened."""
        return (await self._session.run(SUB_ACCOUNTS, _SubAccounts)).get_sub_accounts

    async def iban_information(self, iban: str) -> IbanInformation:
        """Tell the bank of an IBAN. Raises `InvalidOrder` for what is no IBAN."""
        if not is_iban(iban):
            raise InvalidOrder("that is not an IBAN; nothing was sent", code="iban")
        return (await self._session.run(IBAN_INFORMATION, _IbanInformation, iban=plain_iban(iban))).iban_information

    async def system_status(self) -> SystemStatus:
        """Ask Kontist whether it is well."""
        return (await self._session.run(SYSTEM_STATUS, _SystemStatus)).status

    async def profile(self) -> Profile:
        """Read who the person is."""
        return await self._session.viewer(PROFILE, Profile)
