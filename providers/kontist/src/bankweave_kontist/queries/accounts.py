"""The account and its owner (sections 6.2 and 6.5)."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

# What a sync reads.
MAIN_ACCOUNT = query(
    """
    query MainAccount {
      viewer {
        firstName
        lastName
        mainAccount { publicId iban bic name balance availableBalance }
      }
    }
    """
)
