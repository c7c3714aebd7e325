"""Basiq's own client: what no other provider has, about the owner of one connection.

    basiq = await bank.client(connection_id, AsyncBasiqClient)
    consents = await basiq.consents.list()

`bankweave_basiq.BasiqClient` is its synchronous twin. What its methods take and give has its names here.
"""

from __future__ import annotations

from bankweave_basiq.client.accounts import AccountClass, Accounts, BasiqAccount, Identities, Identity, Interval, Purse
from bankweave_basiq.client.api import Api
from bankweave_basiq.client.connections import BasiqConnection, ConnectionProfile, Connections, PostalAddress
from bankweave_basiq.client.consent_page import (
    AuthLinkDetails,
    AuthLinks,
    ConsentAction,
    ConsentPage,
    ConsentPages,
    ConsentReturn,
)
from bankweave_basiq.client.consents import (
    BasiqConsent,
    ConsentData,
    ConsentPurpose,
    Consents,
    Permission,
    PermissionInformation,
    Wording,
)
from bankweave_basiq.client.enrich import Enrich, Enriched
from bankweave_basiq.client.events import BasiqEvent, Events, EventType, Gap, Unread
from bankweave_basiq.client.filters import Filter
from bankweave_basiq.client.institutions import (
    Connector,
    ConnectorAuthorization,
    ConnectorStatistics,
    DurationStatistics,
    InstitutionDetails,
    Institutions,
    Logo,
    LogoLinks,
)
from bankweave_basiq.client.jobs import Job, Jobs, JobState, JobStep, StepResult
from bankweave_basiq.client.record import Json, Record
from bankweave_basiq.client.reports import Report, ReportFilter, Reports, ReportType, Statements
from bankweave_basiq.client.snapshots import (
    Affordability,
    AffordabilitySnapshots,
    AffordabilitySummary,
    ExpenseClass,
    Expenses,
    ExpenseSnapshots,
    Income,
    IncomeSnapshots,
    IncomeSummary,
    Liabilities,
    Snapshot,
    SnapshotTransaction,
)
from bankweave_basiq.client.transactions import (
    BasiqTransaction,
    Bpay,
    EnrichedCategory,
    Enrichment,
    Merchant,
    PaymentDetails,
    SubClass,
    Transactions,
)
from bankweave_basiq.client.users import BusinessAddress, User, Users
from bankweave_basiq.client.webhooks import Attempt, Message, Webhook, Webhooks
from bankweave_basiq.session import Session

__all__ = [
    "AccountClass",
    "Accounts",
    "Affordability",
    "AffordabilitySnapshots",
    "AffordabilitySummary",
    "AsyncBasiqClient",
    "Attempt",
    "AuthLinkDetails",
    "AuthLinks",
    "BasiqAccount",
    "BasiqConnection",
    "BasiqConsent",
    "BasiqEvent",
    "BasiqTransaction",
    "Bpay",
    "BusinessAddress",
    "ConnectionProfile",
    "Connections",
    "Connector",
    "ConnectorAuthorization",
    "ConnectorStatistics",
    "ConsentAction",
    "ConsentData",
    "ConsentPage",
    "ConsentPages",
    "ConsentPurpose",
    "ConsentReturn",
    "Consents",
    "DurationStatistics",
    "Enrich",
    "Enriched",
    "EnrichedCategory",
    "Enrichment",
    "EventType",
    "Events",
    "ExpenseClass",
    "ExpenseSnapshots",
    "Expenses",
    "Filter",
    "Gap",
    "Identities",
    "Identity",
    "Income",
    "IncomeSnapshots",
    "IncomeSummary",
    "InstitutionDetails",
    "Institutions",
    "Interval",
    "Job",
    "JobState",
    "JobStep",
    "Jobs",
    "Json",
    "Liabilities",
    "Logo",
    "LogoLinks",
    "Merchant",
    "Message",
    "PaymentDetails",
    "Permission",
    "PermissionInformation",
    "PostalAddress",
    "Purse",
    "Record",
    "Report",
    "ReportFilter",
    "ReportType",
    "Reports",
    "Snapshot",
    "SnapshotTransaction",
    "Statements",
    "StepResult",
    "SubClass",
    "Transactions",
    "Unread",
    "User",
    "Users",
    "Webhook",
    "Webhooks",
    "Wording",
]


class AsyncBasiqClient:
    """All of Basiq for one person, a topic each; institutions, reports, webhooks and `everybody` are the application's."""

    users: Users
    consents: Consents
    consent_pages: ConsentPages
    auth_links: AuthLinks
    connections: Connections
    institutions: Institutions
    jobs: Jobs
    accounts: Accounts
    transactions: Transactions
    identities: Identities
    statements: Statements
    affordability: AffordabilitySnapshots
    income: IncomeSnapshots
    expenses: ExpenseSnapshots
    reports: Reports
    enrich: Enrich
    events: Events
    webhooks: Webhooks

    def __init__(self, session: Session) -> None:
        api = Api(session)
        self.users = Users(api)
        self.consents = Consents(api)
        self.consent_pages = ConsentPages(api)
        self.auth_links = AuthLinks(api)
        self.connections = Connections(api)
        self.institutions = Institutions(api)
        self.jobs = Jobs(api)
        self.accounts = Accounts(api)
        self.transactions = Transactions(api)
        self.identities = Identities(api)
        self.statements = Statements(api)
        self.affordability = AffordabilitySnapshots(api)
        self.income = IncomeSnapshots(api)
        self.expenses = ExpenseSnapshots(api)
        self.reports = Reports(api)
        self.enrich = Enrich(api)
        self.events = Events(api)
        self.webhooks = Webhooks(api)
