"""A project's code beside another state of its generated package, in a folder of its own: what the checkers are shown."""

from __future__ import annotations

import importlib.util
import os
import shutil
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import evolve, frozen

from typedrun_codegen.diffs.checkers import Tree
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package.build import Built, build_package
from typedrun_codegen.package.manifest import NAME as MANIFEST


@frozen(kw_only=True)
class Overlay:
    """A tree with one state of the package."""

    tree: Tree
    built: Built
    origins: Mapping[str, Path]
    """Path in the tree → the file that it mirrors."""


def lay(config: Config, root: Path, snapshot: Path | None, schema: Path | None, files: Sequence[Path]) -> Overlay:
    """Build a state of the package and mirror the code beside it.

    Args:
        config: the project; its package on disk has the names.
        root: where to; a new folder.
        snapshot: the state's catalog.
        schema: the state's API schema.
        files: the code.
    """
    output = root / _place(config.root, config.output)
    package = output / config.package
    package.mkdir(parents=True)
    if (config.package_dir / MANIFEST).is_file():
        shutil.copyfile(config.package_dir / MANIFEST, package / MANIFEST)
    built = build_package(
        evolve(config, snapshot=snapshot or config.snapshot, schema=schema or config.schema, output=output)
    )
    for name, text in built.files.items():
        _write(package / name, text.encode())
    origins = dict[str, Path]()
    for file in files:
        place = _place(config.root, file)
        _write(root / place, file.read_bytes())
        origins[place.as_posix()] = file
    mirrored = [root / folder for folder in dict.fromkeys(_tops(origins))]
    real = [path for path in (config.root, config.root / "src") if path.is_dir()]
    tree = Tree(root=root, files=tuple(origins), search=(output, *mirrored, *real, *_runtime()), project=config.root)
    return Overlay(tree=tree, built=built, origins=origins)


def _place(root: Path, path: Path) -> Path:
    """Where something of the project stands in the tree; what is outside of the project has a folder of its own."""
    if path.is_relative_to(root):
        return path.relative_to(root)
    return Path("outside", *path.parts[1:])


def _tops(origins: Mapping[str, Path]) -> list[str]:
    """The folders in which packages of the code lie: the first one above a file that is no package itself."""
    tops = list[str]()
    for place, file in origins.items():
        folder, depth = file.parent, len(Path(place).parts) - 1
        while depth and (folder / "__init__.py").exists():
            folder, depth = folder.parent, depth - 1
        tops.append(Path(*Path(place).parts[:depth]).as_posix())
    return tops


def _runtime() -> list[Path]:
    """Where the runtime is that generated packages import: the code's own environment may not have it installed."""
    spec = importlib.util.find_spec("typedrun")
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    return [Path(place).parent for place in places]


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    # mypy takes a file of the same name, size and second for the one that it knows, and two states are written within one.
    os.utime(file, (0, zlib.crc32(content) >> 1))
