"""`BasiqClient`: the methods of `AsyncBasiqClient` for programs without an event loop.

Written by `python -m bankweave.testing.twin` from `bankweave_basiq.client`: change that, and write it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import ClassVar

from bankweave.adapter import Portal
from bankweave_basiq.client import AsyncBasiqClient
from bankweave_basiq.client.accounts import Accounts as AsyncAccounts
from bankweave_basiq.client.accounts import BasiqAccount, Identity
from bankweave_basiq.client.accounts import Identities as AsyncIdentities
from bankweave_basiq.client.connections import BasiqConnection
from bankweave_basiq.client.connections import Connections as AsyncConnections
from bankweave_basiq.client.consent_page import AuthLinkDetails, ConsentAction, ConsentPage, ConsentReturn
from bankweave_basiq.client.consent_page import AuthLinks as AsyncAuthLinks
from bankweave_basiq.client.consent_page import ConsentPages as AsyncConsentPages
from bankweave_basiq.client.consents import BasiqConsent
from bankweave_basiq.client.consents import Consents as AsyncConsents
from bankweave_basiq.client.enrich import Enrich as AsyncEnrich
from bankweave_basiq.client.enrich import Enriched
from bankweave_basiq.client.events import BasiqEvent, EventType, Unread
from bankweave_basiq.client.events import Events as AsyncEvents
from bankweave_basiq.client.filters import Filter
from bankweave_basiq.client.institutions import Connector
from bankweave_basiq.client.institutions import Institutions as AsyncInstitutions
from bankweave_basiq.client.jobs import Job
from bankweave_basiq.client.jobs import Jobs as AsyncJobs
from bankweave_basiq.client.reports import Report, ReportType
from bankweave_basiq.client.reports import Reports as AsyncReports
from bankweave_basiq.client.reports import Statements as AsyncStatements
from bankweave_basiq.client.snapshots import Affordability, Expenses, Income, SnapshotTransaction
from bankweave_basiq.client.snapshots import AffordabilitySnapshots as AsyncAffordabilitySnapshots
from bankweave_basiq.client.snapshots import ExpenseSnapshots as AsyncExpenseSnapshots
from bankweave_basiq.client.snapshots import IncomeSnapshots as AsyncIncomeSnapshots
from bankweave_basiq.client.transactions import BasiqTransaction
from bankweave_basiq.client.transactions import Transactions as AsyncTransactions
from bankweave_basiq.client.users import User
from bankweave_basiq.client.users import Users as AsyncUsers
from bankweave_basiq.client.webhooks import Message, Webhook
from bankweave_basiq.client.webhooks import Webhooks as AsyncWebhooks


class Users:
    """The owner's one user. Basiq knows no uniqueness: it is made once and remembered before anything else can fail."""

    def __init__(self, client: AsyncUsers, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def create(self, options: Mapping[str, str]) -> User:
        """Give the owner's user; make it where there is none yet, from the same options that `connect` takes.

        Raises `ConfigurationError` where neither `email` nor `mobile` is among them and a user has to be made.
        """
        return self._portal.call(self._client.create, options)

    def id(self) -> str:
        """Give the id of the owner's user, which events and webhooks name; asks nobody.

        Raises `UnknownConnection` when there is none yet.
        """
        return self._portal.call(self._client.id)

    def get(self) -> User:
        """Read the user, with the ids of its connections and accounts."""
        return self._portal.call(self._client.get)

    def update(self, options: Mapping[str, str], *, address: Mapping[str, str] | None = None) -> User:
        """Change what is named, as `connect` names it (`email`, `first_name`, ...); the rest stays. Idempotent.

        `address` is a business's, under Basiq's own names (`addressLine1`, ...). Raises `InvalidOrder` for a name that is
        none: Basiq would change nothing, and not say so.
        """
        return self._portal.call(self._client.update, options, address=address)

    def delete(self) -> None:
        """Delete the user with all its connections, consents and data. Cannot be undone; its id is forgotten. Idempotent.

        What is stored here stays: `bank.disconnect` every connection as well. `bank.governance.erase` does both.
        """
        self._portal.call(self._client.delete)


class Consents:
    """The consents of the person: one active, and those before it."""

    def __init__(self, client: AsyncConsents, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self) -> tuple[BasiqConsent, ...]:
        """List all consents, those that ended included."""
        return self._portal.call(self._client.list)

    def get(self, consent: str) -> BasiqConsent:
        """Give one consent by its id, out of the list: Basiq documents no way to read one alone."""
        return self._portal.call(self._client.get, consent)

    def delete(self, consent: str) -> None:
        """Revoke a consent. Basiq deletes its connections with it; that cannot be undone."""
        self._portal.call(self._client.delete, consent)


class ConsentPages:
    """Links to Basiq's own page. What it does there, `connect` and `renew` of bankweave do not learn."""

    def __init__(self, client: AsyncConsentPages, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def open(
        self,
        action: ConsentAction = ConsentAction.NONE,
        *,
        institution: str | None = None,
        connection: str | None = None,
    ) -> ConsentPage:
        """Make a link for an action, a bank or a connection chosen beforehand. It lives an hour."""
        return self._portal.call(self._client.open, action, institution=institution, connection=connection)

    def read_return(self, url: str) -> ConsentReturn:
        """Read the address that the person came back to, once.

        Raises `UnknownFlow` when its state is none that was made here for this owner, or was used before or too late.
        """
        return self._portal.call(self._client.read_return, url)


class AuthLinks:
    """The person's one link; a new one takes the place of the one before (section 2.3)."""

    def __init__(self, client: AsyncAuthLinks, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def create(self, mobile: str | None = None) -> AuthLinkDetails:
        """Make a link. The code goes to `mobile`, else to the number of the user."""
        return self._portal.call(self._client.create, mobile)

    def get(self) -> AuthLinkDetails:
        """Read the link. Raises `ProviderRefused` where there is none, or none any more."""
        return self._portal.call(self._client.get)

    def delete(self) -> None:
        """Delete the link, so that nobody can use it."""
        self._portal.call(self._client.delete)


class Connections:
    """Basiq's own connections of the person: one connection of bankweave may stand for several."""

    def __init__(self, client: AsyncConnections, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(
        self, *, status: str | None = None, institution: str | None = None, where: Filter | None = None
    ) -> tuple[BasiqConnection, ...]:
        """List connections, all or those of a status and an institution."""
        return self._portal.call(self._client.list, status=status, institution=institution, where=where)

    def get(self, connection: str) -> BasiqConnection:
        """Read one connection, with its accounts' ids and, where allowed, its profile."""
        return self._portal.call(self._client.get, connection)

    def refresh(self, connection: str) -> str:
        """Have Basiq fetch fresh data; gives the id of the job. While one runs, it is that one's.

        Raises `RateLimited` when open banking's refreshes of the day are used up. `jobs.wait` sees the job to its end.
        """
        return self._portal.call(self._client.refresh, connection)

    def refresh_all(self) -> tuple[str, ...]:
        """Have Basiq fetch fresh data of every connection; gives the ids of the jobs."""
        return self._portal.call(self._client.refresh_all)

    def purge(self, connection: str) -> None:
        """Wipe the data of a connection and keep it; only while it is active."""
        self._portal.call(self._client.purge, connection)

    def delete(self, connection: str) -> None:
        """Delete a connection. Its accounts and transactions stay with the user: purge first where they shall not."""
        self._portal.call(self._client.delete, connection)


class Institutions:
    """The directory of banks: Basiq calls an entry a connector."""

    def __init__(self, client: AsyncInstitutions, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(
        self,
        *,
        country: str | None = None,
        reached_by: str | None = None,
        status: str | None = None,
        stage: str | None = None,
        tiers: Sequence[str] = (),
        kind: str | None = None,
        scopes: Sequence[str] = (),
        where: Filter | None = None,
    ) -> tuple[Connector, ...]:
        """List connectors, all or those that fit.

        `country` is "AU" or "NZ", `reached_by` a method, `kind` the institution's, such as "Bank". What else can be asked
        goes into `where`: `connector.authorization.type`, `connector.connectorEngine`.
        """
        return self._portal.call(
            self._client.list,
            country=country,
            reached_by=reached_by,
            status=status,
            stage=stage,
            tiers=tiers,
            kind=kind,
            scopes=scopes,
            where=where,
        )

    def search(self, name: str, *, country: str | None = None) -> tuple[Connector, ...]:
        """Find live connectors by a part of their name or their id; the names are compared here, Basiq cannot."""
        return self._portal.call(self._client.search, name, country=country)

    def get(self, institution: str, method: str = "web") -> Connector:
        """Read one connector; `method` is "web", "openbanking", "csv" or "pdf"."""
        return self._portal.call(self._client.get, institution, method)


class Jobs:
    """The jobs of the last seven days; older ones are gone."""

    def __init__(self, client: AsyncJobs, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self, *, connection: str | None = None) -> tuple[Job, ...]:
        """List the person's jobs, all or those of one connection."""
        return self._portal.call(self._client.list, connection=connection)

    def get(self, job: str) -> Job:
        """Read a job. Raises `WrongSubject` when it is another person's."""
        return self._portal.call(self._client.get, job)

    def wait(self, job: str, *, seconds: float = 60.0) -> Job:
        """Look at a job until it ends or asks something, less and less often; at the latest until the time is over."""
        return self._portal.call(self._client.wait, job, seconds=seconds)

    def answer(self, job: str, answers: Sequence[str]) -> None:
        """Answer what the bank asks, in the order of its questions. Never repeated; whether it was right, the job tells.

        Raises `ProviderRefused` when the bank no longer asks, or not for that; `OutcomeUnknown` when the receipt was lost.
        """
        self._portal.call(self._client.answer, job, answers)


class Accounts:
    """The person's accounts at all banks."""

    def __init__(self, client: AsyncAccounts, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(
        self, *, connection: str | None = None, institution: str | None = None, where: Filter | None = None
    ) -> tuple[BasiqAccount, ...]:
        """List accounts, all or those of a connection or an institution."""
        return self._portal.call(self._client.list, connection=connection, institution=institution, where=where)

    def get(self, account: str) -> BasiqAccount:
        """Read one account."""
        return self._portal.call(self._client.get, account)


class Transactions:
    """The person's transactions at all banks, in pages of 500."""

    def __init__(self, client: AsyncTransactions, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(
        self,
        *,
        account: str | None = None,
        institution: str | None = None,
        status: str | None = None,
        direction: str | None = None,
        kind: str | None = None,
        since: date | None = None,
        until: date | None = None,
        where: Filter | None = None,
    ) -> Iterator[BasiqTransaction]:
        """Yield transactions, read page by page: all, or those that fit. `kind` is Basiq's class, such as "transfer".

        Days are those of UTC (section 5.2), both included. Pending rows have no post date: with days, ask for them apart.
        """
        return self._portal.iterate(
            self._client.list(
                account=account,
                institution=institution,
                status=status,
                direction=direction,
                kind=kind,
                since=since,
                until=until,
                where=where,
            )
        )

    def get(self, transaction: str) -> BasiqTransaction:
        """Read one transaction."""
        return self._portal.call(self._client.get, transaction)

    def backfill(
        self, since: date, until: date, *, account: str | None = None, windows: int = 4
    ) -> tuple[BasiqTransaction, ...]:
        """Read the posted rows of a long time, several spans of days side by side; newest first, each row once.

        Held in memory all at once. Raises `InvalidOrder` for days in the wrong order and for more than 24 windows.
        """
        return self._portal.call(self._client.backfill, since, until, account=account, windows=windows)


class Identities:
    """Who the banks say that the person is, one entry for each connection."""

    def __init__(self, client: AsyncIdentities, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self) -> tuple[Identity, ...]:
        """List the identities."""
        return self._portal.call(self._client.list)

    def get(self, identity: str) -> Identity:
        """Read one identity."""
        return self._portal.call(self._client.get, identity)


class Statements:
    """Statements that the person has as files."""

    def __init__(self, client: AsyncStatements, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def upload(self, institution: str, name: str, content: bytes) -> str:
        """Have a PDF or CSV file read; gives the id of the job. Not repeated when its answer is lost."""
        return self._portal.call(self._client.upload, institution, name, content)


class AffordabilitySnapshots:
    """Snapshots of what a person can afford. Basiq makes so many a day as users were made that day, 1,000 at the most."""

    def __init__(self, client: AsyncAffordabilitySnapshots, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def create(
        self, *, accounts: Sequence[str] = (), from_month: str | None = None, to_month: str | None = None
    ) -> Affordability | None:
        """Make a snapshot of all accounts or some, and of months like "2026-05"; None where there are no data."""
        return self._portal.call(self._client.create, accounts=accounts, from_month=from_month, to_month=to_month)

    def list(self) -> tuple[Affordability, ...]:
        """List the snapshots, without what is in them."""
        return self._portal.call(self._client.list)

    def get(self, snapshot: str) -> Affordability:
        """Read a snapshot."""
        return self._portal.call(self._client.get, snapshot)

    def pdf(self, snapshot: str) -> bytes:
        """Read a snapshot as a PDF file, of 64 MiB at the most. What is on it is not documented."""
        return self._portal.call(self._client.pdf, snapshot)

    def transactions(self, snapshot: str) -> Iterator[SnapshotTransaction]:
        """Yield the transactions that a snapshot counted, in pages of 500."""
        return self._portal.iterate(self._client.transactions(snapshot))

    def transactions_csv(self, snapshot: str) -> bytes:
        """Read the transactions that a snapshot counted as a CSV file, as Basiq writes it. Its columns are not documented.

        Nor is whether it has more rows than a page: count them against `transactions`.
        """
        return self._portal.call(self._client.transactions_csv, snapshot)


class IncomeSnapshots:
    """Snapshots of where a person's money comes from."""

    def __init__(self, client: AsyncIncomeSnapshots, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def create(
        self, *, accounts: Sequence[str] = (), from_month: str | None = None, to_month: str | None = None
    ) -> Income | None:
        """Make a snapshot of all accounts or some, and of months like "2026-05"; None where there are no data."""
        return self._portal.call(self._client.create, accounts=accounts, from_month=from_month, to_month=to_month)

    def get(self, snapshot: str) -> Income:
        """Read a snapshot."""
        return self._portal.call(self._client.get, snapshot)


class ExpenseSnapshots:
    """Snapshots of where a person's money goes."""

    def __init__(self, client: AsyncExpenseSnapshots, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def create(
        self, *, accounts: Sequence[str] = (), from_month: str | None = None, to_month: str | None = None
    ) -> Expenses | None:
        """Make a snapshot of all accounts or some, and of months like "2026-05"; None where there are no data."""
        return self._portal.call(self._client.create, accounts=accounts, from_month=from_month, to_month=to_month)

    def get(self, snapshot: str) -> Expenses:
        """Read a snapshot."""
        return self._portal.call(self._client.get, snapshot)

    def csv(self, snapshot: str) -> bytes:
        """Read a snapshot as a CSV file, as Basiq writes it. Its columns are not documented."""
        return self._portal.call(self._client.csv, snapshot)


class Reports:
    """Reports of the whole application, whoever they are about."""

    def __init__(self, client: AsyncReports, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def types(self) -> tuple[ReportType, ...]:
        """List what reports there are, and what each wants to know."""
        return self._portal.call(self._client.types)

    def type(self, report_type: str) -> tuple[ReportType, ...]:
        """Read one type of report; Basiq specifies a list as its answer."""
        return self._portal.call(self._client.type, report_type)

    def create(self, report_type: str, title: str, filters: Mapping[str, str | Sequence[str]]) -> str:
        """Have a report made; gives the id of the job, whose source is the report. Not idempotent."""
        return self._portal.call(self._client.create, report_type, title, filters)

    def list(self) -> tuple[Report, ...]:
        """List the reports, without what is in them."""
        return self._portal.call(self._client.list)

    def get(self, report: str) -> Report:
        """Read a report."""
        return self._portal.call(self._client.get, report)

    def pdf(self, report: str) -> bytes:
        """Read a report as a PDF file, of 64 MiB at the most."""
        return self._portal.call(self._client.pdf, report)

    def delete(self, report: str) -> None:
        """Delete a report."""
        self._portal.call(self._client.delete, report)

    def transactions(self, report: str, *, where: Filter | None = None) -> Iterator[SnapshotTransaction]:
        """Yield the transactions that a report counted, all or those that fit."""
        return self._portal.iterate(self._client.transactions(report, where=where))


class Enrich:
    """Looks up texts. A sandbox key may do that 100 times a month."""

    def __init__(self, client: AsyncEnrich, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def lookup(
        self,
        text: str,
        institution: str,
        *,
        country: str = "AU",
        merchant_category_code: str | None = None,
        account_type: str | None = None,
        amount: Decimal | None = None,
    ) -> Enriched:
        """Say what a bank's text means. A negative `amount` is money that went out."""
        return self._portal.call(
            self._client.lookup,
            text,
            institution,
            country=country,
            merchant_category_code=merchant_category_code,
            account_type=account_type,
            amount=amount,
        )


class Events:
    """The events of the person, or of everybody that the application knows."""

    def __init__(self, client: AsyncEvents, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(
        self,
        *,
        entity: str | None = None,
        event_type: str | None = None,
        everybody: bool = False,
        where: Filter | None = None,
    ) -> tuple[BasiqEvent, ...]:
        """List the events of the last seven days: all, or those that fit, such as entity "consent" and type "revoked"."""
        return self._portal.call(
            self._client.list, entity=entity, event_type=event_type, everybody=everybody, where=where
        )

    def get(self, event: str) -> BasiqEvent:
        """Read one event."""
        return self._portal.call(self._client.get, event)

    def types(self) -> tuple[EventType, ...]:
        """List what kinds of events there are."""
        return self._portal.call(self._client.types)

    def type(self, event_type: str) -> EventType:
        """Read one kind of event, by its id."""
        return self._portal.call(self._client.type, event_type)

    def unread(self, *, everybody: bool = False) -> Unread:
        """Give the events that were not marked as read, oldest first.

        Which were is kept in the store, by id: an event that Basiq adds late is not passed over, and one that was not
        marked comes again. Whoever asks less often than every seven days gets the time that was missed as `gap`.
        """
        return self._portal.call(self._client.unread, everybody=everybody)

    def mark_read(self, unread: Unread) -> None:
        """Remember that these events were dealt with, durably; idempotent."""
        self._portal.call(self._client.mark_read, unread)


class Webhooks:
    """The webhooks of the application: each event can be subscribed once, and each address used once."""

    def __init__(self, client: AsyncWebhooks, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def create(
        self, url: str, events: Sequence[str], *, name: str | None = None, description: str | None = None
    ) -> Webhook:
        """Have these events reported to an address; its `secret` signs them. Not idempotent.

        Deliveries may begin a quarter of an hour later. Raises `ProviderRefused` with the code `event-already-subscribed`
        or `resource-already-exists` where another webhook has the event or the address.
        """
        return self._portal.call(self._client.create, url, events, name=name, description=description)

    def list(self) -> tuple[Webhook, ...]:
        """List the webhooks."""
        return self._portal.call(self._client.list)

    def get(self, webhook: str) -> Webhook:
        """Read one webhook."""
        return self._portal.call(self._client.get, webhook)

    def update(
        self,
        webhook: str,
        url: str,
        events: Sequence[str] | None = None,
        *,
        name: str | None = None,
        description: str | None = None,
    ) -> Webhook:
        """Change a webhook; what is None stays, but the address must be said. Gives its `secret`. Idempotent."""
        return self._portal.call(self._client.update, webhook, url, events, name=name, description=description)

    def delete(self, webhook: str) -> None:
        """Delete a webhook."""
        self._portal.call(self._client.delete, webhook)

    def test(self, event_type: str, text: str | None = None) -> None:
        """Have a message of this type sent to whoever subscribed to it. Not repeated when its answer is lost."""
        self._portal.call(self._client.test, event_type, text)

    def messages(self, webhook: str, *, where: Filter | None = None) -> tuple[Message, ...]:
        """List the messages of a webhook: all, or those of a date, status, eventTypeId or eventId."""
        return self._portal.call(self._client.messages, webhook, where=where)

    def message(self, webhook: str, message: str) -> Message:
        """Read one message with its attempts."""
        return self._portal.call(self._client.message, webhook, message)


class BasiqClient:
    """All of Basiq for one person, a topic each; institutions, reports, webhooks and `everybody` are the application's."""

    twin_of: ClassVar[type[AsyncBasiqClient]] = AsyncBasiqClient

    def __init__(self, client: AsyncBasiqClient, portal: Portal) -> None:
        self._client = client
        self._portal = portal
        self.users = Users(client.users, portal)
        self.consents = Consents(client.consents, portal)
        self.consent_pages = ConsentPages(client.consent_pages, portal)
        self.auth_links = AuthLinks(client.auth_links, portal)
        self.connections = Connections(client.connections, portal)
        self.institutions = Institutions(client.institutions, portal)
        self.jobs = Jobs(client.jobs, portal)
        self.accounts = Accounts(client.accounts, portal)
        self.transactions = Transactions(client.transactions, portal)
        self.identities = Identities(client.identities, portal)
        self.statements = Statements(client.statements, portal)
        self.affordability = AffordabilitySnapshots(client.affordability, portal)
        self.income = IncomeSnapshots(client.income, portal)
        self.expenses = ExpenseSnapshots(client.expenses, portal)
        self.reports = Reports(client.reports, portal)
        self.enrich = Enrich(client.enrich, portal)
        self.events = Events(client.events, portal)
        self.webhooks = Webhooks(client.webhooks, portal)
