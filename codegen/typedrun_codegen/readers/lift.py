"""Gives every schema that needs a name a place of its own, and brings the rest to a few plain forms.

The documents in the wild write one thing in many ways: `nullable`, `type: [x, "null"]` and `anyOf` with null; one-value
enumerations and `const`; objects inside objects inside unions. After this step there are only

    a lifted schema    class (`properties`, `required`, `allOf` of classes) · enumeration · alias (a node)
    a node             {"$ref"} · {"type": …} · {"const": …} · array of node · map of node · {"anyOf": nodes} · {} (anything)

Lifted schemas refer to each other by number, so nothing after this step depends on how a document spells its pointers.
What a schema says beside its type (descriptions, defaults, limits) stays in the document and is read from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

from attrs import define, field, frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, UsageProblem
from typedrun_codegen.readers.references import Place, References, UnknownReference, words_of

Node: TypeAlias = "dict[str, JSON]"
Kind: TypeAlias = Literal["class", "enum", "alias"]

REST: Final = "\0rest"
"""Stands for `additionalProperties` among the properties of a lifted class; no document can spell it by accident."""

LEAVES: Final = {"date-time": "datetime", "date": "date", "uuid": "UUID", "byte": "bytes", "binary": "Binary"}
"""String formats that have a Python type of their own."""

_TYPES: Final = frozenset({"string", "integer", "number", "boolean", "null", "object", "array", "file"})
_OBJECT_KEYS: Final = ("properties", "additionalProperties", "patternProperties")
_SHAPE_KEYS: Final = frozenset(
    {
        "type",
        "$ref",
        "enum",
        "const",
        "properties",
        "items",
        "prefixItems",
        "allOf",
        "anyOf",
        "oneOf",
        "additionalProperties",
        "patternProperties",
        "$recursiveRef",
        "$dynamicRef",
    }
)


class BadSchema(Exception):  # becomes a problem, never reaches a user as an exception
    """A schema that means nothing."""

    def __init__(self, place: Place, title: str, found: str) -> None:
        super().__init__(title)
        self.place, self.title, self.found = place, title, found


@define
class Lifted:
    """A schema with a place of its own."""

    key: str
    place: Place
    words: tuple[str, ...]
    owner: str
    number: int
    schema: Node
    kind: Kind = "alias"
    normal: Node = field(factory=dict[str, JSON])
    is_nullable: bool = False
    values: tuple[str, ...] | tuple[int, ...] = ()
    tag: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def ref(self) -> Node:
        """How nodes refer to it."""
        return {"$ref": f"#/components/schemas/S{self.number}"}


@frozen
class Property:
    """A property as the document writes it."""

    place: Place
    schema: Node


@frozen
class _Shape:
    """What a schema turned out to be."""

    kind: Kind
    normal: Node
    values: tuple[str, ...] | tuple[int, ...] = ()
    tag: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def needs_name(self) -> bool:
        # A union of classes has one too: it recurs in signatures, and no line holds five names.
        members = self.normal.get("anyOf")
        classes = sum(isinstance(one, dict) and "$ref" in one for one in members) if isinstance(members, list) else 0
        return self.kind != "alias" or bool(self.tag) or classes > 1


@define
class Lifter:
    """Walks schemas; `lifted` fills as it goes."""

    refs: References
    lifted: dict[str, Lifted] = field(factory=dict[str, Lifted])
    problems: list[Problem] = field(factory=list[Problem])
    _queue: deque[Lifted] = field(factory=deque[Lifted])
    _properties: dict[str, dict[str, Property]] = field(factory=dict[str, dict[str, Property]])
    _required: dict[str, frozenset[str]] = field(factory=dict[str, frozenset[str]])
    """Of the variants alone, which are no schema of the document."""

    # --- entry points

    def component(self, place: Place, words: tuple[str, ...] | None = None) -> Lifted:
        """The lifted schema of a place, which has a name of its own whatever it turns out to be."""
        if place.key not in self.lifted:
            schema = _as_schema(self.refs.node(place))
            lifted = self._add(place, schema, words or words_of(place), place.key)
            self._queue.append(lifted)
        return self.lifted[place.key]

    def finish(self) -> None:
        """Works until nothing is left to lift."""
        while self._queue:
            lifted = self._queue.popleft()
            bare, lifted.is_nullable = split_null(lifted.schema)
            shape = self._guarded_shape(bare, lifted)
            self._settle(lifted, shape)
            if lifted.kind == "alias" and lifted.is_nullable:
                lifted.normal = nullable(lifted.normal)

    def node(self, schema: JSON, at: Place, words: tuple[str, ...], owner: str) -> Node:
        """The node for a schema inside another; a bad one is a problem and stands for anything."""
        try:
            return self._node(schema, at, words, owner)
        except BadSchema as bad:
            self._report(bad)
        except UnknownReference as unknown:
            self.problems.append(unknown.problem)
        return {}

    def properties_of(self, place: Place, schema: Node) -> dict[str, Property]:
        """Every property of an object, those of its `allOf` included; the outermost spelling wins."""
        if place.key not in self._properties:
            self._properties[place.key] = {}
            self._properties[place.key] = self._collect(place, schema)
        return self._properties[place.key]

    def required_of(self, place: Place, schema: Node, seen: frozenset[str] = frozenset()) -> frozenset[str]:
        """Names that an object must have, those that its `allOf` demands included."""
        if place.key in self._required:
            return self._required[place.key]
        names = {name for name in _list(schema.get("required")) if isinstance(name, str)}
        for part_place, part in self._all_parts(place, schema):
            if part_place.key not in seen:
                names |= self.required_of(part_place, part, seen | {place.key})
        return frozenset(names)

    # --- one schema

    def _node(self, schema: JSON, at: Place, words: tuple[str, ...], owner: str) -> Node:
        if isinstance(schema, bool):
            return {}
        if not isinstance(schema, dict):
            raise BadSchema(at, "a schema is neither an object nor a boolean", f"{schema!r}"[:80])
        bare, is_null = split_null(schema)
        found = self._reference(bare, at, owner)
        if found is None:
            shape = self._shape(bare, at, words, owner, is_inline=True)
            found = self._hoist(bare, shape, at, words, owner) if shape.needs_name else shape.normal
        return nullable(found) if is_null else found

    def _reference(self, schema: Node, at: Place, owner: str) -> Node | None:
        """The node of a schema that only refers to another."""
        if schema.get("$recursiveRef") == "#" or schema.get("$dynamicRef") == "#":
            return self.lifted[owner].ref if owner in self.lifted else {}
        ref = schema.get("$ref", schema.get("$dynamicRef"))
        if ref is None or _has_shape_beside_ref(schema):
            return None
        if not isinstance(ref, str):
            raise BadSchema(at, "a $ref is not text", f"{ref!r}"[:80])
        place, target = self.refs.follow(ref, at)
        if isinstance(target, bool):
            return {}
        if not isinstance(target, dict):
            raise BadSchema(at, "a reference does not lead to a schema", f"$ref: {ref!r}")
        return self.component(place).ref

    def _hoist(self, schema: Node, shape: _Shape, at: Place, words: tuple[str, ...], owner: str) -> Node:
        known = self.lifted.get(at.key)
        if known is None:
            known = self._add(at, schema, words, owner)
            self._settle(known, shape)
        return known.ref

    def _add(self, place: Place, schema: Node, words: tuple[str, ...], owner: str) -> Lifted:
        lifted = Lifted(place.key, place, words, owner, len(self.lifted), schema)
        self.lifted[place.key] = lifted
        return lifted

    def _settle(self, lifted: Lifted, shape: _Shape) -> None:
        lifted.kind, lifted.normal, lifted.values = shape.kind, shape.normal, shape.values
        lifted.tag, lifted.tags = shape.tag, shape.tags

    def _guarded_shape(self, schema: Node, lifted: Lifted) -> _Shape:
        try:
            found = self._reference(schema, lifted.place, lifted.owner)
            if found is not None:
                return _Shape("alias", found)
            return self._shape(schema, lifted.place, lifted.words, lifted.owner, is_inline=False)
        except BadSchema as bad:
            self._report(bad)
        except UnknownReference as unknown:
            self.problems.append(unknown.problem)
        return _Shape("alias", {})

    def _report(self, bad: BadSchema) -> None:
        self.problems.append(
            Problem(
                bad.title,
                self.refs.location(bad.place),
                bad.found,
                "correct the schema there; until then any value is accepted",
            )
        )

    def _shape(self, schema: Node, at: Place, words: tuple[str, ...], owner: str, *, is_inline: bool) -> _Shape:
        if "const" in schema:
            return _Shape("alias", _const(schema["const"]))
        if "enum" in schema:
            return _enumeration(schema, at, is_inline=is_inline)
        if isinstance(types := schema.get("type"), list):
            options = [
                self.node({**schema, "type": one}, at.at(f"type={one}"), (*words, str(one)), owner) for one in types
            ]
            return _Shape("alias", union(options))
        if (kind := schema.get("type")) is not None and kind not in _TYPES:
            raise BadSchema(at, "a schema has a type that does not exist", f"type: {kind!r}"[:80])
        if "allOf" in schema or ("$ref" in schema and _has_shape_beside_ref(schema)):
            return self._all_of(schema, at, words, owner)
        if choice := next((word for word in ("oneOf", "anyOf") if _options(schema.get(word))), ""):
            return self._union(schema, choice, at, words, owner)
        if kind == "object" or any(key in schema for key in _OBJECT_KEYS):
            return self._object(schema, at, words, owner)
        if kind == "array" or "items" in schema or "prefixItems" in schema:
            return _Shape("alias", {"type": "array", "items": self._items(schema, at, words, owner)})
        return _Shape("alias", _scalar(schema))

    # --- objects

    def _object(self, schema: Node, at: Place, words: tuple[str, ...], owner: str) -> _Shape:
        properties = schema.get("properties", {})
        if not isinstance(properties, dict):
            raise BadSchema(at, "properties is not an object", f"{properties!r}"[:80])
        rest = self._rest(schema, at, words, owner)
        if not properties:
            return _Shape("alias", {"type": "object", "additionalProperties": rest or True})
        return _Shape("class", self._class_part(schema, at, words, owner))

    def _class_part(self, schema: Node, at: Place, words: tuple[str, ...], owner: str) -> Node:
        """An object with its own properties only."""
        nodes: dict[str, JSON] = {}
        for name, value in _properties(schema).items():
            nodes[name] = self.node(value, at.at("properties", name), (*words, name), owner)
        rest = self._rest(schema, at, words, owner)
        if rest is not None:
            nodes[REST] = rest
        required: list[JSON] = [name for name in _list(schema.get("required")) if name in nodes]
        return {"type": "object", "properties": nodes, "required": required}

    def _rest(self, schema: Node, at: Place, words: tuple[str, ...], owner: str) -> Node | None:
        """The node for properties that are not listed; None where the document does not speak of them."""
        found: list[Node] = []
        more = schema.get("additionalProperties")
        if isinstance(more, dict) or more is True:
            found.append(self.node(more, at.at("additionalProperties"), (*words, "Value"), owner))
        patterns = schema.get("patternProperties")
        for pattern, value in (patterns if isinstance(patterns, dict) else {}).items():
            found.append(self.node(value, at.at("patternProperties", pattern), (*words, "Value"), owner))
        return union(found) if found else None

    def _items(self, schema: Node, at: Place, words: tuple[str, ...], owner: str) -> Node:
        items = schema.get("items", {})
        first = schema.get("prefixItems", items if isinstance(items, list) else [])
        nodes = [
            self.node(item, at.at("prefixItems", index), (*words, f"Item{index + 1}"), owner)
            for index, item in enumerate(_list(first))
        ]
        if not isinstance(items, list) and (not nodes or schema.get("items") not in (None, False)):
            nodes.append(self.node(items, at.at("items"), (*words, "Item"), owner))
        return union(nodes)

    # --- allOf

    def _all_of(self, schema: Node, at: Place, words: tuple[str, ...], owner: str) -> _Shape:
        parts = list(self._parts(schema, at))
        self._refuse_circle(at, schema, (at.key,))
        if len(parts) == 1 and parts[0][0] != at:
            return self._first_shape(parts, words, owner)
        classes = [part for part in parts if self._is_class(*part)]
        unions = [part for part in parts if self._is_choice(*part)]
        if unions:
            return self._variants(schema, unions[0], [p for p in parts if p is not unions[0]], at, words, owner)
        if not classes:
            return self._first_shape(parts, words, owner)
        return _Shape("class", {"allOf": self._class_parts(parts, at, words, owner)})

    def _first_shape(self, parts: list[tuple[Place, Node]], words: tuple[str, ...], owner: str) -> _Shape:
        """`allOf` around something that is no class: the part that says the type rules."""
        typed = next(((place, part) for place, part in parts if _SHAPE_KEYS & part.keys()), None)
        if typed is None:
            return _Shape("alias", {})
        found = self._reference(typed[1], typed[0], owner)
        return (
            _Shape("alias", found)
            if found is not None
            else self._shape(typed[1], typed[0], words, owner, is_inline=True)
        )

    def _parts(self, schema: Node, at: Place) -> Iterator[tuple[Place, Node]]:
        """The parts of an `allOf`, references as they stand, the schema's own keywords last."""
        if isinstance(ref := schema.get("$ref"), str):
            yield at, {"$ref": ref}
        for index, part in enumerate(_list(schema.get("allOf"))):
            place = at.at("allOf", index)
            if isinstance(part, bool):
                continue
            if not isinstance(part, dict):
                raise BadSchema(place, "a part of allOf is not a schema", f"{part!r}"[:80])
            yield place, split_null(part)[0]
        own = {key: value for key, value in schema.items() if key not in ("allOf", "$ref")}
        if any(key in own for key in (*_OBJECT_KEYS, "oneOf", "anyOf")) or (
            "type" in own and not _list(schema.get("allOf"))
        ):
            yield at, own

    def _all_parts(self, place: Place, schema: Node) -> Iterator[tuple[Place, Node]]:
        """The parts of an `allOf` with references followed."""
        if "allOf" not in schema and "$ref" not in schema:
            return
        for part_place, part in self._parts(schema, place):
            if isinstance(ref := part.get("$ref"), str) and len(part) == 1:
                yield self._target(ref, part_place)
            elif part_place != place:
                yield self._resolved(part_place, part)

    def _resolved(self, place: Place, schema: Node) -> tuple[Place, Node]:
        if isinstance(ref := schema.get("$ref"), str) and not _has_shape_beside_ref(schema):
            return self._target(ref, place)
        return place, schema

    def _target(self, ref: str, at: Place) -> tuple[Place, Node]:
        place, target = self.refs.follow(ref, at)
        return place, split_null(_as_schema(target))[0]

    def _class_parts(
        self, parts: list[tuple[Place, Node]], at: Place, words: tuple[str, ...], owner: str
    ) -> list[JSON]:
        return [self._part_node(place, part, words, owner, at) for place, part in parts if self._is_object(place, part)]

    def _part_node(self, place: Place, part: Node, words: tuple[str, ...], owner: str, at: Place) -> Node:
        if isinstance(ref := part.get("$ref"), str) and not _has_shape_beside_ref(part):
            target_place, target = self._target(ref, place)
            if self._is_class(target_place, target):
                return self.component(target_place).ref
            return self._class_part(target, target_place, words, owner)
        if "allOf" in part and place != at:
            shape = self._all_of(part, place, words, owner)
            return shape.normal
        return self._class_part(part, place, words, owner)

    def _is_object(self, place: Place, part: Node) -> bool:
        place, part = self._resolved(place, part)
        return part.get("type") == "object" or any(key in part for key in _OBJECT_KEYS) or self._is_class(place, part)

    def _is_class(self, place: Place, part: Node) -> bool:
        place, part = self._resolved(place, part)
        if any(_options(part.get(word)) for word in ("oneOf", "anyOf")):
            return False
        return bool(_properties(part)) or any(self._is_class(*one) for one in self._all_parts(place, part))

    def _is_choice(self, place: Place, part: Node) -> bool:
        """Whether a part is a union with classes among its members."""
        place, part = self._resolved(place, part)
        if "enum" in part or "const" in part:
            return False
        for word in ("oneOf", "anyOf"):
            options = _options(part.get(word))
            if options and any(
                self._is_class(*self._resolved(place.at(word, i), o)) or self._is_choice(place.at(word, i), o)
                for i, o in options
            ):
                return True
        return any(self._is_choice(*one) for one in self._all_parts(place, part))

    def _refuse_circle(self, place: Place, schema: Node, seen: tuple[str, ...]) -> None:
        for part_place, part in self._all_parts(place, schema):
            if part_place.key in seen:
                raise UsageProblem(
                    Problem(
                        "allOf leads back to itself",
                        self.refs.location(place),
                        " → ".join([*seen, part_place.key][:8]),
                        "take one of the references out",
                    )
                )
            self._refuse_circle(part_place, part, (*seen, part_place.key))

    def _collect(self, place: Place, schema: Node) -> dict[str, Property]:
        found: dict[str, Property] = {}
        for part_place, part in self._all_parts(place, schema):
            found |= self.properties_of(part_place, part)
        for name, value in _properties(schema).items():
            found[name] = Property(place.at("properties", name), _as_schema(value))
        return found

    # --- unions

    def _union(self, schema: Node, word: str, at: Place, words: tuple[str, ...], owner: str) -> _Shape:
        options = [(at.at(word, index), option) for index, option in _options(schema[word])]
        if _properties(schema):
            own = {key: value for key, value in schema.items() if key not in (word, "discriminator")}
            choice = {key: schema[key] for key in (word, "discriminator") if key in schema}
            return self._variants(schema, (at, choice), [(at, own)], at, words, owner)
        labels = self._labels(options, schema)
        inherited: Node = {key: schema[key] for key in ("type", "items") if key in schema}
        nodes = [
            self.node(option if _SHAPE_KEYS & option.keys() else {**inherited, **option}, place, (*words, label), owner)
            for (place, option), label in zip(options, labels, strict=True)
        ]
        tag, tags = self._tags(schema, options, at, owner)
        return _Shape("alias", union(nodes), (), tag, tags)

    def _variants(
        self,
        schema: Node,
        choice: tuple[Place, Node],
        common: list[tuple[Place, Node]],
        at: Place,
        words: tuple[str, ...],
        owner: str,
    ) -> _Shape:
        """`allOf` of a union and more: one class for each member, with the common part in each."""
        place, node = self._resolved(*choice)
        word = next((word for word in ("oneOf", "anyOf") if _options(node.get(word))), "")
        if not word:
            inner = next(part for part in self._all_parts(place, node) if self._is_choice(*part))
            return self._variants(
                schema,
                inner,
                [*common, *(p for p in self._parts(node, place) if self._resolved(*p) != inner)],
                at,
                words,
                owner,
            )
        options = [(place.at(word, index), option) for index, option in _options(node[word])]
        labels = self._labels(options, node)
        nodes = [
            self._variant((option_place, option), common, at.at(f"{word}:{label}"), (*words, label), owner)
            for (option_place, option), label in zip(options, labels, strict=True)
        ]
        return _Shape("alias", union(nodes))

    def _variant(
        self,
        option: tuple[Place, Node],
        common: list[tuple[Place, Node]],
        at: Place,
        words: tuple[str, ...],
        owner: str,
    ) -> Node:
        parts = [*common, option]
        if not self._is_object(*self._resolved(*option)):
            return self.node(option[1], option[0], words, owner)
        if at.key not in self.lifted:
            ends = [self._resolved(*part) for part in parts]
            lifted = self._add(at, option[1], words, owner)
            lifted.kind, lifted.normal = "class", {"allOf": self._class_parts(parts, at, words, owner)}
            self._properties[at.key] = {name: one for end in ends for name, one in self.properties_of(*end).items()}
            self._required[at.key] = frozenset(name for end in ends for name in self.required_of(*end))
        return self.lifted[at.key].ref

    def _labels(self, options: list[tuple[Place, Node]], schema: Node) -> list[str]:
        """A word for each member of a union, from what it is; its position only where two would be the same."""
        discriminator = schema.get("discriminator")
        tag = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
        telling = (*((tag,) if isinstance(tag, str) else ()), "type", "kind", "object", "role", "event")
        words = [self._label(place, option, telling) for place, option in options]
        return [word if words.count(word) == 1 else f"{word}{index + 1}" for index, word in enumerate(words)]

    def _label(self, place: Place, option: Node, telling: tuple[str, ...]) -> str:
        if isinstance(ref := option.get("$ref"), str):
            return ref.rsplit("/", 1)[-1]
        if isinstance(title := option.get("title"), str) and title.strip():
            return title
        for name in telling:
            property_ = self.properties_of(place, option).get(name)
            values = constants(property_.schema) if property_ else ()
            if len(values) == 1:
                return str(values[0])
        kind = option.get("type")
        return {"array": "List", "object": "Object", "string": "Text"}.get(
            kind if isinstance(kind, str) else "", "Option"
        )

    def _tags(
        self, schema: Node, options: list[tuple[Place, Node]], at: Place, owner: str
    ) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The discriminator's table, where it says more than the members' own constants."""
        discriminator = schema.get("discriminator")
        if not isinstance(discriminator, dict) or not isinstance(name := discriminator.get("propertyName"), str):
            return "", ()
        members = [one for place, option in options for one in self._members(place, option, owner)]
        table = self._mapping(discriminator, at)
        constant = {(str(value), place.key) for place, one in members for value in self._values_of(place, one, name)}
        silent = [place for place, one in members if not self._values_of(place, one, name)]
        for place in silent:
            if (
                place.key not in table.values()
                and place.key in self.lifted
                and self.lifted[place.key].owner == place.key
            ):
                table[words_of(place)[-1]] = place.key  # OpenAPI: without a mapping the value is the schema's name
        if constant.issuperset(table.items()):
            return "", ()
        return name, tuple(sorted(table.items()))

    def _members(self, place: Place, option: Node, owner: str) -> Iterator[tuple[Place, Node]]:
        """The classes of a union, those of unions inside it included."""
        if ("$recursiveRef" in option or "$dynamicRef" in option) and owner in self.lifted:
            option = self.lifted[owner].schema
            place = self.lifted[owner].place
        place, schema = self._resolved(place, option)
        word = next((word for word in ("oneOf", "anyOf") if _options(schema.get(word))), "")
        if word and not _properties(schema):
            for index, inner in _options(schema[word]):
                if (place.at(word, index).key) != place.key:
                    yield from self._members(place.at(word, index), inner, owner)
        elif self._is_class(place, schema):
            yield place, schema

    def _values_of(self, place: Place, member: Node, name: str) -> tuple[str | int | bool, ...]:
        property_ = self.properties_of(place, member).get(name)
        if property_ is None:
            return ()
        _, schema = self._resolved(property_.place, property_.schema)
        found = constants(schema)
        for word in ("oneOf", "anyOf"):
            for _, option in _options(schema.get(word)):
                found += constants(option)
        return found

    def _mapping(self, discriminator: Node, at: Place) -> dict[str, str]:
        mapping = discriminator.get("mapping")
        table: dict[str, str] = {}
        for value, target in (mapping if isinstance(mapping, dict) else {}).items():
            if isinstance(target, str):
                ref = (
                    target
                    if "#" in target or target.endswith((".json", ".yaml", ".yml"))
                    else f"#/components/schemas/{target}"
                )
                table[value] = self.component(self.refs.follow(ref, at)[0]).key
        return table


# --- forms


def split_null(schema: Node) -> tuple[Node, bool]:
    """The schema without its permission to be null, and whether it had one."""
    if not schema.keys() & {"nullable", "type", "enum"}:
        return schema, False
    bare: Node = {key: value for key, value in schema.items() if key != "nullable"}
    is_null = schema.get("nullable") is True
    if isinstance(types := schema.get("type"), list):
        kept = [one for one in types if one != "null"]
        is_null = is_null or (len(kept) < len(types) and bool(kept))
        bare["type"] = kept[0] if len(kept) == 1 else kept or "null"
    if isinstance(values := schema.get("enum"), list) and None in values and len(values) > 1:
        bare["enum"] = [one for one in values if one is not None]
        is_null = True
    return bare, is_null


def nullable(node: Node) -> Node:
    """The node, or null."""
    return node if not node else union([node, {"type": "null"}])


def union(nodes: list[Node]) -> Node:
    """One of several nodes: flat, without repeats; anything when one of them is anything, or there are none."""
    flat: dict[str, JSON] = {}  # by spelling, because True == 1 and both may be constants
    for node in nodes:
        inner = node.get("anyOf")
        flat |= {repr(one): one for one in (inner if isinstance(inner, list) else [node])}
    if "{}" in flat or not flat:
        return {}
    members = list(flat.values())
    return {"anyOf": members} if len(members) > 1 or not isinstance(members[0], dict) else members[0]


def constants(schema: Mapping[str, JSON]) -> tuple[str | int | bool, ...]:
    """The values that a schema allows, when it lists them."""
    values = [schema["const"]] if "const" in schema else _list(schema.get("enum"))
    return tuple(value for value in values if isinstance(value, str | int))


def _const(value: JSON) -> Node:
    if isinstance(value, str | int | bool):
        return {"const": value}
    return {"type": "null"} if value is None else {"type": "number"} if isinstance(value, float) else {}


def _enumeration(schema: Node, at: Place, *, is_inline: bool) -> _Shape:
    listed = schema["enum"]
    if not isinstance(listed, list) or not listed:
        raise BadSchema(at, "an enumeration lists no values", f"enum: {listed!r}"[:80])
    values = list(dict.fromkeys((type(one), one) for one in map(_spelt, listed) if not isinstance(one, list | dict)))
    texts = [_as_text(value) for _, value in values] if schema.get("type") == "string" else [v for _, v in values]
    if not values:
        return _Shape("alias", {})
    if len(values) == 1 and (is_inline or not isinstance(texts[0], str | int)):
        return _Shape("alias", _const(texts[0]))
    strings = tuple(dict.fromkeys(one for one in texts if isinstance(one, str)))
    if len(strings) == len(set(texts)):
        return _Shape("enum", {}, strings)
    numbers = tuple(one for one in texts if isinstance(one, int) and not isinstance(one, bool))
    if len(numbers) == len(texts):
        return _Shape("enum", {}, numbers)
    return _Shape("alias", union([_const(one) for one in texts]))


def _spelt(value: JSON) -> JSON:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _as_text(value: JSON) -> JSON:
    """A value of an enumeration of strings that YAML read as something else."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) or value is None else str(value)


