"""The one module that touches datamodel-code-generator: an independent second reading of the lifted schemas.

Our own reading (lift.py) is the one that is generated from. This one hands the lifted schemas to another parser, whose
references, `allOf`, nullability, unions, arrays and maps are its own work; second.py compares the two. It sees neutral
names and values (`S7`, `p12`, `k3`) in place of a document's own, so its naming and its notion of legal names play no
part, and no text of a document passes through it.

The pinned range stands in pyproject.toml (docs/dependencies.md); the options below belong to it.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from typedrun_codegen.ir.api import ANY, NONE, Leaf, ListOf, LiteralOf, MapOf, Ref, TypeExpr, UnionOf, union_of
from typedrun_codegen.ir.jsontypes import JSON

if TYPE_CHECKING:
    from datamodel_code_generator.parser.openapi import OpenAPIParser

PACKAGE: Final = "datamodel-code-generator"
_PLAIN: Final[Mapping[str, TypeExpr]] = {
    "str": Leaf("str"),
    "int": Leaf("int"),
    "float": Leaf("float"),
    "bool": Leaf("bool"),
    "None": NONE,
}
_WORDS: Final[Mapping[TypeExpr, str]] = {
    Leaf("str"): "string",
    Leaf("int"): "integer",
    Leaf("float"): "number",
    Leaf("bool"): "boolean",
    NONE: "null",
}
_SCHEMAS: Final = "#/components/schemas/"


@frozen(kw_only=True)
class Question:
    """One schema to read: a class, or an alias when it has no fields."""

    key: str
    bases: tuple[str, ...] = ()
    """Keys of the classes that its `allOf` names."""
    fields: Mapping[str, TypeExpr] = field(factory=dict[str, TypeExpr])
    """Wire name → type of the fields that its bases do not give."""
    type: TypeExpr | None = None
    """Of an alias."""


@frozen
class Answer:
    """What became of one schema."""

    fields: Mapping[str, TypeExpr]
    """Of a class: wire name → type, `allOf` flattened."""
    type: TypeExpr
    """Of an alias."""


def read_types(questions: Sequence[Question]) -> tuple[dict[str, Answer], dict[str, str]]:
    """Answers by key; and for the schemas that the parser could not take, the reason."""
    broken: dict[str, str] = {}
    while True:
        try:
            return _Reading(questions, frozenset(broken)).answers(), broken
        except Exception as error:  # noqa: BLE001  # whatever a parser of 170,000 lines raises: find the schema, go on without it
            broken |= _culprits([one for one in questions if one.key not in broken], questions, error)


def _culprits(suspects: Sequence[Question], questions: Sequence[Question], error: Exception) -> dict[str, str]:
    """The schemas that fail on their own, by halving; the whole lot when only their combination fails."""
    reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    if len(suspects) == 1:
        return {suspects[0].key: reason}
    found: dict[str, str] = {}
    middle = len(suspects) // 2
    for half in (suspects[:middle], suspects[middle:]):
        kept = {one.key for one in half}
        try:
            _Reading(questions, frozenset(one.key for one in questions if one.key not in kept)).answers()
        except Exception as inner:  # noqa: BLE001  # see read_types
            found |= _culprits(half, questions, inner)
    return found or {one.key: reason for one in suspects}


@define
class _Reading:
    """One run of the parser. Schemas in `left_out` stand for anything."""

    questions: Sequence[Question]
    left_out: frozenset[str]
    _numbers: dict[str, int] = field(init=False)
    _properties: dict[str, str] = field(factory=dict[str, str])
    """Wire name → neutral name; the same in every schema, because allOf merges by name."""
    _values: dict[str, LiteralOf] = field(factory=dict[str, LiteralOf])
    """Neutral text → constant."""
    _opaque: dict[TypeExpr, str] = field(factory=dict[TypeExpr, str])
    """Types that are nothing to the parser but a name."""

    def __attrs_post_init__(self) -> None:
        self._numbers = {one.key: number for number, one in enumerate(self.questions)}

    def answers(self) -> dict[str, Answer]:
        models = {str(model.reference.path).rpartition("/")[2]: model for model in self._parse().results}
        return {one.key: self._answer(one, models) for one in self.questions}

    # --- in

    def _parse(self) -> OpenAPIParser:
        schemas: dict[str, JSON] = {}
        for one in self.questions:
            schemas[f"S{self._numbers[one.key]}"] = {} if one.key in self.left_out else self._schema(one)
        schemas |= {name: {"type": "string"} for name in self._opaque.values()}
        info: JSON = {"title": "t", "version": "1"}
        document: JSON = {"openapi": "3.1.0", "info": info, "paths": {}, "components": {"schemas": schemas}}
        return _parser(json.dumps(document))

    def _schema(self, one: Question) -> JSON:
        if one.type is not None:
            return self._node(one.type)
        own: JSON = {"type": "object", "properties": {self._neutral(k): self._node(v) for k, v in one.fields.items()}}
        if not one.bases:
            return own
        bases: list[JSON] = [{"$ref": f"{_SCHEMAS}S{self._numbers[key]}"} for key in one.bases]
        return {"allOf": [*bases, own]}

    def _node(self, type_: TypeExpr) -> JSON:
        match type_:
            case Ref(key) if key in self._numbers:
                return {"$ref": f"{_SCHEMAS}S{self._numbers[key]}"}
            case ListOf(item):
                return {"type": "array", "items": self._node(item)}
            case MapOf(value):
                return {"type": "object", "additionalProperties": self._node(value) or True}
            case UnionOf(members):
                return {"anyOf": [self._node(one) for one in members]}
            case LiteralOf(values) if len(values) == 1:
                name = f"k{len(self._values)}"
                self._values[name] = type_
                return {"const": name}
            case _ if type_ == ANY:
                return {}
            case _ if type_ in _WORDS:
                return {"type": _WORDS[type_]}
            case _:
                return {"$ref": _SCHEMAS + self._opaque.setdefault(type_, f"Leaf{len(self._opaque)}")}

    def _neutral(self, wire: str) -> str:
        return self._properties.setdefault(wire, f"p{len(self._properties)}")

    # --- out

    def _answer(self, one: Question, models: Mapping[str, Any]) -> Answer:
        model = models.get(f"S{self._numbers[one.key]}")
        if one.key in self.left_out:
            return Answer({}, ANY)
        if one.type is None:
            wires = {neutral: wire for wire, neutral in self._properties.items()}
            found = _fields(model, models) if model is not None else ()
            return Answer({wires[name]: self._type(data) for name, data in found if name in wires}, ANY)
        if one.type == MapOf(ANY):
            return Answer({}, one.type)  # the parser would make a class without fields of it
        if model is not None and getattr(model, "IS_ALIAS", False) and model.fields:
            return Answer({}, self._type(model.fields[0].data_type))
        # The parser folds a schema that is nothing but a reference into its target.
        return Answer({}, one.type if isinstance(one.type, Ref) or one.type in self._opaque else ANY)

    def _type(self, data: Any) -> TypeExpr:
        """A type of the parser, read from its structure and never from its text."""
        found = self._bare(data)
        return union_of([found, NONE]) if data.is_optional else found

    def _bare(self, data: Any) -> TypeExpr:
        if data.reference:
            return self._reference(str(data.reference.path))
        if data.literals:
            return union_of(self._values.get(str(value), ANY) for value in data.literals)
        parts = [self._type(part) for part in data.data_types]
        if data.is_list:
            return ListOf(union_of(parts))
        if data.is_dict:
            return MapOf(union_of(parts))
        return union_of(parts) if parts else _PLAIN.get(str(data.type), ANY)

    def _reference(self, path: str) -> TypeExpr:
        name = path.rpartition("/")[2]
        opaque = next((type_ for type_, given in self._opaque.items() if given == name), None)
        if opaque is not None:
            return opaque
        return Ref(self.questions[int(name[1:])].key) if name[:1] == "S" and name[1:].isdecimal() else ANY


def _fields(model: Any, models: Mapping[str, Any], seen: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Neutral name and type of every property, those of the bases first; a later spelling of a name replaces the type."""
    found: dict[str, Any] = {}
    for base in model.base_classes:
        path = str(base.reference.path) if base.reference else ""
        name = path.rpartition("/")[2]
        if name in models and name not in seen:
            found |= dict(_fields(models[name], models, (*seen, name)))
    for one in model.fields:
        found[str(one.original_name or one.name)] = one.data_type
    yield from found.items()


def _parser(text: str) -> OpenAPIParser:
    # Imported here: a quarter of a second and 50 MB that only reading a schema should cost.
    from datamodel_code_generator.enums import DataModelType, NamingStrategy
    from datamodel_code_generator.format import PythonVersion
    from datamodel_code_generator.model import get_data_model_types
    from datamodel_code_generator.parser.openapi import OpenAPIParser

    types = get_data_model_types(DataModelType.DataclassesDataclass, PythonVersion.PY_311)
    parser = OpenAPIParser(
        text,
        data_model_type=types.data_model,
        data_model_root_type=types.root_model,
        data_model_field_type=types.field_model,
        data_type_manager_type=types.data_type_manager,
        dump_resolve_reference_action=types.dump_resolve_reference_action,
        target_python_version=PythonVersion.PY_311,
        naming_strategy=NamingStrategy.ParentPrefixed,
        strict_nullable=True,
        use_union_operator=True,
        use_standard_collections=True,
        use_specialized_enum=False,
        keyword_only=True,
        allow_remote_refs=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its advice is about text that is thrown away
        parser.parse(format_=False)  # with its formatters it would import black and isort
    return parser
