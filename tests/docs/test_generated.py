"""What the documents say of the code is what the code says."""

from __future__ import annotations

import re
import runpy
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main
from documents import DOCS, EXAMPLES, ROOT, blocks

from bankweave import errors
from bankweave.cli.app import app
from bankweave.flow import TRANSITIONS, FlowStatus, Reason


@pytest.fixture(scope="module")
def generator() -> dict[str, Any]:
    return runpy.run_path(str(DOCS / "generate.py"), run_name="generate")


def test_generated_pages_are_current(generator: dict[str, Any]) -> None:
    assert generator["stale"]() == [], "run: .venv/bin/python docs/generate.py"


def test_a_page_that_was_edited_by_hand_is_stale(generator: dict[str, Any]) -> None:
    page = generator["with_blocks"](
        "<!-- begin generated: x -->\nold\n<!-- end generated: x -->\n", {"x": lambda: "new"}
    )

    assert page == "<!-- begin generated: x -->\nnew\n<!-- end generated: x -->\n"


def test_the_drawn_moves_are_those_of_the_table() -> None:
    (picture,) = blocks(DOCS / "architecture.md", "mermaid")

    drawn = set(re.findall(r"^ +(\w+) --> (\w+)$", picture.text, re.MULTILINE))

    assert drawn == {(before.value, after.value) for before, afters in TRANSITIONS.items() for after in afters}
    assert {status.value for status in FlowStatus} <= set(picture.text.split())


def test_every_error_is_in_the_tree_and_has_a_remedy() -> None:
    page = (DOCS / "reference/errors.md").read_text(encoding="utf-8")
    classes = {
        name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.BankweaveError)
    }

    in_tree = set(
        re.findall(r"[─├└│ ]*([A-Z]\w+)$", blocks(DOCS / "reference/errors.md", "text")[0].text, re.MULTILINE)
    )
    with_remedy = set(re.findall(r"^\| `([A-Z]\w+)` \|", page, re.MULTILINE))

    assert in_tree == classes
    assert with_remedy == classes - {"BankweaveError"}


def test_the_tree_of_errors_is_that_of_the_classes() -> None:
    tree = blocks(DOCS / "reference/errors.md", "text")[0].text.splitlines()
    parents: list[str] = []
    for line in tree:
        name = line.lstrip("─├└│ ")
        depth = (len(line) - len(name)) // 4
        parents[depth:] = [name]
        if depth:
            assert getattr(errors, name).__bases__ == (getattr(errors, parents[depth - 1]),)


def test_every_reason_of_a_failed_flow_has_a_remedy() -> None:
    page = (DOCS / "reference/errors.md").read_text(encoding="utf-8")

    assert {reason.value for reason in Reason} <= set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))


def test_the_picture_of_the_layers_shows_every_layer_that_is_held() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = re.findall(r"bankweave\.(\w+)", " ".join(contracts[0]["layers"]))
    picture = blocks(DOCS / "architecture.md", "text")[0].text

    assert [layer for layer in layers if layer not in picture] == []
    assert [
        picture.index(f" {layer} ") for layer in ("blocking", "client", "engine", "adapter", "flow", "model")
    ] == sorted(picture.index(f" {layer} ") for layer in ("blocking", "client", "engine", "adapter", "flow", "model"))


def test_the_tree_in_the_architecture_names_what_is_there() -> None:
    tree = blocks(DOCS / "architecture.md", "text")[1].text
    named = re.findall(r"^  ([a-z_]+(?:\.py|/)) ", tree, re.MULTILINE)
    core = ROOT / "src/bankweave"

    assert len(named) > 10
    assert [name for name in named if not (core / name).exists()] == []
    assert [path.name for path in core.glob("*.py") if path.name not in named] == []
    files = {path.name for path in core.rglob("*.py")}
    assert [name for name in re.findall(r"[a-z_]+\.py", tree) if name not in files] == []


def squeezed(code: str) -> str:
    """Code without its indentation and empty lines: a method stands by itself on a page."""
    return "\n".join(line.strip() for line in code.splitlines() if line.strip())


def test_every_piece_of_the_adapter_page_is_code_that_is_tested() -> None:
    example = squeezed((EXAMPLES / "own_adapter.py").read_text(encoding="utf-8"))
    example += squeezed((ROOT / "src/bankweave/testing/paying_echo.py").read_text(encoding="utf-8"))
    kontomatik = ROOT / "providers/kontomatik/src/bankweave_kontomatik"
    example += squeezed((kontomatik / "refreshing.py").read_text(encoding="utf-8"))

    pieces = blocks(DOCS / "how-to/write-an-adapter.md", "python")

    assert len(pieces) > 8
    assert [piece.where for piece in pieces if squeezed(piece.text) not in example] == []


def test_every_piece_of_the_web_page_is_in_the_example() -> None:
    example = squeezed((EXAMPLES / "web_callback.py").read_text(encoding="utf-8"))

    pieces = blocks(DOCS / "how-to/web-application.md", "python")

    assert len(pieces) > 3
    assert [piece.where for piece in pieces if squeezed(piece.text) not in example] == []


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: str(page.relative_to(DOCS)))
def test_pages_name_no_path_that_is_missing(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:examples|providers|tests|benchmarks|docs|src)/[\w./-]+\.\w+)`", text))

    assert [name for name in named if not (ROOT / name).exists()] == []


# Command lines that pages show ---------------------------------------------------------------------------------------


def command_lines() -> list[tuple[str, list[str]]]:
    """Every line of a page that calls the command, and where it stands; what pages generate is generated."""
    pages = [
        ROOT / "README.md",
        *(page for page in DOCS.rglob("*.md") if page.parent.name not in {"reference", "site"}),
    ]
    lines = [(page, line) for page in pages for line in page.read_text(encoding="utf-8").splitlines()]
    matches = [(page, re.match(r" {4}(?:\.venv/bin/)?bankweave (.*)", line)) for page, line in lines]
    return [(f"{page.name}: {match[1]}", shlex.split(match[1], comments=True)) for page, match in matches if match]


def unknown_words(words: list[str]) -> list[str]:
    """The commands and options of a command line that do not exist."""
    command: Any = typer.main.get_command(app)
    words = list(words)
    while words and hasattr(command, "get_command"):
        below = command.get_command(command.context_class(command), words[0])
        if below is None:
            return words[:1]
        command = below
        words.pop(0)
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    is_passed_on = command.context_settings.get("ignore_unknown_options", False)
    return [] if is_passed_on else [word for word in words if word.startswith("--") and word not in known]


def test_the_command_lines_of_pages_exist() -> None:
    lines = command_lines()

    assert len(lines) > 10
    assert {where: unknown for where, words in lines if (unknown := unknown_words(words))} == {}


def test_a_command_line_that_does_not_exist_is_found() -> None:
    assert unknown_words(["transfer", "send", "ACCOUNT"]) == ["send"]
    assert unknown_words(["transfer", "order", "ACCOUNT", "--now"]) == ["--now"]
    assert unknown_words(["transfer", "order", "ACCOUNT", "--amount", "1"]) == []
