"""Kontist's own client: what no other provider has, bound to one connection.

    kontist = await bank.client(connection_id, AsyncKontistClient)
    answer = await kontist.graphql.query("{ viewer { mainAccount { iban } } }")

`bankweave_kontist.KontistClient` is its synchronous twin. What its methods take and give has its names here.
"""

from __future__ import annotations

from bankweave_kontist.cards.records import (
    CardDetails,
    CardHolder,
    FraudCase,
    GooglePayToken,
    KontistCard,
    Limit,
    LimitChange,
    Limits,
    LimitsChange,
    PinConfirmation,
    PinKey,
    Provisioned,
    SpendingLimits,
)
from bankweave_kontist.client.accounts import (
    Account,
    Accounts,
    IbanInformation,
    Profile,
    SolarisBalance,
    Statistics,
    SubAccount,
    SystemStatus,
)
from bankweave_kontist.client.assets import Assets, Upload
from bankweave_kontist.client.cards import Cards
from bankweave_kontist.client.change_requests import Authorization, ChangeRequests, PendingPayment
from bankweave_kontist.client.contacts import Contact, Contacts
from bankweave_kontist.client.declarations import (
    Declaration,
    Declarations,
    DeclarationStatistics,
    DeclarationType,
    Submission,
    SubmissionStatus,
)
from bankweave_kontist.client.devices import DeviceBinding, Devices
from bankweave_kontist.client.direct_debits import DirectDebits, RefundRequest
from bankweave_kontist.client.documents import Document, DocumentCategory, Documents, EmailDocument, EmailDocuments
from bankweave_kontist.client.drafts import Draft, Drafts, ExternalPayment, ExternalTransactions
from bankweave_kontist.client.graphql import GraphQL
from bankweave_kontist.client.live import Live
from bankweave_kontist.client.oauth_clients import Clients, OAuthClient
from bankweave_kontist.client.pins import Pins
from bankweave_kontist.client.plans import Plan, PlanChange, PlanFee, PlanOffer, Plans, Purchase
from bankweave_kontist.client.profile import (
    Addresses,
    BusinessAddress,
    TaxNumber,
    TaxNumbers,
    TaxNumberType,
    UserConfirmation,
    Users,
)
from bankweave_kontist.client.push import Push, PushChallenge
from bankweave_kontist.client.subscription import Subscription
from bankweave_kontist.client.transactions import Transactions
from bankweave_kontist.client.transfers import OwnTransfer, Transfers
from bankweave_kontist.client.wallets import AppleWallet, GoogleWallet, Wallets
from bankweave_kontist.devices.bound import BoundDevice
from bankweave_kontist.devices.wire import BindingRequest, Device
from bankweave_kontist.session import Session
from bankweave_kontist.signin.protocol import logout_url
from bankweave_kontist.transactions.categories import TransactionCategory, VatRate
from bankweave_kontist.transactions.filters import Condition, Filter, all_of, any_of
from bankweave_kontist.transactions.records import (
    Asset,
    Categorization,
    Fee,
    Preset,
    Split,
    Transaction,
    TransactionPage,
)
from bankweave_kontist.transactions.splits import SplitOrder
from bankweave_kontist.transfers.confirmation import Confirmation
from bankweave_kontist.transfers.ordering import ConfirmBy
from bankweave_kontist.transfers.orders import TransferChange
from bankweave_kontist.transfers.wire import KontistTransfer, TransferSuggestion, UnfinishedTransfer

__all__ = [
    "Account",
    "Accounts",
    "Addresses",
    "AppleWallet",
    "Asset",
    "Assets",
    "AsyncKontistClient",
    "Authorization",
    "BindingRequest",
    "BoundDevice",
    "BusinessAddress",
    "CardDetails",
    "CardHolder",
    "Cards",
    "Categorization",
    "ChangeRequests",
    "Clients",
    "Condition",
    "ConfirmBy",
    "Confirmation",
    "Contact",
    "Contacts",
    "Declaration",
    "DeclarationStatistics",
    "DeclarationType",
    "Declarations",
    "Device",
    "DeviceBinding",
    "Devices",
    "DirectDebits",
    "Document",
    "DocumentCategory",
    "Documents",
    "Draft",
    "Drafts",
    "EmailDocument",
    "EmailDocuments",
    "ExternalPayment",
    "ExternalTransactions",
    "Fee",
    "Filter",
    "FraudCase",
    "GooglePayToken",
    "GoogleWallet",
    "GraphQL",
    "IbanInformation",
    "KontistCard",
    "KontistTransfer",
    "Limit",
    "LimitChange",
    "Limits",
    "LimitsChange",
    "Live",
    "OAuthClient",
    "OwnTransfer",
    "PendingPayment",
    "PinConfirmation",
    "PinKey",
    "Pins",
    "Plan",
    "PlanChange",
    "PlanFee",
    "PlanOffer",
    "Plans",
    "Preset",
    "Profile",
    "Provisioned",
    "Purchase",
    "Push",
    "PushChallenge",
    "RefundRequest",
    "Session",
    "SolarisBalance",
    "SpendingLimits",
    "Split",
    "SplitOrder",
    "Statistics",
    "SubAccount",
    "Submission",
    "SubmissionStatus",
    "Subscription",
    "SystemStatus",
    "TaxNumber",
    "TaxNumberType",
    "TaxNumbers",
    "Transaction",
    "TransactionCategory",
    "TransactionPage",
    "Transactions",
    "TransferChange",
    "TransferSuggestion",
    "Transfers",
    "UnfinishedTransfer",
    "Upload",
    "UserConfirmation",
    "Users",
    "VatRate",
    "Wallets",
    "all_of",
    "any_of",
]


class AsyncKontistClient:
    """All of Kontist for one connection, a topic each."""

    graphql: GraphQL
    accounts: Accounts
    transactions: Transactions
    assets: Assets
    live: Live
    push: Push
    devices: Devices
    transfers: Transfers
    contacts: Contacts
    cards: Cards
    pins: Pins
    wallets: Wallets
    change_requests: ChangeRequests
    drafts: Drafts
    external_transactions: ExternalTransactions
    direct_debits: DirectDebits
    documents: Documents
    email_documents: EmailDocuments
    declarations: Declarations
    users: Users
    tax_numbers: TaxNumbers
    addresses: Addresses
    plans: Plans
    clients: Clients

    def __init__(self, session: Session) -> None:
        self._session = session
        self.graphql = GraphQL(session)
        self.accounts = Accounts(session)
        self.transactions = Transactions(session)
        self.assets = Assets(session)
        self.live = Live(session)
        self.push = Push(session)
        self.devices = Devices(session)
        self.transfers = Transfers(session)
        self.contacts = Contacts(session)
        self.cards = Cards(session)
        self.pins = Pins(session)
        self.wallets = Wallets(session)
        self.change_requests = ChangeRequests(session)
        self.drafts = Drafts(session)
        self.external_transactions = ExternalTransactions(session)
        self.direct_debits = DirectDebits(session)
        self.documents = Documents(session)
        self.email_documents = EmailDocuments(session)
        self.declarations = Declarations(session)
        self.users = Users(session)
        self.tax_numbers = TaxNumbers(session)
        self.addresses = Addresses(session)
        self.plans = Plans(session)
        self.clients = Clients(session)

    def logout_url(self) -> str:
        """The address that ends the session of the person's browser at Kontist, for that browser to open (section 2.5).

        Tokens go on working: Kontist documents no way to revoke them.
        """
        return logout_url(self._session.settings)
