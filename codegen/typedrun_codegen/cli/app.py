"""The `typedrun` command: arguments in, one call, one message, exit code out.

Exit codes: 0 done; 1 done, but something is stale, breaking or skipped; 2 could not; 130 Ctrl-C; 143 SIGTERM (failures.py).
Heavy imports stand inside the commands, so that `typedrun --help` and completion stay fast.
"""

from __future__ import annotations

import functools
import inspect
import io
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Concatenate, Literal, NoReturn, ParamSpec

from attrs import evolve, frozen

from typedrun_codegen.cli.config import load_config
from typedrun_codegen.cli.failures import ATTENTION, DONE, FAILED, code_of, guarded
from typedrun_codegen.cli.terminal import OutputLost, Terminal
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem, did_you_mean
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.marketplaces import DEFAULT, shipped_snapshot
from typedrun_codegen.snapshots.interrupts import terminable
from typedrun_codegen.snapshots.store import read_snapshot
from typedrun_codegen.text.words import count

try:
    import typer
except ModuleNotFoundError:  # the client alone is installed
    sys.stderr.write("error: the typedrun command is not installed\n  next       pip install 'typedrun[codegen]'\n")
    sys.exit(2)

P = ParamSpec("P")

_KEY, _URL = DEFAULT.source.key_variables[0], DEFAULT.source.url_variable

app = typer.Typer(
    name="typedrun",
    help="Exact, typed Python signatures for every model of an AI-model marketplace.",
    epilog="Each command explains itself with --help. Exit codes: 0 done; 1 done, but something needs attention; 2 could not.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
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
        """The configuration with these options on top."""
        return load_config(
            self.config, snapshot=self.snapshot, output=self.output, package=self.package, schema=self.schema
        )

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
        app.command(name, epilog="\n\n".join(("Examples:", *examples)))(entry)
        return run

    return register


@command(
    "init",
    "typedrun init",
    "typedrun init --package my_models --output src",
)
def init(common: Common) -> int:
    """Write [tool.typedrun] into pyproject.toml, or a typedrun.toml where there is none. Options become settings."""
    from typedrun_codegen.cli.init import init as write_configuration

    terminal = common.terminal
    done = write_configuration(
        Path.cwd(),
        file=common.config,
        schema=common.schema,
        snapshot=common.snapshot,
        package=common.package,
        output=common.output,
    )
    terminal.document(done.as_json())
    for line in done.lines():
        terminal.line(line)
    return DONE


@command(
    "pull",
    "typedrun pull",
    f"{_KEY}=… typedrun pull --snapshot {DEFAULT.folder}/catalog",
    "typedrun pull --backend-url http://127.0.0.1:8080 --fresh",
)
def pull(
    common: Common,
    api_key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help=f"Default: {' or '.join(DEFAULT.source.key_variables)}; an option can be read by other users of the machine.",
        ),
    ] = None,
    backend_url: Annotated[
        str | None, typer.Option(metavar="URL", help=f"Default: {_URL}, else the public service.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Model requests at a time.", min=1, max=64)] = 8,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ignore what an interrupted pull left.")] = False,
    allow_removals: Annotated[
        bool,
        typer.Option(
            "--allow-removals", help="Remove models even if it is more than a tenth and more than five of them."
        ),
    ] = False,
) -> int:
    """Read the live backend into the snapshot: enumerations and the selected models. The old one stays until all is there."""
    from typedrun_codegen.cli.terminal import Bar
    from typedrun_codegen.snapshots.pull import pull as pull_catalog

    terminal = common.terminal
    try:
        with terminable(), Bar(terminal, "pull") as bar:
            done = pull_catalog(
                common.load(),
                bar,
                api_key=api_key,
                backend_url=backend_url,
                workers=workers,
                fresh=fresh,
                allow_removals=allow_removals,
            )
    except KeyboardInterrupt as stop:
        again = "interrupted: the snapshot is as it was; the next pull goes on where this one stopped"
        terminal.warn(str(stop) or again)
        return code_of(stop)
    terminal.problems(done.problems)
    terminal.document(done.as_json())
    for line in done.lines():
        terminal.line(line)
    terminal.line(done.summary())
    return ATTENTION if done.problems else DONE


@command(
    "generate",
    "typedrun generate",
    "typedrun generate --snapshot models.json --package my_models --output src",
    "typedrun generate --schema openapi.yaml --package my_api --output src   (the API alone)",
)
def generate(common: Common) -> int:
    """Write the package that the snapshot gives. Offline, and the same bytes on every machine."""
    terminal = common.terminal
    try:
        with terminable():
            from typedrun_codegen.package.publish import publish

            done = publish(common.load())
    except KeyboardInterrupt as stop:
        terminal.warn(str(stop) or "interrupted: the package is as it was")
        return code_of(stop)
    terminal.problems(done.problems)
    terminal.document(done.as_json())
    terminal.line(done.summary())
    if done.is_refused:
        return FAILED
    return ATTENTION if done.problems else DONE


