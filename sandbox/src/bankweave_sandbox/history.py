"""Make the seeded fictional world: who banks where, and two and a half years of what they did."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from bankweave_sandbox import cast
from bankweave_sandbox.clock import Clock
from bankweave_sandbox.household import Flow, Household, Life, live
from bankweave_sandbox.iban import draw_iban
from bankweave_sandbox.places import (
    BENEFITS_OFFICE,
    CLIENT,
    DELIVERIES,
    LETTING_AGENT,
    OTHER_CLIENT,
    OTHER_LETTING_AGENT,
    PAY_LATER,
    RIDES,
    STAFF,
    SUPPLIER,
    TAX_OFFICE,
)
from bankweave_sandbox.terms import Deposit, Loan
from bankweave_sandbox.world import Account, AccountKind, Bank, Kind, Person, World, world_id

_CURRENCIES = {"DE": "EUR", "PL": "PLN", "CZ": "CZK", "AU": "AUD"}
_BANK_CODES = {"kontist": "11010100", "pl-kontobank": "99010124", "pl-pko": "99020135", "cz-kontobank": "9901"}
_BICS = {"kontist": "SOBKDEBBXXX"}
_ORDINARY = Life(salaries=(5200,), rent=1700, cards=4, bills=2)
_NO_LIFE = Life()


@dataclass(frozen=True, slots=True)
class _Product:
    """A loan or a term deposit that a bank offers."""

    kind: AccountKind
    name: str  # behind that of the bank
    amount: int  # about
    rate: str  # a year, about
    months: int
    years: int = 4  # since it was taken


_HOME_LOAN = _Product(AccountKind.MORTGAGE, "Home Loan", 612_000, "0.0594", 360)
_CAR_LOAN = _Product(AccountKind.LOAN, "Car Loan", 38_000, "0.0749", 84)
_PERSONAL_LOAN = _Product(AccountKind.LOAN, "Personal Loan", 24_000, "0.1129", 60, years=3)
_TERM_DEPOSIT = _Product(AccountKind.TERM_DEPOSIT, "Term Deposit", 30_000, "0.0435", 6, years=3)

# What each earns, owes and spends is what Basiq documents of its test people (providers/basiq.md, section 8).
_PAYS_LATER = Flow(PAY_LATER, -58, (9, 23), spread=0.6, kind=Kind.DIRECT_DEBIT)
_ON_BENEFITS = Life(rent=700, cards=4, bills=1, flows=(Flow(BENEFITS_OFFICE, 890, (6, 20)), _PAYS_LATER))
_DRIVES = Flow(RIDES, 290, (4, 11, 18, 25), spread=0.8)
_DELIVERS = Flow(DELIVERIES, 210, (7, 16, 27), spread=0.8)
_LETS = (Flow(LETTING_AGENT, 2750, (5,)), Flow(OTHER_LETTING_AGENT, 3180, (12,)))
_BUSINESS = (
    Flow(CLIENT, 21000, (10,), spread=0.2),
    Flow(OTHER_CLIENT, 8000, (24,)),
    Flow(STAFF, -6400, (14, 28)),
    Flow(SUPPLIER, -640, (8,), spread=0.4, kind=Kind.DIRECT_DEBIT),
    Flow(TAX_OFFICE, -2900, (21,)),
)


@dataclass(frozen=True, slots=True)
class _Customer:
    """Who banks in the same way with each of the Australian banks."""

    holders: tuple[Person, ...]
    life: Life
    products: tuple[_Product, ...] = ()
    has_card: bool = False


_LESSER_AUSTRALIANS = (
    _Customer(
        (cast.WENTWORTH, cast.WILMA), Life(salaries=(6900, 4300), cards=4, bills=3), products=(_HOME_LOAN, _CAR_LOAN)
    ),
    _Customer((cast.WHISTLER,), replace(_ORDINARY, flows=(_PAYS_LATER,))),
    _Customer((cast.GILFOYLE,), _ON_BENEFITS),
    _Customer((cast.JARED,), Life(rent=700, cards=4, bills=1, flows=(_DRIVES, _DELIVERS)), products=(_TERM_DEPOSIT,)),
    _Customer((cast.RICHARD,), Life(salaries=(14800,), rent=4100, cards=5, bills=3, flows=_LETS)),
    _Customer((cast.ASH,), replace(_ORDINARY, bets=7)),
    _Customer((cast.LAURIE,), Life(rent=9500, cards=3, bills=3, flows=_BUSINESS)),
)
_GAVIN_ELSEWHERE = _Customer(
    (cast.GAVIN,), replace(_ORDINARY, credit_cards=12), products=(_PERSONAL_LOAN,), has_card=True
)


def make_world(clock: Clock, seed: int = 1) -> World:
    """Make the world whose first day is today in each bank's zone; the same seed and day give the same world."""
    now = clock.now()
    first_days = tuple(now.astimezone(bank.zone).date() for bank in cast.BANKS)
    accounts = [replace(a, movements=list(a.movements)) for a in _lived_in(seed, first_days)]
    failing = [cast.BIGHEAD, cast.ERLICH, cast.JIAN_YANG]
    return World(cast.BANKS, accounts, clock, customers={bank.id: failing for bank in cast.AU_BANKS})


