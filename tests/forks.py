"""The warm process of `tests/warm.py`: it imports what trials import, and forks for each."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import traceback
from importlib import import_module
from typing import NoReturn

from typedrun_codegen.package import trial

PACKAGES = ("aixplain_models", "replicate_models", "fal_models")
"""They import of the runtime what any package does."""


def main() -> None:
    """Fork whenever one is asked for."""
    for package in PACKAGES:
        import_module(package)
    for name in [name for name in sys.modules if name.partition(".")[0] in PACKAGES]:
        del sys.modules[name]  # they may be tried themselves
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # they say themselves how they end
    door = socket.socket(fileno=int(sys.argv[1]))
    while True:
        said, ends, _, _ = socket.recv_fds(door, 1 << 20, 4)
        if not said:
            return
        if os.fork() == 0:
            _try(json.loads(said), *ends)
        for end in ends:
            os.close(end)


def _try(said: tuple[list[str], dict[str, str]], given: int, told: int, errors: int, ended: int) -> NoReturn:
    """Do as a fresh interpreter does, and say that it ended by itself."""
    for number, stream in enumerate((given, told, errors)):
        os.dup2(stream, number)
        os.close(stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.path[:], environment = said
    os.environ.clear()
    os.environ.update(environment)
    code = b"0"
    try:
        trial.main()
    except BaseException:  # noqa: BLE001  # as an interpreter does
        traceback.print_exc()
        code = b"1"
    for printed in (sys.stdout, sys.stderr):
        printed.flush()
    os.write(ended, code)
    os._exit(0)


if __name__ == "__main__":
    main()
