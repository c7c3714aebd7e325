"""XML read safely and piece by piece: no DTD, no entities, no network, no recovery, bounded depth.

libxml2 stops at 256 levels and at texts of 10 MB as long as `huge_tree` is off. Elements outside the wanted ones still build
a tree, which the size limit of the request bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree

from bankweave.errors import MalformedAnswer

ROOT = "reply"


class Document:
    """An XML document that is read as it arrives. Nothing of it may be used before `close` has returned."""

    def __init__(self, tags: Sequence[str]) -> None:
        self._seen_root = False
        self._parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=(ROOT, *tags),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            recover=False,
            remove_comments=True,
            remove_pis=True,
        )

    def feed(self, chunk: bytes) -> Iterator[tuple[str, Any]]:
        """Yield the wanted elements that begin ("start") or are complete ("end") with this piece."""
        try:
            self._parser.feed(chunk)
        except etree.XMLSyntaxError:
            raise _unreadable() from None
        for event, element in self._parser.read_events():
            if not self._seen_root:
                self._check_root(element)
            yield event, element

    def close(self) -> Any:
        """Return the root; raise `MalformedAnswer` unless the document has arrived whole."""
        try:
            root = self._parser.close()
        except etree.XMLSyntaxError:
            raise _unreadable() from None
        if root.tag != ROOT:
            raise MalformedAnswer("Kontomatik answered with an XML document that is no reply; nothing of it was used")
        return root

    def _check_root(self, element: Any) -> None:
        tree = element.getroottree()
        if tree.docinfo.internalDTD is not None:
            raise MalformedAnswer("Kontomatik answered with an XML document that has a DOCTYPE; nothing of it was used")
        if tree.getroot().tag != ROOT:
            raise MalformedAnswer("Kontomatik answered with an XML document that is no reply; nothing of it was used")
        self._seen_root = True


def parse(body: bytes) -> Any:
    """Read a small reply whole and return its root element."""
    document = Document(())
    for _ in document.feed(body):
        pass  # the events are not wanted, their check of the root is
    return document.close()


def forget(element: Any) -> None:
    """Let go of an element that has been read and of all before it, so that memory does not grow with the document."""
    element.clear()
    parent = element.getparent()
    while element.getprevious() is not None:
        del parent[0]


def _unreadable() -> MalformedAnswer:
    return MalformedAnswer("Kontomatik's answer is no complete XML document; nothing of it was used")