@lru_cache(maxsize=2)  # tests make the same world over and over
def _lived_in(seed: int, first_days: tuple[date, ...]) -> tuple[Account, ...]:
    days = {bank.id: day for bank, day in zip(cast.BANKS, first_days, strict=True)}
    opener = _Opener(seed, first_days[0].year)
    households = [*_germans(opener), *_poles(opener), *_czechs(opener), *_australians(opener)]
    for household in households:
        if household.life != _NO_LIFE:
            live(household, days[household.current.bank.id])
    return tuple(account for household in households for account in household.accounts)


@dataclass(frozen=True, slots=True)
class _Opener:
    """Opens accounts: draws their numbers and opening balances."""

    seed: int
    year: int

    def open(
        self,
        bank: Bank,
        holders: tuple[Person, ...],
        name: str,
        balance: int,
        *,
        kind: AccountKind = AccountKind.CURRENT,
        currency: str | None = None,
        credit_limit: int | None = None,
    ) -> Account:
        rng = random.Random(f"{self.seed}/{bank.id}/{holders[0].id}/{name}")
        iban = draw_iban(bank.country, rng, _BANK_CODES[bank.id]) if bank.id in _BANK_CODES else None
        return Account(
            id=world_id(str(self.seed), bank.id, holders[0].id, name),
            bank=bank,
            holders=holders,
            kind=kind,
            name=name,
            number=iban or _australian_number(kind, rng),
            currency=currency or _CURRENCIES[bank.country],
            opened_on=date(self.year - rng.randint(3, 11), rng.randint(1, 12), rng.randint(1, 28)),
            opening_balance=balance + Decimal(rng.randrange(100)).scaleb(-2),
            credit_limit=None if credit_limit is None else Decimal(credit_limit),
            iban=iban,
            bic=_BICS.get(bank.id),
        )

    def open_card(self, bank: Bank, holders: tuple[Person, ...]) -> Account:
        name = f"{bank.name} Platinum Visa"
        return self.open(bank, holders, name, -812, kind=AccountKind.CREDIT_CARD, credit_limit=15000)

    def lend(self, bank: Bank, holders: tuple[Person, ...], product: _Product) -> Account:
        """Open a loan or a term deposit whose amount, rate and day differ a little from customer to customer."""
        name = f"{bank.name} {product.name}"
        rng = random.Random(f"{self.seed}/{bank.id}/{holders[0].id}/{name}/terms")
        amount = product.amount * rng.randint(90, 110) // 10_000 * 100
        rate = Decimal(product.rate) + Decimal(rng.randint(-25, 25)).scaleb(-4)
        day = date(self.year - product.years, rng.randint(1, 12), rng.randint(5, 25))
        if product.kind.is_borrowing:
            account = self.open(bank, holders, name, 0, kind=product.kind, credit_limit=amount)
            return replace(account, terms=Loan(Decimal(amount), rate, day, product.months), opened_on=day)
        account = self.open(bank, holders, name, amount, kind=product.kind)
        return replace(account, terms=Deposit(rate, day, product.months), opened_on=day)


