"""The README tells what there is: every setting, option, method and command, and none besides."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import typer
from typer.main import get_command

from bankweave_basiq import BasiqSettings
from bankweave_basiq.cli import app
from bankweave_basiq.client import AsyncBasiqClient
from bankweave_basiq.user import USER_FIELDS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def table(headings: str) -> list[list[str]]:
    """The rows of the table that has these headings."""
    below = README.split(f"\n{headings}\n", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in below]


def names(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_setting_is_told_with_its_default() -> None:
    told = {name.strip("`"): default.strip("`") for name, _, default, _ in table("| name | type | default | meaning |")}
    shown = {True: "yes", False: "no"}
    fields = BasiqSettings.model_fields
    has = {name: shown.get(field.default, str(field.default)) for name, field in fields.items() if name != "api_key"}
    assert told == {**has, "api_key": "none, required"}


def test_every_option_about_a_person_is_told() -> None:
    told = {name for option, _ in table("| option | meaning |") for name in names(option)}
    assert told == {*USER_FIELDS, "action", "connection", "via"} | {"+61..."}


def test_every_method_of_the_client_is_told() -> None:
    told = {
        (topic, method)
        for topics, methods in table("| topic | methods |")
        for topic in names(topics)
        for method in names(methods)
    }
    topics = inspect.get_annotations(AsyncBasiqClient, eval_str=True).items()
    assert told == {(topic, name) for topic, kind in topics for name in vars(kind) if not name.startswith("_")}


def test_every_command_is_told() -> None:
    told: set[str] = set()
    for commands, _, _ in table("| command | about | does |"):
        group = ""
        for name in names(commands):  # "`webhooks list`, `create`" is short for "webhooks create"
            group, command = name.split() if " " in name else (group, name)
            told.add(f"{group} {command}".strip())
    assert told == set(commands_of(get_command(app)))


def commands_of(command: object, path: str = "") -> list[str]:
    if not isinstance(command, typer.core.TyperGroup):
        return [path]
    return [found for name, one in command.commands.items() for found in commands_of(one, f"{path} {name}".strip())]
