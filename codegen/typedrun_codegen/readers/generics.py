"""`$dynamicRef`: a schema that leaves a part open is written out once for each schema that fills it.

A reference by `$dynamicRef: "#item"` means the outermost `$dynamicAnchor: item` of those that were passed on the way (JSON Schema
2020-12, core, 8.2.3.2). The way is known from the document alone: a schema that has such an anchor and refers to another one *binds*
that anchor there. What it refers to is copied into it, with plain references in place of the dynamic ones, as far as these are
bound; everything that reads schemas then knows plain references only. Without a binding, an anchor of that name in the document is
meant (references.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote, unquote, urljoin

from attrs import define, field

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import escape_pointer

MOST: Final = 1000
"""Copies of one document; a schema that fills another one's parts with ever more of itself would have no end."""

_FRAGMENT: Final = "/~!$&'()*+,;=:@?"
"""What a pointer in a fragment need not escape (RFC 3986, 3.5)."""
_Node = dict[str, JSON]
_HEAD: Final = frozenset({"$id", "$anchor", "$dynamicAnchor", "$defs", "definitions"})
"""What belongs to a schema where it stands, and not to its copies."""


def bind(root: _Node) -> None:
    """Write the schemas of a document out, in place."""
    _Binder(root).run()


@define(eq=False)
class _Scope:
    """Where a schema stands."""

    pointer: str
    base: str = ""
    """Address that its references are relative to (`$id`)."""
    resource: str = ""
    """Pointer of the schema that has this address."""

    def at(self, node: JSON, *parts: str | int) -> _Scope:
        """A place inside this one, and what stands there."""
        pointer = self.pointer + "".join(f"/{escape_pointer(part)}" for part in parts)
        if isinstance(node, dict) and isinstance(own := node.get("$id"), str):
            return _Scope(pointer, urljoin(self.base, own).partition("#")[0], pointer)
        return _Scope(pointer, self.base, self.resource)


@define(eq=False)
class _Binder:
    root: _Node
    places: dict[str, tuple[JSON, _Scope]] = field(factory=dict[str, tuple[JSON, _Scope]])
    """Everything in the document, by pointer."""
    addresses: dict[str, str] = field(factory=dict[str, str])
    """`$id` → pointer."""
    copies: int = 0

    def run(self) -> None:
        found = list(_walk(self.root))
        self.places = {scope.pointer: (node, scope) for node, scope in found}
        self.addresses = {scope.base: scope.pointer for _, scope in found if scope.resource == scope.pointer}
        for node, scope in found:
            if isinstance(node, dict) and (target := self.target(node.get("$ref"), scope)) is not None:
                node["$ref"] = _reference_to(target)  # an `$id` is told apart from a file here alone
        filled = [(node, scope) for node, scope in found if isinstance(node, dict) and self._binds(node, scope)]
        written = [(node, _Filling(self, scope).of(node)) for node, scope in filled]
        for node, new in written:
            node.clear()
            node.update(new)

    def _binds(self, node: _Node, scope: _Scope) -> bool:
        bound = bindings(node, scope)
        return any(self.is_open(one, bound) for one in self.referred(node, scope)) if bound else False

    def referred(self, node: _Node, scope: _Scope) -> Iterator[str]:
        """Pointers of what a schema refers to, itself or in `allOf`."""
        parts = node.get("allOf")
        for one in (node, *(parts if isinstance(parts, list) else ())):
            if isinstance(one, dict) and (pointer := self.target(one.get("$ref"), scope)) is not None:
                yield pointer

    def target(self, ref: JSON, scope: _Scope) -> str | None:
        """The pointer that a reference means; None where it leads out of the document."""
        if not isinstance(ref, str):
            return None
        address, _, fragment = ref.partition("#")
        resource = self.addresses.get(urljoin(scope.base, address)) if address else scope.resource
        # Many documents give schemas an `$id`, and refer from inside of them to the document all the same.
        starts = (resource,) if address else ("", resource)
        pointers = (start + unquote(fragment) for start in starts if start is not None)
        return next((pointer for pointer in pointers if pointer in self.places), None)

    def is_open(self, pointer: str, bound: Mapping[str, str]) -> bool:
        """Whether a schema, or one that it refers to, has a dynamic reference to one of these anchors."""
        todo, seen = [pointer], set[str]()
        while todo:
            if (one := todo.pop()) in seen:
                continue
            seen.add(one)
            for node, scope in _walk(*self.places[one]):
                if isinstance(node, dict):
                    if _anchor_of(node) in bound:
                        return True
                    todo += [] if (found := self.target(node.get("$ref"), scope)) is None else [found]
        return False


