"""Write the configuration: what `typedrun init` does. Other tables, comments and layout of the file stay as they are."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import tomlkit
from attrs import frozen

from typedrun_codegen.cli.config import checked_marketplace, checked_package, parse_toml
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.settings import DEFAULT_OUTPUT
from typedrun_codegen.marketplaces import DEFAULT, shipped_schema
from typedrun_codegen.snapshots.files import write_file
from typedrun_codegen.text.words import shown


@frozen(kw_only=True)
class Initialised:
    """What was written."""

    file: Path
    schema: Path | None
    """The copy of the API schema that was made; None when there is one already."""

    def lines(self) -> tuple[str, ...]:
        """The report."""
        copied = (f"wrote {shown(self.schema)} (the API schema that ships with typedrun)",) if self.schema else ()
        return (
            f"wrote [tool.typedrun] into {shown(self.file)}",
            *copied,
            "next: typedrun pull, then typedrun generate",
        )

    def as_json(self) -> JSON:
        """The answer of `typedrun init --json`."""
        return {"file": shown(self.file), "schema": shown(self.schema) if self.schema else None}


def init(
    directory: Path,
    *,
    marketplace: str = DEFAULT.name,
    file: Path | None = None,
    schema: Path | None = None,
    snapshot: Path | None = None,
    package: str | None = None,
    output: Path | None = None,
) -> Initialised:
    """Write `[tool.typedrun]`, and what the marketplace's first pull is to select.

    Args:
        directory: the project.
        marketplace: whose models the package is for.
        file: the file to write; default: its pyproject.toml, or a new typedrun.toml when there is none.
        schema: API schema, relative to the directory; default `<folder of the marketplace>/openapi.yaml`, where a copy of the
            shipped one is put; none for a marketplace whose packages need none.
        snapshot: default `<folder of the marketplace>/catalog`.
        package: default that of the marketplace.
        output: default `DEFAULT_OUTPUT`.

    Raises:
        UsageProblem: the file configures typedrun already, or cannot be read; or there is no such marketplace.
    """
    market = checked_marketplace(marketplace, None)
    pyproject = directory / "pyproject.toml"
    target = (directory / file) if file else pyproject if pyproject.is_file() else directory / "typedrun.toml"
    shipped = shipped_schema(market.name)
    if schema is None and shipped is not None:
        schema = Path(market.folder, shipped.name)
    settings = {
        "backend": market.name,
        **({"schema": _relative(directory / schema, target.parent)} if schema else {}),
        "snapshot": _relative(directory / (snapshot or Path(market.folder, "catalog")), target.parent),
        "package": checked_package(package or market.package, None),
        "output": _relative(directory / (output or DEFAULT_OUTPUT), target.parent),
    }
    text = _configured(target, settings, market.source.selection)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_file(str(target), text.encode())
    copied = _copy_schema(shipped, directory / schema) if shipped and schema else None
    return Initialised(file=target, schema=copied)


def _configured(target: Path, settings: Mapping[str, str], selection: Mapping[str, Sequence[str]]) -> str:
    """The file's text with the settings in it."""
    document = tomlkit.document()
    if target.exists():
        tool = parse_toml(target).get("tool")
        if isinstance(tool, dict) and "typedrun" in tool:
            where, next_step = (
                Location(str(target), "/tool/typedrun"),
                "edit that table, or name another file with --config",
            )
            raise UsageProblem(Problem("typedrun is configured here already", where, next_step=next_step))
        document = tomlkit.parse(target.read_text(encoding="utf-8"))
    table = tomlkit.table()
    for name, value in settings.items():
        table.add(name, value)
    if selection:
        select = tomlkit.table()
        for kind, words in selection.items():
            select.add(kind, list(words))
        table.add("select", select)
    document.setdefault("tool", tomlkit.table(is_super_table=True))["typedrun"] = table
    return tomlkit.dumps(document).rstrip("\n") + "\n"


def _copy_schema(shipped: Path, target: Path) -> Path | None:
    if target.exists():
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shipped, target)
    return target


def _relative(path: Path, root: Path) -> str:
    """A path as the file names it: below its directory relative, elsewhere absolute."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
