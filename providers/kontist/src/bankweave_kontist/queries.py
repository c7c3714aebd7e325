"""The GraphQL documents, parsed and printed once.

gql parses them; printing happens here and not for every page, where it would cost more than the request itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from gql import gql
from graphql import DocumentNode, print_ast


@dataclass(frozen=True, slots=True)
class Query:
    """One operation. `name` is what goes on the wire as `operationName`."""

    name: str
    document: DocumentNode
    text: str

    def body(self, **variables: object) -> dict[str, object]:
        body: dict[str, object] = {"query": self.text, "operationName": self.name}
        return {**body, "variables": variables} if variables else body


def _query(name: str, source: str) -> Query:
    document = gql(source).document
    return Query(name=name, document=document, text=print_ast(document))


MAIN_ACCOUNT = _query(
    "MainAccount",
    """
    query MainAccount {
      viewer {
        firstName
        lastName
        mainAccount { publicId iban bic name balance availableBalance }
      }
    }
    """,
)

# `publicId` comes along so that an answer about another account is noticed.
TRANSACTIONS = _query(
    "Transactions",
    """
    query Transactions($first: Int!, $after: String, $filter: TransactionFilter) {
      viewer {
        mainAccount {
          publicId
          transactions(first: $first, after: $after, filter: $filter) {
            edges {
              node {
                id amount name iban type bookingDate valutaDate purpose e2eId mandateNumber
                category categoryCode merchantCategoryCode originalAmount foreignCurrency
              }
            }
            pageInfo { hasNextPage endCursor }
          }
        }
      }
    }
    """,
)

ALL = (MAIN_ACCOUNT, TRANSACTIONS)
