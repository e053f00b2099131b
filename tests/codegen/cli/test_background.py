"""`typedrun sandbox --background`: who can end what it starts."""

from __future__ import annotations

import errno
import io
import subprocess
import sys

import pytest

from typedrun_codegen.cli import background
from typedrun_codegen.cli.terminal import OutputLost


class Full(io.StringIO):
    """A standard output without room."""

    def write(self, text: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_sandbox_whose_number_cannot_be_told_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    def started(_: object) -> tuple[int, list[str], str]:
        return child.pid, ["# a sandbox", "export A=1"], ""

    monkeypatch.setattr(background, "start_sandbox", started)
    monkeypatch.setattr(sys, "stdout", Full())
    try:
        with pytest.raises(OutputLost):
            background.leave_sandbox([])
        assert child.wait(timeout=30) != 0
    finally:
        child.kill()
