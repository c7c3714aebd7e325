"""Our part of the schema against the published one, type by type.

The published schema lies beside the checkout, not in it; without it the comparison is skipped.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

from bankweave_sandbox.kontist.graphql.schema import make_schema

PUBLISHED = Path(__file__).parents[5] / "shared" / "specs" / "kontist.schema.graphql"
OUR_TYPES = sorted(name for name in make_schema().type_map if not name.startswith("__"))
# Optional arguments that are left out on purpose.
LEFT_OUT = {
    ("Mutation", "updateTransaction", "businessAssetInput"),
    ("Mutation", "categorizeTransactionForDeclaration", "businessAssetInput"),
}


@pytest.fixture(scope="module")
def published() -> GraphQLSchema:
    if not PUBLISHED.exists():
        pytest.skip(f"the published schema is missing: {PUBLISHED.name} in ../shared/specs beside the checkout")
    return build_schema(PUBLISHED.read_text("utf-8"))


@pytest.mark.parametrize("name", OUR_TYPES)
def test_a_type_agrees_with_the_published_one(published: GraphQLSchema, name: str) -> None:
    ours, theirs = make_schema().type_map[name], published.type_map.get(name)
    assert theirs is not None, f"{name} is not in the published schema"
    assert type(ours) is type(theirs)
    ours_said, theirs_said = members(ours), members(theirs)
    assert ours_said == {member: theirs_said.get(member) for member in ours_said}
    if is_complete(ours):
        assert set(ours_said) == set(theirs_said)


def test_arguments_are_complete(published: GraphQLSchema) -> None:
    missing = {
        (type_.name, name, argument)
        for type_ in make_schema().type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for name in type_.fields
        for argument in published_arguments(published, type_.name, name) - set(type_.fields[name].args)
    }
    assert missing == LEFT_OUT


def test_interfaces_agree(published: GraphQLSchema) -> None:
    for name in OUR_TYPES:
        ours, theirs = make_schema().type_map[name], published.type_map[name]
        if isinstance(ours, GraphQLObjectType) and isinstance(theirs, GraphQLObjectType):
            assert [i.name for i in ours.interfaces] == [i.name for i in theirs.interfaces], name


def members(type_: GraphQLNamedType) -> dict[str, str | None]:
    """Spell what a type consists of: fields with types, arguments with types, enum values."""
    match type_:
        case GraphQLEnumType():
            return dict.fromkeys(type_.values)
        case GraphQLInputObjectType():
            return {str(name): str(field.type) for name, field in type_.fields.items()}
        case GraphQLObjectType() | GraphQLInterfaceType():
            fields: dict[str, str | None] = {name: str(field.type) for name, field in type_.fields.items()}
            arguments = {
                f"{name}({argument})": str(value.type)
                for name, field in type_.fields.items()
                for argument, value in field.args.items()
            }
            return fields | arguments
        case _:
            return {}


def is_complete(type_: GraphQLNamedType) -> bool:
    """Tell which types must have all members: every value a client may meet, every input it may send, every row."""
    if isinstance(type_, GraphQLObjectType):
        return type_.name not in {"Query", "Mutation", "User", "Account"}
    return True


def published_arguments(published: GraphQLSchema, type_name: str, field: str) -> set[str]:
    type_ = published.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    return set(type_.fields[field].args)
