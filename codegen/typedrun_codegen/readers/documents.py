"""Bytes on disk → one JSON tree, or the reason why not. OpenAPI 3.x and JSON Schema, written in YAML or JSON.

YAML is read by the rules of YAML 1.2's core schema: `on`, `no` and `2020-01-01` are text, as they are in the JSON that
OpenAPI means. Aliases are expanded within a limit; an alias that contains itself is an error.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from attrs import frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.readers.generics import bind

if TYPE_CHECKING:
    import yaml

MAX_NODES: Final = 5_000_000
"""Nodes of one document after its YAML aliases are expanded; openai-3.1.yaml has 0.2 million."""
MAX_DEPTH: Final = 10_000
"""Nesting of one JSON document: its parser needs stack for each level, and 50,000 fit into that of a thread. YAML's stops itself."""


@frozen
class Document:
    """A document in memory."""

    path: Path
    label: str
    """How messages and generated headers name it; never absolute."""
    root: dict[str, JSON]
    has_shared_properties: bool = False
    """Whether `properties: {$ref: …}` may occur; most documents need not be searched for it."""

    @property
    def is_openapi(self) -> bool:
        """Whether this is OpenAPI, as opposed to a JSON Schema document."""
        return "openapi" in self.root


def read_document(path: Path, label: str) -> Document:
    """Read one document.

    Raises:
        UsageProblem: there is no such file, or it is no YAML or JSON mapping.
    """
    text = _text_of(path, label)
    root = parse_document(text, label)
    if "$dynamicRef" in text:  # few documents have one, and all would have to be searched for it
        bind(root)
    return Document(path, label, root, has_shared_properties=_SHARED_PROPERTIES.search(text) is not None)


_SHARED_PROPERTIES: Final = re.compile(r"""properties["']?\s*:\s*\{?\s*["']?\$ref\b""")


def check_kind(document: Document) -> None:
    """Accept OpenAPI 3.x and JSON Schema.

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
    """Parse the tree of a document's text. `label` names it in messages."""
    where = Location(label)
    if not text.strip():
        raise _refused(
            "the document is empty", where, "no content", "point --schema at an OpenAPI or JSON Schema document"
        )
    raw: object = _load_json(text, label) if text.lstrip()[:1] in ("{", "[") else None
    if raw is None:
        import yaml  # of the extra `codegen`, and only for documents that are no JSON

        from typedrun_codegen.readers.yamltext import load_yaml

        try:  # a document that begins with a brace and is no JSON may still be YAML in flow style
            raw = _plain(load_yaml(text), label)
        except yaml.YAMLError as error:
            raise _unreadable(error, label) from error
    if not isinstance(raw, dict):
        raise _refused(
            "the document is not a mapping",
            where,
            f"a {_word(raw)} at the top",
            "an OpenAPI document is an object with `openapi`, `info`, `paths` and `components`",
        )
    return cast("dict[str, JSON]", raw)


def _load_json(text: str, label: str) -> object:
    """The tree of a JSON text; None where it is none."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, MAX_DEPTH))
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None
    except RecursionError:
        where, found = Location(label), f"more than {MAX_DEPTH} levels"
        raise _refused("the document is nested too deeply", where, found, "split the document") from None
    finally:
        sys.setrecursionlimit(limit)


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


def _plain(root: object, label: str) -> JSON:
    """Copy what YAML's parser returned into a plain tree: text keys, no shared parts, no cycles, no end in sight refused.

    A node at a time, without recursion: a document may be nested as deeply as its parser takes it.
    """
    top: list[JSON] = []
    path: list[tuple[int, Iterator[tuple[object, object]], dict[str, JSON] | list[JSON]]] = [
        (0, iter([(None, root)]), top)
    ]
    nodes, opened = 0, set[int]()
    while path:
        identity, parts, target = path[-1]
        for key, value in parts:
            nodes += 1
            if nodes > MAX_NODES:
                raise _refused(
                    "the document is too large", Location(label), f"more than {MAX_NODES} nodes", "split the document"
                )
            inner, copied = _opened(value)
            if isinstance(target, dict):
                target[_key(key)] = copied
            else:
                target.append(copied)
            if inner is not None and isinstance(copied, dict | list):
                if id(value) in opened:
                    title = "the document contains itself (a YAML alias inside its own anchor)"
                    raise _refused(title, Location(label), "an alias without end", "write it out")
                opened.add(id(value))
                path.append((id(value), inner, copied))
                break
        else:
            path.pop()
            opened.discard(identity)
    return top[0]


def _opened(value: object) -> tuple[Iterator[tuple[object, object]] | None, JSON]:
    """The parts of a value, with their keys, and what is to hold their copies; for one without parts, the value itself."""
    if isinstance(value, dict):
        return iter(cast("dict[object, object]", value).items()), {}
    if isinstance(value, list):
        return ((None, one) for one in cast("list[object]", value)), []
    return None, value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _key(key: object) -> str:
    """A mapping's key as JSON has it: a status `200` is text there."""
    return str(key).lower() if isinstance(key, bool) or key is None else str(key)
