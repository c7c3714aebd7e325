"""The world as JSON, in nobody's dialect: what a pulled history is compared with."""

from __future__ import annotations

from typing import Any

from bankweave_sandbox.world import Account, Entry, World


def account_truth(world: World, account: Account) -> dict[str, Any]:
    bank = account.bank
    return {
        "id": account.id,
        "provider": bank.provider,
        "institution": bank.provider_ids[0],
        "institution_name": bank.name,
        "country": bank.country,
        "holder": account.holders[0].username,
        "account": account.number,
        "name": account.name,
        "kind": account.kind.value,
        "currency": account.currency,
        "balance": f"{world.booked_balance(account):.2f}",
        "available": f"{world.available_balance(account):.2f}",
        "transactions": [entry_truth(account, entry) for entry in world.entries(account)],
    }


def entry_truth(account: Account, entry: Entry) -> dict[str, Any]:
    movement = entry.movement
    return {
        "id": movement.id,
        "status": "booked" if entry.booked else "pending",
        "amount": f"{movement.amount:.2f}",
        "currency": account.currency,
        "booking_date": None if entry.booking_date is None else entry.booking_date.isoformat(),
        "transaction_date": entry.transaction_date.isoformat(),
        "counterparty": movement.counterparty,
        "counterparty_iban": movement.counterparty_iban,
        "text": movement.text,
        "kind": movement.kind.value,
    }
