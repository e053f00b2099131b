"""Per function, what its models share: the signature that any of them can be called with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from attrs import frozen

from typedrun_codegen.ir.api import Leaf, ListOf, LiteralOf, TypeExpr, UnionOf
from typedrun_codegen.ir.catalog import Choices, ModelSpec, ParameterSpec, options_of
from typedrun_codegen.text.names import Identifier


@frozen
class Shared:
    """A parameter that every model of a function takes."""

    name: Identifier
    type: TypeExpr
    required: bool

    @property
    def choices(self) -> Choices:
        """The closed set inside the type; empty when it has none."""
        return options_of(self.type)


@frozen
class Common:
    """The common signature of a function's models, and the models that cannot be called that way."""

    parameters: tuple[Shared, ...]
    outliers: tuple[ModelSpec, ...]
    is_open: bool = False
    """The models share no signature: the protocol takes anything."""

    @property
    def covers_all(self) -> bool:
        """Whether any model of the function can be called this way."""
        return not self.outliers and not self.is_open


Table: TypeAlias = "dict[Identifier, ParameterSpec]"


def common_signature(models: Sequence[ModelSpec], names: Mapping[str, Mapping[str, Identifier]]) -> Common:
    """What the models share, by Python name: that is what a call spells.

    A model that requires a parameter which others do not take cannot be called like them: the set of required parameters
    that most models can be called with decides (on a tie, the smaller set, then the alphabet). Models that need more, or
    other types, are outliers. Models of which the catalog does not tell the parameters take anything.
    """
    tables = {
        model.id: {names[model.id][p.name]: p for p in model.parameters if p.is_argument}
        for model in models
        if model.has_parameters
    }
    if not tables:
        return Common((), (), is_open=True)
    needs = {key: frozenset(name for name, p in table.items() if p.must_be_given) for key, table in tables.items()}
    base = _best_base(tables, needs)
    callable_ = {key: table for key, table in tables.items() if needs[key] <= base <= table.keys()}
    inside = _of_one_type(callable_, base)
    first = next(iter(inside.values()))
    shared = [_shared(name, [table[name] for table in inside.values()]) for name in first if _in_all(name, inside)]
    parameters = sorted((p for p in shared if p is not None), key=lambda p: (not p.required, p.name))
    outliers = tuple(model for model in models if model.id in tables and model.id not in inside)
    return Common(tuple(parameters), outliers)


def _best_base(tables: Mapping[str, Table], needs: Mapping[str, frozenset[Identifier]]) -> frozenset[Identifier]:
    """The set of required parameters that most models can be called with."""
    fits = {
        base: sum(needs[key] <= base <= table.keys() for key, table in tables.items()) for base in set(needs.values())
    }
    return min(fits, key=lambda base: (-fits[base], len(base), sorted(base)))


def _of_one_type(tables: dict[str, Table], base: frozenset[Identifier]) -> dict[str, Table]:
    """The models whose required parameters have the types that most have, or types that go with those."""
    for name in sorted(base):
        counts = Counter(table[name].type for table in tables.values())
        common = max(counts, key=lambda type_: counts[type_])
        tables = {key: table for key, table in tables.items() if meet(common, table[name].type) is not None}
    return tables


def _in_all(name: Identifier, tables: dict[str, Table]) -> bool:
    return all(name in table for table in tables.values())


def _shared(name: Identifier, parameters: list[ParameterSpec]) -> Shared | None:
    type_: TypeExpr | None = parameters[0].type
    for parameter in parameters[1:]:
        type_ = None if type_ is None else meet(type_, parameter.type)
    return None if type_ is None else Shared(name, type_, any(p.must_be_given for p in parameters))


def meet(one: TypeExpr, other: TypeExpr) -> TypeExpr | None:
    """The largest type of which both take every value; None when there is none worth naming."""
    if one == other:
        return one
    if isinstance(one, UnionOf) or isinstance(other, UnionOf):
        members = one.members if isinstance(one, UnionOf) else (one,)
        others = other.members if isinstance(other, UnionOf) else (other,)
        return next((found for a in members for b in others if (found := meet(a, b)) is not None), None)
    if isinstance(one, LiteralOf) and isinstance(other, LiteralOf):
        values = tuple(value for value in one.values if value in other.values)
        return LiteralOf(values) if values else None
    if isinstance(one, LiteralOf) or isinstance(other, LiteralOf):
        options, wide = (one, other) if isinstance(one, LiteralOf) else (other, one)
        return options if isinstance(options, LiteralOf) and _takes(wide, options) else None
    if isinstance(one, ListOf) and isinstance(other, ListOf):
        item = meet(one.item, other.item)
        return None if item is None else ListOf(item)
    return _NARROWER.get(frozenset({one, other})) if isinstance(one, Leaf) and isinstance(other, Leaf) else None


def _takes(wide: TypeExpr, options: LiteralOf) -> bool:
    if wide == Leaf("JSON"):
        return True
    python = {"str": str, "float": int, "int": int, "Media": str}.get(wide.name) if isinstance(wide, Leaf) else None
    return python is not None and all(type(value) is python for value in options.values)


_NARROWER = {
    frozenset({Leaf("float"), Leaf("int")}): Leaf("int"),
    frozenset({Leaf("str"), Leaf("Media")}): Leaf("str"),
    frozenset({Leaf("str"), Leaf("JSON")}): Leaf("str"),
    frozenset({Leaf("float"), Leaf("JSON")}): Leaf("float"),
    frozenset({Leaf("int"), Leaf("JSON")}): Leaf("int"),
    frozenset({Leaf("bool"), Leaf("JSON")}): Leaf("bool"),
}
