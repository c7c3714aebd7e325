"""Mortgages, loans and term deposits of the sandbox's people reach the store as what they are."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from rigs import basiq_rig
from sandboxed import Control, SandboxClock, clock, control, control_origin, running_sandbox, sandbox

from bankweave import Account, Bankweave
from bankweave.config import Config
from bankweave.model import AccountType, BalanceType
from bankweave.vault import generate_key

__all__ = ["clock", "control", "control_origin", "running_sandbox", "sandbox"]

EMAIL = {"email": "wentworth@mail.example"}


@pytest.fixture
def username() -> str:
    return "Wentworth-Smith"


@pytest.fixture
def bank(control: Control, clock: SandboxClock, tmp_path: Path, username: str) -> Iterator[Bankweave]:
    """A store into which the person's accounts at Hooli, and 60 days of what happened, were pulled."""
    rig = basiq_rig(control, username, "AU00000", days=60)
    config = Config(store=tmp_path / "bank.db", vault_keys=generate_key(), adapters={"basiq": dict(rig.settings)})
    with Bankweave(config=config, clock=clock) as bank:
        flow = bank.connect("basiq", owner="w", redirect_uri=rig.redirect_uri, options=EMAIL)
        back = rig.person.sign_in(flow)
        assert back is not None
        flow = bank.resume(back)
        bank.wait(flow.id)
        assert not bank.sync().failures
        yield bank


def accounts(bank: Bankweave) -> dict[str | None, Account]:
    return {account.provider_type: account for account in bank.accounts()}


def balances(bank: Bankweave, account: Account) -> dict[BalanceType, Decimal]:
    return {balance.type: balance.amount for balance in bank.balances(account.id)}


def test_what_is_owed_is_negative_and_what_was_lent_is_the_limit(bank: Bankweave) -> None:
    found = accounts(bank)
    assert {word: account.type for word, account in found.items()} == {
        "transaction": AccountType.CURRENT,
        "mortgage": AccountType.LOAN,
        "loan": AccountType.LOAN,
    }
    for word in ("mortgage", "loan"):
        loan = found[word]
        stated = balances(bank, loan)
        assert loan.credit_limit is not None
        assert -loan.credit_limit < stated[BalanceType.INTERIM_BOOKED] < 0
        assert stated[BalanceType.INTERIM_AVAILABLE] == loan.credit_limit + stated[BalanceType.INTERIM_BOOKED]


def test_an_instalment_comes_in_on_the_loan_and_goes_out_where_it_was_paid_from(bank: Bankweave) -> None:
    found = accounts(bank)
    on_loan = list(bank.transactions(account_id=found["loan"].id))
    repaid = [row.amount for row in on_loan if row.provider_type == "loan-repayment"]
    charged = [row.amount for row in on_loan if row.provider_type == "loan-interest"]
    assert repaid
    assert charged
    assert min(repaid) > 0 > max(charged)
    paid = [row.amount for row in bank.transactions(account_id=found["transaction"].id)]
    assert {-amount for amount in repaid} <= set(paid)


@pytest.mark.parametrize("username", ["jared"])
def test_a_term_deposit_is_an_investment_of_which_nothing_can_be_spent(bank: Bankweave) -> None:
    deposit = accounts(bank)["term-deposit"]
    stated = balances(bank, deposit)
    assert (deposit.type, deposit.credit_limit) == (AccountType.INVESTMENT, None)
    assert stated[BalanceType.INTERIM_BOOKED] > 20_000
    assert stated[BalanceType.INTERIM_AVAILABLE] == 0
