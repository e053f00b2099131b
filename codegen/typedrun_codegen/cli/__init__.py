"""The `typedrun` command: options and configuration in, one message and an exit code out."""
