"""`$ref` → the schema it means. Files beside the document are read; nothing is ever fetched.

A key names one place for ever: `#/components/schemas/Model` in the document itself, `common.yaml#/Model` in another file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from attrs import define, field, frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem, escape_pointer
from typedrun_codegen.readers.documents import Document, read_document


@frozen
class Place:
    """One place in one file: `file` is relative to the document's folder, empty for the document itself."""

    file: str
    pointer: str
    key: str = field(init=False, eq=False, repr=False)
    """The identity of the place. It is kept: of a deep document, pointers are long and asked for again and again."""

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "key", f"{self.file}#{self.pointer}")

    def at(self, *parts: str | int) -> Place:
        """A place inside this one."""
        return Place(self.file, self.pointer + "".join(f"/{escape_pointer(part)}" for part in parts))


class BadReference(Exception):  # not an error of the run: what refers becomes a problem
    """A reference that leads nowhere, back to itself, or to a document that is not here."""

    def __init__(self, title: str, location: Location, found: str, advice: str) -> None:
        super().__init__(title)
        self.title: str = title
        self.location: Location = location
        self.found: str = found
        self.advice: str = advice

    @property
    def problem(self) -> Problem:
        """The problem of a schema that refers: it stands for anything."""
        return self.until_then("any value is accepted here")

    def until_then(self, consequence: str) -> Problem:
        """The problem of something else that refers, and what comes of it."""
        return Problem(self.title, self.location, self.found, f"{self.advice}; until then {consequence}")


@define
class References:
    """The documents that are open, by file."""

    main: Document
    is_alone: bool = False
    """Whether the document may not refer to files: what others wrote must not make us read ours."""
    _documents: dict[str, Document] = field(factory=dict[str, Document])
    _anchors: dict[str, dict[str, list[str]]] = field(factory=dict[str, dict[str, list[str]]])
    _nodes: dict[str, JSON] = field(factory=dict[str, JSON])
    _ends: dict[str, Place] = field(factory=dict[str, Place])
    """Of references that were followed: their own place → where the chain ends."""

    def __attrs_post_init__(self) -> None:
        self._spread(self.main, "")

    def location(self, place: Place) -> Location:
        """Where a place is, for messages and headers."""
        return Location(self._label(place.file), place.pointer)

    def node(self, place: Place) -> JSON:
        """What stands at a place.

        Raises:
            KeyError: nothing stands there.
        """
        if place.key in self._nodes:
            return self._nodes[place.key]
        value: JSON = self._document(place.file).root
        for part in place.pointer.split("/")[1:]:
            token = part.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict):
                value = value[token]
            elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
                value = value[int(token)]
            else:
                raise KeyError(token)
        self._nodes[place.key] = value
        return value

    def follow(self, ref: str, at: Place) -> tuple[Place, JSON]:
        """The end of a chain of references.

        Raises:
            BadReference: remote, dangling, circular, or an `$id` of a document that is not here.
        """
        passed: dict[str, None] = {at.key: None}
        place, node = self._step(ref, at, at)
        while isinstance(node, dict) and isinstance(inner := node.get("$ref"), str) and is_plain_ref(node):
            if place.key in passed:
                shown = [*passed, place.key]
                raise self._broken(
                    "a reference leads back to itself",
                    at,
                    " → ".join(shown if len(shown) <= 8 else [*shown[:4], "…", *shown[-3:]]),
                    "make one of them a schema",
                )
            if (end := self._ends.get(place.key)) is not None:
                place = end
                break
            passed[place.key] = None
            place, node = self._step(inner, place, at)
        del passed[at.key]  # a discriminator's mapping refers from there, too
        self._ends |= dict.fromkeys(passed, place)
        return place, self.node(place)

    def _step(self, ref: str, base: Place, at: Place) -> tuple[Place, JSON]:
        place = self._target(ref, base, at)
        try:
            return place, self.node(place)
        except KeyError:
            raise self._broken(
                "a reference points at nothing",
                at,
                f"$ref: {ref!r}",
                f"add {place.key} or correct the reference",
            ) from None

    def _target(self, ref: str, base: Place, at: Place) -> Place:
        try:
            parts = urlsplit(ref)
        except ValueError as error:
            raise self._broken(
                "a $ref is no address", at, f"$ref: {ref!r}: {error}", "correct the reference"
            ) from error
        if parts.scheme or parts.netloc:
            raise self._broken(
                "a reference leads to another machine",
                at,
                f"$ref: {ref!r}",
                "save that document beside this one and refer to the file",
            )
        file = self._file(unquote(parts.path), base, at) if parts.path else base.file
        self._read(file, ref, at)
        fragment = unquote(parts.fragment)
        if fragment and not fragment.startswith("/"):
            return Place(file, self._anchor(file, fragment, at, ref))
        return Place(file, fragment)

    def _file(self, path: str, base: Place, at: Place) -> str:
        if path == self.main.root.get("$id"):
            return ""
        if self.is_alone:
            raise self._broken(
                "a reference leads out of the document", at, f"$ref: {path!r}", "put the schema into the document"
            )
        if path.startswith("/"):
            raise self._broken(
                "a reference names a document that is not here",
                at,
                f"$ref: {path!r}",
                "save that document beside this one and refer to it by its relative path",
            )
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(base.file), path))
        return "" if joined == self.main.path.name else joined

    def _anchor(self, file: str, name: str, at: Place, ref: str) -> str:
        """Where an anchor is; of several with one name, the one nearest to what refers to it."""
        if file not in self._anchors:
            self._anchors[file] = {}
            for found, pointer in _anchors(self._document(file).root):
                self._anchors[file].setdefault(found, []).append(pointer)
        if name not in self._anchors[file]:
            raise self._broken(
                "a reference points at nothing",
                at,
                f"$ref: {ref!r}",
                f"add an $anchor {name!r} or correct the reference",
            )
        return max(self._anchors[file][name], key=lambda pointer: len(posixpath.commonprefix([pointer, at.pointer])))

    def _document(self, file: str) -> Document:
        if not file:
            return self.main
        if file not in self._documents:
            self._documents[file] = read_document(self._path(file), self._label(file))
            self._spread(self._documents[file], file)
        return self._documents[file]

    def _spread(self, document: Document, file: str) -> None:
        """Give each property of `properties: {$ref: …}` a reference of its own: the whole table stands elsewhere."""
        if not document.has_shared_properties:
            return
        for pointer, node in _nodes(document.root):
            held = node.get("properties")
            ref = held.get("$ref") if isinstance(held, dict) and len(held) == 1 else None
            if isinstance(ref, str):
                try:
                    _, target = self.follow(ref, Place(file, f"{pointer}/properties"))
                except BadReference:
                    continue  # such a property is reported where it is read
                if isinstance(target, dict) and all(isinstance(one, dict | bool) for one in target.values()):
                    start = ref if "#" in ref else f"{ref}#"
                    node["properties"] = {name: {"$ref": f"{start}/{quote(escape_pointer(name))}"} for name in target}

    def _read(self, file: str, ref: str, at: Place) -> None:
        """Open the file of a reference; a message about it names the reference."""
        try:
            self._document(file)
        except UsageProblem as error:
            found = f"$ref: {ref!r}; {error.problem.title}{': ' if error.problem.found else ''}{error.problem.found}"
            raise self._broken(
                "a reference names a file that cannot be read", at, found, error.problem.next_step
            ) from error

    def _path(self, file: str) -> Path:
        return self.main.path.parent / file

    def _label(self, file: str) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.main.label), file)) if file else self.main.label

    def _broken(self, title: str, at: Place, found: str, advice: str) -> BadReference:
        return BadReference(title, self.location(at), found, advice)


