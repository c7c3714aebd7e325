"""Live what a bank lends and locks: loans that are paid back month by month, and term deposits that are rolled over."""

from __future__ import annotations

from bankweave_sandbox.ledger import Ledger, Month
from bankweave_sandbox.places import Lending
from bankweave_sandbox.terms import Deposit, Loan
from bankweave_sandbox.world import Account, AccountKind, Kind

# The categories of instalments, on the account that pays and on the loan alike.
MORTGAGE_REPAYMENT, LOAN_REPAYMENT = "mortgage_repayment", "loan_repayment"
REPAYMENTS = frozenset({MORTGAGE_REPAYMENT, LOAN_REPAYMENT})


class Debt:
    """One loan: its instalments leave the holder's current account, its interest is charged at the end of a month."""

    def __init__(self, ledger: Ledger, terms: Loan, begins: Month) -> None:
        """Open with what was owed before the month `begins`, in which the loan runs already."""
        self.ledger = ledger
        self._terms = terms
        owed = terms.owed_after(terms.instalments_until(begins.eve))
        self._owed = owed + terms.interest_on(owed)
        ledger.account.opening_balance = -self._owed

    def repay(self, payer: Ledger) -> None:
        """Live one month; after the last instalment nothing is owed, and nothing happens any more."""
        instalment = min(self._terms.instalment, self._owed)
        if not instalment:
            return
        day, wording = self.ledger.month.workday(self._terms.begins.day), _lending(self.ledger)
        name, category = self.ledger.account.name, _category(self.ledger.account)
        payer.add(Kind.TRANSFER, -instalment, day, payer.worded(wording.repayment, name), category=category)
        self.ledger.add(Kind.TRANSFER, instalment, day, self.ledger.worded(wording.received), category=category)
        self._owed -= instalment
        self._charge(wording)

    def _charge(self, wording: Lending) -> None:
        interest = self._terms.interest_on(self._owed)
        if interest:
            text = self.ledger.worded(wording.interest)
            self.ledger.add(Kind.INTEREST, -interest, self.ledger.month.day(31), text, category="interest")
        self._owed += interest


class LockedDeposit:
    """One term deposit: at the end of each term its interest is added, and all of it is locked again."""

    def __init__(self, ledger: Ledger, terms: Deposit) -> None:
        self.ledger = ledger
        self._terms = terms
        self._principal = ledger.account.opening_balance

    def mature(self) -> None:
        """Live one month; in most nothing happens."""
        day = self._terms.matures(self.ledger.month.eve)
        if day > self.ledger.month.day(31):
            return
        interest = self._terms.interest_on(self._principal)
        self.ledger.add(Kind.INTEREST, interest, day, _lending(self.ledger).matured, category="interest")
        self._principal += interest


def _category(account: Account) -> str:
    return MORTGAGE_REPAYMENT if account.kind is AccountKind.MORTGAGE else LOAN_REPAYMENT


def _lending(ledger: Ledger) -> Lending:
    assert ledger.place.lending is not None, "the banks of this place do not lend"  # noqa: S101
    return ledger.place.lending
