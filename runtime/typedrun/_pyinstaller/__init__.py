"""For PyInstaller: where its hook for typedrun is, and what that hook has to know. Nothing of the runtime imports this."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol


class Graph(Protocol):
    """PyInstaller's graph of a program's modules."""

    def get_code_using(self, name: str, /) -> dict[str, object]:
        """Get the modules that import a module, by name."""
        ...


class HookApi(Protocol):
    """What PyInstaller gives to a hook."""

    @property
    def graph(self) -> Graph:
        """The modules found so far."""
        ...

    def add_imports(self, *names: str) -> None:
        """Take in modules that the analysis cannot see."""
        ...


def get_hook_dirs() -> list[str]:
    """Get the folders that PyInstaller looks for hooks in; it asks the entry point `pyinstaller40`."""
    return [str(Path(__file__).parent)]


_BY_STATEMENT = ("typedrun.__main__", "typedrun._pyinstaller", "typedrun.exports.mcp", "typedrun.testing")
"""What nobody reaches but by an import that the analysis sees. A program that serves no agents carries no package `mcp`, though it is
installed."""


def is_imported_by_name(module: str) -> bool:
    """Whether a module of the runtime, or what is in it, may be needed by a program that never names it."""
    return not f"{module}.".startswith(tuple(f"{name}." for name in _BY_STATEMENT))


def generated_packages(importers: Iterable[str]) -> list[str]:
    """The generated packages among the modules that import `typedrun.catalog`: each has a catalog of its own."""
    return sorted(package for name in importers if (package := name.removesuffix(".catalog")) != name)
