"""Who is owed money without having an account among those that were shared (providers/basiq.md, section 5.3)."""

from __future__ import annotations

from bankweave_sandbox.basiq.insights.selection import Selection
from bankweave_sandbox.basiq.insights.sources import Source, sources_of
from bankweave_sandbox.lending import LOAN_REPAYMENT, MORTGAGE_REPAYMENT
from bankweave_sandbox.places import PAY_LATER
from bankweave_sandbox.world import AccountKind

_REPAID = {AccountKind.MORTGAGE: MORTGAGE_REPAYMENT, AccountKind.LOAN: LOAN_REPAYMENT}


def external_liabilities(selection: Selection) -> list[Source]:
    """List lenders by what is paid to them: who lets pay later, and the banks of loans that were not shared.

    Which loan an instalment is for does not show: one shared loan answers for all instalments of its kind.
    """
    shared = {_REPAID[account.kind] for account in selection.loans}
    lenders = {PAY_LATER.category, *_REPAID.values()} - shared
    return sources_of(row for row in selection.cash_flow if row.amount < 0 and row.category in lenders)
