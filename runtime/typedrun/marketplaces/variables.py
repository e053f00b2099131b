"""Environment variables of a marketplace, and the addresses that a client takes from them."""

from __future__ import annotations

import os

from typedrun.records import frozen


@frozen(kw_only=True)
class Environment:
    """Names of the environment variables that a client reads where it is told nothing; an empty one is not read."""

    keys: tuple[str, ...]
    """Variables that hold a key; the first that is set counts."""
    backend_url: str = ""
    pipeline_url: str = ""
    run_url: str = ""
    trusted_hosts: str = ""
    """Further origins that may see the key."""
    connect_timeout: str = ""
    idle_timeout: str = ""


@frozen(kw_only=True)
class Addresses:
    """Where a client finds its marketplace."""

    backend_url: str
    """Base of the catalog and of uploads."""
    run_url: str
    """Where runs are sent."""
    pipeline_url: str = ""
    """Where the reference's pipelines are; kept for compatibility."""
    further: tuple[str, ...] = ()
    """Other hosts of the marketplace, in an order of its own."""


def said(given: str | None, variable: str, default: str) -> str:
    """What somebody was told, else what the environment says, else the default."""
    return given or (os.environ.get(variable) if variable else None) or default
