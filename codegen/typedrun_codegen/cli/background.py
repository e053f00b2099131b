"""A command that goes on behind the shell which started it: `typedrun sandbox --background`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from typedrun_codegen.cli.failures import DONE, FAILED
from typedrun_codegen.cli.terminal import OutputLost

PID_VARIABLE = "TYPEDRUN_SANDBOX_PID"

_BLOCK = 65536


def start_sandbox(arguments: Sequence[str]) -> tuple[int, list[str], str]:
    """Start a sandbox that outlives this process, and wait until it says where it is.

    Args:
        arguments: those of `typedrun sandbox`.

    Returns:
        Its process, and the shell lines that it printed; or the exit code, none, and what it said on stderr.
    """
    with tempfile.TemporaryFile() as complaints:
        child = subprocess.Popen(  # noqa: S603  # this very program
            [sys.executable, "-m", "typedrun_codegen", "sandbox", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,  # Ctrl-C in the shell is not for it
        )
        assert child.stdout is not None  # noqa: S101  # asked for above
        said = b""
        while not said.endswith(b"\n") and (block := os.read(child.stdout.fileno(), _BLOCK)):
            said += block
        child.stdout.close()
        if said.endswith(b"\n"):
            child.returncode = 0  # it goes on: nobody waits for it
            return child.pid, said.decode().splitlines(), ""
        code = child.wait()
        complaints.seek(0)
        return code, [], complaints.read().decode(errors="replace")


def leave_sandbox(arguments: Sequence[str]) -> int:
    """Start a sandbox, print its lines for the shell's `eval`, and leave it running; the exit code.

    Raises:
        OutputLost: they cannot be printed. The sandbox is ended: nobody would know its number.
    """
    number, lines, complaints = start_sandbox(arguments)
    if not lines:
        sys.stderr.write(complaints)
        return number or FAILED
    shell = (
        f"# a sandbox in the background; `kill ${PID_VARIABLE}` ends it",
        *lines[1:],
        f"export {PID_VARIABLE}={number}",
    )
    try:
        sys.stdout.write("".join(f"{line}\n" for line in shell))
        sys.stdout.flush()
    except OSError as error:
        os.kill(number, signal.SIGTERM)
        raise OutputLost from error
    return DONE