@command("check", "typedrun check", "typedrun check --json")
def check(common: Common) -> int:
    """Compare the package with what the snapshot gives, byte for byte. Writes nothing; exit code 1 on drift."""
    from typedrun_codegen.package.check import check_package

    terminal = common.terminal
    done = check_package(common.load())
    terminal.problems((*done.problems, *done.foreign))
    terminal.document(done.as_json())
    for line in done.lines():
        terminal.answer(line)
    terminal.line(done.summary())
    return DONE if done.is_clean else ATTENTION


@command(
    "diff",
    "typedrun diff   (the working copy against the last commit)",
    "typedrun diff --against v1.4.0 --fail-on any",
    "typedrun diff --against live --format markdown",
    "typedrun diff --against old/openapi.yaml --schema new/openapi.yaml",
)
def diff(
    common: Common,
    against: Annotated[
        str, typer.Option(metavar="PATH|REVISION|live", help="The old side; `live` is the new one.")
    ] = "HEAD",
    format: Annotated[
        Literal["table", "json", "markdown"], typer.Option(help="How to print it; --json is --format json.")
    ] = "table",
    fail_on: Annotated[
        Literal["breaking", "risky", "any", "never"], typer.Option(help="The mildest change that gives exit code 1.")
    ] = "breaking",
    api_key: Annotated[str | None, typer.Option(metavar="KEY", help=f"For `live`. Default: {_KEY}.")] = None,
    backend_url: Annotated[str | None, typer.Option(metavar="URL", help=f"For `live`. Default: {_URL}.")] = None,
) -> int:
    """Judge what changed between two snapshots (and API schemas): breaking, risky or compatible, and which call is affected."""
    from typedrun_codegen.diffs import report as diff_print
    from typedrun_codegen.diffs.sources import compare

    terminal = common.terminal

    def pull_into(config: Config) -> tuple[Problem, ...]:
        from typedrun_codegen.cli.terminal import Bar
        from typedrun_codegen.snapshots.pull import pull as pull_catalog

        if loaded.snapshot and loaded.snapshot.is_dir() and config.snapshot:
            shutil.copytree(loaded.snapshot, config.snapshot)  # what does not come by mistake must not look removed
        with Bar(terminal, "pull") as bar:
            return pull_catalog(config, bar, api_key=api_key, backend_url=backend_url, allow_removals=True).problems

    loaded = common.load()
    report = compare(loaded, against, pull_into)
    terminal.problems(report.problems)
    if common.json or format == "json":
        evolve(terminal, json=True).document(diff_print.as_json(report))
    else:
        paint = functools.partial(terminal.paint, stream=sys.stdout)
        is_markdown = format == "markdown"
        say = terminal.answer if is_markdown else terminal.painted
        for line in diff_print.as_markdown(report) if is_markdown else diff_print.as_table(report, paint):
            say(line)
    return ATTENTION if report.fails(fail_on) else DONE


def _complete_model(incomplete: str) -> list[str]:
    """Attributes of the configured snapshot's models, for the shell."""
    from typedrun_codegen.look.show import read_named

    try:
        named = read_named(load_config())
    except (UsageProblem, OSError):
        return []  # a shell has no place for a message
    attributes = (named.attribute(model) for model in named.models)
    return sorted(attribute for attribute in attributes if attribute.startswith(incomplete))


@command(
    "models",
    "typedrun models",
    "typedrun models gpt mini",
    "typedrun models --function translation --supplier aws",
    "typedrun models --json",
)
def models(
    common: Common,
    query: Annotated[list[str] | None, typer.Argument(metavar="[QUERY]", help="Words that a model has.")] = None,
    function: Annotated[list[str] | None, typer.Option(metavar="ID", help="A function; may be repeated.")] = None,
    supplier: Annotated[list[str] | None, typer.Option(metavar="CODE", help="A supplier; may be repeated.")] = None,
) -> int:
    """Search the snapshot."""
    from typedrun_codegen.look.show import list_json, list_lines, read_named, search

    terminal = common.terminal
    named = read_named(common.load())
    found = search(named, " ".join(query or ()), functions=function or (), suppliers=supplier or ())
    terminal.document(list_json(named, found))
    for line in list_lines(named, found):
        terminal.answer(line)
    terminal.note(f"{count(len(found), 'model')} of {len(named.models)}")
    return DONE


