"""`KontistClient`: the methods of `AsyncKontistClient` for programs without an event loop.

Written by `python -m bankweave.testing.twin` from `bankweave_kontist.client`: change that, and write it again.
"""

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from bankweave.adapter import Portal
from bankweave.errors import BankweaveError
from bankweave.payment import CardAction, TransferKind, TransferOrder
from bankweave_kontist.cards.records import (
    CardDetails,
    CardHolder,
    FraudCase,
    GooglePayToken,
    KontistCard,
    LimitsChange,
    PinConfirmation,
    Provisioned,
    SpendingLimits,
)
from bankweave_kontist.client import AsyncKontistClient
from bankweave_kontist.client.accounts import (
    Account,
    IbanInformation,
    Profile,
    SolarisBalance,
    Statistics,
    SubAccount,
    SystemStatus,
)
from bankweave_kontist.client.accounts import Accounts as AsyncAccounts
from bankweave_kontist.client.assets import Assets as AsyncAssets
from bankweave_kontist.client.assets import Upload
from bankweave_kontist.client.cards import Cards as AsyncCards
from bankweave_kontist.client.change_requests import Authorization, PendingPayment
from bankweave_kontist.client.change_requests import ChangeRequests as AsyncChangeRequests
from bankweave_kontist.client.contacts import Contact
from bankweave_kontist.client.contacts import Contacts as AsyncContacts
from bankweave_kontist.client.declarations import (
    Declaration,
    DeclarationStatistics,
    DeclarationType,
    Submission,
    SubmissionStatus,
)
from bankweave_kontist.client.declarations import Declarations as AsyncDeclarations
from bankweave_kontist.client.devices import DeviceBinding
from bankweave_kontist.client.devices import Devices as AsyncDevices
from bankweave_kontist.client.direct_debits import DirectDebits as AsyncDirectDebits
from bankweave_kontist.client.direct_debits import RefundRequest
from bankweave_kontist.client.documents import Document, DocumentCategory, EmailDocument
from bankweave_kontist.client.documents import Documents as AsyncDocuments
from bankweave_kontist.client.documents import EmailDocuments as AsyncEmailDocuments
from bankweave_kontist.client.drafts import Draft, ExternalPayment
from bankweave_kontist.client.drafts import Drafts as AsyncDrafts
from bankweave_kontist.client.drafts import ExternalTransactions as AsyncExternalTransactions
from bankweave_kontist.client.graphql import GraphQL as AsyncGraphQL
from bankweave_kontist.client.live import Live as AsyncLive
from bankweave_kontist.client.oauth_clients import Clients as AsyncClients
from bankweave_kontist.client.oauth_clients import OAuthClient
from bankweave_kontist.client.pins import Pins as AsyncPins
from bankweave_kontist.client.plans import PlanChange, PlanOffer, Purchase
from bankweave_kontist.client.plans import Plans as AsyncPlans
from bankweave_kontist.client.profile import Addresses as AsyncAddresses
from bankweave_kontist.client.profile import BusinessAddress, TaxNumber, TaxNumberType, UserConfirmation
from bankweave_kontist.client.profile import TaxNumbers as AsyncTaxNumbers
from bankweave_kontist.client.profile import Users as AsyncUsers
from bankweave_kontist.client.push import Push as AsyncPush
from bankweave_kontist.client.push import PushChallenge
from bankweave_kontist.client.subscription import Subscription as AsyncSubscription
from bankweave_kontist.client.transactions import Transactions as AsyncTransactions
from bankweave_kontist.client.transfers import OwnTransfer
from bankweave_kontist.client.transfers import Transfers as AsyncTransfers
from bankweave_kontist.client.wallets import AppleWallet, GoogleWallet
from bankweave_kontist.client.wallets import Wallets as AsyncWallets
from bankweave_kontist.devices.bound import BoundDevice
from bankweave_kontist.devices.wire import BindingRequest, Device
from bankweave_kontist.paging import PAGE_SIZE
from bankweave_kontist.transactions.categories import TransactionCategory, VatRate
from bankweave_kontist.transactions.filters import Filter
from bankweave_kontist.transactions.records import Asset, Categorization, Preset, Transaction
from bankweave_kontist.transactions.records import TransactionPage as AsyncTransactionPage
from bankweave_kontist.transactions.splits import SplitOrder
from bankweave_kontist.transfers.confirmation import Confirmation
from bankweave_kontist.transfers.ordering import ConfirmBy
from bankweave_kontist.transfers.orders import TransferChange
from bankweave_kontist.transfers.wire import KontistTransfer, TransferSuggestion, UnfinishedTransfer


