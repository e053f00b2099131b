"""What every command has: its place below `typedrun`, the common options, the guard that makes an exit code of what happened."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Concatenate, NoReturn, ParamSpec

from attrs import frozen

from typedrun_codegen.cli.config import load_config, load_configs
from typedrun_codegen.cli.failures import guarded
from typedrun_codegen.cli.terminal import Terminal
from typedrun_codegen.ir.settings import Config

try:
    import typer as typer  # from here for the other modules: the message below comes first
    from typer.core import TyperCommand, TyperGroup, TyperOption
except ModuleNotFoundError:  # the client alone is installed
    sys.stderr.write("error: the typedrun command is not installed\n  next       pip install 'typedrun[codegen]'\n")
    sys.exit(2)

P = ParamSpec("P")


class _Group(TyperGroup):
    """`typedrun`, whose flags are shown without a type, since they take no value."""

    def get_params(self, ctx: Any) -> list[Any]:  # typer keeps both types to itself
        """Get its options and arguments, as its help shows them."""
        return _without_types_of_flags(super().get_params(ctx))


class _Command(TyperCommand):
    """A command, likewise."""

    def get_params(self, ctx: Any) -> list[Any]:  # typer keeps both types to itself
        """Get its options and arguments, as its help shows them."""
        return _without_types_of_flags(super().get_params(ctx))


def _without_types_of_flags(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if isinstance(parameter, TyperOption) and parameter.is_flag:
            parameter.metavar = ""
    return parameters


app: typer.Typer = typer.Typer(
    name="typedrun",
    cls=_Group,
    help="Exact, typed Python signatures for every model of an AI-model marketplace.",
    epilog="Each command explains itself with --help. Exit codes: 0 done; 1 done, but something needs attention; 2 could not.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # and all of email with it

        typer.echo(f"typedrun {version('typedrun')}")
        raise typer.Exit


@app.callback()
def typedrun(
    version: Annotated[  # its callback prints and ends
        bool, typer.Option("--version", help="Print the version and end.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Exact, typed Python signatures for every model of an AI-model marketplace."""


@frozen(kw_only=True)
class Common:
    """The options that every command takes."""

    config: Path | None
    snapshot: Path | None
    output: Path | None
    package: str | None
    schema: Path | None
    quiet: bool
    json: bool
    no_color: bool

    def load(self) -> Config:
        """Load the configuration with these options on top."""
        return load_config(
            self.config, snapshot=self.snapshot, output=self.output, package=self.package, schema=self.schema
        )

    def load_all(self) -> tuple[Config, ...]:
        """Load the configuration of every package of the project, with these options on top."""
        return load_configs(
            self.config, snapshot=self.snapshot, output=self.output, package=self.package, schema=self.schema
        )

    @property
    def means_package(self) -> bool:
        """Whether the generated package is meant by name, where a command can do with that or the snapshot."""
        return self.package is not None and self.snapshot is None

    def as_options(self) -> list[str]:
        """These options as arguments of another `typedrun`, whatever its working directory."""
        paths = {name: getattr(self, name) for name in ("config", "snapshot", "output", "schema")}
        given = [f"--{name}={Path(path).absolute()}" for name, path in paths.items() if path is not None]
        return given + ([f"--package={self.package}"] if self.package else [])

    @property
    def terminal(self) -> Terminal:
        """Where the command speaks."""
        return Terminal(quiet=self.quiet, json=self.json, no_color=self.no_color)


def _option(annotation: object, name: str, help: str, metavar: str | None = None) -> object:
    return Annotated[
        annotation, typer.Option(f"--{name}", help=help, metavar=metavar, rich_help_panel="Common options")
    ]


_COMMON: dict[str, tuple[object, object]] = {
    "config": (_option(Path | None, "config", "typedrun.toml or pyproject.toml to read.", "FILE"), None),
    "snapshot": (_option(Path | None, "snapshot", "Catalog snapshot: a directory, or a JSON list.", "PATH"), None),
    "output": (_option(Path | None, "output", "Directory that holds the generated package.", "DIR"), None),
    "package": (_option(str | None, "package", "Import name of the generated package.", "NAME"), None),
    "schema": (_option(Path | None, "schema", "API schema, an OpenAPI 3.x document.", "FILE"), None),
    "quiet": (_option(bool, "quiet", "Print problems and answers, no summary."), False),
    "json": (_option(bool, "json", "Print one JSON document on stdout."), False),
    "no_color": (_option(bool, "no-color", "No colours; NO_COLOR does the same."), False),
}


def command(
    name: str, *examples: str
) -> Callable[[Callable[Concatenate[Common, P], int]], Callable[Concatenate[Common, P], int]]:
    """Register a command: its first argument becomes the common options, its return value the exit code.

    Args:
        name: the subcommand.
        examples: command lines with a remark, shown below `--help`.
    """

    def register(run: Callable[Concatenate[Common, P], int]) -> Callable[Concatenate[Common, P], int]:
        def entry(*args: P.args, **given: P.kwargs) -> NoReturn:
            common = Common(**{option: given.pop(option) for option in _COMMON})  # type: ignore[arg-type]  # typer made the values from the annotations above
            raise typer.Exit(guarded(common.terminal, lambda: run(common, *args, **given)))

        own = list(inspect.signature(run, eval_str=True).parameters.values())[1:]
        shared = [
            inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for option, (annotation, default) in _COMMON.items()
        ]
        parameters = [*(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own), *shared]
        vars(entry)["__signature__"] = inspect.Signature(parameters)
        entry.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        entry.__doc__ = run.__doc__
        app.command(name, cls=_Command, epilog="\n\n".join(("Examples:", *examples)))(entry)
        return run

    return register
