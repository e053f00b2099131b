"""The commands that show models to other programs."""

from __future__ import annotations

from typing import Annotated, Literal

from attrs import evolve

from typedrun_codegen.cli.command import Common, command, typer
from typedrun_codegen.cli.commands import complete_model
from typedrun_codegen.cli.failures import DONE
from typedrun_codegen.cli.shelf import open_shelf
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem


@command(
    "tools",
    "typedrun tools openai/gpt-5.4/openai",
    "typedrun tools openai.gpt_5_4 google.text_to_speech --format anthropic",
    "typedrun tools openai.gpt_5_4 --format json-schema",
)
def tools(
    common: Common,
    models: Annotated[
        list[str], typer.Argument(metavar="MODEL", help="Ids, paths or attributes.", autocompletion=complete_model)
    ],
    format: Annotated[
        Literal["openai", "anthropic", "mcp", "json-schema"],
        typer.Option(metavar="FORM", help="The form of the definitions: openai, anthropic, mcp or json-schema."),
    ] = "openai",
) -> int:
    """Print models as tools of a language model: a JSON list of definitions, with the parameters as JSON Schema."""
    from typedrun.errors import ValidationError
    from typedrun.exports.tools import Tools

    shelf = open_shelf(common.load(), is_package=common.means_package)
    try:
        made = Tools([shelf.find(name) for name in models], format=format)
    except ValidationError as refused:
        raise UsageProblem(Problem("these are no tools", Location("MODEL…"), found=str(refused))) from refused
    evolve(common.terminal, json=True).document(list(made))
    return DONE
