"""One moneyTransaction. It has no id: Kontomatik gives none (providers/kontomatik.md section 5)."""

from __future__ import annotations

import re
from collections.abc import Collection

from lxml import etree

from bankweave_sandbox.kontomatik.envelope import child
from bankweave_sandbox.kontomatik.switches import Switches
from bankweave_sandbox.kontomatik.wording import kind_text, labels_of
from bankweave_sandbox.world import Account, Entry

_RENT_CONSTANT_SYMBOL = "0308"  # payments for services


def transaction_element(
    parent: etree._Element,
    account: Account,
    entry: Entry,
    *,
    title: str,
    own_numbers: Collection[str],
    switches: Switches,
) -> None:
    """Write a row; what a bank often does not know (party, kind, labels) is left out, never empty."""
    movement = entry.movement
    row = child(parent, "moneyTransaction")
    child(row, "transactionOn", entry.transaction_date.isoformat())
    child(row, "bookedOn", (entry.booking_date or entry.transaction_date).isoformat())
    child(row, "currencyAmount", f"{movement.amount:.2f}")
    if entry.balance_after is not None and switches.row_balances:
        child(row, "currencyBalance", f"{entry.balance_after:.2f}")
    child(row, "title", title)
    _party(row, entry)
    is_internal = movement.category == "own_account" or movement.counterparty_iban in own_numbers
    if kind := kind_text(movement, account.bank.country, is_internal=is_internal):
        child(row, "kind", kind)
    child(row, "status", "DONE" if entry.booked else switches.pending_word)
    if account.bank.country == "CZ":
        _czech_symbols(row, entry)
    if switches.labels:
        _labels(row, labels_of(movement, is_internal=is_internal))


def _party(row: etree._Element, entry: Entry) -> None:
    if entry.movement.counterparty:
        child(row, "party", entry.movement.counterparty)
    if entry.movement.counterparty_iban:
        child(row, "partyIban", entry.movement.counterparty_iban)


def _czech_symbols(row: etree._Element, entry: Entry) -> None:
    digits = re.sub(r"\D", "", entry.movement.end_to_end_id or "")[-10:]
    if digits:
        child(row, "variableSymbol", digits)
        child(row, "constantSymbol", _RENT_CONSTANT_SYMBOL)


def _labels(row: etree._Element, names: tuple[str, ...]) -> None:
    if not names:
        return
    labels = child(row, "labels")
    for name in names:
        child(labels, "label", name)
