"""JSON objects ⇄ generated objects: every field by its wire name, and what the class does not know beside them.

A builder makes an object of the fields that were sent. There are two: a quick one, which only knows that something is wrong,
and a careful one, which knows where; `typedrun.structure` says when each is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs

from typedrun.structure.base import OMITTED, UNKNOWN, ApiObject, UnknownObject, omitted_of, unknown_of
from typedrun.structure.hints import Field, fields_of
from typedrun.structure.nested import Kinds, Tolerant, kept_kinds, later
from typedrun.structure.reasons import shown
from typedrun.structure.scalars import Hook
from typedrun.unset import UNSET, Unset

if TYPE_CHECKING:
    from cattrs import Converter


Builder: TypeAlias = Callable[[Mapping[str, Any]], ApiObject]
"""The fields that were sent, by wire name -> the object; what its class does not know is left to others."""


# A server may break two promises where it is allowed to: see `decode`.
_BROKEN_PROMISES: Final[frozenset[type]] = frozenset((type(None), Unset))


def object_hook(cls: type[ApiObject], made: Converter, *, strict: bool, tolerance: Tolerant | None = None) -> Hook:
    """JSON → an object of a class: the fields that it knows by a builder, the others beside them."""
    fields = fields_of(cls)
    build = (
        _careful_builder(cls, made, strict=strict, tolerance=tolerance)
        if tolerance
        else _builder_of(cls, made, strict=strict)
    )
    known = frozenset(one.wire for one in fields if not one.is_rest)
    constants = tuple(one for one in fields if one.is_constant)
    rest = next((one for one in fields if one.is_rest), None)
    rest_hook = later(rest.type, made) if rest else None

    def structure(value: Any, _: Any) -> ApiObject:
        found: Mapping[str, Any] = value
        if type(value) is not dict and not isinstance(value, Mapping):  # the first alone takes a tenth of the time
            if isinstance(value, cls):
                return value
            raise ValueError(f"expected {cls.__name__} (an object), got {shown(value)}")
        made_object = build(found)
        if constants and (unsent := frozenset(one.name for one in constants if one.wire not in found)):
            object.__setattr__(made_object, OMITTED, omitted_of(made_object) | unsent)
        if not known.issuperset(found):
            _keep(made_object, {k: v for k, v in found.items() if k not in known}, rest, rest_hook)
        return made_object

    return structure


def _builder_of(cls: type[ApiObject], made: Converter, *, strict: bool) -> Builder:
    has_values = not any(one.is_made for one in fields_of(cls))
    build = _quick_builder if has_values and not made.detailed_validation else _careful_builder
    return build(cls, made, strict=strict)


def _careful_builder(
    cls: type[ApiObject], made: Converter, *, strict: bool, tolerance: Tolerant | None = None
) -> Builder:
    """A builder by cattrs: it knows where an error is, and leaves defaults to the class."""
    from cattrs import gen

    fields = {one.name: one for one in fields_of(cls)}
    passed = frozenset[type]() if strict else _BROKEN_PROMISES

    def hook_of(one: Field) -> Hook:
        hook = later(one.type, made, passed=passed)
        # What is passed needs no tolerance; it would not fit the strict reading that tolerance tries first.
        return (
            hook
            if tolerance is None
            else _passing(passed, hook, tolerance.inside(one.type, hook, f"{cls.__name__}.{one.wire}"))
        )

    overrides: dict[str, Any] = {
        name: gen.override(rename=one.wire, struct_hook=hook_of(one), omit=one.is_rest) for name, one in fields.items()
    }
    # The types are resolved here: cattrs would look the names up in the module, which imports none of its neighbours.
    attributes = [a.evolve(type=fields[a.name].type) for a in attrs.fields(cast("Any", cls))]
    # cattrs types this function for callers that know the class.
    build = cast("Any", gen).make_dict_structure_fn_from_attrs(attributes, cls, made, **overrides)
    promised = {one.wire: UNSET for one in fields.values() if one.is_required and not strict}
    return lambda found: build(found if promised.keys() <= found.keys() else {**promised, **found})


def _passing(passed: frozenset[type], as_is: Hook, other: Hook) -> Hook:
    return lambda value, type_: as_is(value, type_) if type(value) in passed else other(value, type_)


def _quick_builder(cls: type[ApiObject], made: Converter, *, strict: bool) -> Builder:
    """The builder of a class whose defaults are all values: a function with a few lines for each field, as one would write it.

    A page has thousands of objects, and most of their values stay what they are: those cost no call here.
    """
    names: dict[str, Any] = {"new": object.__new__, "cls": cls}
    lines = ["def build(found):", " get, made = found.get, new(cls)"]
    passed = frozenset({Unset}) if strict else _BROKEN_PROMISES
    for n, (one, attribute) in enumerate(zip(fields_of(cls), attrs.fields(cast("Any", cls)), strict=True)):
        names[f"as_is_{n}"], names[f"kinds_{n}"] = kept_kinds(one.type) | passed, Kinds(made, one.type)
        names[f"default_{n}"] = UNSET if one.is_required else attribute.default
        is_kept = strict and one.is_required
        lines.append(f" value = found[{one.wire!r}]" if is_kept else f" value = get({one.wire!r}, default_{n})")
        if one.type is not Any:
            lines.append(f" if type(value) not in as_is_{n}:")
            lines.append(f"  hook, type_ = kinds_{n}[type(value)]; value = hook(value, type_)")
        lines.append(f" made.{one.name} = value")
    lines += [" return made"]
    exec(compile("\n".join(lines), f"<typedrun builder of {cls.__name__}>", "exec"), names)  # noqa: S102  # identifiers and literals only
    built: Builder = names["build"]
    return built


def _keep(target: ApiObject, more: dict[str, Any], rest: Field | None, hook: Hook | None) -> None:
    if rest is not None and hook is not None:
        object.__setattr__(target, rest.name, hook(more, rest.type))
    elif more:
        object.__setattr__(target, UNKNOWN, more)


def unknown_object(value: Any, _: Any) -> UnknownObject:
    """JSON → an object that no class of this package is meant for."""
    made = UnknownObject()
    _keep(made, dict(value), None, None)
    return made


def dump_hook(cls: type[ApiObject], made: Converter) -> Callable[[ApiObject], dict[str, Any]]:
    """An object of a class → JSON; `encode` says what is left out."""
    fields = fields_of(cls)

    def dump(value: ApiObject) -> dict[str, Any]:
        omitted = omitted_of(value)
        written: dict[str, Any] = {}
        for one in fields:
            found = getattr(value, one.name)
            if found is UNSET or (one.name in omitted and one.make_default is not None and found == one.make_default()):
                continue
            if one.is_rest:
                written = {**made.unstructure(found), **written}
            else:
                written[one.wire] = made.unstructure(found)
        return {**unknown_of(value), **written} if unknown_of(value) else written

    return dump


def raw_fields(value: object) -> dict[str, Any]:
    """The fields of a generated object that have a value, by wire name, each as it is in Python."""
    if not isinstance(value, ApiObject):
        raise TypeError(f"expected a generated object or a mapping, got {type(value).__name__}")
    omitted = omitted_of(value)
    found = {one.wire: getattr(value, one.name) for one in fields_of(type(value)) if one.name not in omitted}
    return {**unknown_of(value), **{wire: one for wire, one in found.items() if one is not UNSET}}
