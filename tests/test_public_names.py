"""What `import bankweave` offers, and what it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import bankweave

PUBLIC = [
    "Access",
    "Account",
    "AccountReport",
    "AccountType",
    "AsyncBankweave",
    "Balance",
    "BalanceType",
    "Bankweave",
    "BankweaveError",
    "Card",
    "CardAction",
    "CardStatus",
    "Challenge",
    "ChallengeKind",
    "Change",
    "ChangeKind",
    "Config",
    "Connection",
    "ConnectionReport",
    "Consent",
    "ConsentRecord",
    "ConsentStatus",
    "ConsentWarning",
    "Conversion",
    "Counts",
    "DisconnectReport",
    "ErasureReport",
    "Field",
    "Finding",
    "Flow",
    "FlowStatus",
    "Frequency",
    "Institution",
    "Outcome",
    "Party",
    "Purpose",
    "Redirect",
    "Retention",
    "SyncEvent",
    "SyncReport",
    "Transaction",
    "TransactionStatus",
    "Transfer",
    "TransferKind",
    "TransferOrder",
    "TransferStatus",
]
# Each takes longer to import than bankweave itself; what is not used is not paid for.
HEAVY = [
    "aiohttp",
    "alembic",
    "authlib",
    "cryptography",
    "gql",
    "httpx",
    "lxml",
    "pydantic_settings",
    "rich",
    "sqlalchemy",
    "typer",
]


def test_the_public_names_are_these() -> None:
    """A name that is taken away breaks programs: say so in the changelog before changing this list."""
    assert bankweave.__all__ == PUBLIC


def test_the_public_names_are_sorted() -> None:
    assert sorted(PUBLIC) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_can_be_imported(name: str) -> None:
    assert getattr(bankweave, name) is not None


def test_importing_bankweave_loads_nothing_heavy() -> None:
    script = f"import sys, bankweave; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


def test_the_kit_s_rig_needs_no_pytest() -> None:
    script = "import sys, bankweave.testing; print('pytest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
