"""The `typedrun` command, also as `python -m typedrun_codegen`: what there is before the rest is imported."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    try:
        from typedrun_codegen.cli import app  # half a second, in which Ctrl-C is a word and no traceback
    except KeyboardInterrupt:
        print("typedrun: interrupted before it began; nothing was changed", file=sys.stderr)
        sys.exit(130)  # INTERRUPTED of cli/failures.py
    app.main()


if __name__ == "__main__":
    main()
