"""The affordability summary: what somebody has, owes, earns and spends (providers/basiq.md, section 5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bankweave_sandbox.basiq.data.accounts import account_class
from bankweave_sandbox.basiq.data.money import money
from bankweave_sandbox.basiq.insights.expenses import outgoing
from bankweave_sandbox.basiq.insights.figures import per_month, total
from bankweave_sandbox.basiq.insights.income import recent, regular_income
from bankweave_sandbox.basiq.insights.liabilities import external_liabilities
from bankweave_sandbox.basiq.insights.selection import Selection, day_of, month_of
from bankweave_sandbox.basiq.insights.sources import Source
from bankweave_sandbox.basiq.state import Row, StoredAccount
from bankweave_sandbox.lending import REPAYMENTS
from bankweave_sandbox.world import AccountKind, Kind

Shape = dict[str, object]

_ARREARS_MONTHS = 6


def affordability_of(selection: Selection) -> Shape:
    """Sum up accounts and months."""
    cards, loans = selection.cards, selection.loans
    owed = {account.id for account in (*cards, *loans)}
    assets = [account for account in selection.accounts if account.id not in owed]
    external = external_liabilities(selection)
    return {
        "type": "affordability",
        **selection.coverage,
        "assets": [_asset(account, selection) for account in assets],
        "liabilities": {
            "credit": [_credit(account, selection) for account in cards],
            "loan": [_loan(account, selection) for account in loans],
        },
        "external": [_external(source, selection) for source in external],
        "summary": _summary(assets, external, selection),
    }


def _summary(assets: Sequence[StoredAccount], external: Sequence[Source], selection: Selection) -> Shape:
    months = selection.months
    cards, loans = selection.cards, selection.loans
    has, owes = _balance(assets), _balance([*cards, *loans])
    limit = sum((card.credit_limit or Decimal(0) for card in cards), Decimal(0))
    earned = recent(regular_income(selection), months)
    repaid = [row for account, row in selection.pairs() if account in loans and row.amount > 0]
    undisclosed = total(row for source in external for row in source.rows)
    return {
        "assets": money(has),
        "liabilities": money(owes),
        "netPosition": money(has + owes),
        "creditLimit": money(limit),
        "expenses": money(per_month(total(outgoing(selection)), months)),
        "loanRepaymentMonthly": money(per_month(total(repaid), months)),
        "potentialLiabilitiesMonthly": money(per_month(undisclosed, months)),
        "regularIncome": {"previous3Months": {"avgMonthly": money(per_month(total(earned), months[-3:]))}},
        "savings": money(per_month(total(_saved(selection)), months)),
    }


def _saved(selection: Selection) -> list[Row]:
    return [row for account, row in selection.pairs() if account.kind is AccountKind.SAVINGS]


def _balance(accounts: Sequence[StoredAccount]) -> Decimal:
    return sum((account.balance for account in accounts), Decimal(0))


def _standing(account: StoredAccount) -> Shape:
    """Tell how an account stands, whatever it is counted among."""
    return {
        "account": account_class(account),
        "institution": account.connector.id,
        "currency": account.currency,
        "balance": money(account.balance),
        "availableFunds": money(account.available),
    }


def _asset(account: StoredAccount, selection: Selection) -> Shape:
    balances = [row.balance for row in _rows(account, selection, 6) if row.balance is not None]
    return {
        "type": "asset",
        **_standing(account),
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
        **_standing(account),
        "creditLimit": None if account.credit_limit is None else money(account.credit_limit),
        "previous6Months": {"cashAdvances": money(total(advances))},
        "previousMonth": {
            "minBalance": money(min(balances)),
            "maxBalance": money(max(balances)),
            "totalCredits": money(total(row for row in month if row.amount > 0)),
            "totalDebits": money(total(row for row in month if row.amount < 0)),
        },
    }


def _loan(account: StoredAccount, selection: Selection) -> Shape:
    month = _rows(account, selection, 1)
    credits_, debits = [row for row in month if row.amount > 0], [row for row in month if row.amount < 0]
    return {
        **_standing(account),
        "changeHistory": [_change(row) for row in account.rows if row.posted and month_of(row) in selection.months],
        "previous6Months": {"arrears": str(_was_in_arrears(account, selection)).lower()},
        "previousMonth": {
            "totalCredits": money(total(credits_)),
            "totalDebits": money(total(debits)),
            "totalInterestCharged": money(total(row for row in debits if row.kind is Kind.INTEREST)),
            "totalRepayments": money(total(row for row in credits_ if row.category in REPAYMENTS)),
        },
    }


def _change(row: Row) -> Shape:
    direction = "debit" if row.amount < 0 else "credit"
    return {"amount": money(row.amount), "date": day_of(row).isoformat(), "direction": direction, "source": row.text}


def _was_in_arrears(account: StoredAccount, selection: Selection) -> bool:
    """Say whether interest was charged in a month in which nothing was paid back; how Basiq tells is undocumented.

    The running month does not count, whose instalment may still be to come, nor the first one, which may be half known.
    """
    running = f"{account.retrieved.astimezone(account.connector.bank.zone):%Y-%m}"
    first = min(map(month_of, account.rows), default=running)
    rows = _rows(account, selection, _ARREARS_MONTHS)
    charged = {month_of(row) for row in rows if row.amount < 0}
    repaid = {month_of(row) for row in rows if row.amount > 0}
    return bool(charged - repaid - {running, first})


def _external(source: Source, selection: Selection) -> Shape:
    """Tell of a lender whose account was not shared, the latest instalment first."""
    days = [day_of(row).isoformat() for row in source.rows]
    payments = {
        "amountAvg": money(source.mean),
        "amountAvgMonthly": money(per_month(total(source.rows), selection.months)),
        "first": days[0],
        "last": days[-1],
        "noOccurrences": len(source.rows),
        "total": money(total(source.rows)),
    }
    history = [
        {"amount": money(row.amount), "date": day_of(row).isoformat(), "source": row.text}
        for row in reversed(source.rows)
    ]
    return {"source": source.name, "payments": [payments], "changeHistory": history}


def _rows(account: StoredAccount, selection: Selection, months: int) -> list[Row]:
    """List an account's posted rows of the last months."""
    wanted = selection.months[-months:]
    return [row for row in account.rows if row.posted and month_of(row) in wanted]
