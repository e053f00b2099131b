"""`typedrun run`: a model from the command line, in HTTPie's forms.

stdout has the output and nothing else; remarks, progress and problems go to stderr. Exit codes say of what class an error was
(`CODES`, docs/cli.md).
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from typedrun_codegen.cli.command import Common, command, typer
from typedrun_codegen.cli.commands import complete_model
from typedrun_codegen.cli.config import load_config
from typedrun_codegen.cli.failures import ATTENTION, DONE, FAILED, failed, system_problem
from typedrun_codegen.cli.options import ApiKey
from typedrun_codegen.cli.shelf import NO_KEY, find_for_shell, find_version, open_shelf
from typedrun_codegen.cli.terminal import Terminal
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.marketplaces import marketplace
from typedrun_codegen.snapshots.interrupts import terminable
from typedrun_codegen.text.words import printable, shown

if TYPE_CHECKING:
    from typedrun.errors import ParameterError, TypedrunError
    from typedrun.model import Model
    from typedrun.results import ModelResult

CODES: Final[tuple[tuple[str, int, str], ...]] = (
    ("OutcomeUnknown", 9, "look whether it ran before you send it again: it may have been billed"),
    ("BudgetExceeded", 5, "raise --budget, or choose a cheaper call"),
    ("ValidationError", FAILED, "correct the call; `typedrun show MODEL` lists the parameters"),
    ("ConfigurationError", FAILED, ""),
    ("FileUploadError", FAILED, "check the file"),
    ("AuthenticationError", 4, "check the key in {key}"),
    ("PermissionDeniedError", 4, "check what the key in {key} may do"),
    ("BillingError", 5, "add credit, then run it again"),
    ("RateLimitError", 6, "wait, then run it again"),
    ("TimeoutError", 7, "give it more time with --timeout"),
    ("OperationFailedError", 3, "the words above are the model's; correct the call, or choose another model"),
    ("InvalidRequestError", 3, "catalog and backend disagree: `typedrun pull` refreshes the snapshot"),
    ("NotFoundError", 3, "the model may be gone: `typedrun pull` refreshes the snapshot"),
    ("TypedrunError", 8, ""),
)
"""Class of error → exit code, and what to do next; the first that an error is one of counts. `key` is the variable that holds it."""


def _complete_argument(ctx: typer.Context, args: list[str], incomplete: str) -> list[str]:
    """Names of the model's parameters, and after `=` their options."""
    from typedrun_codegen.cli.names import harmless

    words = [str(word) for word in ctx.params.get("arguments") or args]
    try:
        config = load_config(snapshot=ctx.params.get("snapshot"), package=ctx.params.get("package"))
        model = find_for_shell(config, str(ctx.params.get("model")), is_package=_means_package(ctx))
    except (UsageProblem, OSError):
        return []  # a shell has no place for a message
    return harmless(_complete(model, words, incomplete))


def _complete(model: Model[Any], words: list[str], incomplete: str) -> list[str]:
    from typedrun.exports.commandline import complete_word

    # bash takes `effort=lo` for three words, and puts a completion in the place of the last; the parser drops a `=` at the end.
    if not incomplete and words and (choices := complete_word(model, f"{words[-1]}=")):
        return _after_sign(choices)
    if incomplete and words[-1:] == ["="]:
        return _after_sign(complete_word(model, f"{''.join(words[-2:])}{incomplete}"))
    return complete_word(model, incomplete, words)


def _means_package(ctx: typer.Context) -> bool:
    return ctx.params.get("package") is not None and ctx.params.get("snapshot") is None


def _after_sign(words: list[str]) -> list[str]:
    return [word.partition("=")[2] for word in words]


