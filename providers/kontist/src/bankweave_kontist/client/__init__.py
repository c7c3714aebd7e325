"""Kontist's own client: what no other provider has, bound to one connection.

    kontist = await bank.client(connection_id, AsyncKontistClient)
    answer = await kontist.graphql.query("{ viewer { mainAccount { iban } } }")

`bankweave_kontist.blocking.KontistClient` is its synchronous twin.
"""

from __future__ import annotations

from bankweave_kontist.client.graphql import GraphQL
from bankweave_kontist.client.live import Live
from bankweave_kontist.client.session import Session
from bankweave_kontist.client.subscription import Subscription

__all__ = ["AsyncKontistClient", "GraphQL", "Live", "Session", "Subscription"]


class AsyncKontistClient:
    """All of Kontist for one connection, a topic each."""

    graphql: GraphQL
    live: Live

    def __init__(self, session: Session) -> None:
        self.graphql = GraphQL(session)
        self.live = Live(session)
