"""What subscriptions are told of: transactions that appear on people's accounts (providers/kontist.md section 6.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.kontist.transactions.rows import Row
from bankweave_sandbox.world import News, Person


@dataclass(frozen=True, slots=True)
class Arrival:
    """A row that the subscriptions of its account's holders are to be told of."""

    people: tuple[Person, ...]
    row: Row


def read_arrival(news: News, books: Books) -> Arrival | None:
    """Tell who is to be told of a change in the world, and what; None when nobody is."""
    if news.what != "appeared" and not (news.what == "booked" and books.switches.new_transaction_on_booking):
        return None
    people = tuple(p for p in news.account.holders if _is_watched(news, p, books))
    if not people:
        return None
    row = next((r for r in books.rows(news.account) if r.movement.id == news.movement.id), None)
    return None if row is None else Arrival(people, row)


def _is_watched(news: News, person: Person, books: Books) -> bool:
    accounts = books.people.accounts(person)
    # Whether sub-accounts, which are younger than subscriptions, are told of: undocumented.
    return news.account in (accounts if books.switches.new_transaction_accounts == "all" else accounts[:1])


def _new_transaction(arrival: Arrival, info: Info) -> dict[str, Any]:
    return info.context.services.books.render(arrival.row)


RESOLVERS: Resolvers = {"Subscription": {"newTransaction": _new_transaction}}
