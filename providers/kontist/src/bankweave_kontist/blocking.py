"""`KontistClient`: the methods of `AsyncKontistClient` for programs without an event loop.

Written by `python -m bankweave.testing.twin` from `bankweave_kontist.client`: change that, and write it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bankweave.adapter import Portal
from bankweave_kontist.client import AsyncKontistClient
from bankweave_kontist.client.graphql import GraphQL as AsyncGraphQL


class GraphQL:
    """Runs operations that this library has no method for. Kontist's own names and units come back: cents, ISO dates."""

    def __init__(self, client: AsyncGraphQL, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def query(
        self, text: str, variables: Mapping[str, object] | None = None, operation_name: str | None = None
    ) -> dict[str, Any]:
        """Run one operation and give its `data`; never part of it beside errors.

        A lost answer is asked for again only if the operation is a query. A mutation raises `OutcomeUnknown` instead, as it
        does when the server fails. Raises `InvalidOrder` before anything is sent: for what is no GraphQL, for 10,000
        characters or more, for a subscription, and where `operation_name` does not name one of several operations.
        """
        return self._portal.call(self._client.query, text, variables, operation_name)


class KontistClient:
    """All of Kontist for one connection, a topic each."""

    twin_of: ClassVar[type[AsyncKontistClient]] = AsyncKontistClient

    def __init__(self, client: AsyncKontistClient, portal: Portal) -> None:
        self._client = client
        self._portal = portal
        self.graphql = GraphQL(client.graphql, portal)
