"""What a bank and its customer agreed on, as Basiq tells it of loans and term deposits (providers/basiq.md, section 5.1)."""

from __future__ import annotations

from datetime import date

from bankweave_sandbox.basiq.data.money import money
from bankweave_sandbox.basiq.state import StoredAccount
from bankweave_sandbox.terms import Deposit, Loan
from bankweave_sandbox.world import AccountKind

Shape = dict[str, object]

_REPAYMENT = "PRINCIPAL_AND_INTEREST"
_MONTHLY = "P1M"


def product_details(account: StoredAccount) -> Shape:
    """Tell rates, limits and `meta`; of other accounts than loans and term deposits nothing is known."""
    day = account.retrieved.astimezone(account.connector.bank.zone).date()
    match account.terms:
        case Loan() as loan:
            return {
                "lendingRate": str(loan.rate),
                "amortisedLimit": money(loan.owed_after(loan.instalments_until(day))),
                "meta": {"lendingRates": [_lending_rate(account.kind, loan)], "loan": _loan(account, loan, day)},
            }
        case Deposit() as deposit:
            return {
                "depositRate": str(deposit.rate),
                "meta": {"depositRates": [_deposit_rate(deposit)], "termDeposit": [_term(account, deposit, day)]},
            }
    return {}


def _lending_rate(kind: AccountKind, loan: Loan) -> Shape:
    is_mortgage = kind is AccountKind.MORTGAGE
    shape: Shape = {
        "lendingRateType": "VARIABLE" if is_mortgage else "FIXED",
        "rate": str(loan.rate),
        "calculationFrequency": _MONTHLY,
        "applicationFrequency": _MONTHLY,
        "interestPaymentDue": "IN_ARREARS",
        "repaymentType": _REPAYMENT,
    }
    return {**shape, "loanPurpose": "OWNER_OCCUPIED"} if is_mortgage else shape


def _loan(account: StoredAccount, loan: Loan, day: date) -> Shape:
    """Tell a loan's plan. Nothing can be redrawn, which is said by leaving `maxRedraw` out."""
    following = loan.next_instalment(day)
    shape: Shape = {
        "startDate": loan.begins.isoformat(),
        "endDate": loan.ends.isoformat(),
        "repaymentType": _REPAYMENT,
        "originalLoanAmount": money(loan.amount),
        "originalLoanCurrency": account.currency,
        "minInstalmentAmount": money(min(loan.instalment, -account.balance)),
        "minInstalmentCurrency": account.currency,
        "repaymentFrequency": _MONTHLY,
        "offsetAccountEnabled": False,
    }
    return shape if following is None else {**shape, "nextInstalmentDate": following.isoformat()}


def _deposit_rate(deposit: Deposit) -> Shape:
    term = f"P{deposit.months}M"
    return {
        "depositRateType": "FIXED",
        "rate": str(deposit.rate),
        "calculationFrequency": term,
        "applicationFrequency": term,
    }


def _term(account: StoredAccount, deposit: Deposit, day: date) -> Shape:
    """Tell the running term. `lodgementDate` is of the original deposit, as the specification says."""
    return {
        "lodgementDate": deposit.lodged.isoformat(),
        "maturityDate": deposit.matures(day).isoformat(),
        "maturityAmount": money(account.balance + deposit.interest_on(account.balance)),
        "maturityCurrency": account.currency,
        "maturityInstructions": "ROLLED_OVER",
    }
