"""`typedrun mcp`: the models of the snapshot, or of a package, for agents that speak the Model Context Protocol."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typedrun.wording import did_you_mean
from typedrun_codegen.cli.command import Common, command, typer
from typedrun_codegen.cli.commands import complete_model, missing_extra
from typedrun_codegen.cli.failures import DONE
from typedrun_codegen.cli.options import ApiKey
from typedrun_codegen.cli.shelf import Shelf, open_shelf
from typedrun_codegen.cli.terminal import Terminal
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem

if TYPE_CHECKING:
    from typedrun.model import Model


class _Catalog:
    """The shelf as the service wants it: read once, and a model that is not there is told in one sentence."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    @cached_property
    def _models(self) -> tuple[Model[Any], ...]:
        return tuple(self._shelf)

    def find(self, wanted: str) -> Model[Any]:
        try:
            return self._shelf.find(wanted)
        except UsageProblem as none:
            from typedrun.exports.service import NoSuch

            problem = none.problem
            raise NoSuch(f"{problem.title}: {problem.found}. Next: {problem.next_step}") from None

    def __iter__(self) -> Iterator[Model[Any]]:
        return iter(self._models)


def _complete_models(incomplete: str) -> list[str]:
    """The last of several models with commas."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{model}" for model in complete_model(last)]


@command(
    "mcp",
    "typedrun mcp --models openai/gpt-5.4/openai,google/text-to-speech/google --budget 5",
    "typedrun mcp --function translation --http 8080",
    "typedrun mcp --budget 1 --allow-files ./recordings",
)
def mcp(
    common: Common,
    models: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A,B",
            help="Models that are tools of their own: ids or paths, with commas; may be repeated.",
            autocompletion=_complete_models,
        ),
    ] = None,
    function: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Every model of a function; may be repeated.")
    ] = None,
    only: Annotated[bool, typer.Option("--only", help="Offer these models, and no way to run others.")] = False,
    budget: Annotated[
        float | None,
        typer.Option(metavar="CREDITS", help="What all runs together may cost; a run without a price is refused, too."),
    ] = None,
    http: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            help="Serve on 127.0.0.1 instead of stdin and stdout; 0 takes a free port.",
            min=0,
            max=65535,
        ),
    ] = None,
    allow_files: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Offer upload_file for the files of this folder. Default: no files."),
    ] = None,
    api_key: ApiKey = None,
) -> int:
    """Serve models as tools of agents (Model Context Protocol), on stdin and stdout or on loopback. Ends with its client."""
    from typedrun.errors import TypedrunError
    from typedrun.exports.folder import Folder
    from typedrun.exports.service import MOST_TOOLS, Service

    try:
        from typedrun.exports.mcp import serve_http, serve_stdio
    except ModuleNotFoundError as error:
        raise UsageProblem(missing_extra("mcp", error)) from error
    terminal = common.terminal
    try:
        shelf = open_shelf(common.load(), is_package=common.means_package, api_key=api_key)
        chosen = _chosen(shelf, models or (), function or ())
        service = Service(
            shelf.client,
            _Catalog(shelf),
            chosen=chosen,
            only_chosen=only,
            budget=None if budget is None else shelf.client.budget(budget, unpriced="refuse"),
            folder=None if allow_files is None else Folder(allow_files),
        )
    except TypedrunError as error:
        raise UsageProblem(Problem("the server cannot start", Location("typedrun mcp"), found=str(error))) from error
    if len(chosen) > MOST_TOOLS:
        terminal.note(f"{MOST_TOOLS} of {len(chosen)} models are tools; the rest is reached by search_models")
    if budget is None:
        terminal.note("there is no --budget: runs are not limited")
    if http is None:
        serve_stdio(service)
    else:
        serve_http(service, http, ready=lambda url: _tell_address(terminal, url))
    return DONE


def _tell_address(terminal: Terminal, url: str) -> None:
    terminal.note(f"typedrun mcp: {url} (Ctrl-C stops it)")


def _chosen(shelf: Shelf, models: list[str] | tuple[()], functions: list[str] | tuple[()]) -> list[Model[Any]]:
    """The named models, then those of the functions, each once."""
    names = [name.strip() for listed in models for name in listed.split(",") if name.strip()]
    found = [shelf.find(name) for name in names]
    if functions:
        everything = list(shelf)
        for function in functions:
            of_it = [model for model in everything if str(model.function) == function]
            if not of_it:
                raise UsageProblem(
                    _no_function(function, {str(model.function) for model in everything if model.function})
                )
            found += of_it
    return list({model.id: model for model in found}.values())


def _no_function(function: str, known: set[str]) -> Problem:
    next_step = f"{did_you_mean(function, known)}`typedrun models` lists what there is"
    return Problem("no model has such a function", Location("--function"), function, next_step)
