"""What to read and where to write: `[tool.typedrun]`, environment variables and options, in rising order of precedence.

Paths of a configuration file are relative to that file; paths of options and environment variables to the current directory.
"""

from __future__ import annotations

import keyword
import os
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, time
from pathlib import Path
from typing import TypeAlias

from attrs import evolve

from typedrun.wording import did_you_mean
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.settings import (
    CLIENTS,
    DEFAULT_OUTPUT,
    MAX_PINNED,
    MYPY_TREE,
    Config,
    Select,
    Typing,
)
from typedrun_codegen.marketplaces import DEFAULT, MARKETPLACES, shipped_schema, shipped_snapshot
from typedrun_codegen.marketplaces.protocol import Marketplace

TOML: TypeAlias = "bool | int | float | str | date | time | list[TOML] | dict[str, TOML]"
"""A value of a TOML document."""

FILES = ("typedrun.toml", "pyproject.toml")
"""Searched in this order, in the current directory and its parents; the first that configures typedrun wins."""

ENVIRONMENT = {
    "config": "TYPEDRUN_CONFIG",
    "snapshot": "TYPEDRUN_SNAPSHOT",
    "output": "TYPEDRUN_OUTPUT",
    "package": "TYPEDRUN_PACKAGE",
    "schema": "TYPEDRUN_SCHEMA",
}

_TEXTS = ("backend", "schema", "snapshot", "package", "output")
_TYPING = ("pinned", "mypy_tree")


