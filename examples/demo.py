"""`make demo`: start sandboxes on free ports, run the examples against them, stop everything.

With TEAM_API_KEY set, the quickstart runs against the real service instead.
"""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from typedrun_codegen.snapshot import bundled_snapshot
from typedrun_sandbox.server import Sandbox

HERE = Path(__file__).parent
FURTHER = ("replicate_models", "fal_models")
"""Packages of the other two marketplaces: a clone has them, an installed typedrun does not."""


def main() -> int:
    """Run the examples and return the first exit code that is not 0."""
    if os.environ.get("TEAM_API_KEY"):
        print("demo: TEAM_API_KEY is set, calling the real service")
        code = run("quickstart.py", {})
    else:
        with Sandbox(bundled_snapshot()) as sandbox:
            print(f"demo: no TEAM_API_KEY, using the local sandbox at {sandbox.url}\n")
            code = run("quickstart.py", sandbox.environment)
        print("\ndemo: sandbox stopped")
    return code or call_further()


def call_further() -> int:
    """Call the other marketplaces, where their packages are."""
    if not all(map(find_spec, FURTHER)):
        print(f"demo: {' and '.join(FURTHER)} are not here, so there is no more to show")
        return 0
    with Sandbox(marketplace="replicate") as replicate, Sandbox(marketplace="fal") as fal:
        print(f"demo: two further marketplaces, played at {replicate.url} and {fal.url}\n")
        return run("marketplaces.py", replicate.environment | fal.environment)


def run(example: str, environment: dict[str, str]) -> int:
    """An example in its own process, as a user would start it."""
    sys.stdout.flush()
    return subprocess.run([sys.executable, str(HERE / example)], env=os.environ | environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
