"""Live the months of one household: what its accounts at one bank earn, pay and put aside."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bankweave_sandbox.iban import draw_iban
from bankweave_sandbox.ledger import Ledger, Month
from bankweave_sandbox.lending import Debt, LockedDeposit
from bankweave_sandbox.places import PLACES, Bill, Party, Shop
from bankweave_sandbox.terms import Deposit, Loan
from bankweave_sandbox.world import Account, Kind, Movement

_MONTHS_BACK = 24
_DAYS_AHEAD = 184
_CHANCE_OF_A_WIN = 0.4  # a month


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that comes, or goes where `amount` is negative, on certain days of every month."""

    party: Party
    amount: int  # on average
    days: tuple[int, ...]
    spread: float = 0.03  # how far from `amount` at most, as a part of it
    kind: Kind = Kind.TRANSFER


@dataclass(frozen=True, slots=True)
class Life:
    """How busy a household is; money in whole units of the account's currency."""

    salaries: tuple[int, ...] = ()  # a month, each from another payer
    rent: int = 0
    cards: int = 0  # card payments a month on the current account, about
    credit_cards: int = 0  # and on the credit card
    bills: int = 0
    transfers: int = 1  # to and from friends
    flows: tuple[Flow, ...] = ()
    bets: int = 0  # a month, about

    @property
    def income(self) -> int:
        """What comes in every month, about."""
        flows = (flow.amount * len(flow.days) for flow in self.flows if flow.amount > 0)
        return sum(self.salaries) + sum(flows)


@dataclass(frozen=True, slots=True)
class Household:
    """One person's accounts at one bank (and those who share them)."""

    life: Life
    current: Account
    savings: Account | None = None
    card: Account | None = None
    lent: tuple[Account, ...] = ()  # loans and term deposits, whose `terms` say what happens

    @property
    def accounts(self) -> tuple[Account, ...]:
        return tuple(a for a in (self.current, self.savings, self.card, *self.lent) if a is not None)


def live(household: Household, first_day: date) -> None:
    """Fill the accounts from two years before `first_day` to half a year after it."""
    writer = _Writer(household, first_day)
    end = first_day + timedelta(days=_DAYS_AHEAD)
    month, last = _first_month(first_day), Month(end.year, end.month)
    while month != last.next:
        writer.write(month)
        month = month.next
    writer.close()