def load_config(
    explicit: Path | None = None,
    *,
    snapshot: Path | None = None,
    output: Path | None = None,
    package: str | None = None,
    schema: Path | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Config:
    """Load the configuration of one package: the only one, the one that `package` names, else the first. Arguments as for `load_configs`."""
    return load_configs(
        explicit,
        snapshot=snapshot,
        output=output,
        package=package,
        schema=schema,
        environment=environment,
        directory=directory,
    )[0]


def load_configs(
    explicit: Path | None = None,
    *,
    snapshot: Path | None = None,
    output: Path | None = None,
    package: str | None = None,
    schema: Path | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> tuple[Config, ...]:
    """Put options, environment and configuration file together, for each package of the file (`[[tool.typedrun]]`).

    A schema and a package named by options, without a snapshot, describe a package of their own: it is generated from the
    schema alone, whatever catalog the configuration file names. Without any configuration, what ships with typedrun is read.
    An option that says what is read, or which package is meant, leaves one of several.

    Args:
        explicit: the configuration file; default: `TYPEDRUN_CONFIG`, else the nearest of `FILES`.
        snapshot: option `--snapshot`.
        output: option `--output`.
        package: option `--package`.
        schema: option `--schema`.
        environment: default: the process's.
        directory: default: the current directory.

    Raises:
        UsageProblem: a file is missing or is not TOML, or a setting has an unknown name or a wrong value.
    """
    environment = os.environ if environment is None else environment
    here = (directory or Path.cwd()).absolute()
    file = _config_file(explicit, environment, here)
    root = file.parent if file else here
    tables: list[Mapping[str, TOML]] = _read_tables(file) if file else [{}]
    bases = [_from_table(table, root, file) for table in tables]
    given = {
        "snapshot": _setting(snapshot, environment, "snapshot"),
        "output": _setting(output, environment, "output"),
        "schema": _setting(schema, environment, "schema"),
    }
    paths = {name: (here / Path(value).expanduser()).absolute() for name, value in given.items() if value is not None}
    name = _setting(package, environment, "package")
    if name is not None or paths.keys() & {"snapshot", "schema"}:
        bases = [base for base in bases if base.package == name][:1] or bases[:1]
    if "snapshot" in paths:
        bases = [_of_snapshot(base, paths["snapshot"]) for base in bases]
    own_package = schema is not None and package is not None and "snapshot" not in paths
    return tuple(
        evolve(
            base,
            schema=paths.get("schema", base.schema),
            snapshot=None if own_package else paths.get("snapshot", base.snapshot),
            package=checked_package(str(name or base.package), file),
            output=paths.get("output", base.output),
            typing=evolve(base.typing, pinned=()) if "snapshot" in paths else base.typing,
            file=file,
        )
        for base in bases
    )


def _of_snapshot(config: Config, snapshot: Path) -> Config:
    """The configuration for a snapshot that was named in place of its own, which may be another marketplace's."""
    from typedrun_codegen.snapshots.store import read_manifest

    backend = read_manifest(snapshot).backend or config.backend
    if backend == config.backend:
        return config
    market = checked_marketplace(backend, snapshot / "manifest.json")
    return evolve(
        config,
        backend=backend,
        package=market.package,
        schema=shipped_schema(backend),
        select=Select(),
        typing=Typing(),
    )


def parse_toml(file: Path) -> dict[str, TOML]:
    """Parse the document in a TOML file.

    Raises:
        UsageProblem: it cannot be read or is not TOML.
    """
    try:
        document: dict[str, TOML] = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        found, next_step = error.strerror or type(error).__name__, "check the path, or run `typedrun init` to write one"
        raise UsageProblem(_problem("the configuration file cannot be read", file, "", found, next_step)) from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError
        raise UsageProblem(
            _problem("the configuration file is not TOML", file, "", str(error), "correct that line")
        ) from error
    return document


def _config_file(explicit: Path | None, environment: Mapping[str, str], here: Path) -> Path | None:
    named = _setting(explicit, environment, "config")
    if named is not None:
        return (here / Path(named).expanduser()).absolute()
    candidates = (directory / name for directory in (here, *here.parents) for name in FILES)
    return next((file for file in candidates if file.is_file() and _configures(file)), None)


def _configures(file: Path) -> bool:
    """Whether a file that was found, not named, is about typedrun. A broken file of another tool is not reported."""
    if file.name == "typedrun.toml":
        return True
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    return "tool.typedrun" in text and any(_tables_of(parse_toml(file), file))


def _tables_of(document: Mapping[str, TOML], file: Path) -> list[Mapping[str, TOML]]:
    """The table of each package: `[tool.typedrun]`, or several `[[tool.typedrun]]`."""
    if file.name != "pyproject.toml" and "tool" not in document:
        return [document]
    tool = document.get("tool")
    found = tool.get("typedrun") if isinstance(tool, dict) else None
    tables = found if isinstance(found, list) else [found]
    return [table for table in tables if isinstance(table, dict)] or [{}]


def _read_tables(file: Path) -> list[Mapping[str, TOML]]:
    return [_checked(table, file) for table in _tables_of(parse_toml(file), file)]


def _checked(table: Mapping[str, TOML], file: Path) -> Mapping[str, TOML]:
    _check_names(table, (*_TEXTS, "clients", "select", "typing"), file, "")
    for name, known in (("select", ("models", *_market(table, file).source.words)), ("typing", _TYPING)):
        inner = table.get(name, {})
        if not isinstance(inner, dict):
            next_step = f"write [tool.typedrun.{name}]"
            raise UsageProblem(_problem(f"{name} must be a table", file, f"/{name}", repr(inner), next_step))
        _check_names(inner, known, file, f"/{name}")
    return table


def _market(table: Mapping[str, TOML], file: Path | None) -> Marketplace:
    name = _text(table, "backend", file) if "backend" in table else DEFAULT.name
    return checked_marketplace(name, file)


def _check_names(table: Mapping[str, TOML], known: Sequence[str], file: Path, pointer: str) -> None:
    for name in table:
        if name not in known:
            next_step = f"{did_you_mean(name, known, most=1)}settings are {', '.join(known)}"
            raise UsageProblem(_problem("unknown setting", file, f"{pointer}/{name}", name, next_step))


def _from_table(table: Mapping[str, TOML], root: Path, file: Path | None) -> Config:
    texts = {name: _text(table, name, file) for name in _TEXTS if name in table}
    backend = _market(table, file).name
    paths: dict[str, Path] = {
        name: (root / Path(texts[name]).expanduser()).absolute() for name in ("schema", "snapshot") if name in texts
    }
    if not paths:
        shipped = {"schema": shipped_schema(backend), "snapshot": shipped_snapshot(backend)}
        paths = {name: path for name, path in shipped.items() if path is not None}
    select, typing = table.get("select"), table.get("typing")
    return Config(
        root=root,
        backend=backend,
        package=texts.get("package", MARKETPLACES[backend].package),
        output=(root / Path(texts.get("output", DEFAULT_OUTPUT)).expanduser()).absolute(),
        select=_select(select, file) if isinstance(select, dict) else Select(),
        typing=_typing(typing, file) if isinstance(typing, dict) else Typing(),
        clients=_clients(table["clients"], file) if "clients" in table else CLIENTS,
        schema=paths.get("schema"),
        snapshot=paths.get("snapshot"),
    )


def _text(table: Mapping[str, TOML], name: str, file: Path | None) -> str:
    value = table[name]
    if isinstance(value, str) and value:
        return value
    raise UsageProblem(_problem(f"{name} must be a text", file, f"/{name}", repr(value), f'write {name} = "…"'))


def _clients(value: TOML, file: Path | None) -> tuple[str, ...]:
    named = value if isinstance(value, list) else []
    if "blocking" not in named or any(one not in CLIENTS for one in named):
        next_step = 'write clients = ["blocking"], or clients = ["blocking", "asyncio"] as without the setting'
        raise UsageProblem(
            _problem("clients must be a list with blocking in it", file, "/clients", repr(value), next_step)
        )
    return tuple(one for one in CLIENTS if one in named)


def _select(table: Mapping[str, TOML], file: Path | None) -> Select:
    words = {name: _texts(table, name, file, "select") for name in table}
    return Select(models=words.pop("models", ()), words=words)


def _typing(table: Mapping[str, TOML], file: Path | None) -> Typing:
    pinned = _texts(table, "pinned", file, "typing") if "pinned" in table else ()
    if len(pinned) > MAX_PINNED:
        next_step = "import the classes of further models: from <package>.models.<supplier> import <Class>"
        found = f"{len(pinned)} models; at most {MAX_PINNED} can be"
        raise UsageProblem(_problem("too many models are pinned", file, "/typing/pinned", found, next_step))
    limit = table.get("mypy_tree", MYPY_TREE)
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        next_step = f"write a number of models, for example mypy_tree = {MYPY_TREE}"
        raise UsageProblem(_problem("mypy_tree must be a number", file, "/typing/mypy_tree", repr(limit), next_step))
    return Typing(pinned=pinned, mypy_tree=limit)


def _texts(table: Mapping[str, TOML], name: str, file: Path | None, parent: str) -> tuple[str, ...]:
    value = table[name]
    texts = [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
    if isinstance(value, list) and len(texts) == len(value):
        return tuple(texts)
    found, next_step = repr(value), f'write {name} = ["…", "…"]'
    raise UsageProblem(_problem(f"{name} must be a list of texts", file, f"/{parent}/{name}", found, next_step))


def _setting(option: Path | str | None, environment: Mapping[str, str], name: str) -> Path | str | None:
    """The option, else the environment variable; an empty variable counts as unset."""
    return option if option is not None else environment.get(ENVIRONMENT[name]) or None


def checked_marketplace(name: str, file: Path | None) -> Marketplace:
    """The marketplace of a name.

    Raises:
        UsageProblem: there is none.
    """
    if name in MARKETPLACES:
        return MARKETPLACES[name]
    next_step = f"{did_you_mean(name, MARKETPLACES)}this version knows {', '.join(MARKETPLACES)}"
    raise UsageProblem(_problem("unknown backend", file, "/backend", repr(name), next_step))


def checked_package(name: str, file: Path | None) -> str:
    """The name of a package that can be imported.

    Raises:
        UsageProblem: it is none.
    """
    if name.isidentifier() and name.isascii() and not keyword.iskeyword(name):
        return name
    next_step = f"use letters, digits and underscores, for example {DEFAULT.package}"
    raise UsageProblem(_problem("package is not a Python package name", file, "/package", repr(name), next_step))


def _problem(title: str, file: Path | None, pointer: str, found: str, next_step: str) -> Problem:
    return Problem(title, Location(str(file) if file else "options", pointer), found=found, next_step=next_step)
