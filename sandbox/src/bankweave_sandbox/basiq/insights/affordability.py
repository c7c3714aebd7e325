"""The affordability summary: what somebody has, owes, earns and spends (providers/basiq.md, section 5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bankweave_sandbox.basiq.data.accounts import account_class, money
from bankweave_sandbox.basiq.insights.expenses import outgoing
from bankweave_sandbox.basiq.insights.figures import per_month, total
from bankweave_sandbox.basiq.insights.income import recent, regular_income
from bankweave_sandbox.basiq.insights.selection import Selection, month_of
from bankweave_sandbox.basiq.state import Row, StoredAccount
from bankweave_sandbox.world import AccountKind, Kind

Shape = dict[str, object]

# Of a card's limit each month: lenders' rule of thumb, Basiq's own is undocumented.
_MINIMUM_REPAYMENT = Decimal("0.03")
_CENT = Decimal("0.01")


def affordability_of(selection: Selection) -> Shape:
    """Sum up accounts and months. The world has no loans and no repayments to other lenders."""
    cards = selection.cards
    assets = [account for account in selection.accounts if account.kind is not AccountKind.CREDIT_CARD]
    return {
        "type": "affordability",
        **selection.coverage,
        "assets": [_asset(account, selection) for account in assets],
        "liabilities": {"credit": [_credit(account, selection) for account in cards], "loan": []},
        "external": [],
        "summary": _summary(assets, cards, selection),
    }


def _summary(assets: Sequence[StoredAccount], cards: Sequence[StoredAccount], selection: Selection) -> Shape:
    months = selection.months
    has, owes = _balance(assets), _balance(cards)
    limit = sum((card.credit_limit or Decimal(0) for card in cards), Decimal(0))
    earned = recent(regular_income(selection), months)
    savings = [account for account in assets if account.kind is AccountKind.SAVINGS]
    return {
        "assets": money(has),
        "liabilities": money(owes),
        "netPosition": money(has + owes),
        "creditLimit": money(limit),
        "expenses": money(per_month(total(outgoing(selection)), months)),
        "loanRepaymentMonthly": money(Decimal(0)),
        "potentialLiabilitiesMonthly": money(-(limit * _MINIMUM_REPAYMENT).quantize(_CENT)),
        "regularIncome": {"previous3Months": {"avgMonthly": money(per_month(total(earned), months[-3:]))}},
        "savings": money(_balance(savings)),
    }


def _balance(accounts: Sequence[StoredAccount]) -> Decimal:
    return sum((account.balance for account in accounts), Decimal(0))


def _asset(account: StoredAccount, selection: Selection) -> Shape:
    balances = [row.balance for row in _rows(account, selection, 6) if row.balance is not None]
    return {
        "type": "asset",
        "account": account_class(account),
        "institution": account.connector.id,
        "currency": account.currency,
        "balance": money(account.balance),
        "availableFunds": money(account.available),
        "previous6Months": {
            "minBalance": money(min(balances)) if balances else None,
            "maxBalance": money(max(balances)) if balances else None,
        },
    }


def _credit(account: StoredAccount, selection: Selection) -> Shape:
    month = _rows(account, selection, 1)
    balances = [row.balance for row in month if row.balance is not None] or [account.balance]
    advances = [row for row in _rows(account, selection, 6) if row.kind is Kind.CASH]
    return {
        "account": account_class(account),
        "institution": account.connector.id,
        "currency": account.currency,
        "balance": money(account.balance),
        "availableFunds": money(account.available),
        "creditLimit": None if account.credit_limit is None else money(account.credit_limit),
        "previous6Months": {"cashAdvances": money(total(advances))},
        "previousMonth": {
            "minBalance": money(min(balances)),
            "maxBalance": money(max(balances)),
            "totalCredits": money(total(row for row in month if row.amount > 0)),
            "totalDebits": money(total(row for row in month if row.amount < 0)),
        },
    }


def _rows(account: StoredAccount, selection: Selection, months: int) -> list[Row]:
    """List an account's posted rows of the last months."""
    wanted = selection.months[-months:]
    return [row for row in account.rows if row.posted and month_of(row) in wanted]
