"""What the options before the subcommand say, and the bank that a subcommand works on."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from bankweave.blocking import Bankweave
from bankweave.cli.terminal import Terminal
from bankweave.config import Config

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="JSON on standard output, everything else on the other.")]


@dataclass
class Session:
    """One call of the command."""

    config_file: Path | None = None
    store: Path | None = None
    as_json: bool = False
    verbose: bool = False

    @cached_property
    def terminal(self) -> Terminal:
        return Terminal(as_json=self.as_json)

    @cached_property
    def config(self) -> Config:
        config = Config.load(self.config_file)
        return config if self.store is None else config.model_copy(update={"store": self.store})

    def unopened_bank(self) -> Bankweave:
        """A bank that has made no store and no key file yet."""
        return make_bank(self.config)

    @contextmanager
    def bank(self) -> Iterator[Bankweave]:
        """Open the store. Tells when a new key file was made: who loses it loses every connection."""
        config = self.config
        will_make_key = config.vault_keys is None and not config.key_file.exists()
        with self.unopened_bank() as bank:
            if will_make_key and config.key_file.exists():
                self.terminal.complaints.print(
                    f"made a new key file, {config.key_file}: the store is useless without it", soft_wrap=True
                )
            yield bank

    def command(self, *words: str) -> str:
        """The command line that goes on, with the options that this one was given."""
        given = (("--config", self.config_file), ("--store", self.store))
        options = [word for name, value in given if value is not None for word in (name, str(value))]
        return shlex.join(["bankweave", *options, *words])


def make_bank(config: Config) -> Bankweave:
    """Make the bank of a configuration. Tests put a bank of their own in its place."""
    return Bankweave(config=config, actor="bankweave")


def session_of(ctx: typer.Context, as_json: bool = False) -> Session:  # noqa: FBT001, FBT002 - the option's own value
    """The session of this call; `--json` counts before and after the subcommand."""
    session = ctx.find_object(Session) or Session()
    session.as_json = session.as_json or as_json
    return session
