"""How the decoding programs time themselves: CPU microseconds of the fastest of several batches."""

import sys
import time
from collections.abc import Callable
from pathlib import Path


def arguments() -> tuple[str, bytes]:
    """Kind and content of the sample: argv = kind, file."""
    return sys.argv[1], Path(sys.argv[2]).read_bytes()


def tell(decode: Callable[[], object], seconds: float = 0.4) -> None:
    """Print the microseconds of one call."""
    decode()
    began, calls = time.process_time(), 0
    while time.process_time() - began < seconds / 8:
        decode()
        calls += 1
    best = min(_batch(decode, calls) for _ in range(8))
    print(best * 1e6)


def _batch(decode: Callable[[], object], calls: int) -> float:
    began = time.process_time()
    for _ in range(calls):
        decode()
    return (time.process_time() - began) / calls
