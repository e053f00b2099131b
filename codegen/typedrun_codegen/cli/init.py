"""Write the configuration: what `typedrun init` does. Other tables, comments and layout of the file stay as they are."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import tomlkit
from attrs import frozen
from tomlkit.items import AoT, Table

from typedrun_codegen.cli.config import TOML, checked_marketplace, checked_package, parse_toml
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.settings import DEFAULT_OUTPUT
from typedrun_codegen.marketplaces import DEFAULT, MARKETPLACES, shipped_schema
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
    """Write `[tool.typedrun]`, one more where there is one for another package, and what the marketplace's first pull is to select.

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
        UsageProblem: the file configures the package already, or cannot be read; or there is no such marketplace.
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
    """The file's text with the settings in it, after those of other packages."""
    document = tomlkit.document()
    if target.exists():
        _refuse_configured(target, settings["package"])
        document = tomlkit.parse(target.read_text(encoding="utf-8"))
    table = tomlkit.table()
    for name, value in settings.items():
        table.add(name, value)
    if selection:
        select = tomlkit.table()
        for kind, words in selection.items():
            select.add(kind, list(words))
        table.add("select", select)
    tool = document.setdefault("tool", tomlkit.table(is_super_table=True))
    tool["typedrun"] = table if "typedrun" not in tool else _several(tool["typedrun"], table)
    return tomlkit.dumps(document).rstrip("\n") + "\n"


def _several(known: Table | AoT, table: Table) -> AoT:
    """What configures the packages that there are, and one more."""
    before: list[Table] = known.body if isinstance(known, AoT) else [known]
    return AoT([*before, table])


def _refuse_configured(target: Path, package: str) -> None:
    """Refuse a file that configures the package already.

    Raises:
        UsageProblem: it does.
    """
    document = parse_toml(target)
    if document and "tool" not in document and target.name != "pyproject.toml":
        where, found = Location(str(target)), "settings without a table"
        next_step = "write [tool.typedrun] above them, or name another file with --config"
        raise UsageProblem(Problem("typedrun is configured here already", where, found, next_step))
    tool = document.get("tool")
    known = tool.get("typedrun") if isinstance(tool, dict) else None
    for number, table in enumerate(known if isinstance(known, list) else [known]):
        if isinstance(table, dict) and _package_of(table) == package:
            pointer = f"/tool/typedrun/{number}" if isinstance(known, list) else "/tool/typedrun"
            next_step = "edit that table, name another package with --package, or another file with --config"
            raise UsageProblem(
                Problem("typedrun is configured here already", Location(str(target), pointer), package, next_step)
            )


def _package_of(table: Mapping[str, TOML]) -> TOML:
    backend = table.get("backend")
    market = MARKETPLACES.get(backend, DEFAULT) if isinstance(backend, str) else DEFAULT
    return table.get("package", market.package)


def _copy_schema(shipped: Path, target: Path) -> Path | None:
    if target.exists():
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shipped, target)
    return target


def _relative(path: Path, root: Path) -> str:
    """A path as the file names it: below its directory relative, elsewhere absolute."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
