"""Many open-banking providers behind one API.

    from bankweave import Bankweave

    with Bankweave("bank.db") as bank:
        flow = bank.connect("kontist", owner="anna", redirect_uri="https://app.example/callback")
        print("open", flow.interaction.url)

`Bankweave` and `AsyncBankweave` are the doors; rows are in `bankweave.model`, transfers and cards in `bankweave.payment`,
errors in `bankweave.errors`, and what an adapter has to fulfil in `bankweave.adapter`.
"""

import logging
from typing import TYPE_CHECKING, Any

from bankweave.blocking import Bankweave
from bankweave.client import AsyncBankweave
from bankweave.engine.balance import Finding
from bankweave.engine.consent import ConsentWarning
from bankweave.engine.conversions import Conversion
from bankweave.engine.report import (
    AccountReport,
    ConnectionReport,
    Counts,
    DisconnectReport,
    ErasureReport,
    Outcome,
    SyncEvent,
    SyncReport,
)
from bankweave.errors import BankweaveError
from bankweave.flow import Challenge, ChallengeKind, Field, Flow, FlowStatus, Purpose, Redirect
from bankweave.model import (
    Access,
    Account,
    AccountType,
    Balance,
    BalanceType,
    Change,
    ChangeKind,
    Connection,
    Consent,
    ConsentRecord,
    ConsentStatus,
    Institution,
    Party,
    Retention,
    Transaction,
    TransactionStatus,
)
from bankweave.payment import (
    Card,
    CardAction,
    CardStatus,
    Frequency,
    Transfer,
    TransferKind,
    TransferOrder,
    TransferStatus,
)

if TYPE_CHECKING:
    from bankweave.config import Config

# Events are for logs that somebody has set up; without this, Python would print their bare names on standard error.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__all__ = [
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


def __getattr__(name: str) -> Any:
    """Load `Config` when it is asked for: pydantic takes longer to import than all the rest."""
    if name == "Config":
        from bankweave.config import Config

        return Config
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
