"""Who asks over GraphQL, as every resolver meets them in `info.context`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import GraphQLResolveInfo

from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.world import Person

if TYPE_CHECKING:  # every topic's resolvers import this module, and the services are made of every topic
    from bankweave_sandbox.kontist.oauth.tokens import Grant
    from bankweave_sandbox.kontist.services import Services
    from bankweave_sandbox.kontist.switches import Switches
    from bankweave_sandbox.kontist.transactions.books import Books


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and of which books. Without a token only public fields are reached (section 6.1)."""

    services: Services
    grant: Grant | None
    person: Person | None
    origin: str = ""  # where this server was reached, for the URLs in its answers

    @property
    def books(self) -> Books:
        return self.services.books

    @property
    def switches(self) -> Switches:
        return self.services.switches

    @property
    def signed_in(self) -> Person:
        if self.person is None:
            raise Problem(401, "Unauthorized")
        return self.person


Info: TypeAlias = GraphQLResolveInfo[Caller]
Resolver: TypeAlias = Callable[..., Any]
Resolvers: TypeAlias = dict[str, dict[str, Resolver]]  # by type and field
