"""Per function, what its models share: the signature that any of them can be called with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from attrs import frozen

from typedrun_codegen.spec import Array, Either, ModelSpec, Options, ParameterSpec, Scalar, TypeExpr


@frozen
class Shared:
    """A parameter that every model of a function takes."""

    name: str
    type: TypeExpr
    required: bool


@frozen
class Common:
    """The common signature of a function's models, and the models that need more than it gives."""

    parameters: tuple[Shared, ...]
    outliers: tuple[ModelSpec, ...]

    @property
    def covers_all(self) -> bool:
        """Whether any model of the function can be called this way."""
        return not self.outliers


def common_signature(models: Sequence[ModelSpec]) -> Common:
    """What the models share.

    A model that requires a parameter which others do not take cannot be called like them: the set of required parameters
    that most models have decides (on a tie, the smaller set, then the alphabet), and models that need more are outliers.
    Models of which the catalog does not tell the parameters take any.
    """
    closed = [model for model in models if model.has_parameters]
    if not closed:
        return Common((), tuple(models))
    required = [frozenset(p.name for p in model.parameters if p.must_be_given) for model in closed]
    tables = [{p.name: p for p in model.parameters if p.is_argument} for model in closed]
    counts = Counter(required)
    base = min(counts, key=lambda names: (-counts[names], len(names), sorted(names)))
    fitting = [needs <= base and base <= table.keys() for needs, table in zip(required, tables, strict=True)]
    inside = [table for table, fits in zip(tables, fitting, strict=True) if fits]
    shared = [_shared(name, [table[name] for table in inside]) for name in inside[0] if all(name in t for t in inside)]
    common = tuple(parameter for parameter in shared if parameter is not None)
    if not base <= {parameter.name for parameter in common}:
        return Common((), tuple(models))
    outliers = tuple(model for model, fits in zip(closed, fitting, strict=True) if not fits)
    return Common(tuple(sorted(common, key=lambda p: (not p.required, p.name))), outliers)


def _shared(name: str, parameters: list[ParameterSpec]) -> Shared | None:
    type_: TypeExpr | None = parameters[0].type
    for parameter in parameters[1:]:
        type_ = None if type_ is None else meet(type_, parameter.type)
    return None if type_ is None else Shared(name, type_, any(p.must_be_given for p in parameters))


def meet(one: TypeExpr, other: TypeExpr) -> TypeExpr | None:
    """The largest type of which both take every value; None when there is none worth naming."""
    if one == other:
        return one
    if isinstance(one, Either) or isinstance(other, Either):
        members = one.members if isinstance(one, Either) else (one,)
        others = other.members if isinstance(other, Either) else (other,)
        return next((found for a in members for b in others if (found := meet(a, b)) is not None), None)
    if isinstance(one, Options) and isinstance(other, Options):
        values = tuple(value for value in one.values if value in other.values)
        return Options(values) if values else None
    if isinstance(one, Options) or isinstance(other, Options):
        options, wide = (one, other) if isinstance(one, Options) else (other, one)
        return options if isinstance(options, Options) and _takes(wide, options) else None
    if isinstance(one, Array) and isinstance(other, Array):
        item = meet(one.item, other.item)
        return None if item is None else Array(item)
    return _NARROWER.get(frozenset({one, other})) if isinstance(one, Scalar) and isinstance(other, Scalar) else None


def _takes(wide: TypeExpr, options: Options) -> bool:
    if wide == Scalar("json"):
        return True
    python = (
        {"text": str, "number": int, "integer": int, "media": str}.get(wide.name) if isinstance(wide, Scalar) else None
    )
    return python is not None and all(type(value) is python for value in options.values)


_NARROWER = {
    frozenset({Scalar("number"), Scalar("integer")}): Scalar("integer"),
    frozenset({Scalar("text"), Scalar("media")}): Scalar("text"),
    frozenset({Scalar("text"), Scalar("json")}): Scalar("text"),
    frozenset({Scalar("number"), Scalar("json")}): Scalar("number"),
    frozenset({Scalar("integer"), Scalar("json")}): Scalar("integer"),
    frozenset({Scalar("boolean"), Scalar("json")}): Scalar("boolean"),
}
