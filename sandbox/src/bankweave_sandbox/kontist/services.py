"""What lies behind the resolvers: one object of each kind for every topic, made anew with each world."""

from __future__ import annotations

from dataclasses import dataclass

from bankweave_sandbox.kontist.cards.desk import Cards
from bankweave_sandbox.kontist.cards.frauds import FraudCases
from bankweave_sandbox.kontist.cards.payments import CardPayments
from bankweave_sandbox.kontist.devices.binding_requests import BindingRequests
from bankweave_sandbox.kontist.devices.confirmations import Confirmations
from bankweave_sandbox.kontist.devices.registry import Devices
from bankweave_sandbox.kontist.devices.sms import TextMessages
from bankweave_sandbox.kontist.oauth.clients import ClientRegistry
from bankweave_sandbox.kontist.people import People
from bankweave_sandbox.kontist.receipts.assets import Assets
from bankweave_sandbox.kontist.records import Records, make_records
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.kontist.transactions.direct_debits import DirectDebits
from bankweave_sandbox.kontist.transfers.changes import TransferChanges
from bankweave_sandbox.kontist.transfers.contacts import Contacts
from bankweave_sandbox.kontist.transfers.desk import TransferDesk
from bankweave_sandbox.kontist.transfers.payments import TransferPayments
from bankweave_sandbox.world import World


@dataclass(frozen=True, slots=True)
class Services:
    """Resolvers reach it as `info.context.services`, routes are given it, or parts of it, in app.py."""

    world: World
    people: People
    switches: Switches
    books: Books
    messages: TextMessages
    devices: Devices
    confirmations: Confirmations
    assets: Assets
    cards: Cards
    card_payments: CardPayments
    fraud_cases: FraudCases
    clients: ClientRegistry
    records: Records
    binding_requests: BindingRequests
    payments: TransferPayments
    transfers: TransferDesk
    transfer_changes: TransferChanges
    contacts: Contacts
    direct_debits: DirectDebits


def make_services(world: World, people: People, switches: Switches) -> Services:
    messages = TextMessages(world.clock, switches)
    devices = Devices(world.clock, messages, switches)
    books = Books(world, people, switches)
    confirmations = Confirmations(world.clock, messages, devices, switches)
    payments = TransferPayments(books)
    transfers = TransferDesk(books, confirmations, payments)
    cards = Cards(books)
    return Services(
        world=world,
        people=people,
        switches=switches,
        books=books,
        assets=Assets(world.clock, books.notes, switches),
        cards=cards,
        card_payments=CardPayments(books, cards, confirmations),
        fraud_cases=FraudCases(world.clock, switches),
        messages=messages,
        devices=devices,
        confirmations=confirmations,
        clients=ClientRegistry(),
        records=make_records(books),
        binding_requests=BindingRequests(world.clock, devices, switches),
        payments=payments,
        transfers=transfers,
        transfer_changes=TransferChanges(transfers),
        contacts=Contacts(),
        direct_debits=DirectDebits(books, confirmations),
    )
