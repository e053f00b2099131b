"""The one module that touches datamodel-code-generator: lifted schemas go in, types come out.

It is used as a parser only: references, allOf, nullability, unions, arrays, maps. Nothing of its text is kept, no template,
formatter or subclass of ours takes part. It sees neutral names and values (`S7`, `p12`, `k3`) in place of a document's
own, so its naming, its rewriting of source text and its notion of legal names have no influence on ours, and no text of a
document passes through it.

The pinned range stands in pyproject.toml (docs/dependencies.md); the options below belong to it.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from typedrun_codegen.ir.api import ANY, Leaf, ListOf, LiteralOf, MapOf, Ref, TypeExpr, union_of
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.readers.lift import LEAVES, Lifted

if TYPE_CHECKING:
    from datamodel_code_generator.parser.openapi import OpenAPIParser

PACKAGE: Final = "datamodel-code-generator"
_LEAF_NAMES: Final = tuple(dict.fromkeys(LEAVES.values()))
_PLAIN: Final[Mapping[str, TypeExpr]] = {
    "str": Leaf("str"),
    "int": Leaf("int"),
    "float": Leaf("float"),
    "bool": Leaf("bool"),
    "None": Leaf("None"),
}


@frozen
class Typed:
    """What became of one lifted schema."""

    fields: Mapping[str, TypeExpr]
    """Of a class: wire name → type, `allOf` flattened, in order."""
    type: TypeExpr
    """Of an alias."""


def tool_version() -> str:
    """The version that reads; recorded in the manifest, because another one may read differently."""
    return version(PACKAGE)


def read_types(lifted: Sequence[Lifted]) -> tuple[dict[str, Typed], dict[str, str]]:
    """Types of every lifted schema, by key; and for those that it could not take, the reason."""
    broken: dict[str, str] = {}
    return _read(list(lifted), broken), broken


def _read(lifted: Sequence[Lifted], broken: dict[str, str]) -> dict[str, Typed]:
    try:
        return _Reading(lifted, frozenset(broken)).types()
    except Exception as error:  # noqa: BLE001  # whatever a parser of 170,000 lines raises: find the schema, go on without it
        found = _culprits([one for one in lifted if one.key not in broken], lifted, error)
        broken |= found
        return _read(lifted, broken)


def _culprits(suspects: Sequence[Lifted], lifted: Sequence[Lifted], error: Exception) -> dict[str, str]:
    """The schemas that fail on their own, by halving; the whole lot when only their combination fails."""
    if len(suspects) == 1:
        return {suspects[0].key: f"{type(error).__name__}: {error}".splitlines()[0][:200]}
    found: dict[str, str] = {}
    middle = len(suspects) // 2
    for half in (suspects[:middle], suspects[middle:]):
        kept = {one.key for one in half}
        try:
            _Reading(lifted, frozenset(one.key for one in lifted if one.key not in kept)).types()
        except Exception as inner:  # noqa: BLE001  # see _read
            found |= _culprits(half, lifted, inner)
    return found or {one.key: f"{type(error).__name__}: {error}".splitlines()[0][:200] for one in suspects}


@define
class _Reading:
    """One run of the parser. Schemas in `left_out` stand for anything."""

    lifted: Sequence[Lifted]
    left_out: frozenset[str]
    _properties: dict[str, str] = field(factory=dict[str, str])
    """Wire name → neutral name; the same in every schema, because allOf merges by name."""
    _values: dict[str, str | int | bool] = field(factory=dict[str, str | int | bool])
    """Neutral text → constant."""

    def types(self) -> dict[str, Typed]:
        models = {str(model.reference.path).rpartition("/")[2]: model for model in self._parse().results}
        return {one.key: self._typed(one, models) for one in self.lifted}

    # --- in

    def _parse(self) -> OpenAPIParser:
        schemas: dict[str, JSON] = {f"Leaf{name}": {"type": "string"} for name in _LEAF_NAMES}
        for one in self.lifted:
            schemas[f"S{one.number}"] = {} if one.key in self.left_out else self._neutral_schema(one)
        document: dict[str, JSON] = {
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {},
            "components": {"schemas": schemas},
        }
        return _parser(json.dumps(document))

    def _neutral_schema(self, one: Lifted) -> JSON:
        if one.kind == "enum":
            return {"type": "string", "enum": ["a", "b"]}
        return self._neutral(one.normal)

    def _neutral(self, node: JSON) -> JSON:
        if isinstance(node, list):
            return [self._neutral(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "leaf" in node:
            return {"$ref": f"#/components/schemas/Leaf{node['leaf']}"}
        if "const" in node:
            return {"const": self._neutral_value(node["const"])}
        return {key: self._neutral_part(key, value) for key, value in node.items()}

    def _neutral_part(self, key: str, value: JSON) -> JSON:
        if key == "properties" and isinstance(value, dict):
            return {self._neutral_name(name): self._neutral(one) for name, one in value.items()}
        if key == "required" and isinstance(value, list):
            return [self._neutral_name(str(name)) for name in value]
        return self._neutral(value)

    def _neutral_name(self, wire: str) -> str:
        return self._properties.setdefault(wire, f"p{len(self._properties)}")

    def _neutral_value(self, value: JSON) -> str:
        assert isinstance(value, str | int)  # noqa: S101  # lift makes no other constants
        name = f"k{len(self._values)}"
        self._values[name] = value
        return name

    # --- out

    def _typed(self, one: Lifted, models: Mapping[str, Any]) -> Typed:
        model = models.get(f"S{one.number}")
        if one.kind == "enum" or one.key in self.left_out:
            return Typed({}, ANY)
        if one.normal.get("additionalProperties") is True:
            return Typed({}, MapOf(ANY))  # the parser would make a class without fields of it
        if one.kind == "class" and model is not None:
            wires = {neutral: wire for wire, neutral in self._properties.items()}
            return Typed({wires[name]: self._type(d) for name, d in _fields(model, models) if name in wires}, ANY)
        if model is not None and getattr(model, "IS_ALIAS", False) and model.fields:
            return Typed({}, self._type(model.fields[0].data_type))
        # The parser folds a schema that is nothing but a reference into its target.
        return Typed({}, self._reference(str(one.normal.get("$ref", ""))))

    def _type(self, data: Any) -> TypeExpr:
        """A type of the parser, read from its structure and never from its text."""
        found = self._bare(data)
        return union_of([found, Leaf("None")]) if data.is_optional else found

    def _bare(self, data: Any) -> TypeExpr:
        if data.reference:
            return self._reference(str(data.reference.path))
        if data.literals:
            return LiteralOf(tuple(self._values.get(str(value), str(value)) for value in data.literals))
        parts = [self._type(part) for part in data.data_types]
        if data.is_list:
            return ListOf(union_of(parts))
        if data.is_dict:
            return MapOf(union_of(parts))
        return union_of(parts) if parts else _PLAIN.get(str(data.type), ANY)

    def _reference(self, path: str) -> TypeExpr:
        name = path.rpartition("/")[2]
        if name.startswith("Leaf"):
            leaf = next((leaf for leaf in _LEAF_NAMES if leaf == name[4:]), None)
            return Leaf(leaf) if leaf else ANY  # type: ignore[arg-type]  # the values of LEAVES are names of leaves
        if not name.startswith("S") or not name[1:].isdecimal():
            return ANY
        return Ref(self.lifted[int(name[1:])].key)


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