class GraphQL:
    """Runs operations that this library has no method for. Kontist's own names and units come back: cents, ISO dates."""

    def __init__(self, client: AsyncGraphQL, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def query(
        self, text: str, variables: Mapping[str, object] | None = None, operation_name: str | None = None
    ) -> dict[str, Any]:
        """Run one operation and give its `data`; never part of it beside errors.

        A lost answer is asked for again only if the operation is a query. A mutation raises `OutcomeUnknown` instead, as it
        does when the server fails. Raises `InvalidOrder` before anything is sent: for what is no GraphQL, for 10,000
        characters or more, for a subscription, and where `operation_name` does not name one of several operations.
        """
        return self._portal.call(self._client.query, text, variables, operation_name)


class Accounts:
    """Reads the account, its balances and its owner. All of it may be repeated."""

    def __init__(self, client: AsyncAccounts, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def main(self) -> Account:
        """Read the main account. Raises `ProviderRefused` (no_account) for a user without one."""
        return self._portal.call(self._client.main)

    def statistics(self) -> Statistics:
        """Read how much of the account is whose."""
        return self._portal.call(self._client.statistics)

    def solaris_balance(self) -> SolarisBalance:
        """Read the balance as the bank behind Kontist has it, with what is protected from seizure."""
        return self._portal.call(self._client.solaris_balance)

    def sub_accounts(self) -> tuple[SubAccount, ...]:
        """Read the accounts beside the main one, also those that are still being opened."""
        return self._portal.call(self._client.sub_accounts)

    def iban_information(self, iban: str) -> IbanInformation:
        """Tell the bank of an IBAN. Raises `InvalidOrder` for what is no IBAN."""
        return self._portal.call(self._client.iban_information, iban)

    def system_status(self) -> SystemStatus:
        """Ask Kontist whether it is well."""
        return self._portal.call(self._client.system_status)

    def profile(self) -> Profile:
        """Read who the person is."""
        return self._portal.call(self._client.profile)


class TransactionPage:
    """Some transactions, newest first, and the way to those before and after them. Cursors are opaque."""

    def __init__(self, client: AsyncTransactionPage, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    @property
    def rows(self) -> tuple[Transaction, ...]:
        return self._client.rows

    @property
    def has_next(self) -> bool:
        return self._client.has_next

    @property
    def has_previous(self) -> bool:
        return self._client.has_previous

    @property
    def start_cursor(self) -> str | None:
        return self._client.start_cursor

    @property
    def end_cursor(self) -> str | None:
        return self._client.end_cursor

    def next(self) -> TransactionPage | None:
        """Fetch the page of older transactions; None at the end."""
        found = self._portal.call(self._client.next)
        return None if found is None else TransactionPage(found, self._portal)

    def previous(self) -> TransactionPage | None:
        """Fetch the page of newer transactions; None at the beginning."""
        found = self._portal.call(self._client.previous)
        return None if found is None else TransactionPage(found, self._portal)


class Transactions:
    """Reads and annotates transactions. Lists are newest first; `account` is the public id of a sub-account."""

    def __init__(self, client: AsyncTransactions, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def newest(
        self,
        count: int = PAGE_SIZE,
        *,
        where: Filter | None = None,
        preset: Preset | None = None,
        account: str | None = None,
    ) -> TransactionPage:
        """Read the page of the newest 1 to 50, from which `next` and `previous` go on."""
        return TransactionPage(
            self._portal.call(self._client.newest, count, where=where, preset=preset, account=account), self._portal
        )

    def list(
        self,
        *,
        where: Filter | None = None,
        preset: Preset | None = None,
        account: str | None = None,
        oldest_first: bool = False,
    ) -> Iterator[Transaction]:
        """Yield all of them, a page at a time, when it is needed.

        What is booked while one reads is not seen newest first, and is oldest first.
        """
        return self._portal.iterate(
            self._client.list(where=where, preset=preset, account=account, oldest_first=oldest_first)
        )

    def search(self, text: str, *, where: Filter | None = None, account: str | None = None) -> Iterator[Transaction]:
        """Yield what a person means by a text: words, amounts, IBANs (see `bankweave_kontist.transactions.search`)."""
        return self._portal.iterate(self._client.search(text, where=where, account=account))

    def get(self, transaction_id: str) -> Transaction | None:
        """Read one with all its details; None if the main account has none of that id."""
        return self._portal.call(self._client.get, transaction_id)

    def presets(self) -> tuple[Preset, ...]:
        """Read which filters Kontist offers, for `newest` and `list`."""
        return self._portal.call(self._client.presets)

    def csv(self, since: date | None = None, until: date | None = None) -> str:
        """Export as CSV, in columns of Kontist's that are undocumented; without days, everything.

        Days are Berlin's and go as their midnights, like booking days, so that both should be included (undocumented).
        """
        return self._portal.call(self._client.csv, since, until)

    def update(
        self,
        transaction_id: str,
        *,
        category: TransactionCategory | None = None,
        category_code: str | None = None,
        vat_category_code: str | None = None,
        vat_rate: VatRate | None = None,
        user_selected_booking_date: date | None = None,
        personal_note: str | None = None,
        splits: Sequence[SplitOrder] = (),
    ) -> Transaction:
        """Say what a transaction is. What is not given stays; an empty `personal_note` clears it. Idempotent.

        Raises `InvalidOrder` before anything is sent: for a note of more than 250 characters, a booking date with another
        category than payments and refunds of taxes, splits that are not the whole, and a change of nothing.
        """
        return self._portal.call(
            self._client.update,
            transaction_id,
            category=category,
            category_code=category_code,
            vat_category_code=vat_category_code,
            vat_rate=vat_rate,
            user_selected_booking_date=user_selected_booking_date,
            personal_note=personal_note,
            splits=splits,
        )

    def create_splits(self, transaction_id: str, splits: Sequence[SplitOrder]) -> Transaction:
        """Split a transaction, which then has no category itself.

        Reads it first: the parts have its sign and add up to it, else `InvalidOrder`. Raises `OutcomeUnknown` when the
        answer was lost; `get` tells whether it was split.
        """
        return self._portal.call(self._client.create_splits, transaction_id, splits)

    def update_splits(self, transaction_id: str, splits: Sequence[SplitOrder]) -> Transaction:
        """Change the parts of a transaction, each known by its id. As `create_splits`."""
        return self._portal.call(self._client.update_splits, transaction_id, splits)

    def delete_splits(self, transaction_id: str) -> Transaction:
        """Make a split transaction whole again. Idempotent."""
        return self._portal.call(self._client.delete_splits, transaction_id)

    def categorize_for_declaration(
        self,
        transaction_id: str,
        *,
        category: TransactionCategory | None = None,
        category_code: str | None = None,
        vat_category_code: str | None = None,
        day: date | None = None,
        is_split: bool = False,
    ) -> Categorization:
        """Say where a transaction, or with `is_split` a split by its `uuid`, belongs in a tax declaration. Idempotent.

        Which id of a split is meant, and the form of the day on the wire, are undocumented: the ISO day is sent.
        """
        return self._portal.call(
            self._client.categorize_for_declaration,
            transaction_id,
            category=category,
            category_code=category_code,
            vat_category_code=vat_category_code,
            day=day,
            is_split=is_split,
        )


class Assets:
    """Adds receipts to transactions and takes them away."""

    def __init__(self, client: AsyncAssets, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def add(self, transaction_id: str, *, name: str, filetype: str, content: bytes) -> Asset:
        """Add a receipt: register, upload, finish. `filetype` is a media type, such as "application/pdf".

        Where the upload goes is Kontist's choice. An origin that is neither its own nor among the setting `upload_origins`
        raises `OriginRefused` before any of the file is sent. Raises `OutcomeUnknown` when an answer was lost: `get` the
        transaction to see whether the receipt is there. An upload that failed leaves no receipt.
        """
        return self._portal.call(self._client.add, transaction_id, name=name, filetype=filetype, content=content)

    def register(self, transaction_id: str, *, name: str, filetype: str) -> Upload:
        """Announce a receipt and learn where to upload it."""
        return self._portal.call(self._client.register, transaction_id, name=name, filetype=filetype)

    def upload(self, upload: Upload, *, name: str, filetype: str, content: bytes) -> None:
        """Upload the file, without the connection's token: the form's own fields authorise it."""
        self._portal.call(self._client.upload, upload, name=name, filetype=filetype, content=content)

    def finish(self, asset_id: str) -> Asset:
        """Say that the file was uploaded. Idempotent."""
        return self._portal.call(self._client.finish, asset_id)

    def delete(self, asset_id: str) -> None:
        """Delete a receipt. Raises `OutcomeUnknown` when the answer was lost, and `ProviderRefused` for one that is gone."""
        self._portal.call(self._client.delete, asset_id)

    def download(self, asset: Asset, *, thumbnail: bool = False) -> bytes:
        """Fetch a receipt, of 32 MiB at most, or its small picture; as `Documents.download`."""
        return self._portal.call(self._client.download, asset, thumbnail=thumbnail)


class Subscription:
    """A running subscription."""

    def __init__(self, client: AsyncSubscription, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    @property
    def is_running(self) -> bool:
        """Whether transactions still arrive."""
        return self._client.is_running

    def unsubscribe(self) -> None:
        """End it at once: Kontist is told, and the connection closed. Idempotent; an asynchronous callback may await it."""
        self._portal.call(self._client.unsubscribe)

    def ended(self) -> None:
        """Wait until it has ended. Raises what has ended it, unless that was `unsubscribe()` or went to `on_error`."""
        self._portal.call(self._client.ended)


class Live:
    """Tells of transactions of the main account when they appear. It reconnects by itself."""

    def __init__(self, client: AsyncLive, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def transactions(self, *, since: date | None = None) -> Iterator[Transaction]:
        """Yield transactions as they appear: from now on, or with all that were booked `since` a Berlin day.

        None comes twice and none is lost, across reconnects too: after each, what has happened meanwhile is queried, oldest
        first. A transaction comes again when the bank says something new of it, for example that a reservation is booked;
        while connected only as far as Kontist tells, which is undocumented.

        Closing the iterator unsubscribes at once. A `break` alone closes it when it is collected; to be sure, use
        `contextlib.aclosing`. Raises `NeedsUser` when the access is over, `ProviderRefused` when Kontist does not let this
        connection subscribe, and `MalformedAnswer`; whatever may pass is waited for.
        """
        return self._portal.iterate(self._client.transactions(since=since))

    def subscribe(
        self,
        on_transaction: Callable[[Transaction], Awaitable[None] | None],
        on_error: Callable[[BankweaveError], Awaitable[None] | None] | None = None,
        *,
        since: date | None = None,
    ) -> Subscription:
        """Call `on_transaction` for every transaction that `transactions()` would yield, one at a time, in a task.

        Returns when the subscription stands, and raises what keeps it from that. `on_error` is called once, with the error
        that has ended it; without it, `Subscription.ended()` raises that error. Callbacks run in the event loop: what takes
        long, and every call into a synchronous client, belongs elsewhere.
        """
        return Subscription(
            self._portal.call(self._client.subscribe, on_transaction, on_error, since=since), self._portal
        )


class Push:
    """Asks the person to confirm in the Kontist app, and answers such questions where a bound device is the app."""

    def __init__(self, client: AsyncPush, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def confirm(self, timeout: float | None = None) -> None:
        """Send a push and wait until the person has confirmed it; then the connection has confirmed tokens.

        It looks at once and every 3 seconds. `timeout` is in seconds; Kontist's own end of the challenge, about 5 minutes,
        comes first if it is earlier. Until the confirmed tokens are stored the connection keeps those that it has: a task that
        is cancelled while it waits leaves it as it was, and one that is cancelled while they are fetched has them stored
        first, because Kontist gives them once. Not idempotent: each call rings on somebody's phone.
        Raises `ProviderRefused` with the code DENIED when the person denied it, `FlowExpired` when nobody confirmed in time,
        `FlowOver` after `cancel()`, and `OutcomeUnknown` when Kontist's answer to what works only once was lost.
        """
        self._portal.call(self._client.confirm, timeout)

    def cancel(self) -> None:
        """End every `confirm` of this client that waits, within 3 seconds. Kontist is not told: it has no way for it.

        Safe to call from another task or thread.
        """
        self._client.cancel()

    def pending(self) -> tuple[PushChallenge, ...]:
        """List the questions that wait for the person's answer. Kontist may show them to bound devices only."""
        return self._portal.call(self._client.pending)

    def approve(self, challenge: str) -> None:
        """Approve a challenge in the app's place. Only with tokens that a bound device has confirmed; idempotent."""
        self._portal.call(self._client.approve, challenge)

    def deny(self, challenge: str) -> None:
        """Deny a challenge in the app's place. Only with tokens that a bound device has confirmed; idempotent."""
        self._portal.call(self._client.deny, challenge)


class Devices:
    """Binds this program to Kontist as a device, whose signature confirms sign-ins and transfers instead of a person."""

    def __init__(self, client: AsyncDevices, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self) -> tuple[Device, ...]:
        """List all devices that are bound to the user, wherever they are."""
        return self._portal.call(self._client.list)

    def ours(self) -> BoundDevice | None:
        """Tell which device was bound from here, for this user; None: none, or its binding was not finished."""
        return self._portal.call(self._client.ours)

    def bind(self, name: str) -> DeviceBinding:
        """Register a device under a new or known key of that name; Kontist sends a code by SMS. Not idempotent.

        Raises `ProviderRefused` with the code device_not_taken (five are bound, or no mobile number is verified) or
        binding_not_permitted (the client lacks a permission), and `OutcomeUnknown` when the answer was lost: begin again, and
        use the code of the last SMS.
        """
        return self._portal.call(self._client.bind, name)

    def verify(self, binding: DeviceBinding, code: str) -> BoundDevice:
        """Sign the code of the SMS, and confirm the connection's tokens by the device that is bound then.

        One wrong code may destroy the binding. Raises `ProviderRefused` with the code wrong_code or request_expired; bind
        anew then.
        """
        return self._portal.call(self._client.verify, binding, code)

    def confirm(self) -> None:
        """Renew the connection's tokens by the signature of our device, as confirmed ones; needs no person.

        Raises `InvalidOrder` when no device is bound from here, and `ProviderRefused` when Kontist does not know it any more.
        """
        self._portal.call(self._client.confirm)

    def remove(self, device: str) -> bool:
        """Unbind a device by its id; says whether Kontist has. Idempotent. Tokens that it has confirmed may end."""
        return self._portal.call(self._client.remove, device)

    def has_restricted_key(self, device: str) -> bool:
        """Tell whether a device has a key that is guarded by biometry."""
        return self._portal.call(self._client.has_restricted_key, device)

    def add_key(self, public_key: str) -> str:
        """Add a restricted key to our device: the hex of an uncompressed P-256 point. Returns Kontist's answer as it is.

        Undocumented what is signed by the first key: here, the text of the new one.
        """
        return self._portal.call(self._client.add_key, public_key)

    def request_binding(self, name: str) -> BindingRequest:
        """Have the person asked, on another bound device or by e-mail, whether a device may be bound.

        Once that is confirmed there are 3 minutes to `bind` and `verify`. Not idempotent.
        """
        return self._portal.call(self._client.request_binding, name)

    def binding_request(self, request: str) -> BindingRequest | None:
        """Look what became of a request to bind a device; None: Kontist does not know it."""
        return self._portal.call(self._client.binding_request, request)

    def decide_binding(self, request: str, *, allow: bool) -> bool:
        """Allow or reject that another device is bound, as a device that is. Idempotent."""
        return self._portal.call(self._client.decide_binding, request, allow=allow)


class Transfers:
    """Moves money: each order is taken down first and executed when it is confirmed. Amounts are euros.

    Nothing here is ever sent twice by itself. Where an answer is lost, `OutcomeUnknown` says how to find out. Kontist pays
    from the main account only.
    """

    def __init__(self, client: AsyncTransfers, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def create(self, order: TransferOrder, *, confirm_by: ConfirmBy | None = None) -> Confirmation:
        """Have a transfer taken down, to be confirmed within about 5 minutes; nothing is executed before.

        What is to be confirmed by SMS sends a code at once; by `device`, our bound one will sign. Without `confirm_by` the
        setting decides. An order without `end_to_end_id` gets one. Its options may hold category, personal_note (250
        characters), user_selected_booking_date (with tax categories) and reference.
        Raises `InvalidOrder`, whose code is the field, before anything is sent, and `ProviderRefused`, with the code
        insufficient_funds or Kontist's own.
        """
        return self._portal.call(self._client.create, order, confirm_by=confirm_by)

    def create_many(self, orders: Sequence[TransferOrder]) -> Confirmation:
        """Have several plain transfers taken down, all to be confirmed by one code. Otherwise as `create`."""
        return self._portal.call(self._client.create_many, orders)

    def confirm(self, confirmation: Confirmation, code: str | None = None) -> KontistTransfer:
        """Confirm one transfer, a changed standing order, or a cancellation: by code, or by our device's signature.

        Raises `ProviderRefused` with the code wrong_code (it destroys the order), request_expired or insufficient_funds, and
        `OutcomeUnknown` when nobody knows whether it was done: look for its end-to-end id before you order again. That is
        so as well for what Kontist no longer knows, unless it was ordered and not yet confirmed by this very object.
        """
        return self._portal.call(self._client.confirm, confirmation, code)

    def confirm_many(self, confirmation: Confirmation, code: str) -> tuple[KontistTransfer, ...]:
        """Confirm several transfers by one code. Otherwise as `confirm`."""
        return self._portal.call(self._client.confirm_many, confirmation, code)

    def confirm_cancel(self, confirmation: Confirmation, code: str | None = None) -> KontistTransfer:
        """Confirm that a standing order is cancelled. Otherwise as `confirm`."""
        return self._portal.call(self._client.confirm_cancel, confirmation, code)

    def list(self, kind: TransferKind, *, status: str | None = None) -> Iterator[KontistTransfer]:
        """Yield the transfers of one kind, newest first, read as they are needed.

        `status` is Kontist's own word, for example SCHEDULED. Kontist lists one kind at a time.
        """
        return self._portal.iterate(self._client.list(kind, status=status))

    def newest(self, kind: TransferKind) -> tuple[KontistTransfer, ...]:
        """Read the newest transfers of one kind, up to 50."""
        return self._portal.call(self._client.newest, kind)

    def get(self, transfer: str, kind: TransferKind) -> KontistTransfer | None:
        """Read one transfer by its id; None: there is none of that kind."""
        return self._portal.call(self._client.get, transfer, kind)

    def update(
        self, transfer: str, kind: TransferKind, change: TransferChange, *, confirm_by: ConfirmBy | None = None
    ) -> Confirmation | KontistTransfer:
        """Change a transfer. A standing order gives a `Confirmation` for `confirm`; others are changed at once.

        Kontist empties a standing order's purpose and end-to-end id where none are sent, so those it has are sent again;
        an empty text removes them.
        """
        return self._portal.call(self._client.update, transfer, kind, change, confirm_by=confirm_by)

    def cancel(
        self, transfer: str, kind: TransferKind, *, confirm_by: ConfirmBy | None = None
    ) -> Confirmation | KontistTransfer:
        """Cancel a scheduled transfer, at once, or a standing order, which gives a `Confirmation` for `confirm_cancel`.

        Raises `InvalidOrder` for plain and instant transfers, which cannot be cancelled.
        """
        return self._portal.call(self._client.cancel, transfer, kind, confirm_by=confirm_by)

    def suggestions(self) -> tuple[TransferSuggestion, ...]:
        """List whom the person may want to pay, from past transactions."""
        return self._portal.call(self._client.suggestions)

    def unfinished(self) -> tuple[UnfinishedTransfer, ...]:
        """List transfers that were begun in the Kontist app and not finished."""
        return self._portal.call(self._client.unfinished)

    def between_own(
        self, amount: Decimal, *, from_account: str, to_account: str, reference: str, description: str | None = None
    ) -> OwnTransfer:
        """Move euros between two accounts of the customer, by their public ids. It is executed at once, unconfirmed.

        Undocumented: the unit on the wire (setting own_transfer_amounts). A lost answer raises `OutcomeUnknown`: look for the
        reference among the transactions before you do it again.
        """
        return self._portal.call(
            self._client.between_own,
            amount,
            from_account=from_account,
            to_account=to_account,
            reference=reference,
            description=description,
        )


class Contacts:
    """Keeps names and IBANs for later transfers."""

    def __init__(self, client: AsyncContacts, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self, search: str | None = None) -> tuple[Contact, ...]:
        """List contacts, all or those that a search finds; what Kontist compares it with is undocumented."""
        return self._portal.call(self._client.list, search)

    def create(self, name: str, iban: str, *, favorite: bool = False) -> Contact:
        """Add a contact. Not idempotent. Raises `InvalidOrder` for what is no IBAN, before anything is sent."""
        return self._portal.call(self._client.create, name, iban, favorite=favorite)

    def update(
        self, contact: str, *, name: str | None = None, iban: str | None = None, favorite: bool | None = None
    ) -> Contact:
        """Change a contact by its id; what is None stays as it is. Idempotent."""
        return self._portal.call(self._client.update, contact, name=name, iban=iban, favorite=favorite)

    def delete(self, contact: str) -> bool:
        """Delete a contact by its id; says whether Kontist has."""
        return self._portal.call(self._client.delete, contact)


class Cards:
    """Orders, activates, blocks and limits cards.

    What changes something raises `ProviderRefused` when Kontist does not do it. Ordering is never repeated by itself:
    `OutcomeUnknown` when the answer was lost; look at `list()` before you order again.
    """

    def __init__(self, client: AsyncCards, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self) -> builtins.list[KontistCard]:
        """List the cards. Closed ones are not shown."""
        return self._portal.call(self._client.list)

    def get(self, card: str) -> KontistCard | None:
        """Find a card by its id; None when there is none."""
        return self._portal.call(self._client.get, card)

    def limits(self, card: str) -> SpendingLimits | None:
        """Read a card's limits, in euros; None where it has none. Raises `InvalidOrder` (card) when there is no such card."""
        return self._portal.call(self._client.limits, card)

    def holder(self) -> CardHolder:
        """Read the names that may stand on a card, and whether a stopped payment waits for a word."""
        return self._portal.call(self._client.holder)

    def details(self, card: str) -> CardDetails:
        """Read number and check digits of a virtual card, encrypted on their way to a key that is made for this call.

        The bound device signs for it: `InvalidOrder` (no_device) without one. What it signs, and the names of the fields
        that come, are undocumented.
        """
        return self._portal.call(self._client.details, card)

    def create(self, card_type: str, holder: str | None = None) -> KontistCard:
        """Order a card of one of Kontist's types, e.g. VIRTUAL_VISA_FREELANCE_DEBIT. `holder` is one of its names."""
        return self._portal.call(self._client.create, card_type, holder)

    def activate(self, card: str, code: str | None = None) -> KontistCard:
        """Activate a card by the code that is printed on it, of which the first six characters count. Idempotent."""
        return self._portal.call(self._client.activate, card, code)

    def block(self, card: str) -> KontistCard:
        """Block a card for the time being. Idempotent."""
        return self._portal.call(self._client.block, card)

    def unblock(self, card: str) -> KontistCard:
        """Unblock a card that its holder has blocked. Idempotent."""
        return self._portal.call(self._client.unblock, card)

    def close(self, card: str) -> KontistCard:
        """Close a card for good. Idempotent as long as Kontist still knows the card."""
        return self._portal.call(self._client.close, card)

    def change(self, card: str, action: CardAction, code: str | None = None) -> KontistCard:
        """Activate, block, unblock or close a card; one that is so already is given as it is."""
        return self._portal.call(self._client.change, card, action, code)

    def replace(self, card: str) -> KontistCard:
        """Order another card for one that is lost or stolen."""
        return self._portal.call(self._client.replace, card)

    def reorder(self, card: str) -> KontistCard:
        """Order another card for one that is damaged, which is closed."""
        return self._portal.call(self._client.reorder, card)

    def set_limits(
        self, card: str, *, atm: LimitsChange | None = None, purchase: LimitsChange | None = None
    ) -> SpendingLimits | None:
        """Change limits, in euros; what is not given stays. Raises `InvalidOrder` for nothing, or less than nothing."""
        return self._portal.call(self._client.set_limits, card, atm=atm, purchase=purchase)

    def set_holder(self, name: str) -> str:
        """Choose the name for cards to come, one of the `choices` of `holder()`. Gives it as Kontist has taken it."""
        return self._portal.call(self._client.set_holder, name)

    def whitelist(self) -> FraudCase:
        """Say that the stopped payment was the holder's own; for a while, the card is trusted."""
        return self._portal.call(self._client.whitelist)

    def confirm_fraud(self) -> FraudCase:
        """Say that the stopped payment was not the holder's own."""
        return self._portal.call(self._client.confirm_fraud)


class Pins:
    """Sets the PIN of a card, in one of three ways.

    Every way raises `InvalidOrder` (pin) before anything is sent, unless the PIN has four digits, no run like 1234, and at
    least three different ones: the rule of the bank behind Kontist, as Kontist documents none. Nothing is repeated by
    itself: after `OutcomeUnknown`, set the PIN anew.
    """

    def __init__(self, client: AsyncPins, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def set(self, card: str, pin: str) -> KontistCard:
        """Set a PIN at once, encrypted and signed by the bound device. Raises `InvalidOrder` (no_device) without one.

        What is signed is undocumented: it is the encrypted PIN. Whether digits or JSON are in it, too: see the setting
        `pin_form`.
        """
        return self._portal.call(self._client.set, card, pin)

    def request(self, card: str, pin: str) -> str:
        """Have an encrypted PIN taken down; gives the id of a change request, for `change_requests.sign`."""
        return self._portal.call(self._client.request, card, pin)

    def begin(self, card: str, pin: str) -> PinConfirmation:
        """Have a PIN taken down, in plain digits that Kontist reads; an SMS brings the code for `confirm`."""
        return self._portal.call(self._client.begin, card, pin)

    def confirm(self, wanted: PinConfirmation, code: str) -> None:
        """Set a PIN that was taken down. Raises `ProviderRefused` (wrong_code) for another code: then begin again."""
        self._portal.call(self._client.confirm, wanted, code)


class Wallets:
    """Puts cards into phones' wallets, and notes which are in one."""

    def __init__(self, client: AsyncWallets, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def provision(self, card: str, wallet: AppleWallet | GoogleWallet) -> Provisioned:
        """Fetch what a wallet needs to take up a card; the bound device signs for it.

        Raises `InvalidOrder` (no_device) without a device, and `OutcomeUnknown` when the answer was lost: then do it again.
        """
        return self._portal.call(self._client.provision, card, wallet)

    def add_google_pay(self, card: str, token: GooglePayToken) -> GooglePayToken:
        """Note that a card is in a Google wallet. Idempotent."""
        return self._portal.call(self._client.add_google_pay, card, token)

    def delete_google_pay(self, card: str, token: GooglePayToken) -> GooglePayToken:
        """Note that a card is no longer in a Google wallet."""
        return self._portal.call(self._client.delete_google_pay, card, token)


class ChangeRequests:
    """Signs change requests with the device that is bound from here. Needs the scope change_request.

    Every method raises `InvalidOrder` (no_device) without a device. Confirming is never repeated by itself.
    """

    def __init__(self, client: AsyncChangeRequests, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def authorize(self, change_request: str) -> Authorization:
        """Say which device will sign a change request. May be repeated; only the newest string to sign counts."""
        return self._portal.call(self._client.authorize, change_request)

    def confirm(self, wanted: Authorization, code: str | None = None) -> None:
        """Confirm by the device's signature, and by a code of an SMS where one was sent.

        Raises `ProviderRefused` (wrong_code) for another signature or code, and `OutcomeUnknown` when the answer was lost.
        """
        self._portal.call(self._client.confirm, wanted, code)

    def sign(self, change_request: str) -> None:
        """Authorize and confirm a change request, e.g. that of `pins.request`."""
        self._portal.call(self._client.sign, change_request)

    def pending_payment(self) -> PendingPayment | None:
        """Look for a card payment that waits for its holder; None when none does.

        The schema says that there always is one (section 6.2), so a 404 in its place counts as none.
        """
        return self._portal.call(self._client.pending_payment)

    def approve(self, payment: PendingPayment) -> None:
        """Let a card payment happen. Never repeated by itself: this moves money."""
        self._portal.call(self._client.approve, payment)

    def decline(self, payment: PendingPayment) -> None:
        """Stop a card payment."""
        self._portal.call(self._client.decline, payment)


class Drafts:
    """Begins with a receipt, and fills in the rest. No money moves."""

    def __init__(self, client: AsyncDrafts, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self) -> builtins.list[Draft]:
        """List the drafts."""
        return self._portal.call(self._client.list)

    def create(self, name: str, filetype: str, content: bytes) -> str:
        """Begin a draft by its receipt, as `Assets.add` uploads it; gives the draft's id. Never repeated by itself.

        Raises `OriginRefused` for a host that is not Kontist's (setting `upload_origins`), and `OutcomeUnknown` when an
        answer was lost: `list()` shows whether the draft is there.
        """
        return self._portal.call(self._client.create, name, filetype, content)

    def update(self, draft: str, payment: ExternalPayment) -> Draft:
        """Say what is known of the payment; what is None stays. Idempotent."""
        return self._portal.call(self._client.update, draft, payment)

    def delete(self, draft: str) -> None:
        """Delete a draft for good. Never repeated by itself."""
        self._portal.call(self._client.delete, draft)


class ExternalTransactions:
    """Writes payments in, cash and those of other banks, so that they count in declarations. No money moves."""

    def __init__(self, client: AsyncExternalTransactions, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def write(self, payment: ExternalPayment, *, transaction: str | None = None) -> Transaction:
        """Write a payment in, or with `transaction` write one anew; the id of a draft makes a payment of that.

        The amount goes as cents, as everywhere, although Kontist takes a Float (undocumented). With an id it may be repeated;
        without, `OutcomeUnknown` when the answer was lost: look for it among the transactions. Raises `InvalidOrder` without
        an amount or a day.
        """
        return self._portal.call(self._client.write, payment, transaction=transaction)

    def delete(self, transaction: str) -> None:
        """Strike out a payment that was written in. Never repeated by itself."""
        self._portal.call(self._client.delete, transaction)


class DirectDebits:
    """Has direct debits given back. Nothing is executed before it is confirmed, and nothing is repeated by itself.

    Kontist's way without a confirmation (`refundDirectDebit`) is left out: it would move money on one lost answer.
    """

    def __init__(self, client: AsyncDirectDebits, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def request(self, transaction: str, *, by_sms: bool = False) -> RefundRequest:
        """Ask for a direct debit (transaction id) back. Raises `InvalidOrder` (no_device) without a bound device.

        Raises `ProviderRefused` for what is no direct debit, too old, or given back before.
        """
        return self._portal.call(self._client.request, transaction, by_sms=by_sms)

    def confirm(self, wanted: RefundRequest, code: str | None = None) -> None:
        """Have it given back: by the device's signature, or by the code of the SMS.

        Raises `ProviderRefused` (wrong_code) for another code, and `OutcomeUnknown` when the answer was lost: look whether
        the money is there before you ask again.
        """
        self._portal.call(self._client.confirm, wanted, code)


class Documents:
    """Lists, fetches, names and deletes documents. Deleting is never repeated by itself."""

    def __init__(self, client: AsyncDocuments, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self, *, categories: Sequence[str] | None = None, year: int | None = None) -> builtins.list[Document]:
        """List documents: all, or those of some categories (ids) or of a year."""
        return self._portal.call(self._client.list, categories=categories, year=year)

    def categories(self, names: Sequence[str] | None = None) -> builtins.list[DocumentCategory]:
        """List the categories that documents may be in."""
        return self._portal.call(self._client.categories, names)

    def download(self, document: Document) -> bytes:
        """Fetch the file, of 32 MiB at most. Raises `OriginRefused` when it is at a host that is not Kontist's; see the
        setting `upload_origins`.
        """
        return self._portal.call(self._client.download, document)

    def rename(self, document: str, name: str) -> Document:
        """Give a document another name."""
        return self._portal.call(self._client.rename, document, name)

    def move(self, document: str, category: str) -> Document:
        """Put a document into another category (id)."""
        return self._portal.call(self._client.move, document, category)

    def delete(self, document: str) -> None:
        """Delete a document for good."""
        self._portal.call(self._client.delete, document)


class EmailDocuments:
    """Lists receipts that came by mail, and ties them to transactions."""

    def __init__(self, client: AsyncEmailDocuments, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self, *, unmatched: bool = False, sources: Sequence[str] | None = None) -> builtins.list[EmailDocument]:
        """List receipts: all, those without a transaction, or those of some of Kontist's sources (EMAIL, WEB ...)."""
        return self._portal.call(self._client.list, unmatched=unmatched, sources=sources)

    def get(self, document: str) -> EmailDocument:
        """Find a receipt. Raises `ProviderRefused` when there is none of that id."""
        return self._portal.call(self._client.get, document)

    def download(self, document: EmailDocument) -> bytes:
        """Fetch the file; see `Documents.download`."""
        return self._portal.call(self._client.download, document)

    def match(self, document: str, transaction: str) -> None:
        """Tie a receipt to a transaction."""
        self._portal.call(self._client.match, document, transaction)

    def delete(self, document: str) -> None:
        """Delete a receipt for good."""
        self._portal.call(self._client.delete, document)


class Declarations:
    """Lists declarations, shows what they are made of, and hands them in.

    `period` is Kontist's word: a month of two digits in the vendor's samples; quarters are undocumented.
    """

    def __init__(self, client: AsyncDeclarations, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self, declaration_type: DeclarationType) -> builtins.list[Declaration]:
        """List the declarations of one type. Kontist's words are in mixed case."""
        return self._portal.call(self._client.list, declaration_type)

    def statistics(self, period: str, year: int) -> DeclarationStatistics:
        """Show what the VAT declaration of a period is made of."""
        return self._portal.call(self._client.statistics, period, year)

    def submissions(self, period: str, year: int) -> builtins.list[Submission]:
        """List how handing in the VAT declaration of a period went."""
        return self._portal.call(self._client.submissions, period, year)

    def pdf_url(self, declaration: int) -> str | None:
        """Find the address of a declaration's file; None while there is none. It may be of another host than Kontist's."""
        return self._portal.call(self._client.pdf_url, declaration)

    def submit(self, period: str, year: int) -> Declaration:
        """Hand in the VAT declaration of a period at the tax office.

        Never repeated by itself: `OutcomeUnknown` when the answer was lost; then look at `submissions`.
        """
        return self._portal.call(self._client.submit, period, year)

    def mark(self, period: str, year: int, status: SubmissionStatus) -> Declaration:
        """Note that a declaration needs no handing in, or was handed in elsewhere. Idempotent."""
        return self._portal.call(self._client.mark, period, year, status)

    def reset(self, period: str, year: int) -> None:
        """Take such a note back."""
        self._portal.call(self._client.reset, period, year)


class Users:
    """What the user tells Kontist about themselves. The profile itself is `accounts.profile`."""

    def __init__(self, client: AsyncUsers, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def create_email_alias(self, alias: str, alias_hash: str) -> None:
        """Take a name for receipts by mail. `alias_hash` goes with the alias, from where Kontist offered it (undocumented)."""
        self._portal.call(self._client.create_email_alias, alias, alias_hash)

    def confirm(self, confirmation: UserConfirmation, year: int | None = None) -> None:
        """Confirm something to Kontist's accountants, for a year. Idempotent."""
        self._portal.call(self._client.confirm, confirmation, year)


class TaxNumbers:
    """Lists, adds, changes and deletes tax numbers."""

    def __init__(self, client: AsyncTaxNumbers, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self) -> builtins.list[TaxNumber]:
        """List the tax numbers."""
        return self._portal.call(self._client.list)

    def create(
        self,
        tax_number: str,
        tax_type: TaxNumberType,
        *,
        description: str,
        is_main: bool = False,
        valid_from: date | None = None,
    ) -> TaxNumber:
        """Add a tax number; `is_main`: it is the business's own. Never repeated by itself."""
        return self._portal.call(
            self._client.create, tax_number, tax_type, description=description, is_main=is_main, valid_from=valid_from
        )

    def update(self, changed: TaxNumber) -> TaxNumber:
        """Write a tax number anew, all of it: take one of `list()` and `model_copy` it."""
        return self._portal.call(self._client.update, changed)

    def delete(self, tax_number_id: str) -> None:
        """Delete a tax number."""
        self._portal.call(self._client.delete, tax_number_id)


class Addresses:
    """Lists business addresses, and adds those that the business moves to."""

    def __init__(self, client: AsyncAddresses, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self) -> builtins.list[BusinessAddress]:
        """List the business addresses, past and present."""
        return self._portal.call(self._client.list)

    def last(self) -> BusinessAddress:
        """Find the newest address."""
        return self._portal.call(self._client.last)

    def create(self, street: str, post_code: str, city: str, *, moving_date: date) -> BusinessAddress:
        """Add an address that is the business's from a Berlin day on. Never repeated by itself."""
        return self._portal.call(self._client.create, street, post_code, city, moving_date=moving_date)


class Plans:
    """Lists Kontist's plans and buys them. Buying costs money and is never repeated by itself."""

    def __init__(self, client: AsyncPlans, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self, coupon: str | None = None) -> PlanOffer:
        """List the plans, and what a coupon does to them."""
        return self._portal.call(self._client.list, coupon)

    def purchases(self) -> tuple[Purchase, ...]:
        """List what the user has bought."""
        return self._portal.call(self._client.purchases)

    def subscribe(self, plan: str, coupon: str | None = None) -> Purchase:
        """Buy a plan. Raises `OutcomeUnknown` when the answer was lost: look at `purchases` before you buy again."""
        return self._portal.call(self._client.subscribe, plan, coupon)

    def change(self, plan: str, coupon: str | None = None) -> PlanChange:
        """Change to another plan, as `subscribe`."""
        return self._portal.call(self._client.change, plan, coupon)


class Clients:
    """Registers, changes and deletes OAuth clients. Scopes and grant types are in lower case, as in settings."""

    def __init__(self, client: AsyncClients, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def list(self) -> builtins.list[OAuthClient]:
        """List the clients that the user has registered."""
        return self._portal.call(self._client.list)

    def get(self, client: str) -> OAuthClient | None:
        """Find a client; None when there is none of that id."""
        return self._portal.call(self._client.get, client)

    def create(
        self,
        name: str,
        *,
        scopes: Sequence[str],
        redirect_uri: str | None = None,
        secret: str | None = None,
        grant_types: Sequence[str] = ("authorization_code", "refresh_token"),
    ) -> OAuthClient:
        """Register a client; without a secret it is a public one (PKCE). Never repeated by itself: look at `list()`."""
        return self._portal.call(
            self._client.create, name, scopes=scopes, redirect_uri=redirect_uri, secret=secret, grant_types=grant_types
        )

    def update(
        self,
        client: str,
        *,
        name: str | None = None,
        scopes: Sequence[str] | None = None,
        redirect_uri: str | None = None,
        secret: str | None = None,
        grant_types: Sequence[str] | None = None,
    ) -> OAuthClient:
        """Change a client; what is not given stays. Idempotent."""
        return self._portal.call(
            self._client.update,
            client,
            name=name,
            scopes=scopes,
            redirect_uri=redirect_uri,
            secret=secret,
            grant_types=grant_types,
        )

    def delete(self, client: str) -> OAuthClient:
        """Delete a client, and give it as it was. Nobody signs in through it any more."""
        return self._portal.call(self._client.delete, client)


class KontistClient:
    """All of Kontist for one connection, a topic each."""

    twin_of: ClassVar[type[AsyncKontistClient]] = AsyncKontistClient

    def __init__(self, client: AsyncKontistClient, portal: Portal) -> None:
        self._client = client
        self._portal = portal
        self.graphql = GraphQL(client.graphql, portal)
        self.accounts = Accounts(client.accounts, portal)
        self.transactions = Transactions(client.transactions, portal)
        self.assets = Assets(client.assets, portal)
        self.live = Live(client.live, portal)
        self.push = Push(client.push, portal)
        self.devices = Devices(client.devices, portal)
        self.transfers = Transfers(client.transfers, portal)
        self.contacts = Contacts(client.contacts, portal)
        self.cards = Cards(client.cards, portal)
        self.pins = Pins(client.pins, portal)
        self.wallets = Wallets(client.wallets, portal)
        self.change_requests = ChangeRequests(client.change_requests, portal)
        self.drafts = Drafts(client.drafts, portal)
        self.external_transactions = ExternalTransactions(client.external_transactions, portal)
        self.direct_debits = DirectDebits(client.direct_debits, portal)
        self.documents = Documents(client.documents, portal)
        self.email_documents = EmailDocuments(client.email_documents, portal)
        self.declarations = Declarations(client.declarations, portal)
        self.users = Users(client.users, portal)
        self.tax_numbers = TaxNumbers(client.tax_numbers, portal)
        self.addresses = Addresses(client.addresses, portal)
        self.plans = Plans(client.plans, portal)
        self.clients = Clients(client.clients, portal)

    def logout_url(self) -> str:
        """The address that ends the session of the person's browser at Kontist, for that browser to open (section 2.5).

        Tokens go on working: Kontist documents no way to revoke them.
        """
        return self._client.logout_url()