ANNOTATIONS: Final = frozenset(
    {
        "$ref",
        "description",
        "title",
        "summary",
        "deprecated",
        "default",
        "example",
        "examples",
        "readOnly",
        "writeOnly",
        "$comment",
        "externalDocs",
        "xml",
    }
)
"""What may stand beside a `$ref` without changing its type."""


def is_plain_ref(node: dict[str, JSON]) -> bool:
    """Whether this is a reference with nothing beside it that changes the type."""
    return isinstance(node.get("$ref"), str) and all(key in ANNOTATIONS or key.startswith("x-") for key in node)


def words_of(place: Place) -> tuple[str, ...]:
    """What a name for the schema at a place is made of: the pointer without the words of the format."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in place.pointer.split("/")[1:]]
    while parts and parts[0] in _CONTAINERS:
        parts = parts[1:]
    stem = re.sub(r"\.(ya?ml|json)$", "", posixpath.basename(place.file))
    return tuple(_spoken(parts)) or (stem or "Root",)


_CONTAINERS = frozenset({"components", "schemas", "$defs", "definitions", "paths", "webhooks", "callbacks"})
_SPOKEN = {
    "items": "Item",
    "additionalProperties": "Value",
    "properties": "",
    "oneOf": "Option",
    "anyOf": "Option",
    "allOf": "Part",
    "$defs": "",
}


def _spoken(parts: list[str]) -> Iterator[str]:
    after_properties = False
    for index, part in enumerate(parts):
        if index and not after_properties and part in _SPOKEN:
            after_properties = part in ("properties", "$defs")
            if _SPOKEN[part]:
                yield _SPOKEN[part]
            continue
        after_properties = False
        yield part


def _anchors(root: JSON) -> Iterator[tuple[str, str]]:
    """Every anchor of a document and its pointer, in the document's order."""
    for pointer, node in _nodes(root):
        for word in ("$dynamicAnchor", "$anchor"):
            if isinstance(name := node.get(word), str):
                yield name, pointer


def _nodes(root: JSON) -> Iterator[tuple[str, dict[str, JSON]]]:
    """Every object of a document and its pointer, in the document's order."""
    todo: list[tuple[JSON, str]] = [(root, "")]
    while todo:
        node, pointer = todo.pop()
        if isinstance(node, dict):
            yield pointer, node
            todo += [(value, f"{pointer}/{escape_pointer(key)}") for key, value in reversed(node.items())]
        elif isinstance(node, list):
            todo += [(value, f"{pointer}/{index}") for index, value in reversed(list(enumerate(node)))]
