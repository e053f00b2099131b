"""The command `typedrun spend`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from attrs import evolve

from typedrun_codegen.cli.command import Common, command, typer
from typedrun_codegen.cli.failures import ATTENTION, DONE


@command(
    "spend",
    "typedrun spend spend.jsonl",
    "typedrun spend spend.jsonl --by day --plot",
    "typedrun spend logs/*.jsonl --by tag --format csv",
)
def spend(
    common: Common,
    ledgers: Annotated[list[Path], typer.Argument(metavar="LEDGER…", help="Files that clients wrote.")],
    by: Annotated[Literal["model", "day", "tag"], typer.Option(help="What a row is; days are UTC.")] = "model",
    format: Annotated[
        Literal["table", "json", "csv"], typer.Option(help="How to print it; --json is --format json.")
    ] = "table",
    plot: Annotated[bool, typer.Option("--plot", help="Draw bars instead of the table.")] = False,
) -> int:
    """Add up what runs cost, by the ledgers of clients (the option `ledger=` of a client)."""
    from typedrun_codegen.look import spend as look

    terminal = common.terminal
    found = look.read_spend(ledgers, by)
    terminal.problems(found.problems)
    if common.json or format == "json":
        evolve(terminal, json=True).document(look.as_json(found))
    else:
        lines = look.as_csv(found) if format == "csv" else look.as_plot(found) if plot else look.as_table(found)
        for line in lines:
            terminal.answer(line)
    terminal.note(look.summary(found))
    return ATTENTION if found.problems else DONE