def _first_month(first_day: date) -> Month:
    return Month(first_day.year - _MONTHS_BACK // 12, first_day.month)


class _Writer:
    def __init__(self, household: Household, first_day: date) -> None:
        self.life = household.life
        self.place = PLACES[household.current.bank.country]
        self.current = Ledger(household.current, self.place, first_day)
        self.savings = None if household.savings is None else Ledger(household.savings, self.place, first_day)
        self.card = None if household.card is None else Ledger(household.card, self.place, first_day)
        self.debts, self.deposits = self._lent(household, first_day)
        self._owed = Decimal(0) if household.card is None else -household.card.opening_balance
        self._ibans: dict[str, str | None] = {}

    def write(self, month: Month) -> None:
        for ledger in self._ledgers():
            ledger.begin(month)
        self._earn()
        self._pay_bills()
        self._spend(self.current, self.life.cards)
        self._draw_cash()
        self._exchange_with_friends()
        self._charge()
        self._settle_card()
        # What only some households do comes last: it leaves the random numbers of the others' months alone.
        self._let_flow()
        self._bet()
        self._serve_terms()
        self._put_aside()

    def close(self) -> None:
        for ledger in self._ledgers():
            self._reserve(ledger)
            ledger.close()

    def _reserve(self, ledger: Ledger) -> None:
        """Pay by card on the two days before the first day; the bank books it on the days after."""
        carded = any(movement.kind is Kind.CARD for movement in ledger.account.movements)
        if not (carded and ledger.account.bank.shows_pending):
            return
        ledger.begin_reservations()
        for days in (1, 2):
            first_day, apart = ledger.days.first_day, timedelta(days=days)
            payment = self._buy(ledger, ledger.rng.choice(self.place.shops[1:]), first_day - apart)
            payment.booked_at = ledger.days.instant(first_day + apart, 5, 30)

    def _ledgers(self) -> list[Ledger]:
        lent = (*(debt.ledger for debt in self.debts), *(deposit.ledger for deposit in self.deposits))
        return [ledger for ledger in (self.current, self.savings, self.card, *lent) if ledger is not None]

    def _lent(self, household: Household, first_day: date) -> tuple[list[Debt], list[LockedDeposit]]:
        debts: list[Debt] = []
        deposits: list[LockedDeposit] = []
        for account in household.lent:
            ledger = Ledger(account, self.place, first_day)
            match account.terms:
                case Loan() as loan:
                    debts.append(Debt(ledger, loan, _first_month(first_day)))
                case Deposit() as deposit:
                    deposits.append(LockedDeposit(ledger, deposit))
        return debts, deposits

    def _earn(self) -> None:
        current = self.current
        for payer, salary in zip(self.place.payers, self.life.salaries, strict=False):
            amount = salary + current.cents(0, salary * 0.03)
            text = current.worded(self.place.salary, payer)
            self._wire(current, Kind.SALARY, amount, current.month.workday(26), text, payer, "salary")

    def _pay_bills(self) -> None:
        current = self.current
        if self.life.rent:
            day, text = current.month.workday(3), current.worded(self.place.rent)
            self._wire(current, Kind.RENT, Decimal(-self.life.rent), day, text, self.place.landlord, "rent")
        for bill in self.place.bills[: self.life.bills]:
            self._collect(bill)

    def _collect(self, bill: Bill) -> None:
        current = self.current
        iban = self._iban_of(bill.name)
        current.add(
            Kind.DIRECT_DEBIT,
            -current.cents(bill.amount * 0.9, bill.amount * 1.1),
            current.month.workday(bill.day),
            current.worded(bill.text),
            counterparty=bill.name,
            counterparty_iban=iban,
            category=bill.category,
            mandate_id=f"M-{bill.day:02d}-{current.account.id[:8]}" if iban else None,
        )

    def _spend(self, ledger: Ledger, about: int) -> None:
        if not about:
            return
        rng, month = ledger.rng, ledger.month
        cafe = self.place.shops[0]
        ledger.repeat(self._buy(ledger, cafe, month.day(ledger.pick(4, 20))))
        for _ in range(ledger.pick(about * 9 // 10, about * 11 // 10)):
            self._buy(ledger, rng.choice(self.place.shops), month.day(ledger.pick(1, month.days)))
        for shop in self.place.abroad[: 1 + about // 20]:
            self._buy_abroad(ledger, shop, month.day(ledger.pick(1, month.days)))
        if about >= 20 or month.month % 3 == 0:
            self._refund(ledger, rng.choice(self.place.shops))

    def _buy(self, ledger: Ledger, shop: Shop, day: date) -> Movement:
        return ledger.add_card(
            Kind.CARD,
            -ledger.cents(shop.low, shop.high),
            day,
            shop.text,
            counterparty=shop.name,
            category=shop.category,
            merchant_category_code=shop.merchant_category_code,
        )

    def _buy_abroad(self, ledger: Ledger, shop: Shop, day: date) -> None:
        price = ledger.cents(shop.low, shop.high)
        ledger.add_card(
            Kind.CARD,
            -(price * shop.rate).quantize(Decimal("0.01")),
            day,
            shop.text,
            counterparty=shop.name,
            category=shop.category,
            merchant_category_code=shop.merchant_category_code,
            original_amount=-price,
            original_currency=shop.currency or ledger.account.currency,
        )

    def _refund(self, ledger: Ledger, shop: Shop) -> None:
        day = ledger.month.day(ledger.pick(2, 27))
        ledger.add_card(
            Kind.CARD_REFUND,
            ledger.cents(shop.low, shop.high),
            day,
            ledger.worded(self.place.refund, shop.text),
            counterparty=shop.name,
            category=shop.category,
            merchant_category_code=shop.merchant_category_code,
        )

    def _draw_cash(self) -> None:
        current = self.current
        for day in (12, 23)[: 1 + self.life.cards // 20] if self.life.cards else ():
            amount = Decimal(-current.rng.choice((20, 50, 100)) * self.place.price_level)
            current.add_card(Kind.CASH, amount, current.month.day(day), self.place.cash, category="cash")

    def _exchange_with_friends(self) -> None:
        current, level = self.current, self.place.price_level
        for _ in range(self.life.transfers):
            name, text = current.rng.choice(self.place.friends)
            amount = current.rng.choice((1, -1)) * current.cents(8 * level, 60 * level)
            day = current.month.workday(current.pick(1, 28))
            self._wire(current, Kind.TRANSFER, amount, day, current.worded(text), name, "friends")

    def _charge(self) -> None:
        current, month = self.current, self.current.month
        fee = Decimal("-3.90") * self.place.price_level
        current.add(Kind.FEE, fee, month.day(31), current.worded(self.place.fee), category="fee")
        if month.month % 3 == 0:
            self._credit_interest(current, 1)
        if self.savings is not None:
            self._credit_interest(self.savings, 12)

    def _credit_interest(self, ledger: Ledger, most: int) -> None:
        amount = ledger.cents(0.01, most * self.place.price_level)
        text = ledger.worded(self.place.interest)
        ledger.add(Kind.INTEREST, amount, ledger.month.day(31), text, category="interest")

    def _settle_card(self) -> None:
        """Pay off what was owed on the credit card at the end of the month before."""
        if self.card is None:
            return
        text = self.card.worded(self.place.card_repayment)
        self._move(self.current, self.card, self._owed, self.card.month.workday(21), text)
        self._spend(self.card, self.life.credit_cards)
        self._owed -= self.card.month_total()

    def _let_flow(self) -> None:
        current = self.current
        for flow in self.life.flows:
            for day in flow.days:
                amount = flow.amount + flow.spread * flow.amount * (2 * current.rng.random() - 1)
                current.add(
                    flow.kind,
                    Decimal(round(amount * 100)).scaleb(-2),
                    current.month.workday(day),
                    current.worded(flow.party.text),
                    counterparty=flow.party.name,
                    category=flow.party.category,
                )

    def _bet(self) -> None:
        """Lose now and then, and win much more seldom."""
        current, bets = self.current, self.life.bets
        if not bets:
            return
        for _ in range(current.pick(bets * 7 // 10, bets * 13 // 10)):
            day = current.month.day(current.pick(1, current.month.days))
            self._buy(current, current.rng.choice(self.place.bookmakers), day)
        if current.rng.random() < _CHANCE_OF_A_WIN:
            bookmaker, day = self.place.bookmakers[0], current.month.workday(current.pick(1, 28))
            prize = current.cents(bookmaker.low, bookmaker.high)
            self._wire(current, Kind.TRANSFER, prize, day, bookmaker.text, bookmaker.name, bookmaker.category)

    def _serve_terms(self) -> None:
        for debt in self.debts:
            debt.repay(self.current)
        for deposit in self.deposits:
            deposit.mature()

    def _put_aside(self) -> None:
        """Move what the month left over to the household's savings, so that balances stay within reason."""
        current = self.current
        step = 10 * self.place.price_level
        left = Decimal(int(current.month_total() / step)) * step
        if not left:
            return
        day, text = current.month.workday(28), current.worded(self.place.savings)
        if self.savings is not None:
            self._move(current, self.savings, left, day, text)
            return
        holder = current.account.holders[0].name  # the person's own account at another bank
        self._wire(current, Kind.TRANSFER, -left, day, text, holder, "own_account")

    def _move(self, source: Ledger, target: Ledger, amount: Decimal, day: date, text: str) -> None:
        """Transfer between two accounts of the household: both banks' rows, with each other's number."""
        if not amount:
            return
        self._wire_between(source, target.account, -amount, day, text)
        self._wire_between(target, source.account, amount, day, text)

    def _wire_between(self, ledger: Ledger, other: Account, amount: Decimal, day: date, text: str) -> None:
        name = other.holders[0].name
        ledger.add(
            Kind.TRANSFER,
            amount,
            day,
            text,
            counterparty=name,
            counterparty_iban=other.iban,
            category="own_account",
        )

    def _wire(
        self, ledger: Ledger, kind: Kind, amount: Decimal, day: date, text: str, name: str, category: str
    ) -> None:
        iban = self._iban_of(name)
        ledger.add(kind, amount, day, text, counterparty=name, counterparty_iban=iban, category=category)

    def _iban_of(self, name: str) -> str | None:
        """The one IBAN of a counterparty; Australia has none."""
        if self.place.country == "AU":
            return None
        if name not in self._ibans:
            rng = random.Random(f"{self.current.account.id}/{name}")
            self._ibans[name] = draw_iban(self.place.country, rng)
        return self._ibans[name]
