"""Environment variables of a marketplace."""

from __future__ import annotations

from typedrun.records import frozen


@frozen(kw_only=True)
class Environment:
    """Names of the environment variables that a client reads where it is told nothing."""

    keys: tuple[str, ...]
    """Variables that hold a key; the first that is set counts."""
    backend_url: str
    pipeline_url: str
    run_url: str
    trusted_hosts: str
    """Further origins that may see the key."""
    connect_timeout: str
    idle_timeout: str
