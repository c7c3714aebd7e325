"""Deposits and loans. Only the name `deposits` is known (providers/kontomatik.md section 14.19): the rest is invented here.

They are in no world, so no truth tells of them; a client has to take whatever stands in them, or leave it.
"""

from __future__ import annotations

from datetime import timedelta

from lxml import etree

from bankweave_sandbox.kontomatik import identity
from bankweave_sandbox.kontomatik.envelope import child
from bankweave_sandbox.kontomatik.holdings import Holdings
from bankweave_sandbox.kontomatik.switches import Switches

_CURRENCIES = {"PL": "PLN", "CZ": "CZK"}


def deposits_element(parent: etree._Element, holdings: Holdings, switches: Switches) -> None:
    """Write what stored data always have, empty as recorded, and whatever the switch adds."""
    deposits = child(parent, "deposits")
    if switches.deposits != "empty":
        _deposit(deposits, holdings)
    if switches.deposits == "deposit-and-loan":
        _loan(child(parent, "loans"), holdings)


def _deposit(parent: etree._Element, holdings: Holdings) -> None:
    opened = holdings.taken_at.date().replace(day=1)
    element = child(parent, "deposit")
    child(element, "name", "Lokata 12M")
    child(element, "number", f"L/{identity.contract_number(holdings.person, 'deposit')}")
    child(element, "currencyBalance", "15000.00")
    child(element, "currencyName", _CURRENCIES.get(holdings.bank.country, "EUR"))
    child(element, "interest", "4.10")
    child(element, "openedOn", opened.isoformat())
    child(element, "endsOn", (opened + timedelta(days=365)).isoformat())


def _loan(parent: etree._Element, holdings: Holdings) -> None:
    element = child(parent, "loan")
    child(element, "name", "Kredyt gotówkowy")
    child(element, "number", f"K/{identity.contract_number(holdings.person, 'loan')}")
    child(element, "currencyBalance", "-23480.55")
    child(element, "currencyName", _CURRENCIES.get(holdings.bank.country, "EUR"))
    child(element, "interest", "9.90")
