"""What a model takes and answers, from the JSON Schemas in its document: parameters, the objects in them, the output.

A marketplace says by a `Dialect` what JSON Schema has no word for; everything else is read as any API document is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import define, evolve, field, frozen

from typedrun_codegen.ir.api import (
    ABSENT,
    ANY,
    ANYTHING,
    NONE,
    AliasSpec,
    AnyNamed,
    ClassSpec,
    EnumSpec,
    FieldSpec,
    Leaf,
    LeafName,
    ListOf,
    LiteralOf,
    MapOf,
    Ref,
    TypeExpr,
    UnionOf,
    union_of,
)
from typedrun_codegen.ir.catalog import ParameterSpec, all_that_is_said, options_of
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.ir.relation import reach
from typedrun_codegen.ir.values import MEDIA, fits
from typedrun_codegen.readers import forms
from typedrun_codegen.readers.documents import Document
from typedrun_codegen.readers.forms import Node
from typedrun_codegen.readers.inlined import Inliner, IsFile, tidied_all
from typedrun_codegen.readers.lift import Lifter
from typedrun_codegen.readers.named import NamedTypes
from typedrun_codegen.readers.notes import range_notes
from typedrun_codegen.readers.references import Place, References
from typedrun_codegen.text.annotations import merged

RULE: Final = "schema"
"""The row of the type tables: the type is the schema's."""

FILE: Final = Leaf("RemoteFile")
_FORMATS: Final[Mapping[str, LeafName]] = {
    **forms.LEAVES,
    "uri": "Media",
    "file": "Media",
    "byte": "str",
    "binary": "str",
}
"""A URL is a file in these documents; content is never in them, so its formats are texts."""
_OUTPUT: Final = "Output"
_URL: Final = "A URL."
"""What the notes of a schema say of an address; a file says so by its type."""


@frozen
class Dialect:
    """How the documents of a marketplace say what JSON Schema has no word for."""

    order_of: Callable[[Node], Sequence[str]]
    """Names of an object's properties, in the order that its schema wants; those that it does not name come after them."""
    is_file: IsFile
    is_file_object: Callable[[frozenset[str]], bool]
    """Whether an object with these properties stands for a file."""


@frozen(kw_only=True)
class Signature:
    """What a model takes and answers."""

    parameters: tuple[ParameterSpec, ...] = ()
    has_parameters: bool = True
    variants: tuple[tuple[ParameterSpec, ...], ...] = ()
    objects: tuple[ClassSpec, ...] = ()
    answers: tuple[AnyNamed, ...] = ()
    output: TypeExpr | None = None
    problems: tuple[Problem, ...] = ()


def read_signature(
    schemas: JSON, model: Location, below: str, dialect: Dialect, *, input: str | None, output: str | None
) -> Signature:
    """Read the schemas of one model.

    Args:
        schemas: `components.schemas` of its document.
        model: where the model stands.
        below: JSON pointer of the document inside it.
        dialect: the marketplace's.
        input: name of the schema of its inputs; None where there is none.
        output: name of the schema of its output, likewise.
    """
    root: Node = {"components": {"schemas": tidied_all(schemas)}}
    reader = _Reader(References(Document(Path(), model.file, root), is_alone=True), model, below, dialect)
    return reader.read(input, output)


def _place(name: str) -> Place:
    return Place("", "/components/schemas").at(name)


@define
class _Reader:
    refs: References
    model: Location
    below: str
    """Pointer of the document inside the model."""
    dialect: Dialect
    lifter: Lifter = field(init=False)
    types: dict[str, AnyNamed] = field(init=False)
    problems: list[Problem] = field(factory=list[Problem])

    def __attrs_post_init__(self) -> None:
        self.lifter = Lifter(self.refs, _FORMATS)
        self.types = {}

    def read(self, input: str | None, output: str | None) -> Signature:
        for name in (input, output):
            if name is not None:
                self.lifter.component(_place(name))
        self.lifter.finish()
        self.types = {one.key: one for one in NamedTypes(self.lifter).all()}
        takes = _Takes(self, None if input is None else _place(input).key)
        gives = _Gives(self, None if output is None else _place(output).key)
        parameters, variants, has_parameters = takes.parameters()
        output_type = gives.output()
        problems = [*self.problems, *self.lifter.problems]
        return Signature(
            parameters=parameters,
            has_parameters=has_parameters,
            variants=variants,
            objects=tuple(takes.objects()),
            answers=tuple(gives.answers(output_type)),
            output=output_type,
            problems=tuple(evolve(one, location=self.placed(one.location)) for one in problems),
        )

    def placed(self, location: Location) -> Location:
        """A place in the document, as a place in its file."""
        return Location(location.file, self.model.pointer + self.below + location.pointer)

    def ordered(self, class_: ClassSpec) -> tuple[FieldSpec, ...]:
        """The fields of a class in the order that its schema wants."""
        wanted = self.dialect.order_of(self.lifter.lifted[class_.key].schema)
        rank = {name: index for index, name in enumerate(wanted)}
        return tuple(sorted(class_.fields, key=lambda one: rank.get(one.wire, len(rank))))


