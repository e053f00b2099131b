"""Whose code raised an error: the network's libraries', or the caller's that ran in their midst.

A signal handler runs in the midst of whatever call is going on, and what it raises comes out of that call: often a built-in
`TimeoutError`, as the network's own would be. Its frames tell: an error of a system call has none below the one that made the call but
those of the libraries in between. What is thrown into a thread from another (`PyThreadState_SetAsyncExc`) has no arguments.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Final

_LIBRARIES: Final = frozenset(
    {
        "typedrun",
        "ssl",
        "socket",
        "select",
        "contextlib",
        "encodings",
        "urllib3",
        "http",
        "gevent",
        "eventlet",
        "truststore",
        "socks",
    }
)
"""Packages whose frames may lie between a call of ours and the system."""


def is_of_libraries(error: BaseException) -> bool:
    """Whether only libraries' code lies between the frame that catches an error, and asks, and the place where it was raised."""
    import socket  # here, because uploads ask about signal handlers, too, and importing them imports no network
    import ssl

    # What replaces the socket module (gevent, PySocks) is one of them.
    replaced = (socket.socket.__module__, getattr(socket.getaddrinfo, "__module__", ""), ssl.SSLContext.__module__)
    libraries = _LIBRARIES.union(name.partition(".")[0] for name in replaced)
    roots = (str(frame.f_globals.get("__name__", "")).partition(".")[0] for frame in _frames_below(error))
    return bool(error.args) and libraries.issuperset(roots)


def is_of_a_signal_handler(error: BaseException) -> bool:
    """Whether an error came out of a signal handler; for readers whose code is not known, such as a caller's generator."""
    import signal  # here, because it makes enumerations of all signals, and few errors are asked

    handlers = {_code_of(signal.getsignal(number)) for number in signal.valid_signals()}
    return any(frame.f_code in handlers for frame in _frames_below(error))


def _frames_below(error: BaseException) -> Iterator[FrameType]:
    trace = error.__traceback__
    trace = trace and trace.tb_next
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def _code_of(handler: object) -> CodeType | None:
    while isinstance(handler, functools.partial):
        handler = handler.func
    called = (
        handler
        if hasattr(handler, "__code__")
        else getattr(handler, "__func__", type(handler).__dict__.get("__call__"))
    )
    return getattr(called, "__code__", None)
