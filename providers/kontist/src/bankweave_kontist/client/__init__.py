"""Kontist's own client: what no other provider has, bound to one connection.

    kontist = await bank.client(connection_id, AsyncKontistClient)
    answer = await kontist.graphql.query("{ viewer { mainAccount { iban } } }")

`bankweave_kontist.blocking.KontistClient` is its synchronous twin.
"""

from __future__ import annotations

from bankweave_kontist.client.graphql import GraphQL
from bankweave_kontist.client.session import Session

__all__ = ["AsyncKontistClient", "GraphQL", "Session"]


class AsyncKontistClient:
    """All of Kontist for one connection, a topic each."""

    graphql: GraphQL

    def __init__(self, session: Session) -> None:
        self.graphql = GraphQL(session)
