"""Whatever goes wrong becomes one block on stderr and an exit code; no traceback, and nothing half said."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from typedrun_codegen.cli.terminal import OutputLost, Terminal
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem, problem_json
from typedrun_codegen.snapshots.interrupts import Terminated

DONE, ATTENTION, FAILED, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143

_REFUSED = ("the operating system refused", "check that this path exists and that you may read and write it")
_FULL = ("there is no space left", "make room there, or name another place; then run the same command again")
_FORBIDDEN = ("this may not be read or written", "check whose it is, or name another place with --output or --snapshot")
_LISTENING = "choose another with --port; without it a free one is taken"

_SYSTEM: Mapping[int, tuple[str, str]] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: ("this place is read-only", "name another place with --output or --snapshot, or make it writable"),
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.ENOENT: ("there is no such file or directory", "check the path"),
    errno.ENOTDIR: ("a part of this path is a file", "check the path"),
    errno.EISDIR: ("this is a directory, not a file", "check the path"),
    errno.EADDRINUSE: ("the port is in use", _LISTENING),
    errno.EADDRNOTAVAIL: ("this address is none of this machine", _LISTENING),
    errno.EMFILE: ("too many files are open", "raise the limit (`ulimit -n 4096`), then run the same command again"),
    errno.ENFILE: ("too many files are open", "end other programs, then run the same command again"),
    errno.EIO: ("the device does not work", "check the disk, or name another place with --output or --snapshot"),
}
"""What the operating system says → title and advice."""


def guarded(terminal: Terminal, run: Callable[[], int]) -> int:
    """Run a command; returns its exit code, or that of what went wrong after saying so."""
    try:
        code = run()
        _flush()
    except UsageProblem as error:
        return failed(terminal, error.problem)
    except KeyboardInterrupt as stop:
        with suppress(OSError):
            terminal.warn(str(stop) or "interrupted: the command was stopped before it was done")
        return code_of(stop)
    except BrokenPipeError:  # `typedrun models | head`: the reader has seen enough
        _discard(sys.stdout)
        return DONE
    except OutputLost as error:
        return failed(terminal, _output_problem(error.__cause__))
    except OSError as error:
        return failed(terminal, system_problem(error))
    except Exception as error:  # a defect of ours must not look like one of the input
        if os.environ.get("TYPEDRUN_TRACEBACK"):
            raise
        return failed(terminal, _defect(error))
    return code


def failed(terminal: Terminal, problem: Problem) -> int:
    """Say the problem wherever there is somebody to read it."""
    with suppress(OSError):
        terminal.problems((problem,))
    with suppress(OSError, OutputLost):
        terminal.document({"error": problem_json(problem)})
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _discard(stream)
    return FAILED


def code_of(stop: KeyboardInterrupt) -> int:
    """The exit code of an interrupt: Ctrl-C and SIGTERM have their own."""
    return TERMINATED if Terminated in (type(stop), type(stop.__cause__)) else INTERRUPTED


def system_problem(error: OSError, place: Path | None = None) -> Problem:
    """What the operating system refused, in words that fit it; `place` is where, if the error does not say."""
    title, next_step = _SYSTEM.get(error.errno or 0, _REFUSED)
    found = error.strerror or type(error).__name__
    return Problem(title, Location(str(error.filename or place or "")), found=found, next_step=next_step)


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputLost from error


def _output_problem(error: BaseException | None) -> Problem:
    found = (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
    next_step = "send it to a place with room; the command itself was done"
    return Problem("the answer could not be printed", Location("standard output"), found=found, next_step=next_step)


def _discard(stream: TextIO) -> None:
    """Drop what cannot be written, or Python would try again at its end."""
    with suppress(OSError, ValueError):  # a stream without a descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _defect(error: Exception) -> Problem:
    """Where our own code failed."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return Problem(
        "typedrun failed; this is a defect of typedrun, not of your input",
        Location(f"{Path(last.filename).name}:{last.lineno}"),
        found=f"{type(error).__name__}: {error}",
        next_step="report it with the output of the same command after `export TYPEDRUN_TRACEBACK=1`",
    )