@command(
    "run",
    "typedrun run openai/gpt-5.4/openai text='Say hello' temperature=0.2 --stream",
    "typedrun run google/text-to-speech/google text=- --save speech.wav < speech.txt",
    "typedrun run deepgram/nova-3/deepgram source_audio@meeting.mp3 --json",
    'typedrun run openai/gpt-5.4/openai text:=\'[{"role": "user", "content": "Hi"}]\' --curl',
)
def run(
    common: Common,
    model: Annotated[str, typer.Argument(help="Id, path, attribute, class or name.", autocompletion=complete_model)],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT",
            help="NAME=TEXT, NAME:=JSON or NAME@FILE; `-` for a text or a file is standard input.",
            autocompletion=_complete_argument,
        ),
    ] = None,
    stream: Annotated[bool, typer.Option("--stream", help="Print the answer as it is written.")] = False,
    save: Annotated[
        str | None, typer.Option(metavar="PATH", help="File or directory for the output. Files go here by default.")
    ] = None,
    no_save: Annotated[bool, typer.Option("--no-save", help="Print the addresses of files, and fetch none.")] = False,
    timeout: Annotated[float | None, typer.Option(metavar="S", help="Seconds for the whole run. Default: 300.")] = None,
    budget: Annotated[
        float | None,
        typer.Option(metavar="CREDITS", help="Refuse a run that costs more by the catalog's prices, or that has none."),
    ] = None,
    curl: Annotated[
        bool, typer.Option("--curl", help="Print the request for curl, its key masked; send nothing.")
    ] = False,
    api_key: ApiKey = None,
) -> int:
    """Run a model. Text goes to stdout, files are saved and named; the exit code says what class of error there was."""
    from typedrun.errors import ParameterError, TypedrunError
    from typedrun.exports.commandline import read_words
    from typedrun.exports.curl import curl_of

    terminal = common.terminal
    key = api_key or (NO_KEY if curl else None)
    controls: dict[str, Any] = {} if timeout is None else {"timeout": timeout}
    config = common.load()
    try:
        with _warnings_as_notes(terminal), terminable():
            place = None if curl or no_save else _find_place(save)
            shelf = open_shelf(config, is_package=common.means_package, api_key=key)
            found = find_version(shelf, model) or shelf.find(model)
            given = read_words(found, arguments or (), _read_stdin) | controls
            if curl:
                return _show_curl(terminal, curl_of(found, given, stream=stream))
            with nullcontext() if budget is None else found.client.budget(budget, unpriced="refuse"):
                result = _run(terminal, found, given, stream=stream)
            return _show(terminal, found, result, place, fetches=not no_save, is_printed=stream)
    except ParameterError as refused:
        raise UsageProblem(_call_problem(refused)) from refused
    except TypedrunError as error:
        return _fail(terminal, error, marketplace(config.backend).source.runtime.environment.keys[0])
    except KeyboardInterrupt as stop:
        if (token := getattr(stop, "job_token", None)) is not None:
            terminal.warn(f"the run goes on at the backend; a program picks it up with client.job({token!r})")
        raise


@contextmanager
def _warnings_as_notes(terminal: Terminal) -> Generator[None]:
    """Say warnings of the library as remarks: to a shell, the line of Python that warned means nothing."""

    def tell(message: Warning | str, *_where: Any, **_rest: Any) -> None:
        terminal.note(f"warning: {message}")

    with warnings.catch_warnings():
        warnings.showwarning = tell
        yield


def _read_stdin() -> bytes:
    return sys.stdin.buffer.read()


def _find_place(save: str | None) -> Path | None:
    """Where the output goes; looked at before the run, which costs as much when its output can be kept nowhere.

    Raises:
        UsageProblem: nothing can be written there.
    """
    if save is None:
        return None
    place = Path(save)
    means_folder = place.is_dir() or save.endswith(("/", os.sep))
    is_special = place.exists() and not (place.is_dir() or place.is_file())  # a device, a pipe: written to as it is
    written = place if means_folder or is_special else Path(os.path.realpath(place)).parent
    if not (is_special or written.is_dir()):
        found = f"there is no directory {str(written)!r}"
    elif not os.access(written, os.W_OK):
        found = f"{str(written)!r} may not be written to"
    else:
        return place
    next_step = "make it, or name another place with --save"
    raise UsageProblem(Problem("the output cannot be saved there; nothing was sent", Location(save), found, next_step))


def _show_curl(terminal: Terminal, command: str) -> int:
    terminal.document({"curl": command})
    terminal.text(command)
    return DONE


def _run(terminal: Terminal, model: Model[Any], given: Mapping[str, Any], *, stream: bool) -> ModelResult[Any]:
    return _stream(terminal, model, given) if stream else model.run(**given, show_progress=terminal.can_progress())


def _stream(terminal: Terminal, model: Model[Any], given: Mapping[str, Any]) -> ModelResult[Any]:
    last = "\n"
    try:
        with model.run_stream(**given) as chunks:
            for chunk in chunks:
                terminal.piece(chunk.data)
                last = chunk.data or last
            return chunks.final()
    finally:
        if not last.endswith("\n"):
            terminal.piece("\n")


