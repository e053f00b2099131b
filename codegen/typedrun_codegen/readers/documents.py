"""Bytes on disk → one JSON tree, or the reason why not. OpenAPI 3.x and JSON Schema, written in YAML or JSON.

YAML is read by the rules of YAML 1.2's core schema: `on`, `no` and `2020-01-01` are text, as they are in the JSON that
OpenAPI means. Aliases are expanded within a limit; an alias that contains itself is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, Final, cast

import yaml
from attrs import frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem

MAX_NODES: Final = 5_000_000
"""Nodes of one document after its YAML aliases are expanded; openai-3.1.yaml has 0.2 million."""
MAX_DEPTH: Final = 150
"""Nesting of one document; deeper ones would exhaust the stack of every tool behind us."""


@frozen
class Document:
    """A document in memory."""

    path: Path
    label: str
    """How messages and generated headers name it; never absolute."""
    root: dict[str, JSON]

    @property
    def is_openapi(self) -> bool:
        """OpenAPI, as opposed to a JSON Schema document."""
        return "openapi" in self.root


def read_document(path: Path, label: str) -> Document:
    """Reads one document.

    Raises:
        UsageProblem: there is no such file, or it is no YAML or JSON mapping.
    """
    return Document(path, label, parse_document(_text_of(path, label), label))


def check_kind(document: Document) -> None:
    """Accepts OpenAPI 3.x and JSON Schema.

    Raises:
        UsageProblem: Swagger 2.0, another OpenAPI version, or nothing that describes types.
    """
    root, where = document.root, Location(document.label)
    if "swagger" in root:
        raise _refused(
            "this is a Swagger 2.0 document",
            where.at("swagger"),
            f"swagger: {root['swagger']!r}",
            "convert it to OpenAPI 3 (for example with swagger2openapi) and generate from the result",
        )
    if document.is_openapi and not str(root["openapi"]).startswith("3."):
        raise _refused(
            "this OpenAPI version is not supported",
            where.at("openapi"),
            f"openapi: {root['openapi']!r}",
            "use a document of OpenAPI 3.0 or 3.1",
        )
    if not document.is_openapi and not _SCHEMA_KEYS & root.keys():
        raise _refused(
            "this is neither an OpenAPI nor a JSON Schema document",
            where,
            f"top-level keys {', '.join(sorted(map(str, root))[:8]) or 'none'}",
            "an OpenAPI document begins with `openapi: 3.1.0`; a JSON Schema has `type`, `properties` or `$defs`",
        )


_SCHEMA_KEYS = frozenset(
    {
        "$schema",
        "type",
        "properties",
        "$defs",
        "definitions",
        "allOf",
        "anyOf",
        "oneOf",
        "enum",
        "const",
        "$ref",
        "items",
    }
)


def parse_document(text: str, label: str) -> dict[str, JSON]:
    """The tree of a document's text. `label` names it in messages."""
    where = Location(label)
    if not text.strip():
        raise _refused(
            "the document is empty", where, "no content", "point --schema at an OpenAPI or JSON Schema document"
        )
    try:
        raw = json.loads(text) if text.lstrip()[:1] in ("{", "[") else _load_yaml(text)
    except (json.JSONDecodeError, RecursionError):
        raw = _yaml_or_refuse(text, label)
    except yaml.YAMLError as error:
        raise _unreadable(error, label) from error
    if not isinstance(raw, dict):
        raise _refused(
            "the document is not a mapping",
            where,
            f"a {_word(raw)} at the top",
            "an OpenAPI document is an object with `openapi`, `info`, `paths` and `components`",
        )
    tree = _Copier(label).copy(cast("object", raw), "", 0)
    assert isinstance(tree, dict)  # noqa: S101  # a copy of a mapping is a mapping
    return tree


def _text_of(path: Path, label: str) -> str:
    where = Location(label)
    if path.is_dir():
        raise _refused("the schema is a directory", where, "a directory", "name the document inside it")
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise _refused("there is no such document", where, "no file", "check the path") from None
    except UnicodeDecodeError as error:
        raise _refused(
            "the document is not UTF-8 text", where, f"byte {error.start} is not UTF-8", "save it as UTF-8"
        ) from error
    except OSError as error:
        raise _refused(
            "the document cannot be read", where, error.strerror or type(error).__name__, "check the file's permissions"
        ) from error


