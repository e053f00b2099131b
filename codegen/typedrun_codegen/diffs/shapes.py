"""What changed in what a model's parameters hold and in its typed output, field by field.

A parameter's own type is judged with the parameters (`diffs.parameters`); here it is the objects inside, the limits of values, and
what a result's data are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from typedrun_codegen.diffs.changes import Change, about_model, about_parameter, target
from typedrun_codegen.diffs.types import Found, TypeDiff, Way
from typedrun_codegen.ir.api import AliasSpec, AnyNamed, ClassSpec, ListOf, MapOf, Ref, TypeExpr, UnionOf
from typedrun_codegen.ir.catalog import ModelSpec, ParameterSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.relation import words

SENT: frozenset[Way] = frozenset({"request"})
RECEIVED: frozenset[Way] = frozenset({"answer"})

_UPPER = ("maxLength", "maxItems", "exclusiveMaximum", "maxProperties")
_LOWER = ("minLength", "minItems", "exclusiveMinimum", "minProperties")
_OTHER = ("pattern", "multipleOf", "uniqueItems", "format")


def input_changes(old: ModelSpec, new: ModelSpec) -> Iterator[Change]:
    """What changed inside the objects that parameters hold, and which parameters go together."""
    diff = TypeDiff(_by_key(old.objects), _by_key(new.objects))
    after = {parameter.name: parameter for parameter in new.parameters}
    for parameter in old.parameters:
        if parameter.name not in after:
            continue
        for key, path in _paths(parameter.name, parameter.type, diff.before):
            if key in diff.after:
                for found, place in _differences(diff, key, path, SENT):
                    what = f"{place}: {found.what}"
                    now = after[parameter.name]
                    yield about_parameter(new, now, f"input-{_bare(found.kind)}", what, found.old, found.new)
    yield from _variants(old, new)


def output_changes(old: ModelSpec, new: ModelSpec) -> Iterator[Change]:
    """What changed in the type of a result's data, where the model itself tells it."""
    if old.output is None or new.output is None:
        if old.output is not None or new.output is not None:
            kind = "output-listed" if old.output is None else "output-unlisted"
            what = "the type of result.data is " + ("known now" if old.output is None else "no longer known")
            yield about_model(new, kind, what)
        return
    diff = TypeDiff(_by_key(old.answers), _by_key(new.answers))
    for found in diff.relation(old.output, new.output, RECEIVED, "result.data"):
        yield _of_output(new, found, found.what)
    for key, path in _paths("result.data", old.output, diff.before):
        if key in diff.after:
            for found, place in _differences(diff, key, path, RECEIVED):
                yield _of_output(new, found, f"{place}: {found.what}")


def limit_changes(model: ModelSpec, old: ParameterSpec, new: ParameterSpec) -> Iterator[Change]:
    """What changed in the limits of a parameter's values beside their range: lengths, counts, patterns."""
    was, now = (one.schema if isinstance(one.schema, dict) else {} for one in (old, new))
    tighter = [word for word in (*_UPPER, *_LOWER, *_OTHER) if _is_tighter(word, was.get(word), now.get(word))]
    looser = [word for word in (*_UPPER, *_LOWER, *_OTHER) if _is_tighter(word, now.get(word), was.get(word))]
    if changed := tighter or looser:
        kind = "limits-tightened" if tighter else "limits-loosened"
        what = ", ".join(f"{word} {_shown(was.get(word))} → {_shown(now.get(word))}" for word in changed)
        yield about_parameter(
            model, new, kind, what, [was.get(word) for word in changed], [now.get(w) for w in changed]
        )


