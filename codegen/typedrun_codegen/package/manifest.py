"""manifest.json of a generated package: the names that may never change, what it was made from, and what was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.plans.lock import NAME_TABLES, Names
from typedrun_codegen.text.names import is_publishable

FORMAT = 1
NAME = "manifest.json"


@frozen(kw_only=True)
class Manifest:
    """What one generation wrote."""

    names: Names = field(factory=Names)
    inputs: Mapping[str, str] = field(factory=dict[str, str])
    """What was read → SHA-256."""
    tools: Mapping[str, str] = field(factory=dict[str, str])
    """Tool → version."""
    files: Mapping[str, str] = field(factory=dict[str, str])
    """Path below the package → SHA-256."""

    def text(self) -> str:
        """The file's text: sorted, so that one changed model changes a few lines."""
        value = {
            "format": FORMAT,
            "names": {name: getattr(self.names, name) for name in NAME_TABLES},
            "inputs": self.inputs,
            "tools": self.tools,
            "files": self.files,
        }
        return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def read_manifest(package: Path) -> Manifest:
    """Read the manifest of the package on disk; an empty one when there is none.

    Raises:
        UsageProblem: it is no manifest: without it, published names would change.
        OSError: it cannot be read.
    """
    path = package / NAME
    try:
        value: JSON = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Manifest()
    except (ValueError, RecursionError) as error:
        raise UsageProblem(_unreadable(path, str(error))) from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise UsageProblem(_unreadable(path, "not a manifest of this format"))
    names = value.get("names")
    tables = names if isinstance(names, dict) else {}
    return Manifest(
        names=Names(
            suppliers=_names(tables.get("suppliers")),
            models=_names(tables.get("models"), parts=3),
            parameters=_tables(tables.get("parameters")),
            options=_names(tables.get("options")),
            members=_tables(tables.get("members")),
            protocols=_names(tables.get("protocols")),
            schemas=_names(tables.get("schemas")),
        ),
        inputs=_texts(value.get("inputs")),
        tools=_texts(value.get("tools")),
        files=_texts(value.get("files")),
    )


def _texts(value: JSON) -> dict[str, str]:
    return {key: item for key, item in value.items() if isinstance(item, str)} if isinstance(value, dict) else {}


def _names(value: JSON, parts: int = 1) -> dict[str, str]:
    """Those that Python takes: the file can be edited by hand, and one that is no name would be written as code."""
    return {
        key: name
        for key, name in _texts(value).items()
        if len(words := name.split(".")) == parts and all(map(is_publishable, words))
    }


def _tables(value: JSON) -> dict[str, Mapping[str, str]]:
    return {key: _names(item) for key, item in value.items()} if isinstance(value, dict) else {}


def _unreadable(path: Path, found: str) -> Problem:
    return Problem(
        "the package's manifest cannot be read",
        Location(str(path)),
        found=found,
        next_step="restore it from version control: it locks the published names",
    )