@command(
    "show",
    "typedrun show openai/gpt-5.4/openai",
    "typedrun show openai.gpt_5_4 --why temperature",
    "typedrun show openai.gpt_5_4 --why result.data",
    "typedrun show 69b7e5f1b2fe44704ab0e7d0 --json",
)
def show(
    common: Common,
    model: Annotated[str, typer.Argument(help="Id, path, attribute, class or name.", autocompletion=_complete_model)],
    why: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Where a parameter, result.data or a class comes from: file, pointer, rule."),
    ] = None,
) -> int:
    """Print a model's signature, parameters, options, price and a call ready to paste."""
    from typedrun_codegen.look import show as lookup
    from typedrun_codegen.look.why import why as explain

    terminal = common.terminal
    named = lookup.read_named(common.load())
    found = lookup.find_model(named, model)
    if why is None:
        terminal.document(lookup.show_json(named, found))
        lines = lookup.show_lines(named, found)
    else:
        answer = explain(named, found, why)
        terminal.document(answer.as_json())
        lines = answer.lines()
    for line in lines:
        terminal.answer(line)
    return DONE


@command(
    "doctor",
    "typedrun doctor",
    "typedrun doctor --snapshot models.json --format markdown",
    "typedrun doctor --json",
)
def doctor(
    common: Common,
    format: Annotated[
        Literal["table", "json", "markdown"], typer.Option(help="How to print it; --json is --format json.")
    ] = "table",
) -> int:
    """List where the catalog contradicts itself: what generated packages mend in silence, for those who can correct it."""
    from typedrun_codegen.look import doctor as look

    terminal = common.terminal
    found = look.diagnose(common.load())
    if common.json or format == "json":
        evolve(terminal, json=True).document(look.as_json(found))
    else:
        for line in look.as_markdown(found) if format == "markdown" else look.as_table(found):
            terminal.answer(line)
    terminal.note(found.summary())
    return ATTENTION if found.findings else DONE


@command(
    "sandbox",
    "typedrun sandbox",
    "typedrun sandbox --port 8080 --job-seconds 3",
    "typedrun sandbox --fault status=503,retry-after=1,times=2,on=run",
)
def sandbox(
    common: Common,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = 0,
    token_seconds: Annotated[float, typer.Option(metavar="S", help="Pause before each streamed token.", min=0)] = 0.01,
    job_seconds: Annotated[float, typer.Option(metavar="S", help="A job takes at least so long.", min=0)] = 0.0,
    job_polls: Annotated[int, typer.Option(metavar="N", help="A job takes at least so many polls.", min=0)] = 2,
    fault: Annotated[list[str] | None, typer.Option(metavar="FAULT", help="What goes wrong; may be repeated.")] = None,
) -> int:
    """Serve the snapshot locally, speaking the wire. Prints its URLs and key as lines for your shell; Ctrl-C stops it."""
    snapshot = common.load().snapshot or shipped_snapshot()
    read_snapshot(snapshot)  # an unusable snapshot is refused before anything listens
    try:
        from typedrun_sandbox.backend import UnknownModel
        from typedrun_sandbox.faults import parse_fault
        from typedrun_sandbox.server import serve
        from typedrun_sandbox.settings import Settings
    except ModuleNotFoundError as error:
        raise UsageProblem(_missing_extra("sandbox", error)) from error
    try:
        faults = [parse_fault(text) for text in fault or ()]
    except ValueError as error:
        raise UsageProblem(_bad_fault(error)) from error
    settings = Settings(token_seconds=token_seconds, job_seconds=job_seconds, job_polls=job_polls)
    try:
        serve(snapshot, port, settings=settings, faults=faults)
    except UnknownModel as error:
        raise UsageProblem(_bad_fault(error)) from error
    return DONE


def _bad_fault(error: ValueError) -> Problem:
    next_step = "see docs/sandbox.md for the parts of a fault"
    return Problem("this fault is not understood", Location("--fault"), found=str(error), next_step=next_step)


def _missing_extra(extra: str, error: ModuleNotFoundError) -> Problem:
    return Problem(
        f"this command needs the {extra} extra",
        Location(f"module {error.name}"),
        found="not installed",
        next_step=f"pip install 'typedrun[{extra}]'",
    )


def _usage_problem(error: typer.TyperException, arguments: list[str]) -> Problem:
    """An option or argument that the parser refused, in the shape of every other error."""
    named = [argument for argument in arguments if not argument.startswith("-")]
    known = [info.name for info in app.registered_commands if info.name]
    is_command = bool(named) and named[0] in known
    help = f"typedrun {named[0]} --help" if is_command else "typedrun --help"
    meant = did_you_mean(named[0], known) if named and not is_command else ""
    return Problem(
        "the command line is not understood",
        Location("typedrun " + " ".join(arguments)),
        found=error.format_message(),
        next_step=f"{meant}`{help}` lists what it takes",
    )


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and end the process with its exit code."""
    given = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a lone surrogate of a backend must not end the command

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
