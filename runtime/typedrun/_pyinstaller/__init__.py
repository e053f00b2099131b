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


def generated_packages(importers: Iterable[str]) -> list[str]:
    """The generated packages among the modules that import `typedrun.catalog`: each has a catalog of its own."""
    return sorted(package for name in importers if (package := name.removesuffix(".catalog")) != name)
