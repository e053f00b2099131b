"""Write the configuration: what `typedrun init` does. Other tables, comments and layout of the file stay as they are."""

from __future__ import annotations

import shutil
from pathlib import Path

import tomlkit
from attrs import frozen

from typedrun_codegen.cli.config import checked_package, parse_toml
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.settings import DEFAULT_OUTPUT
from typedrun_codegen.marketplaces import DEFAULT, shipped_schema
from typedrun_codegen.snapshots.files import write_file
from typedrun_codegen.text.words import shown

SCHEMA = f"{DEFAULT.folder}/openapi.yaml"
SNAPSHOT = f"{DEFAULT.folder}/catalog"


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
    file: Path | None = None,
    schema: Path | None = None,
    snapshot: Path | None = None,
    package: str | None = None,
    output: Path | None = None,
) -> Initialised:
    """Write `[tool.typedrun]`.

    Args:
        directory: the project.
        file: the file to write; default: its pyproject.toml, or a new typedrun.toml when there is none.
        schema: API schema, relative to the directory; default `SCHEMA`, where a copy of the shipped one is put.
        snapshot: default `SNAPSHOT`.
        package: default that of the marketplace.
        output: default `DEFAULT_OUTPUT`.

    Raises:
        UsageProblem: the file configures typedrun already, or cannot be read.
    """
    pyproject = directory / "pyproject.toml"
    target = (directory / file) if file else pyproject if pyproject.is_file() else directory / "typedrun.toml"
    settings = {
        "backend": DEFAULT.name,
        "schema": _relative(directory / (schema or SCHEMA), target.parent),
        "snapshot": _relative(directory / (snapshot or SNAPSHOT), target.parent),
        "package": checked_package(package or DEFAULT.package, None),
        "output": _relative(directory / (output or DEFAULT_OUTPUT), target.parent),
    }
    text = _configured(target, settings)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_file(str(target), text.encode())
    return Initialised(file=target, schema=_copy_schema(directory / (schema or SCHEMA)))


def _configured(target: Path, settings: dict[str, str]) -> str:
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
    document.setdefault("tool", tomlkit.table(is_super_table=True))["typedrun"] = table
    return tomlkit.dumps(document).rstrip("\n") + "\n"


def _copy_schema(target: Path) -> Path | None:
    if target.exists():
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shipped_schema(), target)
    return target


def _relative(path: Path, root: Path) -> str:
    """A path as the file names it: below its directory relative, elsewhere absolute."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
