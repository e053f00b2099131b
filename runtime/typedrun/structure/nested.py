"""Values inside of others: items of lists and maps, fields of objects, what an alias stands for.

Their hooks are looked up when the first such value arrives, so that types which contain themselves end; a value that JSON
already has as it should be needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast, get_args, get_origin

from typedrun.structure.base import ApiObject
from typedrun.structure.hints import PLAIN, RecursiveAlias, alias, is_annotated_union, is_object, is_union
from typedrun.structure.reasons import note_place, shown
from typedrun.structure.scalars import Hook
from typedrun.structure.unions import hook_of_union

if TYPE_CHECKING:
    from cattrs import Converter


class Kinds(dict[type, tuple[Hook, Any]]):
    """Type of a value → the hook that takes it, and the type to call it with.

    It is found out when the first such value arrives, so that types which contain themselves end.
    """

    def __init__(self, made: Converter, type_: Any) -> None:
        self._made, self._type = made, type_

    def __missing__(self, kind: type) -> tuple[Hook, Any]:
        found = self[kind] = _hook_for(kind, self._type, self._made)
        return found


def _hook_for(kind: type[Any], type_: Any, made: Converter) -> tuple[Hook, Any]:
    """What to call for values of one kind, and with which type."""
    if not is_union(type_) and not is_annotated_union(type_):
        return made.get_structure_hook(type_), type_
    return (_same, type_) if issubclass(kind, ApiObject) else hook_of_union(kind, type_, made)


def _same(value: Any, _: Any) -> Any:
    return value


def kept_kinds(type_: Any) -> frozenset[type]:
    """JSON's own types, where a value of them can only be what it is: an enumeration, say, may take a text."""
    members = get_args(type_) if is_union(type_) else (type_,)
    scalars = [one for one in members if not is_object(one) and get_origin(one) not in (dict, list)]
    found = frozenset(one for one in scalars if one is type(None) or PLAIN.issuperset(scalars))
    return found | {int} if float in found else found


def later(type_: Any, made: Converter, *, passed: frozenset[type] = frozenset()) -> Hook:
    """A hook that is looked up when first needed; values that stay what they are, and those of the types in `passed`, need none."""
    if type_ is Any:
        return _same
    as_is, kinds = kept_kinds(type_) | passed, Kinds(made, type_)

    def structure(value: Any, _: Any) -> Any:
        if type(value) in as_is:
            return value
        hook, wanted = kinds[type(value)]
        return hook(value, wanted)

    return structure


def alias_hook(type_: type[RecursiveAlias], made: Converter) -> Hook:
    """What the alias means, once its definition is complete."""
    return later(alias(type_.name, type_.package), made)


class Tolerant(Protocol):
    """What keeps values that do not fit (typedrun.structure.tolerance)."""

    def inside(self, type_: Any, hook: Hook, place: str) -> Hook:
        """A hook for the values of a place."""
        ...


def list_hook(type_: Any, made: Converter, *, tolerance: Tolerant | None = None) -> Callable[[Any, Any], list[Any]]:
    """Written out, because cattrs takes any iterable for a list: a text would become its letters."""
    item, has_places = get_args(type_)[0], made.detailed_validation
    as_is, kinds = kept_kinds(item), Kinds(made, item)
    inner = later(item, made)
    inner = inner if tolerance is None else tolerance.inside(item, inner, "an item")

    def structure(value: Any, _: Any) -> list[Any]:
        items: list[Any] = value
        if not isinstance(value, list):
            raise ValueError(f"expected a list, got {shown(value)}")
        if has_places:
            return [one for _, one in _each(enumerate(items), inner, item)]
        taken: list[Any] = []
        for one in items:  # what `later` does, without a call for each item
            if type(one) in as_is:
                taken.append(one)
            else:
                hook, wanted = kinds[type(one)]
                taken.append(hook(one, wanted))
        return taken

    return structure


def map_hook(type_: Any, made: Converter, *, tolerance: Tolerant | None = None) -> Callable[[Any, Any], dict[str, Any]]:
    """Written out like that of lists: its places are names."""
    item, has_places = get_args(type_)[1], made.detailed_validation
    hook = later(item, made)
    hook = hook if tolerance is None else tolerance.inside(item, hook, "an entry")

    def structure(value: Any, _: Any) -> dict[str, Any]:
        found: Mapping[str, Any] = value
        if not isinstance(value, Mapping):
            raise ValueError(f"expected an object, got {shown(value)}")
        if has_places:
            return dict(_each(found.items(), hook, item))
        return {name: hook(one, item) for name, one in found.items()}

    return structure


def _each(items: Iterable[tuple[Any, Any]], hook: Hook, type_: Any) -> list[tuple[Any, Any]]:
    """Every item structured; all that is wrong in one error, each with its place."""
    made: list[tuple[Any, Any]] = []
    wrong: list[Exception] = []
    for place, one in items:
        try:
            made.append((place, hook(one, type_)))
        except Exception as error:  # noqa: BLE001  # raised again below, with its place
            note_place(error, place, type_)
            wrong.append(error)
    if wrong:
        from cattrs.errors import IterableValidationError

        raise cast("Any", IterableValidationError)("some items do not fit", wrong, list)
    return made