def _differences(diff: TypeDiff, key: str, path: str, ways: frozenset[Way]) -> Iterator[tuple[Found, str]]:
    """Findings about one type, each with the place that it is about."""
    old, new = diff.before[key], diff.after[key]
    if type(old) is not type(new):
        what = f"{words(Ref(key))} is another kind of type now"
        yield Found(kind="request-changed" if ways == SENT else "answer-changed", what=what), path
        return
    for found in diff.named(old, new, ways):
        yield found, path if found.field is None else f"{path}.{found.field.wire}"
    if ways == SENT and isinstance(old, ClassSpec) and isinstance(new, ClassSpec):
        yield from _field_limits(old, new, path)


def _field_limits(old: ClassSpec, new: ClassSpec, path: str) -> Iterator[tuple[Found, str]]:
    before = {field.wire: field for field in old.fields}
    for field in new.fields:
        was, now = before.get(field.wire), field.notes.constraints
        if was is not None and set(now) - set(was.notes.constraints):
            what = f"limits changed: {' '.join(was.notes.constraints) or 'none'} → {' '.join(now)}"
            yield (
                Found(kind="limits-changed", what=what, old=[*was.notes.constraints], new=[*now]),
                f"{path}.{field.wire}",
            )


def _paths(name: str, type_: TypeExpr, types: Mapping[str, AnyNamed]) -> Iterator[tuple[str, str]]:
    """Each named type that a value of a type may hold, with the shortest way to it: `image_size.crop[]`."""
    seen = set[str]()
    todo = list(_steps(name, type_))
    while todo:
        key, path = todo.pop(0)
        if key in seen or key not in types:
            continue
        seen.add(key)
        yield key, path
        named = types[key]
        if isinstance(named, ClassSpec):
            for field in named.fields:
                todo += _steps(f"{path}.{field.wire}", field.type)
            todo += _steps(f"{path}[…]", named.rest) if named.rest is not None else ()
        elif isinstance(named, AliasSpec):
            todo += _steps(path, named.type)


def _steps(path: str, type_: TypeExpr) -> Iterator[tuple[str, str]]:
    match type_:
        case Ref(key):
            yield key, path
        case ListOf(item):
            yield from _steps(f"{path}[]", item)
        case MapOf(value):
            yield from _steps(f"{path}[…]", value)
        case UnionOf(members):
            for member in members:
                yield from _steps(path, member)
        case _:
            return


def _variants(old: ModelSpec, new: ModelSpec) -> Iterator[Change]:
    """Which parameters may be passed together: those that only one side has are told of elsewhere."""
    common = {one.name for one in old.parameters} & {one.name for one in new.parameters}
    before, after = (_sets(model, common) for model in (old, new))
    for names in before:
        if not any(names <= other for other in after):
            yield about_model(
                new, "variant-removed", f"no longer takes {', '.join(sorted(names))} together", [*sorted(names)]
            )
    for names in after:
        if not any(names <= other for other in before):
            yield about_model(
                new, "variant-added", f"takes {', '.join(sorted(names))} together", None, [*sorted(names)]
            )


def _sets(model: ModelSpec, common: set[str]) -> list[set[str]]:
    return [{one.name for one in variant} & common for variant in model.variants or (model.parameters,)]


def _of_output(model: ModelSpec, found: Found, what: str) -> Change:
    call = f"{target(model)}.run(…).data"
    return about_model(model, f"output-{_bare(found.kind)}", what, found.old, found.new, call)


def _bare(kind: str) -> str:
    """A kind without the way, which the first word says."""
    return kind.removeprefix("request-").removeprefix("answer-")


def _by_key(types: Iterable[AnyNamed]) -> dict[str, AnyNamed]:
    return {one.key: one for one in types}


def _is_tighter(word: str, old: JSON, new: JSON) -> bool:
    """Whether a limit refuses what it did not; for a pattern that is not known, and counts as yes."""
    if old == new or new is None:
        return False
    if old is None or word in _OTHER or not isinstance(old, int | float) or not isinstance(new, int | float):
        return True
    return new < old if word in _UPPER else new > old


def _shown(value: JSON) -> str:
    return "none" if value is None else str(value)
