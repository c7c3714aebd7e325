"""What subscriptions are told of: transactions that appear on people's accounts (providers/kontist.md section 6.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo

from bankweave_sandbox.kontist.services import Services
from bankweave_sandbox.kontist.transactions.resolvers import Caller, Resolver
from bankweave_sandbox.kontist.transactions.rows import Row
from bankweave_sandbox.world import News, Person


@dataclass(frozen=True, slots=True)
class Arrival:
    """A row that the subscriptions of its account's holders are to be told of."""

    people: tuple[Person, ...]
    row: Row


def read_arrival(news: News, services: Services) -> Arrival | None:
    """Tell who is to be told of a change in the world, and what; None when nobody is."""
    if news.what != "appeared" and not (news.what == "booked" and services.switches.new_transaction_on_booking):
        return None
    people = tuple(p for p in news.account.holders if _is_watched(news, p, services))
    if not people:
        return None
    row = next((r for r in services.books.rows(news.account) if r.movement.id == news.movement.id), None)
    return None if row is None else Arrival(people, row)


def _is_watched(news: News, person: Person, services: Services) -> bool:
    accounts = services.people.accounts(person)
    # Whether sub-accounts, which are younger than subscriptions, are told of: undocumented.
    return news.account in (accounts if services.switches.new_transaction_accounts == "all" else accounts[:1])


def _new_transaction(arrival: Arrival, info: GraphQLResolveInfo[Caller]) -> dict[str, Any]:
    return info.context.services.books.render(arrival.row)


RESOLVERS: dict[str, dict[str, Resolver]] = {"Subscription": {"newTransaction": _new_transaction}}