@define
class _Takes:
    """The inputs."""

    reader: _Reader
    root: str | None
    _objects: dict[str, ClassSpec] = field(factory=dict[str, ClassSpec])

    def parameters(self) -> tuple[tuple[ParameterSpec, ...], tuple[tuple[ParameterSpec, ...], ...], bool]:
        """The parameters, the sets of them of which a call has one, and whether anything is said about them."""
        root = None if self.root is None else self._meant(self.reader.types[self.root])
        if root is None:
            return (), (), False
        classes = self._classes_of(root)
        if not classes:
            return (), (), self._is_empty(root)
        variants = [
            tuple(self._parameter(one, index) for index, one in enumerate(self.reader.ordered(class_)))
            for class_ in classes
        ]
        if len(variants) == 1:
            return variants[0], (), True
        found: dict[str, ParameterSpec] = {}
        for one in (each for variant in variants for each in variant):
            found[one.name] = self._either(found[one.name], one) if one.name in found else one
        needed = [{one.name for one in variant if one.required} for variant in variants]
        parameters = tuple(
            _made(evolve(one, required=all(one.name in each for each in needed), index=index))
            for index, one in enumerate(found.values())
        )
        return parameters, tuple(variants), True

    def _classes_of(self, root: AnyNamed) -> list[ClassSpec]:
        """The one class that the inputs are, or each of several."""
        if isinstance(root, ClassSpec):
            return [root]
        types = root.type.members if isinstance(root, AliasSpec) and isinstance(root.type, UnionOf) else ()
        named = [self._meant(self.reader.types[one.key]) for one in types if isinstance(one, Ref)]
        return [class_ for one in named for class_ in self._classes_of(one)]

    def _is_empty(self, root: AnyNamed) -> bool:
        """Whether the model takes nothing: an object that lists no properties. Anything else is no set of parameters."""
        is_object = isinstance(root, AliasSpec) and isinstance(root.type, MapOf)
        if not is_object:
            title, next_step = "the inputs are no object", "correct the schema; until then any parameter is accepted"
            self.reader.problems.append(Problem(title, root.location, root.key, next_step))
        return is_object

    def _meant(self, named: AnyNamed) -> AnyNamed:
        seen = set[str]()
        while isinstance(named, AliasSpec) and isinstance(named.type, Ref) and named.key not in seen:
            seen.add(named.key)
            named = self.reader.types[named.type.key]
        return named

    def _parameter(self, one: FieldSpec, index: int) -> ParameterSpec:
        type_ = self._given_for(one)
        place = Place("", one.location.pointer)
        inliner = Inliner(self.reader.refs, self.reader.dialect.is_file)
        schema = inliner.parameter(one.wire, self.reader.refs.node(place), place)
        said: Node = schema if isinstance(schema, dict) else {}
        default = None if one.default is ABSENT else forms.spelt(one.default)
        is_shown = default is not None and fits(default, type_, {each.key: each for each in self.objects()})
        values = said.get("enum")
        choices = tuple(values) if isinstance(values, list) else options_of(type_)
        limits = [text for text in one.notes.constraints if text not in range_notes(said)]
        return ParameterSpec(
            name=one.wire,
            required=one.required,
            type=type_,
            rule=RULE,
            options=tuple(value for value in choices if value is not None),
            defaults=() if default is None else (default,),
            default=default if is_shown else None,
            minimum=_bound(said, "minimum"),
            maximum=_bound(said, "maximum"),
            limits=tuple(text for text in limits if type_ != MEDIA or text != _URL),
            schema={key: value for key, value in said.items() if key not in ("description", "default")},
            description=_text(said.get("description")),
            index=index,
            pointer=self.reader.below + one.location.pointer,
        )

    def _either(self, one: ParameterSpec, other: ParameterSpec) -> ParameterSpec:
        """A parameter that two variants describe: what either takes."""
        if one == other:
            return one
        schema: JSON = one.schema if one.schema == other.schema else {"anyOf": [one.schema, other.schema]}
        type_ = union_of(merged((*_members(one.type), *_members(other.type))))
        is_same = one.default == other.default
        return _made(
            evolve(
                one,
                type=type_,
                schema=schema,
                options=(),
                defaults=one.defaults if is_same else (),
                default=one.default if is_same else None,
                minimum=None if one.minimum != other.minimum else one.minimum,
                maximum=None if one.maximum != other.maximum else one.maximum,
            )
        )

    def objects(self) -> Iterable[ClassSpec]:
        """The objects that parameters hold."""
        return self._objects.values()

    def _given_for(self, one: FieldSpec) -> TypeExpr:
        """The type of a value that is given for a property."""
        node = self.reader.refs.node(Place("", one.location.pointer))
        return self.given(one.type, self.reader.dialect.is_file(one.wire, node) if isinstance(node, dict) else None)

    def given(self, type_: TypeExpr, is_file: bool | None, within: frozenset[str] = frozenset()) -> TypeExpr:
        """The type of a value that is given; whether its texts are addresses of files, where their format does not say it."""
        match type_:
            case Leaf("str"):
                return MEDIA if is_file else type_
            case Leaf("Media"):
                return Leaf("str") if is_file is False else type_
            case Leaf("Any"):
                return ANYTHING
            case ListOf(item):
                return ListOf(self.given(item, is_file, within))
            case MapOf(value):
                return MapOf(self.given(value, is_file, within))
            case UnionOf(members):
                found = [self.given(member, is_file, within) for member in members]
                flat = tuple(each for one in found for each in _members(one))
                return ANYTHING if ANYTHING in flat else union_of(merged(flat))
            case Ref(key):
                return self._named(self.reader.types[key], is_file, within)
            case _:
                return type_

    def _named(self, named: AnyNamed, is_file: bool | None, within: frozenset[str]) -> TypeExpr:
        if isinstance(named, EnumSpec):
            return LiteralOf(tuple(named.values))
        if isinstance(named, AliasSpec):
            return ANYTHING if named.key in within else self.given(named.type, is_file, within | {named.key})
        if named.key not in self._objects:
            self._objects[named.key] = named  # before its fields, which may hold it
            fields = self.reader.ordered(named)
            words = named.words[1:] if self.root and named.owner == self.root else named.words
            made = tuple(evolve(one, type=self._given_for(one)) for one in fields)
            self._objects[named.key] = evolve(named, key=self._key(named), fields=made, words=words)
        return Ref(self._key(named))

    def _key(self, named: ClassSpec) -> str:
        """The key of an object; inside the inputs it does not say what these are called, which means nothing."""
        inside = named.key.removeprefix(f"{self.root}/")
        return named.key if inside == named.key else f"#/{inside}"


