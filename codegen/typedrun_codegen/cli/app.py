"""The `typedrun` command: arguments in, one call, one message, exit code out.

Exit codes: 0 done; 1 done, but something is stale, breaking or skipped; 2 could not; 130 Ctrl-C; 143 SIGTERM (failures.py).
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from typing import NoReturn

from typedrun.wording import did_you_mean
from typedrun_codegen.cli import commands as commands  # registers them
from typedrun_codegen.cli import faces as faces
from typedrun_codegen.cli import mcp as mcp
from typedrun_codegen.cli import run as run
from typedrun_codegen.cli import select as select
from typedrun_codegen.cli import spend as spend
from typedrun_codegen.cli import watch as watch
from typedrun_codegen.cli.command import app, typer
from typedrun_codegen.cli.failures import DONE, guarded
from typedrun_codegen.cli.terminal import OutputLost, Terminal
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem


def _usage_problem(error: typer.TyperException, arguments: list[str]) -> Problem:
    """An option or argument that the parser refused, in the shape of every other error."""
    named = [argument for argument in arguments if not argument.startswith("-")]
    known = [info.name for info in app.registered_commands if info.name]
    is_command = bool(named) and named[0] in known
    help = f"typedrun {named[0]} --help" if is_command else "typedrun --help"
    meant = did_you_mean(named[0], known) if named and not is_command else ""
    return Problem(
        "typedrun does not understand this command line",
        Location("typedrun " + " ".join(_without_keys(arguments))),
        found=error.format_message().replace("Value error, ", ""),
        next_step=f"{meant}`{help}` lists what it takes",
    )


def _without_keys(arguments: list[str]) -> Iterator[str]:
    """The arguments as they may be shown: what follows an option for a key, well spelt or not, is hidden."""
    is_secret = False
    for argument in arguments:
        name, sign, _ = argument.partition("=")
        is_key = "key" in name.lower()
        yield "***" if is_secret else f"{name}=***" if is_key and sign else argument
        is_secret = is_key and not sign and argument.startswith("-")


def _leave_words_as_they_are() -> None:
    """What a shell completes is not converted, or typer would import pydantic at each press of Tab: a third of its time."""
    from typer.core import TyperArgument, TyperOption

    def keep(_parameter: object, _context: object, value: object) -> object:
        return value

    for kind in (TyperArgument, TyperOption):
        setattr(kind, "process_value", keep)  # noqa: B010  # a library's method


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and end the process with its exit code."""
    given = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a lone surrogate of a backend must not end the command

    if "_TYPEDRUN_COMPLETE" in os.environ:
        _leave_words_as_they_are()

    def run() -> int:
        try:
            return app(given, prog_name="typedrun", standalone_mode=False) or DONE
        except typer.TyperException as error:
            raise UsageProblem(_usage_problem(error, given)) from error
        except BrokenPipeError:
            raise
        except OSError as error:  # commands have their own guard: this is the parser, which prints its help
            raise OutputLost from error

    sys.exit(guarded(Terminal(json="--json" in given, no_color="--no-color" in given), run))
