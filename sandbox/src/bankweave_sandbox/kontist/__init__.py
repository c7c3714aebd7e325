"""Kontist's API, served locally (providers/kontist.md).

A package for each topic, with its rules, its resolvers and its routes:

- `live`, `graphql`: WebSockets and POST /api/graphql, over all of the topics below
- `signin`: the hosted page; `oauth`: clients and tokens; `devices`: pushes, keys, codes, confirmations
- `transactions`: the account's books, which most topics read
- `transfers`, `cards`, `receipts`, `person`, `taxes`, `papers`

`services` and `records` make one object of each kind with every world, `app` puts them at their routes, and resolvers
meet them in `caller`. Imports between the packages go one way, from the first to the last of these lines:

    app; live; graphql; services; records; signin, cards, transfers, receipts, papers; taxes; person; transactions;
    devices; oauth; caller, people, switches, problems, timestamps, money
"""

from bankweave_sandbox.kontist.app import KontistDialect

__all__ = ["KontistDialect"]
