"""The commands: each calls one module of the rooms below and says what came of it.

Heavy imports stand inside the commands, so that `typedrun --help` and completion stay fast.
"""

from __future__ import annotations

import functools
import shutil
import sys
from pathlib import Path
from typing import Annotated, Literal

from attrs import evolve

from typedrun_codegen.cli.command import Common, command, typer
from typedrun_codegen.cli.config import load_config
from typedrun_codegen.cli.failures import ATTENTION, DONE, FAILED, code_of
from typedrun_codegen.cli.options import KEYS, URLS, ApiKey, NoCache
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.marketplaces import DEFAULT, MARKETPLACES, shipped_snapshot
from typedrun_codegen.snapshots.interrupts import terminable
from typedrun_codegen.snapshots.store import read_snapshot
from typedrun_codegen.text.words import count

_KEY = DEFAULT.source.runtime.environment.keys[0]
_NO_CONFIGURATION = Problem(
    "there is no configuration here",
    Location(str(Path("typedrun.toml"))),
    found="neither a typedrun.toml nor [tool.typedrun] in a pyproject.toml, here or above",
    next_step="run `typedrun init`, or say what to generate: --snapshot DIR, or --schema FILE --package NAME",
)


@command(
    "init",
    "typedrun init",
    "typedrun init --package my_models --output src",
    *(f"typedrun init --marketplace {name}" for name in MARKETPLACES if name != DEFAULT.name),
)
def init(
    common: Common,
    marketplace: Annotated[
        str, typer.Option(metavar="NAME", help=f"Whose models: {', '.join(MARKETPLACES)}.")
    ] = DEFAULT.name,
) -> int:
    """Write the configuration: a table of pyproject.toml, or a typedrun.toml where there is none. Options become settings."""
    from typedrun_codegen.cli.init import init as write_configuration

    terminal = common.terminal
    done = write_configuration(
        Path.cwd(),
        marketplace=marketplace,
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
    api_key: ApiKey = None,
    backend_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help=f"Default: the marketplace's variable ({URLS}), else the public service."),
    ] = None,
    workers: Annotated[int, typer.Option(metavar="N", help="Model requests at a time.", min=1, max=64)] = 8,
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
def generate(common: Common, no_cache: NoCache = False) -> int:
    """Write the package that each snapshot gives. Offline, and the same bytes on every machine."""
    terminal, code, documents = common.terminal, DONE, list[JSON]()
    for config in common.load_all():
        if common.snapshot is None and config.file is None and config.snapshot == shipped_snapshot(config.backend):
            raise UsageProblem(_NO_CONFIGURATION)
        try:
            with terminable():
                from typedrun_codegen.package.publish import publish

                done = publish(config, cache=not no_cache)
        except KeyboardInterrupt as stop:
            terminal.warn(str(stop) or "interrupted: the package is as it was")
            return code_of(stop)
        terminal.problems(done.problems)
        documents.append(done.as_json())
        terminal.line(done.summary())
        code = max(code, FAILED if done.is_refused else ATTENTION if done.problems else DONE)
    terminal.document(one_or_all(documents))
    return code


def one_or_all(documents: list[JSON]) -> JSON:
    """What a command answers about a project's packages: of one, its document alone."""
    return documents[0] if len(documents) == 1 else documents


@command("check", "typedrun check", "typedrun check --json")
def check(common: Common, no_cache: NoCache = False) -> int:
    """Compare each package with what its snapshot gives, byte for byte. Writes nothing but a cache; exit code 1 on drift."""
    from typedrun_codegen.package.check import check_package

    terminal, code, documents = common.terminal, DONE, list[JSON]()
    for config in common.load_all():
        done = check_package(config, cache=not no_cache)
        terminal.problems((*done.problems, *done.foreign))
        documents.append(done.as_json())
        for line in done.lines():
            terminal.answer(line)
        terminal.line(done.summary())
        code = max(code, DONE if done.is_clean else ATTENTION)
    terminal.document(one_or_all(documents))
    return code


