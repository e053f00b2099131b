"""`make demo`: start the sandbox on a free port, run quickstart.py against it, stop everything.

With TEAM_API_KEY set, the same script runs against the real service instead.
"""

import os
import subprocess
import sys
from pathlib import Path

from typedrun_codegen.snapshot import bundled_snapshot
from typedrun_sandbox.server import Sandbox

QUICKSTART = Path(__file__).with_name("quickstart.py")


def main() -> int:
    """Run the quickstart and return its exit code."""
    if os.environ.get("TEAM_API_KEY"):
        print("demo: TEAM_API_KEY is set, calling the real service")
        return run_quickstart({})
    with Sandbox(bundled_snapshot()) as sandbox:
        print(f"demo: no TEAM_API_KEY, using the local sandbox at {sandbox.url}\n")
        code = run_quickstart(
            {
                "TEAM_API_KEY": sandbox.api_key,
                "BACKEND_URL": sandbox.backend_url,
                "MODELS_RUN_URL": sandbox.model_url,
            }
        )
    print("\ndemo: sandbox stopped")
    return code


def run_quickstart(environment: dict[str, str]) -> int:
    """The quickstart in its own process, as a user would start it."""
    sys.stdout.flush()
    return subprocess.run([sys.executable, str(QUICKSTART)], env=os.environ | environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