@define(eq=False)
class _Filling:
    """One schema that fills others: what is copied into it."""

    binder: _Binder
    scope: _Scope
    known: dict[tuple[str, tuple[tuple[str, str], ...]], str] = field(
        factory=dict[tuple[str, tuple[tuple[str, str], ...]], str]
    )
    """What was copied, by pointer and bindings → pointer of the copy."""
    more: _Node = field(factory=dict[str, JSON])
    """Copies beside the first one, by name."""

    def of(self, node: _Node) -> _Node:
        """The schema with what it refers to written out."""
        bound = bindings(node, self.scope)
        rest = {key: value for key, value in node.items() if key not in ("$ref", "allOf")}
        own = node.get("allOf")
        parts: list[JSON] = [{"$ref": node["$ref"]}] if "$ref" in node else []
        parts += own if isinstance(own, list) else []
        is_lone = len(parts) == 1
        written = [self._part(one, bound, is_lone=is_lone) for one in parts]
        held = node.get("$defs")
        defs = {**(held if isinstance(held, dict) else {}), **self.more}
        return {**rest, "allOf": written, **({"$defs": defs} if defs else {})}

    def _part(self, part: JSON, bound: Mapping[str, str], *, is_lone: bool) -> JSON:
        target = self.binder.target(part.get("$ref"), self.scope) if isinstance(part, dict) else None
        if target is None or not isinstance(part, dict) or not self.binder.is_open(target, bound):
            return part
        if is_lone:  # what refers to itself means the schema that fills it
            self.known[target, tuple(sorted(bound.items()))] = self.scope.pointer
        found, scope = self.binder.places[target]
        beside = {key: value for key, value in part.items() if key != "$ref"}
        return {**_as_node(self._copied(found, scope, bound, is_top=True)), **beside}

    def _copied(self, node: JSON, scope: _Scope, bound: Mapping[str, str], *, is_top: bool = False) -> JSON:
        if isinstance(node, list):
            return [self._copied(one, scope.at(one, index), bound) for index, one in enumerate(node)]
        if not isinstance(node, dict):
            return node
        inner = {**bindings(node, scope), **bound}  # the outermost counts
        kept = {key: value for key, value in node.items() if not (is_top and key in _HEAD)}
        made = {key: self._copied(value, scope.at(value, key), inner) for key, value in kept.items()}
        if (name := _anchor_of(node)) is not None and name in inner:
            del made["$dynamicRef"]
            made["$ref"] = _reference_to(inner[name])
        elif (target := self.binder.target(node.get("$ref"), scope)) is not None:
            made["$ref"] = _reference_to(self._reference(target, inner))
        return made

    def _reference(self, target: str, bound: Mapping[str, str]) -> str:
        """Where the filled schema of a place is; the place itself where it has nothing to fill."""
        key = (target, tuple(sorted(bound.items())))
        if key not in self.known:
            if self.binder.copies >= MOST or not self.binder.is_open(target, bound):
                return target
            self.binder.copies += 1
            name = self._name(target.rpartition("/")[2])
            self.known[key] = f"{self.scope.pointer}/$defs/{name}"
            found, scope = self.binder.places[target]
            self.more[name] = self._copied(found, scope, bound, is_top=True)
        return self.known[key]

    def _name(self, wanted: str) -> str:
        taken = {pointer.rpartition("/")[2] for pointer in self.known.values()}
        return next(
            name for name in (wanted, *(f"{wanted}{n}" for n in range(2, MOST + 3))) if name not in {*taken, *self.more}
        )


def bindings(node: _Node, scope: _Scope) -> dict[str, str]:
    """The dynamic anchors of a schema and its `$defs`: name → pointer."""
    held = node.get("$defs")
    inner = held.items() if isinstance(held, dict) else ()
    places = [(node, scope.pointer), *((one, scope.at(one, "$defs", name).pointer) for name, one in inner)]
    found: dict[str, str] = {}
    for one, pointer in places:
        if isinstance(one, dict) and isinstance(name := one.get("$dynamicAnchor"), str):
            found[name] = pointer
    return found


def _anchor_of(node: _Node) -> str | None:
    """The anchor that a schema refers to dynamically."""
    ref = node.get("$dynamicRef")
    return ref[1:] if isinstance(ref, str) and ref.startswith("#") else None


def _reference_to(pointer: str) -> str:
    return f"#{quote(pointer, safe=_FRAGMENT)}"


def _as_node(value: JSON) -> _Node:
    return value if isinstance(value, dict) else {}


def _walk(node: JSON, scope: _Scope | None = None) -> Iterator[tuple[JSON, _Scope]]:
    """Everything inside, and where it stands."""
    todo = [(node, _Scope("").at(node) if scope is None else scope)]
    while todo:
        node, scope = todo.pop()
        yield node, scope
        if isinstance(node, dict):
            todo += [(value, scope.at(value, key)) for key, value in node.items()]
        elif isinstance(node, list):
            todo += [(value, scope.at(value, index)) for index, value in enumerate(node)]
