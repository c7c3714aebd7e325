"""A person and an account in Kontist's words (providers/kontist.md section 6.2)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from bankweave_sandbox.kontist.money import cents
from bankweave_sandbox.kontist.people import account_public_id, user_id
from bankweave_sandbox.kontist.timestamps import berlin_midnight
from bankweave_sandbox.world import Account, Person, World


def render_user(person: Person, account: Account | None) -> dict[str, Any]:
    """Render what the world knows of a person; what it does not know stays out and is answered as null."""
    street, post_code, city = split_address(person)
    address = {"street": street, "postCode": post_code, "city": city, "country": "DE"}
    opened = account.opened_on if account else person.birth_date
    return address | {
        "person": person,
        "publicId": user_id(person),
        "createdAt": datetime.combine(opened, time(9), UTC),
        "language": "de",
        "firstName": person.first_name,
        "lastName": person.last_name,
        "birthDate": datetime.combine(person.birth_date, time(0), UTC),
        "nationality": "DE",
        "isUSPerson": False,
        "email": person.email,
        "mobileNumber": person.mobile,
        "companyType": "FREIBERUFLER",
        "identification": {"attempts": 1, "link": None, "status": "SUCCESSFUL"},
        "identificationStatus": "SUCCESSFUL",
        "screeningProgress": "SCREENED_ACCEPTED",
        "screeningStatus": "SCREENED_ACCEPTED",
        "riskClassificationStatus": "NORMAL_RISK",
        "customerVettingStatus": "NO_MATCH",
        "businessType": "SELF_EMPLOYED",
        "isSelfEmployed": True,
    }


def split_address(person: Person) -> tuple[str, str, str]:
    """Split the world's address into street, post code and city."""
    street, _, place = person.address.rpartition(", ")
    post_code, _, city = place.partition(" ")
    return street, post_code, city


def render_account(world: World, account: Account) -> dict[str, Any]:
    booked, available = world.booked_balance(account), world.available_balance(account)
    return {
        "account": account,
        "publicId": account_public_id(account),
        "id": float(uuid.UUID(account_public_id(account)).int % 1_000_000),
        "name": account.name,
        "icon": None,
        "iban": account.iban,
        "bic": account.bic,
        "createdAt": berlin_midnight(account.opened_on),
        "balance": cents(booked),
        "availableBalance": cents(available),
        "solarisBalance": {"balance": _in_cents(booked), "availableBalance": _in_cents(available)},
        "stats": _stats(cents(booked)),
        "canCreateOverdraft": False,  # overdrafts do not happen in this world
    }


def render_sub_account(world: World, account: Account) -> dict[str, Any]:
    return {
        "publicId": account_public_id(account),
        "name": account.name,
        "icon": "wallet",
        "iban": account.iban,
        "balance": float(cents(world.booked_balance(account))),
        "createdAt": berlin_midnight(account.opened_on),
        "status": "COMPLETED",
    }


def _in_cents(amount: Decimal) -> dict[str, Any]:
    return {"value": float(cents(amount)), "currency": "EUR", "unit": "cents"}


def _stats(balance: int) -> dict[str, Any]:
    """Nobody here has booked the tax service, so that nothing is set aside and all of the balance is theirs."""
    taxes = dict.fromkeys(("vatTotal", "vatAmount", "vatMissing", "taxTotal", "taxCurrentYearAmount", "taxMissing"), 0)
    return taxes | {"accountBalance": balance, "main": balance, "yours": balance, "unknown": 0}
