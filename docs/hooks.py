"""The site's reference: a page for each module that public names come from, made when the site is built."""

from __future__ import annotations

import gc
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

import typedrun
import typedrun.testing

# Syntax trees and pages stay until the site is written: to look for garbage among them every seven hundred objects takes a sixth of the time.
gc.set_threshold(50_000, 20, 50)

TITLES: Mapping[str, str] = {
    "typedrun.aio": "The asyncio client",
    "typedrun.arguments": "Types of arguments",
    "typedrun.client": "The client",
    "typedrun.model": "Models",
    "typedrun.results": "Results",
    "typedrun.job": "Jobs",
    "typedrun.streaming": "Streams",
    "typedrun.inputs": "Inputs",
    "typedrun.parameters": "Parameters",
    "typedrun.search": "Search",
    "typedrun.errors": "Errors",
    "typedrun.settings": "Settings",
    "typedrun.enums": "Enumerations",
    "typedrun.llm": "LLM",
    "typedrun.testing": "Testing without a network",
    "typedrun_sandbox.server": "The sandbox",
}
"""Modules whose pages come first, in this order, and what they are called."""

FURTHER: Mapping[str, tuple[str, ...]] = {
    "typedrun.testing": tuple(typedrun.testing.__all__),
    "typedrun_sandbox.server": ("Sandbox",),
}
"""Public names that `typedrun` itself does not export."""


def public_names() -> dict[str, list[str]]:
    """Module → its public names, in the order of the pages."""
    found: dict[str, list[str]] = {}
    homes: dict[str, str] = vars(typedrun)["_HOME"]  # checkers read a stub, which has no such table
    for name, module in sorted(homes.items()):
        found.setdefault(f"typedrun.{module}", []).append(name)
    found |= {module: sorted(names) for module, names in FURTHER.items()}
    order = [*TITLES, *sorted(found.keys() - TITLES.keys())]
    return {module: found[module] for module in order if module in found}


def page(module: str, names: list[str]) -> str:
    """The text of a module's page."""
    title = TITLES.get(module, module)
    entries = "\n\n".join(f"::: {module}.{name}" for name in names)
    return f"# {title}\n\n{entries}\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages; mkdocs calls it."""
    pages = public_names()
    rows: list[str] = []
    for module, names in pages.items():
        file = f"{module.replace('.', '-')}.md"
        rows.append(f"| [{TITLES.get(module, module)}]({file}) | {', '.join(f'`{name}`' for name in names)} |")
        files.append(File.generated(config, f"reference/{file}", content=page(module, names)))
    index = "\n".join(
        ("# Reference", "", "Every public name, by subject.", "", "| Page | Names |", "|---|---|", *rows, "")
    )
    files.append(File.generated(config, "reference/index.md", content=index))
    return files


def on_post_build(config: MkDocsConfig) -> None:
    """End the build when a public name has no page.

    Raises:
        PluginError: some have none.
    """
    inventory = (Path(config.site_dir) / "objects.inv").read_bytes()
    described = zlib.decompress(inventory[inventory.rindex(b"zlib.\n") + 6 :]).decode()
    shown = {line.split(" ", 1)[0] for line in described.splitlines()}
    missing = [f"{module}.{name}" for module, names in public_names().items() for name in names]
    missing = [name for name in missing if name not in shown]
    if missing:
        raise PluginError(f"the reference has no entry for {', '.join(missing)}")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages into the navigation."""
    pages = ["reference/index.md", *(f"reference/{module.replace('.', '-')}.md" for module in public_names())]
    navigation = cast("list[Any]", config["nav"])
    for section in navigation:
        if section == {"Reference": "reference/"}:
            section["Reference"] = pages
    return config
