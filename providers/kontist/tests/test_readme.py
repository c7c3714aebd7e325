"""The adapter's README names what there is: settings, options, topics of the client, switches of the sandbox, modules."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from pathlib import Path

from bankweave_kontist import KontistSettings
from bankweave_kontist.client import AsyncKontistClient
from bankweave_kontist.signin.options import SignInOptions
from bankweave_sandbox.kontist.switches import Switches

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()
SOURCES = Path(inspect.getfile(KontistSettings)).parent


def section(title: str) -> str:
    return README.partition(f"## {title}\n")[2].partition("\n## ")[0]


def first_cells(text: str) -> set[str]:
    """The words in code of each row's first cell."""
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    return {word for row in rows for word in re.findall(r"`(\w+)`", row)}


def test_every_setting_is_explained() -> None:
    assert first_cells(section("Settings")) == set(KontistSettings.model_fields)


def test_every_option_of_a_sign_in_is_explained() -> None:
    assert first_cells(section("Signing in")) - {"connect", "renew"} == set(SignInOptions.model_fields)


def test_every_topic_of_the_client_is_listed() -> None:
    assert first_cells(section("The client")) == set(inspect.get_annotations(AsyncKontistClient))


def test_settings_and_switches_that_answer_open_questions_exist() -> None:
    answers = section("What the documents leave open").splitlines()
    cells = [line.rsplit("|", 2)[1] for line in answers if line.startswith("| ")][1:]
    switches = {word for cell in cells for word in re.findall(r"\*`(\w+)`\*", cell)}
    settings = {word for cell in cells for word in re.findall(r"(?<!\*)`(\w+)`", cell)}
    assert len(switches) > 10
    assert switches <= {each.name for each in fields(Switches)}
    assert settings <= set(KontistSettings.model_fields)


def test_codes_of_ours_are_said_somewhere() -> None:
    sources = "\n".join(path.read_text() for path in SOURCES.rglob("*.py"))
    rows = [line.split("|")[1:3] for line in section("Errors by code").splitlines() if line.startswith("| `")]
    ours = {word for cell, _ in rows for word in re.findall(r"`([a-z_]+)`", cell)}
    assert {word for word in ours if f'"{word}"' not in sources} == set()