@command(
    "diff",
    "typedrun diff   (the working copy against the last commit)",
    "typedrun diff --against v1.4.0 --fail-on any",
    "typedrun diff --against live --format markdown",
    "typedrun diff --against old/openapi.yaml --schema new/openapi.yaml",
    "typedrun diff --against live --code src/ tests/   (which of your lines break)",
)
def diff(
    common: Common,
    more: Annotated[list[Path] | None, typer.Argument(metavar="PATH", help="Further code, after --code.")] = None,
    against: Annotated[
        str,
        typer.Option(
            metavar="PATH|REVISION|live",
            help="What to compare with: a path or git revision is the old side, `live` is the new one.",
        ),
    ] = "HEAD",
    format: Annotated[
        Literal["table", "json", "markdown"], typer.Option(help="How to print it; --json is --format json.")
    ] = "table",
    fail_on: Annotated[
        Literal["breaking", "risky", "any", "never"],
        typer.Option(metavar="LEVEL", help="The mildest change that gives exit code 1: breaking, risky, any or never."),
    ] = "breaking",
    api_key: Annotated[str | None, typer.Option(metavar="KEY", help=f"For `live`. Default: {KEYS}.")] = None,
    backend_url: Annotated[str | None, typer.Option(metavar="URL", help=f"For `live`. Default: {URLS}.")] = None,
    code: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Your code: which of its lines break? Then --fail-on judges the lines."),
    ] = None,
    checker: Annotated[
        Literal["pyright", "mypy"] | None, typer.Option(help="For --code. Default: pyright, else mypy.")
    ] = None,
) -> int:
    """Judge what changed between two snapshots (and API schemas): breaking, risky or compatible, and which call is affected."""
    from typedrun_codegen.diffs import report as diff_print
    from typedrun_codegen.diffs.report import Report
    from typedrun_codegen.diffs.sources import compare, looking_at

    terminal = common.terminal

    def pull_into(config: Config) -> tuple[Problem, ...]:
        from typedrun_codegen.cli.terminal import Bar
        from typedrun_codegen.snapshots.pull import pull as pull_catalog

        if loaded.snapshot and loaded.snapshot.is_dir() and config.snapshot:
            shutil.copytree(loaded.snapshot, config.snapshot)  # what does not come by mistake must not look removed
        with Bar(terminal, "pull") as bar:
            return pull_catalog(config, bar, api_key=api_key, backend_url=backend_url, allow_removals=True).problems

    if more and not code:
        raise UsageProblem(stray(more))
    reports: list[Report] = []
    for loaded in (
        [common.load()] if Path(against).exists() else common.load_all()
    ):  # a path is the old side of one package
        look = looking_at(loaded, [*code, *(more or ())], checker) if code else None
        reports.append(compare(loaded, against, pull_into, look))
        problems = reports[-1].impact.problems if reports[-1].impact else ()
        terminal.problems((*reports[-1].problems, *problems))
    if common.json or format == "json":
        evolve(terminal, json=True).document(one_or_all([diff_print.as_json(report) for report in reports]))
    else:
        paint = functools.partial(terminal.paint, stream=sys.stdout)
        is_markdown = format == "markdown"
        say = terminal.answer if is_markdown else terminal.painted
        for report in reports:
            for line in diff_print.as_markdown(report) if is_markdown else diff_print.as_table(report, paint):
                say(line)
    return max(ATTENTION if report.fails(fail_on) else DONE for report in reports)


def stray(paths: list[Path]) -> Problem:
    """Paths without an option that says what they are."""
    return Problem(
        "these paths have no meaning here",
        Location(" ".join(map(str, paths))),
        next_step="name your code with --code, the other side of the comparison with --against",
    )


def complete_model(incomplete: str) -> list[str]:
    """Attributes (after a slash, paths) of the configured snapshot's models, for the shell."""
    from typedrun_codegen.cli.names import complete

    try:
        return complete(load_config(), incomplete)
    except (UsageProblem, OSError):
        return []  # a shell has no place for a message


@command(
    "models",
    "typedrun models",
    "typedrun models gpt mini",
    "typedrun models --function translation --supplier aws",
    "typedrun models --json",
)
def models(
    common: Common,
    query: Annotated[list[str] | None, typer.Argument(metavar="WORD", help="Words that a model has.")] = None,
    function: Annotated[list[str] | None, typer.Option(metavar="ID", help="A function; may be repeated.")] = None,
    supplier: Annotated[list[str] | None, typer.Option(metavar="CODE", help="A supplier; may be repeated.")] = None,
) -> int:
    """List the models of the snapshot, or those that have all of some words."""
    from typedrun_codegen.look.show import list_json, list_lines, nearest_words, read_named, search
    from typedrun_codegen.plans.prose import SAMPLE

    terminal = common.terminal
    named = read_named(common.load())
    found = search(named, " ".join(query or ()), functions=function or (), suppliers=supplier or ())
    terminal.document(list_json(named, found))
    for line in list_lines(named, found):
        terminal.answer(line)
    nearest = nearest_words(named, " ".join(query or ())) if query and not found else ""
    terminal.note(f"{count(len(found), 'model')} of {len(named.models)}{nearest}")
    if named.snapshot.is_sample:
        terminal.note(SAMPLE)
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
    model: Annotated[str, typer.Argument(help="Id, path, attribute, class or name.", autocompletion=complete_model)],
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
    """List where the catalog contradicts itself. Generated packages work around it; the list is for those who can correct it."""
    from typedrun_codegen.look import doctor as look

    is_json = common.json or format == "json"
    terminal = evolve(common.terminal, json=is_json)
    diagnoses = [look.diagnose(config) for config in common.load_all()]
    for found in diagnoses:
        for line in look.as_markdown(found) if format == "markdown" else look.as_table(found):
            terminal.answer(line)
    terminal.document(one_or_all([look.as_json(found) for found in diagnoses]))
    for found in diagnoses:
        terminal.note(found.summary())
    return ATTENTION if any(found.findings for found in diagnoses) else DONE