@define
class _Gives:
    """The output."""

    reader: _Reader
    root: str | None

    def output(self) -> TypeExpr | None:
        """Type of a result's data; None where nothing is said."""
        if self.root is None:
            return None
        found = self.reader.types[self.root]
        type_ = self.answered(found.type if isinstance(found, AliasSpec) and not found.tag else Ref(found.key))
        return None if type_ in (ANY, NONE) else type_

    def answers(self, output: TypeExpr | None) -> Iterable[AnyNamed]:
        """The named types that the output mentions."""
        made = {key: self._made(one) for key, one in self.reader.types.items()}
        keys = reach(made, [] if output is None else [output])
        return (one for key, one in made.items() if key in keys)

    def _made(self, named: AnyNamed) -> AnyNamed:
        words = (_OUTPUT, *named.words[1:]) if named.owner == self.root else named.words
        if isinstance(named, ClassSpec):
            fields = map(self._field, self.reader.ordered(named))
            rest = None if named.rest is None else self.answered(named.rest)
            return evolve(named, fields=tuple(fields), rest=rest, words=words)
        return evolve(named, type=self.answered(named.type), words=words) if isinstance(named, AliasSpec) else named

    def _field(self, one: FieldSpec) -> FieldSpec:
        type_ = self.answered(one.type)
        limits = tuple(text for text in one.notes.constraints if type_ != FILE or text != _URL)
        return evolve(one, type=type_, notes=evolve(one.notes, constraints=limits))

    def answered(self, type_: TypeExpr) -> TypeExpr:
        """The type of a value in an answer."""
        match type_:
            case Leaf("Media"):
                return FILE
            case ListOf(item):
                return ListOf(self.answered(item))
            case MapOf(value):
                return MapOf(self.answered(value))
            case UnionOf(members):
                return union_of(self.answered(member) for member in members)
            case Ref(key):
                return FILE if self._is_file(self.reader.types[key]) else type_
            case _:
                return type_

    def _is_file(self, named: AnyNamed) -> bool:
        names = frozenset(one.wire for one in named.fields) if isinstance(named, ClassSpec) else frozenset[str]()
        return bool(names) and self.reader.dialect.is_file_object(names)


def _made(spec: ParameterSpec) -> ParameterSpec:
    """A parameter that was made of another, as one that tells itself apart."""
    return evolve(spec, fingerprint=all_that_is_said(spec))


def _members(type_: TypeExpr) -> tuple[TypeExpr, ...]:
    return type_.members if isinstance(type_, UnionOf) else (type_,)


def _bound(schema: Mapping[str, JSON], word: str) -> float | None:
    value = schema.get(word)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: JSON) -> str:
    return value if isinstance(value, str) and value != "An enumeration." else ""
