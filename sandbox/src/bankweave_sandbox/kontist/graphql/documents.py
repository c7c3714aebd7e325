"""Look at a GraphQL document before it runs: which roots it reads and how much it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

Path: TypeAlias = tuple[str, ...]


def root_fields(document: DocumentNode) -> set[str]:
    """Name the fields that the operations of a valid document select at their root."""
    walker = _Walker(document)
    return {path[0] for operation in _operations(document) for path, _ in walker.fields_of(operation.selection_set, ())}


def count_distinct_fields(document: DocumentNode, limit: int) -> int:
    """Count field paths, fragments unfolded; stop above `limit`, as unfolding may explode."""
    walker = _Walker(document)
    waiting: list[tuple[SelectionSetNode, Path]] = [(o.selection_set, ()) for o in _operations(document)]
    seen: set[Path] = set()
    while waiting and len(seen) <= limit:
        for path, inner in walker.fields_of(*waiting.pop()):
            seen.add(path)
            if inner is not None:
                waiting.append((inner, path))
    return len(seen)


class _Walker:
    """Unfolds fragments; one that is spread again at the same place adds nothing and is passed over."""

    def __init__(self, document: DocumentNode) -> None:
        definitions = (d for d in document.definitions if isinstance(d, FragmentDefinitionNode))
        self._fragments = {d.name.value: d for d in definitions}
        self._spread: set[tuple[Path, str]] = set()

    def fields_of(self, selections: SelectionSetNode, parent: Path) -> Iterator[tuple[Path, SelectionSetNode | None]]:
        """List the fields selected at one place, each with what is selected below it."""
        for node in selections.selections:
            match node:
                case FieldNode(name=name, selection_set=inner):
                    yield (*parent, name.value), inner
                case InlineFragmentNode(selection_set=inner):
                    yield from self.fields_of(inner, parent)
                case FragmentSpreadNode(name=name) if (parent, name.value) not in self._spread:
                    self._spread.add((parent, name.value))
                    yield from self.fields_of(self._fragments[name.value].selection_set, parent)


def _operations(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    return (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