def _scalar(schema: Node) -> Node:
    kind = schema.get("type")
    if kind == "string":
        return _string(schema)
    if kind == "file":
        return {"leaf": "Binary"}
    return {"type": kind} if kind else {}


def _string(schema: Node) -> Node:
    format_ = schema.get("format")
    if isinstance(format_, str) and format_ in LEAVES:
        return {"leaf": LEAVES[format_]}
    if schema.get("contentEncoding") in ("base64", "base64url"):
        return {"leaf": "bytes"} if schema["contentEncoding"] == "base64" else {"type": "string"}
    media = schema.get("contentMediaType")
    if (
        isinstance(media, str)
        and media.split("/")[0] in ("application", "image", "audio", "video")
        and "json" not in media
    ):
        return {"leaf": "Binary"}
    return {"type": "string"}


def _has_shape_beside_ref(schema: Node) -> bool:
    return "$ref" in schema and bool((_SHAPE_KEYS - {"$ref", "type"}) & schema.keys())


def _options(value: JSON | None) -> list[tuple[int, Node]]:
    """The members of a union that say something about the shape; `required` alone is a condition, not a shape."""
    options = [(index, option) for index, option in enumerate(_list(value)) if isinstance(option, dict)]
    return (
        []
        if options
        and not any(_SHAPE_KEYS & option.keys() for _, option in options)
        and any("required" in o for _, o in options)
        else options
    )


def _properties(schema: Node) -> Node:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def _list(value: JSON | None) -> list[JSON]:
    return value if isinstance(value, list) else []


def _as_schema(value: JSON) -> Node:
    return value if isinstance(value, dict) else {}