@command(
    "sandbox",
    "typedrun sandbox",
    'eval "$(typedrun sandbox --background)"   (for this shell; kill $TYPEDRUN_SANDBOX_PID ends it)',
    "typedrun sandbox --port 8080 --job-seconds 3",
    "typedrun sandbox --fault status=503,retry-after=1,times=2,on=run",
    "typedrun sandbox --marketplace NAME --tls   (another marketplace's wire, with a certificate of its own)",
)
def sandbox(
    common: Common,
    port: Annotated[
        int, typer.Option(metavar="PORT", help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)
    ] = 0,
    token_seconds: Annotated[
        float, typer.Option(metavar="S", help="Seconds before each streamed token.", min=0)
    ] = 0.01,
    job_seconds: Annotated[float, typer.Option(metavar="S", help="Seconds that a job takes at least.", min=0)] = 0.0,
    job_polls: Annotated[int, typer.Option(metavar="N", help="Polls that a job takes at least.", min=0)] = 2,
    fault: Annotated[
        list[str] | None, typer.Option(metavar="FAULT", help="What goes wrong, as in the example; may be repeated.")
    ] = None,
    marketplace: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Which marketplace to play. Default: that of the snapshot.", show_default=False
        ),
    ] = "",
    tls: Annotated[bool, typer.Option("--tls", help="Speak TLS, with a certificate made for this sandbox.")] = False,
    background: Annotated[
        bool, typer.Option("--background", help="Start it and return; what is printed is for the shell's eval.")
    ] = False,
) -> int:
    """Serve the snapshot on this machine as the marketplace would: a backend without a key or costs. Prints its URLs and key as lines for your shell; Ctrl-C stops it."""
    config = common.load()
    # A package belongs to the snapshot that is configured with it; of another one only the caller can say.
    package = common.package or (config.package if config.snapshot and common.snapshot is None else None)
    try:
        from typedrun_sandbox.app import snapshot_to_serve
        from typedrun_sandbox.engine.backend import UnknownTarget
        from typedrun_sandbox.engine.faults import parse_fault
        from typedrun_sandbox.server import serve
        from typedrun_sandbox.settings import Settings
    except ModuleNotFoundError as error:
        raise UsageProblem(missing_extra("sandbox", error)) from error
    snapshot = common.snapshot or snapshot_to_serve(config.snapshot, marketplace)
    read_snapshot(snapshot)  # an unusable snapshot is refused before anything listens
    try:
        faults = [parse_fault(text) for text in fault or ()]
    except ValueError as error:
        raise UsageProblem(_bad_fault(error)) from error
    settings = Settings(token_seconds=token_seconds, job_seconds=job_seconds, job_polls=job_polls)
    if background:
        numbers = {"port": port, "token-seconds": token_seconds, "job-seconds": job_seconds, "job-polls": job_polls}
        options = [f"--{name}={value}" for name, value in numbers.items()] + [f"--fault={text}" for text in fault or ()]
        options += [f"--marketplace={marketplace}"] if marketplace else []
        options += ["--tls"] if tls else []
        from typedrun_codegen.cli.background import leave_sandbox

        return leave_sandbox([*common.as_options(), *options])
    try:
        serve(snapshot, port, marketplace=marketplace, tls=tls, settings=settings, faults=faults, package=package)
    except UnknownTarget as error:
        raise UsageProblem(_bad_fault(error)) from error
    except ModuleNotFoundError as error:
        raise UsageProblem(missing_extra("sandbox-tls", error)) from error
    return DONE


def _bad_fault(error: ValueError) -> Problem:
    next_step = "see docs/sandbox.md for the parts of a fault"
    return Problem(
        "typedrun does not understand this fault", Location("--fault"), found=str(error), next_step=next_step
    )


def missing_extra(extra: str, error: ModuleNotFoundError) -> Problem:
    """The problem that an extra is needed and not installed."""
    return Problem(
        f"this command needs the {extra} extra",
        Location(f"module {error.name}"),
        found="not installed",
        next_step=f"pip install 'typedrun[{extra}]'",
    )
