"""Ask Kontist's API something that this library has no method for, in GraphQL.

    python examples/kontist/raw_graphql.py CONNECTION 3

Kontist's own names and units come back: amounts are cents. A query whose answer was lost is repeated, a mutation never.
"""

from __future__ import annotations

import sys

from bankweave import Bankweave
from bankweave.errors import InvalidOrder, ProviderRefused
from bankweave_kontist import KontistClient

NEWEST = """
query Newest($count: Int!) {
  viewer {
    firstName
    mainAccount {
      balance
      transactions(first: $count) { edges { node { amount name purpose } } }
    }
  }
}
"""


def main(connection_id: str, count: str) -> None:
    with Bankweave() as bank:
        kontist = bank.client(connection_id, KontistClient)
        try:
            viewer = kontist.graphql.query(NEWEST, {"count": int(count)})["viewer"]
        except (InvalidOrder, ProviderRefused) as error:  # no GraphQL; not in the schema, not allowed, too many rows
            sys.exit(str(error))
    account = viewer["mainAccount"]
    print(f"{viewer['firstName']} has {account['balance']} cents")
    for edge in account["transactions"]["edges"]:
        print(edge["node"]["amount"], edge["node"]["name"], edge["node"]["purpose"])


if __name__ == "__main__":
    main(*sys.argv[1:])
