"""Options that several commands take, and what their help texts name."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from typedrun_codegen.cli.command import typer
from typedrun_codegen.marketplaces import MARKETPLACES

NoCache: TypeAlias = Annotated[
    bool, typer.Option("--no-cache", help="Make and examine everything as if it were the first time.")
]

KEYS = ", ".join(variable for market in MARKETPLACES.values() for variable in market.source.runtime.environment.keys)
"""Variables that hold a key, for help texts: of every marketplace, because which one is meant is known after the options."""

ApiKey: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        help=f"Default: the marketplace's variable ({KEYS}); an option can be read by other users of the machine.",
    ),
]

URLS = ", ".join(market.source.runtime.environment.backend_url for market in MARKETPLACES.values())
"""Variables that hold an address, for help texts: of every marketplace, for the same reason."""
