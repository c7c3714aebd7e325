"""Transactions (section 6.4)."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

# What a sync reads. `publicId` comes along so that an answer about another account is noticed.
TRANSACTIONS = query(
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
    """
)
