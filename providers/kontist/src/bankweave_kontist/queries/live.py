"""The only subscription there is (section 6.6)."""

from __future__ import annotations

from bankweave_kontist.queries.query import query
from bankweave_kontist.queries.transactions import LIST_FIELDS

# The same fields as in lists, so that what was missed and queried compares with what was delivered.
NEW_TRANSACTION = query(f"subscription NewTransaction {{ newTransaction {{ {LIST_FIELDS} }} }}")

# For those who only want to know that there is something to read.
NEW_TRANSACTION_SIGNAL = query("subscription NewTransactionSignal { newTransaction { id } }")
