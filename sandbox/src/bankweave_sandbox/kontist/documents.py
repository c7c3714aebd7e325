"""Look at a GraphQL document before it runs: which roots it reads and how much it asks for."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)


def root_fields(document: DocumentNode) -> set[str]:
    """Name the fields that the operations of a valid document select at their root."""
    fragments = _fragments(document)
    return {path[0] for operation in _operations(document) for path in _walk(operation.selection_set, fragments, ())}


def count_distinct_fields(document: DocumentNode, limit: int) -> int:
    """Count field paths, fragments unfolded; stop above `limit`, as unfolding may explode."""
    fragments = _fragments(document)
    seen: set[tuple[str, ...]] = set()
    for operation in _operations(document):
        for path in _walk(operation.selection_set, fragments, ()):
            seen.add(path)
            if len(seen) > limit:
                return len(seen)
    return len(seen)


def _walk(
    selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], parent: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    for node in selections.selections:
        match node:
            case FieldNode(name=name, selection_set=inner):
                path = (*parent, name.value)
                yield path
            case InlineFragmentNode(selection_set=inner):
                path = parent
            case FragmentSpreadNode(name=name):
                path, inner = parent, fragments[name.value].selection_set
            case _:
                continue
        if inner is not None:
            yield from _walk(inner, fragments, path)


def _operations(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    return (d for d in document.definitions if isinstance(d, OperationDefinitionNode))


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
