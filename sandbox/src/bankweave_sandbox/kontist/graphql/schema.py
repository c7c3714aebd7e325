"""The executable schema: the SDL files, the resolvers and the access rules in front of them."""

from __future__ import annotations

from functools import cache, wraps
from pathlib import Path
from types import ModuleType
from typing import Any

from graphql import GraphQLObjectType, GraphQLScalarType, GraphQLSchema, build_schema
from graphql import default_field_resolver as read_field

from bankweave_sandbox.kontist.caller import Info, Resolver, Resolvers
from bankweave_sandbox.kontist.cards import resolvers as cards_resolvers
from bankweave_sandbox.kontist.cards import secret_resolvers
from bankweave_sandbox.kontist.devices import change_request_resolvers
from bankweave_sandbox.kontist.devices import resolvers as devices_resolvers
from bankweave_sandbox.kontist.graphql import public_fields
from bankweave_sandbox.kontist.graphql.access import PUBLIC_FIELDS, check_access
from bankweave_sandbox.kontist.oauth import resolvers as oauth_resolvers
from bankweave_sandbox.kontist.papers import resolvers as papers_resolvers
from bankweave_sandbox.kontist.person import account_resolvers, plan_resolvers
from bankweave_sandbox.kontist.person import resolvers as person_resolvers
from bankweave_sandbox.kontist.receipts import asset_resolvers, draft_resolvers
from bankweave_sandbox.kontist.taxes import number_resolvers
from bankweave_sandbox.kontist.taxes import resolvers as taxes_resolvers
from bankweave_sandbox.kontist.timestamps import format_instant, read_instant
from bankweave_sandbox.kontist.transactions import arrivals, direct_debit_resolvers
from bankweave_sandbox.kontist.transactions import resolvers as transactions_resolvers
from bankweave_sandbox.kontist.transfers import contact_resolvers
from bankweave_sandbox.kontist.transfers import resolvers as transfers_resolvers

# Each topic's module has its part of the resolvers as `RESOLVERS`.
_TOPICS: tuple[ModuleType, ...] = (
    public_fields,
    oauth_resolvers,
    devices_resolvers,
    change_request_resolvers,
    account_resolvers,
    person_resolvers,
    plan_resolvers,
    transactions_resolvers,
    arrivals,
    direct_debit_resolvers,
    asset_resolvers,
    draft_resolvers,
    transfers_resolvers,
    contact_resolvers,
    cards_resolvers,
    secret_resolvers,
    taxes_resolvers,
    number_resolvers,
    papers_resolvers,
)
_SDL = Path(__file__).with_name("sdl")  # one file for each topic; the later ones extend the roots
# graphql-core 3.3 has given these functions new names and reads only those.
_INSTANT_FUNCTIONS = {
    "serialize": format_instant,
    "parse_value": read_instant,
    "coerce_output_value": format_instant,
    "coerce_input_value": read_instant,
}


@cache
def make_schema() -> GraphQLSchema:
    """Build the schema once: it holds no state, who asks is in the context."""
    schema = build_schema("\n".join(part.read_text("utf-8") for part in sorted(_SDL.glob("*.graphql"))))
    instants = schema.type_map["DateTime"]
    if not isinstance(instants, GraphQLScalarType):
        raise TypeError("DateTime is no scalar in the SDL")
    for name, function in _INSTANT_FUNCTIONS.items():
        setattr(instants, name, function)
    for type_name, fields in _all_resolvers().items():
        _attach(schema.type_map[type_name], fields)
    return schema


def _all_resolvers() -> Resolvers:
    merged: Resolvers = {}
    for topic in _TOPICS:
        for type_name, fields in topic.RESOLVERS.items():
            merged.setdefault(type_name, {}).update(fields)
    return merged


def _attach(type_: object, resolve: dict[str, Resolver]) -> None:
    if not isinstance(type_, GraphQLObjectType):
        raise TypeError(f"{type_} is no object type in the SDL")
    for name, field in type_.fields.items():
        field.resolve = _guarded(resolve.get(name, read_field))


def _guarded(resolve: Resolver) -> Resolver:
    @wraps(resolve)
    def check_and_resolve(source: Any, info: Info, **arguments: Any) -> Any:
        caller = info.context
        if caller.grant is not None and info.field_name not in PUBLIC_FIELDS:
            check_access(caller.grant, info.parent_type.name, info.field_name, caller.switches)
        return resolve(source, info, **arguments)

    return check_and_resolve
