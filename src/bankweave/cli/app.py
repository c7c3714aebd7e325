"""The command's frame: global options, subcommands, and which end gives which exit code."""

from __future__ import annotations

import os
import sys
import traceback
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bankweave.cli import (
    connecting,
    demo,
    doctor,
    following,
    governing,
    keys,
    listing,
    paying,
    plugins,
    sandbox,
    statements,
    syncing,
    watching,
)
from bankweave.cli.exits import MEANINGS, ExitCode, code_of_error
from bankweave.cli.logs import log_to_stderr, silence
from bankweave.cli.session import Session, session_of
from bankweave.errors import BankweaveError

_CONNECTING, _READING, _PAYING, _TOOLS = "Connect banks", "Read", "Pay", "Tools"
_GOVERNING = "Answer to people"
_EPILOG = "\n\n".join(
    [
        "Exit codes: " + "; ".join(f"{code.value} {meaning}" for code, meaning in MEANINGS.items()) + ".",
        "With --json: one object or one array; transactions and changes are JSON Lines. Decimals are strings, dates ISO.",
    ]
)


class Cli(TyperGroup):
    """Turns errors into one line and an exit code, and knows the commands that adapters bring along."""

    def list_commands(self, ctx: Any) -> list[str]:
        own = super().list_commands(ctx)
        return [*own, *(name for name in plugins.names() if name not in own)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return super().get_command(ctx, cmd_name) or plugins.load(cmd_name)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BankweaveError as error:
            session_of(ctx).terminal.complain(error)
            _trace(ctx)
            raise typer.Exit(code_of_error(error)) from None
        except (KeyboardInterrupt, typer.Abort):
            session_of(ctx).terminal.complain("interrupted")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except BrokenPipeError:
            # whoever read our output has seen enough; Python would complain once more while it closes the stream
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(ExitCode.OK) from None
        except Exception as error:  # the last place where a bug can be told to a person in one line
            if hasattr(error, "exit_code"):  # wrong usage and regular exits are the framework's business
                raise
            hint = "" if _is_verbose(ctx) else "; run it again with -v, and report what it says"
            session_of(ctx).terminal.complain(f"a bug: {type(error).__name__}{hint}")
            _trace(ctx)
            raise typer.Exit(ExitCode.BUG) from None


app = typer.Typer(
    name="bankweave",
    cls=Cli,
    epilog=_EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # it prints local variables, and those hold secrets
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - the option's own value
    if wanted:
        typer.echo(version_of("bankweave"))
        raise typer.Exit


@app.callback()
def bankweave(
    ctx: typer.Context,
    *,
    config: Annotated[
        Path | None, typer.Option(help="Configuration file; else $BANKWEAVE_CONFIG or bankweave.toml.")
    ] = None,
    store: Annotated[Path | None, typer.Option(help="The store's file, whatever the configuration says.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for programs; also after the subcommand.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log to standard error; bugs with traceback.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - its callback has printed it and left
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Connect bank accounts at many providers, and pull everything into one store."""
    if verbose:
        log_to_stderr()
    else:
        silence()
    ctx.obj = Session(config_file=config, store=store, as_json=as_json, verbose=verbose)


def _is_verbose(ctx: Any) -> bool:
    return session_of(ctx).verbose


def _trace(ctx: Any) -> None:
    if _is_verbose(ctx):
        traceback.print_exc(file=sys.stderr)


def _register() -> None:
    panels = {
        _CONNECTING: (
            connecting.connect,
            connecting.renew,
            following.resume,
            following.answer,
            following.wait,
            following.cancel,
            following.flows,
            following.sweep,
            listing.connections,
            listing.conversions,
            listing.disconnect,
        ),
        _READING: (syncing.sync, watching.watch, listing.accounts, statements.transactions, statements.changes),
        _GOVERNING: (governing.consents, governing.accesses, governing.export, governing.erase),
        _TOOLS: (listing.adapters, listing.institutions, doctor.doctor, keys.rotate_keys, demo.demo),
    }
    for panel, commands in panels.items():
        for command in commands:
            app.command(rich_help_panel=panel)(command)
    for group in (paying.transfer, paying.cards):
        app.add_typer(group, rich_help_panel=_PAYING, no_args_is_help=True)
    # what follows `sandbox` is the sandbox's own, its --help too
    passed_on = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    app.command(rich_help_panel=_TOOLS, context_settings=passed_on)(sandbox.sandbox)


_register()
