"""Kontist's own client: what no other provider has, bound to one connection.

    kontist = await bank.client(connection_id, AsyncKontistClient)
    answer = await kontist.graphql.query("{ viewer { mainAccount { iban } } }")

`bankweave_kontist.blocking.KontistClient` is its synchronous twin.
"""

from __future__ import annotations

from bankweave_kontist.client.accounts import Accounts
from bankweave_kontist.client.assets import Assets
from bankweave_kontist.client.cards import Cards
from bankweave_kontist.client.change_requests import ChangeRequests
from bankweave_kontist.client.contacts import Contacts
from bankweave_kontist.client.declarations import Declarations
from bankweave_kontist.client.devices import DeviceBinding, Devices
from bankweave_kontist.client.direct_debits import DirectDebits
from bankweave_kontist.client.documents import Documents, EmailDocuments
from bankweave_kontist.client.graphql import GraphQL
from bankweave_kontist.client.live import Live
from bankweave_kontist.client.oauth_clients import Clients
from bankweave_kontist.client.pins import Pins
from bankweave_kontist.client.plans import Plans
from bankweave_kontist.client.profile import Addresses, TaxNumbers, Users
from bankweave_kontist.client.push import Push, PushChallenge
from bankweave_kontist.client.subscription import Subscription
from bankweave_kontist.client.transactions import Transactions
from bankweave_kontist.client.transfers import OwnTransfer, Transfers
from bankweave_kontist.client.wallets import Wallets
from bankweave_kontist.session import Session
from bankweave_kontist.signin.protocol import logout_url

__all__ = [
    "Accounts",
    "Assets",
    "AsyncKontistClient",
    "Cards",
    "ChangeRequests",
    "Contacts",
    "DeviceBinding",
    "Devices",
    "GraphQL",
    "Live",
    "OwnTransfer",
    "Pins",
    "Push",
    "PushChallenge",
    "Session",
    "Subscription",
    "Transactions",
    "Transfers",
    "Wallets",
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