def _australian_number(kind: AccountKind, rng: random.Random) -> str:
    """Draw a BSB and account number, or a card number masked as Basiq masks it."""
    if kind is AccountKind.CREDIT_CARD:
        return f"4622********{rng.randrange(10_000):04d}"
    return f"6{rng.randrange(10**14):014d}"


def _germans(opener: _Opener) -> list[Household]:
    anna = opener.open(cast.KONTIST, (cast.ANNA,), "Geschäftskonto", 7200)
    ben = opener.open(cast.KONTIST, (cast.BEN,), "Geschäftskonto", 3900)
    return [
        Household(Life(salaries=(3900, 1800, 700), rent=890, cards=46, bills=3, transfers=5), anna),
        Household(Life(salaries=(2800, 600), rent=540, cards=12, bills=3, transfers=2), ben),
    ]


def _poles(opener: _Opener) -> list[Household]:
    joint = (cast.ZOFIA, cast.MAREK)
    savings = AccountKind.SAVINGS
    zofia = opener.open(cast.PL_KONTOBANK, joint, "Konto Osobiste", 11400)
    zofia_savings = opener.open(cast.PL_KONTOBANK, (cast.ZOFIA,), "Konto Oszczędnościowe", 21000, kind=savings)
    nothing = opener.open(cast.PL_KONTOBANK, (cast.ELZBIETA,), "Konto na Start", 0)
    nothing.opening_balance = Decimal(0)
    pawel = opener.open(cast.PL_PKO, (cast.PAWEL,), "Konto za Zero", 7700)
    pawel_euro = opener.open(cast.PL_PKO, (cast.PAWEL,), "Konto walutowe EUR", 1250, currency="EUR")
    return [
        Household(Life(salaries=(7350, 2100), rent=2450, cards=42, bills=2, transfers=4), zofia, zofia_savings),
        Household(_NO_LIFE, nothing),
        Household(Life(salaries=(6100,), rent=1980, cards=15, bills=2), pawel),
        Household(Life(salaries=(900,), transfers=1), pawel_euro),
    ]


def _czechs(opener: _Opener) -> list[Household]:
    jiri = opener.open(cast.CZ_KONTOBANK, (cast.JIRI,), "Běžný účet", 58000)
    return [Household(Life(salaries=(52000,), rent=16500, cards=25, bills=2, transfers=2), jiri)]


def _australians(opener: _Opener) -> list[Household]:
    households = [_belson(opener, cast.HOOLI), _belson(opener, cast.PIED_PIPER)]
    households.extend(_everyday(opener, bank, _GAVIN_ELSEWHERE) for bank in (cast.NUCLEUS, cast.HOOLI_GOV))
    for bank in cast.AU_BANKS:
        households.extend(_everyday(opener, bank, customer) for customer in _LESSER_AUSTRALIANS)
    return households


def _everyday(opener: _Opener, bank: Bank, customer: _Customer) -> Household:
    life, holders = customer.life, customer.holders
    current = opener.open(bank, holders, f"{bank.name} Everyday", 2400 + life.income)
    if bank is not cast.HOOLI:  # they bank mainly with Hooli; a world should be quick to make
        life = replace(life, cards=1, bills=1, transfers=0)
    card = opener.open_card(bank, holders) if customer.has_card else None
    lent = tuple(opener.lend(bank, holders, product) for product in customer.products)
    return Household(life, current, card=card, lent=lent)


def _belson(opener: _Opener, bank: Bank) -> Household:
    holders = (cast.GAVIN,)
    return Household(
        Life(salaries=(16800,), rent=3900, cards=44, credit_cards=38, bills=3, transfers=3),
        opener.open(bank, holders, f"{bank.name} Transaction", 21400),
        opener.open(bank, holders, f"{bank.name} Saver", 61000, kind=AccountKind.SAVINGS),
        opener.open_card(bank, holders),
        lent=(opener.lend(bank, holders, _PERSONAL_LOAN),),
    )