def _yaml_or_refuse(text: str, label: str) -> object:
    """A document that begins with a brace and is no JSON may still be YAML in flow style."""
    try:
        return _load_yaml(text)
    except yaml.YAMLError as error:
        raise _unreadable(error, label) from error
    except RecursionError:
        raise _refused(
            "the document is nested too deeply", Location(label), "", f"keep it within {MAX_DEPTH} levels"
        ) from None


def _unreadable(error: yaml.YAMLError, label: str) -> UsageProblem:
    mark = getattr(error, "problem_mark", None)
    at = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    said = getattr(error, "problem", None) or "not valid YAML or JSON"
    return _refused(
        "the document is not valid YAML or JSON", Location(label), f"{at}{said}", "correct the document at that place"
    )


def _refused(title: str, where: Location, found: str, next_step: str) -> UsageProblem:
    return UsageProblem(Problem(title, where, found, next_step))


def _word(value: object) -> str:
    if value is None:
        return "null"
    words = ((bool, "boolean"), (int | float, "number"), (str, "text"), (list, "list"))
    return next((word for kind, word in words if isinstance(value, kind)), "value")


class _Copier:
    """Copies what a parser returned into a plain tree: text keys, no shared parts, no cycles, no end in sight refused."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.nodes = 0
        self.open: set[int] = set()

    def copy(self, value: object, pointer: str, depth: int) -> JSON:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise self._refuse("the document is too large or nested too deeply", pointer)
        if isinstance(value, dict | list):
            return self._container(cast("dict[object, object] | list[object]", value), pointer, depth)
        if value is None or isinstance(value, bool | int | float | str):
            return value
        return str(value)

    def _container(self, value: dict[object, object] | list[object], pointer: str, depth: int) -> JSON:
        if id(value) in self.open:
            raise self._refuse("the document contains itself (a YAML alias inside its own anchor)", pointer)
        self.open.add(id(value))
        try:
            if isinstance(value, list):
                return [self.copy(item, pointer, depth + 1) for item in value]
            return {_key(k): self.copy(v, pointer, depth + 1) for k, v in value.items()}
        finally:
            self.open.discard(id(value))

    def _refuse(self, title: str, pointer: str) -> UsageProblem:
        return _refused(
            title,
            Location(self.label, pointer),
            f"more than {MAX_NODES} nodes or {MAX_DEPTH} levels",
            "split the document",
        )


def _key(key: object) -> str:
    """A mapping's key as JSON has it: a status `200` is text there."""
    return str(key).lower() if isinstance(key, bool) or key is None else str(key)


# The C loader is twenty times faster; it is absent where PyYAML was built without libyaml.
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):  # type: ignore[misc]  # the base is chosen at run time
    """YAML 1.2 core scalars, and no silent loss of a repeated key."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else "")
        build: Callable[..., dict[Hashable, object]] = _BASE.construct_mapping
        return build(self, node, deep=deep)


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    rules = (
        ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("tag:yaml.org,2002:int", r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+", "-+0123456789"),
        (
            "tag:yaml.org,2002:float",
            r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
            "-+.0123456789",
        ),
        ("tag:yaml.org,2002:merge", r"<<", "<"),
    )
    table: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, pattern, first in rules:
        for char in first:
            table.setdefault(char, []).append((tag, re.compile(rf"(?:{pattern})\Z")))
    return table


_Loader.yaml_implicit_resolvers = _resolvers()


class SpeltInt(int):
    """An integer that was written otherwise than Python writes it: `010`, `0x1F`."""

    spelling: str


class SpeltFloat(float):
    """A number that was written otherwise than Python writes it: `1.50`, `1e3`. A version without quotes is one."""

    spelling: str


def _int(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    bases = {"0x": 16, "0o": 8}
    value = int(text[2:], bases[text[:2]]) if text[:2] in bases else int(text)
    if str(value) == text:
        return value
    spelt = SpeltInt(value)
    spelt.spelling = text
    return spelt


def _float(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    text = str(loader.construct_scalar(node))
    value = float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    if str(value) == text:
        return value
    spelt = SpeltFloat(value)
    spelt.spelling = text
    return spelt


_Loader.add_constructor("tag:yaml.org,2002:int", _int)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def _load_yaml(text: str) -> object:
    loaded: object = yaml.load(text, Loader=_Loader)  # noqa: S506  # a SafeLoader underneath
    return loaded
