"""The command `typedrun watch`: what a nightly job runs, from the pull to the text of the pull request."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from typedrun_codegen.cli.command import Common, command, typer
from typedrun_codegen.cli.commands import stray
from typedrun_codegen.cli.failures import ATTENTION, DONE, FAILED, code_of
from typedrun_codegen.cli.options import KEYS, URLS
from typedrun_codegen.cli.terminal import Bar
from typedrun_codegen.ir.problems import UsageProblem
from typedrun_codegen.snapshots.interrupts import terminable


@command(
    "watch",
    "typedrun watch --code src/ tests/ --body body.md",
    'typedrun watch --code src/ --body body.md --outputs "$GITHUB_OUTPUT"',
)
def watch(
    common: Common,
    more: Annotated[list[Path] | None, typer.Argument(metavar="PATH", help="Further code, after --code.")] = None,
    code: Annotated[
        list[Path] | None, typer.Option(metavar="PATH", help="Your code: which of its lines break?")
    ] = None,
    body: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write the text of the pull request. Default: stdout.")
    ] = None,
    outputs: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Add lines changed=…, failing=… and title=… to this file, for later steps."),
    ] = None,
    fail_on: Annotated[
        Literal["breaking", "risky", "any", "never"],
        typer.Option(
            metavar="LEVEL",
            help="The mildest change (with --code, affected line) that gives exit code 1: breaking, risky, any or never.",
        ),
    ] = "breaking",
    checker: Annotated[
        Literal["pyright", "mypy"] | None, typer.Option(help="For --code. Default: pyright, else mypy.")
    ] = None,
    api_key: Annotated[str | None, typer.Option(metavar="KEY", help=f"Default: {KEYS}.")] = None,
    backend_url: Annotated[str | None, typer.Option(metavar="URL", help=f"Default: {URLS}.")] = None,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="As for pull; leave it to a person.")
    ] = False,
) -> int:
    """Pull, generate and judge in one go: what a nightly job runs before it opens a pull request (docs/ci.md)."""
    if more and not code:
        raise UsageProblem(stray(more))
    terminal, config = common.terminal, common.load()
    try:
        with terminable():
            from typedrun_codegen.watch import watch as watch_catalog

            with Bar(terminal, "pull") as bar:
                done = watch_catalog(
                    config,
                    bar,
                    [*(code or ()), *(more or ())],
                    checker=checker,
                    api_key=api_key,
                    backend_url=backend_url,
                    allow_removals=allow_removals,
                )
    except KeyboardInterrupt as stop:
        terminal.warn(str(stop) or "interrupted: what was pulled is there, run it again")
        return code_of(stop)
    terminal.problems(done.problems)
    if done.published.is_refused:
        return FAILED
    if body is not None:
        body.write_text("\n".join(done.body()) + "\n", encoding="utf-8")
    if outputs is not None:
        with outputs.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in done.outputs(fail_on))
    terminal.document(done.as_json(fail_on))
    if body is None:
        for line in done.body():
            terminal.answer(line)
    terminal.note(done.title if done.has_changed else "nothing changed")
    return ATTENTION if done.problems or done.fails(fail_on) else DONE