# --- what came of it


def _show(
    terminal: Terminal,
    model: Model[Any],
    result: ModelResult[Any],
    save: Path | None,
    *,
    fetches: bool,
    is_printed: bool,
) -> int:
    """Print the output or where it was written; a file that cannot be had does not make the run undone."""
    from typedrun.exports.content import text_of
    from typedrun.exports.saving import files_of

    addresses = files_of(model, result)
    written: list[Path] = []
    problem: Problem | None = None
    if fetches and (addresses or save is not None):
        problem = _keep(model, result, addresses, save, written)
    terminal.document(as_json(model, result, written))
    for path in written:
        terminal.answer(shown(path.absolute()))
    if problem is not None:
        terminal.problems((problem,))
    if left := addresses[len(written) :]:
        terminal.text("\n".join(left))
    elif not written and not is_printed:
        terminal.text(text_of(result))
    _tell_cost(terminal, result)
    return DONE if problem is None else ATTENTION


def _keep(
    model: Model[Any], result: ModelResult[Any], addresses: list[str], save: Path | None, written: list[Path]
) -> Problem | None:
    """Fetch the files, or write the output that is none; returns what went wrong."""
    from typedrun.errors import TypedrunError
    from typedrun.exports.saving import save_files, save_output

    try:
        for path in save_files(model, addresses, save):
            written.append(path)
        if not addresses and save is not None:
            written.append(save_output(model, result, save))
    except TypedrunError as error:
        return Problem(
            "the run is done, but its output could not be fetched",
            Location(printable(error.url or "".join(addresses[:1])[:200])),
            found=str(error),
            next_step="fetch it from the address that is printed; the run need not be repeated",
        )
    except OSError as error:
        return system_problem(error, save)
    return None


def as_json(model: Model[Any], result: ModelResult[Any], written: list[Path]) -> dict[str, Any]:
    """What `--json` prints of a run."""
    from typedrun.exports.content import output_of, plain_json

    return {
        "model": model.label,
        "status": result.status,
        "data": plain_json(output_of(result)),  # `NaN` is no JSON, though Python writes and reads it
        "files": [shown(path.absolute()) for path in written],
        "used_credits": result.used_credits,
        "run_time": result.run_time,
        "usage": None if result.usage is None else result.usage.to_dict(),
        "request_id": result.request_id,
    }


def _tell_cost(terminal: Terminal, result: ModelResult[Any]) -> None:
    seconds = "" if result.run_time is None else f"{result.run_time:.3g} s"
    cost = "" if result.used_credits is None else f"{result.used_credits:g} credits"
    if (told := ", ".join(part for part in (cost, seconds) if part)) and sys.stderr.isatty():
        terminal.note(told)


# --- errors


def _call_problem(refused: ParameterError) -> Problem:
    """Every problem of the call, a line each."""
    found = "\n".join(refused.problems or (str(refused),))
    return Problem(
        "the arguments do not fit the model; nothing was sent",
        Location(""),
        found=found,
        next_step="correct the call; `typedrun show MODEL` lists the parameters",
        model=refused.model,
    )


def _fail(terminal: Terminal, error: TypedrunError, key: str) -> int:
    """Say what class of error it was, and what to do; returns its exit code. `key` is the variable that holds the key."""
    names = {each.__name__ for each in type(error).__mro__}
    _, code, template = next(row for row in CODES if row[0] in names)
    advice = template.format(key=key)
    job = getattr(error, "job", None)
    if job is not None:
        advice = f"it goes on at the backend: give it more time with --timeout, or pick it up with client.job({job.token()!r})"
    found, _, next_step = error.message.partition(" Next: ")
    found = found.removesuffix(".")
    facts = [f"HTTP {error.status_code}"] if error.status_code else []
    facts += [f"request id {error.request_id}"] if error.request_id else []
    problem = Problem(
        f"the model was not run to its end ({type(error).__name__})",
        Location(error.url or ""),
        found="; ".join((found, *facts)),
        # most of the library's own advice is for programs
        next_step=advice or next_step or ("correct what is named above" if code == FAILED else "run it again later"),
        model=error.model,
        parameter=error.parameter,
    )
    failed(terminal, problem)
    return code
