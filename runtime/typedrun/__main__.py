"""`python -m typedrun` is the `typedrun` command, which belongs to the generator: it is found by name."""

import runpy

runpy.run_module("typedrun_codegen", run_name="__main__", alter_sys=True)
