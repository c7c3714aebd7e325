"""A GraphQL document, parsed by gql and printed once: for every page it would cost more than the request itself.

gql is imported and a document parsed when it is first needed, so that importing the adapter stays light.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphql import DocumentNode

_HEAD = re.compile(r"\s*(query|mutation|subscription)\s+([A-Za-z0-9_]+)")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Query:
    """One named operation. `name` is what goes on the wire as `operationName`."""

    name: str
    kind: str  # query, mutation or subscription
    source: str = field(repr=False)

    @cached_property
    def document(self) -> DocumentNode:
        from gql import gql

        return gql(self.source).document

    @cached_property
    def text(self) -> str:
        from graphql import print_ast

        return print_ast(self.document)

    @cached_property
    def operation(self) -> str:
        """Our name for it in errors and logs: "create_transfer"."""
        return _CAPITAL.sub("_", self.name).lower()

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again when its answer was lost: a mutation has perhaps been executed."""
        return self.kind == "query"

    def body(self, **variables: object) -> dict[str, object]:
        """Write what is sent. Variables that are None are left out, which Kontist takes for null."""
        body: dict[str, object] = {"query": self.text, "operationName": self.name}
        given = {name: value for name, value in variables.items() if value is not None}
        return {**body, "variables": given} if given else body


def query(source: str) -> Query:
    """Declare an operation, the first of `source`; fragments may follow it."""
    head = _HEAD.match(source)
    if head is None:
        raise ValueError("a document of ours begins with a named operation")
    return Query(name=head[2], kind=head[1], source=source)
