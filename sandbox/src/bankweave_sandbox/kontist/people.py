"""The world's people as Kontist's users: sign-in, lookup by token subject, their accounts."""

from __future__ import annotations

import hmac

from bankweave_sandbox.world import Account, Bank, Person, World, world_id


class People:
    def __init__(self, world: World) -> None:
        self._world = world
        self._by_user_id = {user_id(person): person for person in world.people}

    @property
    def banks(self) -> list[Bank]:
        return list(self._world.banks_of("kontist"))

    def everyone(self) -> list[Person]:
        return [p for p in self._world.people if self.accounts(p)]

    def by_user_id(self, wanted: str) -> Person | None:
        return self._by_user_id.get(wanted)

    def sign_in(self, email: str, password: str) -> Person | None:
        """Find who signs in so; one answer for a wrong name and for a wrong password."""
        found = (self._world.person_at(bank, email.strip()) for bank in self.banks)
        person = next((p for p in found if p), None)
        expected = person.password if person else ""
        matches = hmac.compare_digest(expected.encode(), password.encode())
        return person if matches else None

    def accounts(self, person: Person) -> list[Account]:
        """The main account first, then the sub-accounts."""
        return [account for bank in self.banks for account in self._world.accounts_of(person, bank)]


def user_id(person: Person) -> str:
    """The `sub` of tokens and the `publicId` of the user: a uuid, whatever the world calls the person."""
    return world_id("kontist-user", person.id)


def account_public_id(account: Account) -> str:
    return world_id("kontist-account", account.id)


def phone_id(person: Person) -> str:
    """The credential that a push confirms with: the `kid` of confirmed tokens, opaque to clients (section 2.3)."""
    return world_id("kontist-phone", person.id)
