"""The command before it is imported."""

import subprocess
import sys

INTERRUPTED = """
import runpy, sys

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupts())
runpy.run_module("typedrun_codegen", run_name="__main__", alter_sys=True)
"""


def test_ctrl_c_while_the_command_is_loaded_is_told_without_a_traceback() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr == "typedrun: interrupted before it began; nothing was changed\n"
