"""The command `typedrun select`: which models `pull` takes, by the code that uses them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typedrun_codegen.cli.command import Common, command, typer
from typedrun_codegen.cli.failures import ATTENTION, DONE
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.snapshots.files import write_file
from typedrun_codegen.text.words import count, shown


@command(
    "select",
    "typedrun select --from-code src/",
    "typedrun select --from-code src/ tests/ --dry-run",
)
def select(
    common: Common,
    from_code: Annotated[list[Path], typer.Option(metavar="PATH", help="Your code: a file or a folder.")],
    more: Annotated[list[Path] | None, typer.Argument(metavar="PATH", help="Further code.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the selection, write nothing.")] = False,
) -> int:
    """Write the selection of models that your code uses into the configuration: `pull` takes these alone from then on."""
    from typedrun_codegen.diffs.uses import find_used

    terminal = common.terminal
    config = common.load()
    used = find_used(config, [*from_code, *(more or ())])
    terminal.problems(used.problems)
    terminal.document({"models": list(used.models), "unknown": list(used.unknown)})
    for model in used.models:
        terminal.answer(model)
    for place in used.unknown:
        terminal.warn(f"{place}: which model is looked up here is not written out; add it to the selection by hand")
    if not used.models:
        raise UsageProblem(_no_model(from_code))
    if not dry_run:
        file = _file(config)
        text = selected(file.read_text(encoding="utf-8"), used.models, is_whole=file.name != "pyproject.toml")
        write_file(str(file), text.encode())
        terminal.line(f"wrote {count(len(used.models), 'model')} into {shown(file)}; next: typedrun pull")
        if others := [kind for kind, words in config.select.words.items() if words]:
            terminal.note(f"the selection has {' and '.join(others)}, too: pull takes these as before")
    return ATTENTION if used.problems or used.unknown else DONE


def selected(text: str, models: tuple[str, ...], *, is_whole: bool) -> str:
    """The configuration with another selection of models; everything else stays as it is written.

    Args:
        text: the file's.
        models: ids or paths.
        is_whole: whether the file may be about typedrun alone, without `[tool.typedrun]`.
    """
    import tomlkit  # the other commands, and shells that complete them, do without

    document = tomlkit.parse(text)
    table = document if is_whole and "tool" not in document else document["tool"]["typedrun"]
    if "select" not in table:
        table["select"] = tomlkit.table()
    names = tomlkit.item(list(models))
    table["select"]["models"] = names.multiline(True)
    return tomlkit.dumps(document)


def _file(config: Config) -> Path:
    if config.file is None:
        where = Location("the current directory")
        raise UsageProblem(Problem("nothing is configured here", where, next_step="run `typedrun init` first"))
    return config.file


def _no_model(paths: list[Path]) -> Problem:
    return Problem(
        "no model is used there",
        Location(", ".join(map(shown, paths))),
        found='nothing like aix.models.supplier.model or Model.get("…")',
        next_step="name the folder of your code; the selection is as it was",
    )
