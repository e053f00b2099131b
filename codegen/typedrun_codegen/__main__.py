"""`python -m typedrun_codegen` is the `typedrun` command."""

from typedrun_codegen.cli.app import main

if __name__ == "__main__":
    main()
