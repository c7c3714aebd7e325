"""Moving money between a person's own accounts, without confirmation (providers/kontist.md section 7.1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bankweave_sandbox.kontist.money import euros
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.timestamps import format_instant
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.kontist.transfers.payments import TransferPayments
from bankweave_sandbox.world import Kind, Movement, Person

_TYPE = "INTRA_CUSTOMER_TRANSFER"


def move_between_accounts(
    books: Books, payments: TransferPayments, person: Person, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Book both sides at once. The unit of `amount` is undocumented: cents, as everywhere else."""
    source = books.account(person, fields["fromAccountPublicId"])
    target = books.account(person, fields["toAccountPublicId"])
    amount = int(fields["amount"])
    if amount <= 0 or amount != fields["amount"] or source is target:
        raise Problem(400, "Error when creating wire transfer")
    payments.require_funds(source, amount)
    text = fields.get("description") or fields["reference"]
    out = _movement(books.world.clock.now(), -amount, text, person, target.iban)
    back = replace(out, id=str(uuid.uuid4()), amount=-out.amount, counterparty_iban=source.iban)
    for account, movement in ((source, out), (target, back)):
        books.mark_type(movement.id, _TYPE)
        books.world.pay(account, movement)
    return {
        "id": out.id,
        "amount": float(amount),
        "createdAt": format_instant(out.occurred_at),
        "recipientIban": target.iban or target.number,
        "reference": fields["reference"],
        "description": fields.get("description"),
    }


def _movement(now: datetime, amount: int, text: str, person: Person, iban: str | None) -> Movement:
    return Movement(str(uuid.uuid4()), euros(amount), Kind.TRANSFER, now, now, text, person.name, iban)
