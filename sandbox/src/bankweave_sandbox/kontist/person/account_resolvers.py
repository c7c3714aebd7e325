"""The viewer and their accounts over GraphQL (providers/kontist.md section 6.2)."""

from __future__ import annotations

from typing import Any

from bankweave_sandbox.kontist.caller import Info, Resolvers
from bankweave_sandbox.kontist.person.profiles import render_account, render_sub_account, render_user


def _viewer(_root: object, info: Info) -> dict[str, Any]:
    books, person = info.context.books, info.context.signed_in
    return render_user(person, books.main_account(person))


def _main_account(_user: object, info: Info) -> dict[str, Any] | None:
    books, person = info.context.books, info.context.signed_in
    account = books.main_account(person)
    return None if account is None else render_account(books.world, account)


def _sub_accounts(_root: object, info: Info) -> list[dict[str, Any]]:
    books, person = info.context.books, info.context.signed_in
    return [render_sub_account(books.world, account) for account in books.sub_accounts(person)]


RESOLVERS: Resolvers = {
    "Query": {"viewer": _viewer, "getSubAccounts": _sub_accounts},
    "User": {"mainAccount": _main_account},
}
