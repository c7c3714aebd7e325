"""The pages of the documentation as tests see them: their code blocks, run in order in one namespace."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bankweave.cli.demo.browser import Person

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
EXAMPLES = ROOT / "examples"
CALLBACK = "http://127.0.0.1:8910/callback"  # where the documents send people back to; nothing listens there
ANNA = Person({"E-mail address": "anna@kontist.example", "Password": "Anna-2026"})

SignIn = Callable[[Person], None]  # from now on, this person answers when a document asks for an address

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    where: str  # page and line, as a traceback shows it


def blocks(page: Path, language: str) -> list[Block]:
    """The fenced blocks of a page in one language, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 2
        if match[1] == language:
            found.append(Block(match[1], match[2], f"{page.relative_to(ROOT)}:{line}"))
    return found


def run(some: list[Block], namespace: dict[str, Any]) -> dict[str, Any]:
    """Run blocks in order, as somebody would type them; returns the names that are there afterwards."""
    for block in some:
        code = compile(block.text, block.where, "exec", dont_inherit=True)
        exec(code, namespace)  # noqa: S102 - our own documents
    return namespace
