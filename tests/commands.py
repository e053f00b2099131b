"""`typedrun` in processes of their own that are forked from a warm one: what `typedrun mcp` imports takes ten times longer than what most
tests ask of it. The warm process begins with `python -m tests.commands DOOR`; a command with `python -I -S tests/commands.py DOOR mcp …`: it
lends its stdin, stdout, stderr, environment and folder to a fork, hands signals on to it, and ends as it does.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import traceback

TOGETHER = socket.AF_UNIX, socket.SOCK_SEQPACKET


def lend(door: str, arguments: list[str]) -> int:
    """Exit code of the command, which a fork has run with what this process was given."""
    with socket.socket(*TOGETHER) as line:
        line.connect(door)
        said = json.dumps([arguments, os.getcwd(), dict(os.environ)]).encode()  # noqa: PTH109  # pathlib takes longer than the rest
        socket.send_fds(line, [said], [0, 1, 2])
        fork = int(line.recv(16))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: os.kill(fork, number))
        for stream in (0, 1, 2):  # whoever reads from the fork sees that it ends
            os.close(stream)
        return int(line.recv(16) or 128 + signal.SIGTERM)


def warm(door: socket.socket) -> None:
    """Fork whenever a command comes, until stdin ends."""
    import gc
    import select
    from importlib import import_module

    for name in ("typedrun_codegen.cli.app", "typedrun.exports.mcp", "uvicorn", "typedrun.client", "aixplain_models"):
        import_module(name)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # they say themselves how they end
    while door.fileno() in select.select([door.fileno(), 0], [], [])[0]:
        line, _ = door.accept()
        if os.fork() == 0:
            door.close()
            _run(line)
        line.close()


def _run(line: socket.socket) -> None:
    """Do as `python -m typedrun_codegen` does, and say how it ended."""
    said, streams, _, _ = socket.recv_fds(line, 1 << 20, 3)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout = (
        os.fdopen(0, closefd=False),
        os.fdopen(1, "w", closefd=False),
    )  # of a file or a pipe, as they may be
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    sys.argv[1:], folder, environment = json.loads(said)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    line.send(str(os.getpid()).encode())
    from typedrun_codegen.__main__ import main

    code: object = 1
    try:
        main()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001  # as an interpreter does
        traceback.print_exc()
    for printed in (sys.stdout, sys.stderr):
        printed.flush()
    line.send(str(code).encode())
    os._exit(0)


if __name__ == "__main__":
    if __package__:
        with socket.socket(*TOGETHER) as listening:
            listening.bind(sys.argv[1])
            listening.listen()
            print("ready", flush=True)
            warm(listening)
    else:
        sys.exit(lend(sys.argv[1], sys.argv[2:]))
