"""What lies behind the resolvers: one object of each kind for every topic, made anew with each world."""

from __future__ import annotations

from dataclasses import dataclass

from bankweave_sandbox.kontist.assets import Assets
from bankweave_sandbox.kontist.books import Books
from bankweave_sandbox.kontist.card_desk import Cards
from bankweave_sandbox.kontist.card_frauds import FraudCases
from bankweave_sandbox.kontist.card_payments import CardPayments
from bankweave_sandbox.kontist.clients import ClientRegistry
from bankweave_sandbox.kontist.confirmations import Confirmations
from bankweave_sandbox.kontist.contacts import Contacts
from bankweave_sandbox.kontist.device_binding import BindingRequests
from bankweave_sandbox.kontist.devices import Devices
from bankweave_sandbox.kontist.direct_debits import DirectDebits
from bankweave_sandbox.kontist.people import People
from bankweave_sandbox.kontist.records import Records, make_records
from bankweave_sandbox.kontist.sms import TextMessages
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.kontist.transfer_changes import TransferChanges
from bankweave_sandbox.kontist.transfer_desk import TransferDesk
from bankweave_sandbox.kontist.transfer_payments import TransferPayments
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
    payments = TransferPayments(world, books, switches)
    transfers = TransferDesk(world, books, confirmations, payments, switches)
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
