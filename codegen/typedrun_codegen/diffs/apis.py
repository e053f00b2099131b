"""Two API schemas → judged changes. What is sent and what is received are judged differently.

A caller passes what requests take and reads what answers hold: a type that takes more is harmless in a request, and a surprise
in an answer. A type that stands in both, or in neither, is judged by the worse of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from attrs import define, field, frozen

from typedrun_codegen.diffs.changes import LEVELS, Change, Level
from typedrun_codegen.ir.api import (
    ABSENT,
    ANY,
    AliasSpec,
    AnyNamed,
    ApiParameter,
    ApiSpec,
    ClassSpec,
    EnumSpec,
    FieldSpec,
    OperationSpec,
    TypeExpr,
    refs_of,
)
from typedrun_codegen.ir.api_relation import is_covered, words
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location

JUDGEMENTS: dict[str, tuple[Level, str]] = {
    "type-added": ("compatible", "nobody uses it yet"),
    "type-removed": ("breaking", "its class disappears"),
    "type-kind-changed": ("breaking", "it is another kind of type now"),
    "value-added": ("compatible", "enumerations are open: older clients keep it as it is"),
    "value-removed": ("breaking", "code that names this member fails"),
    "field-removed": ("breaking", "code that passes or reads it fails"),
    "field-added": ("compatible", "code that does not know it goes on"),
    "required-field-added": ("breaking", "requests must hold it: objects built without it are refused"),
    "operation-added": ("compatible", "nobody calls it yet"),
    "operation-removed": ("breaking", "its function disappears"),
    "operation-renamed": ("breaking", "its function has another name"),
    "operation-moved": ("breaking", "clients in use ask at the old address"),
    "operation-deprecated": ("risky", "it may be removed"),
    "parameter-added": ("compatible", "calls may leave it out"),
    "required-parameter-added": ("breaking", "calls without it are refused"),
    "parameter-removed": ("breaking", "calls that pass it are refused"),
    "parameter-moved": ("breaking", "clients in use send it in the old place"),
    "became-required": ("breaking", "requests without it are refused"),
    "became-optional": ("compatible", "requests may leave it out"),
    "answer-became-required": ("compatible", "answers always hold it now"),
    "answer-became-optional": ("risky", "answers may lack it: code that reads it must cope"),
    "request-narrowed": ("breaking", "values that were accepted are refused"),
    "request-widened": ("compatible", "every value that was accepted still is"),
    "request-changed": ("breaking", "values of the old type are refused"),
    "answer-narrowed": ("compatible", "answers hold what code already expects"),
    "answer-widened": ("risky", "answers may hold values that code does not expect"),
    "answer-changed": ("breaking", "answers hold values of another type"),
    "default-changed": ("risky", "calls that leave it out behave differently"),
    "body-form-added": ("compatible", "the old form is still accepted"),
    "body-form-removed": ("breaking", "bodies of this form are refused"),
    "answer-added": ("risky", "another answer is possible: code must cope"),
    "answer-removed": ("compatible", "one possibility less"),
    "credentials-changed": ("breaking", "clients in use send the key in the old place"),
    "documentation-changed": ("compatible", "documentation only"),
}

Way: TypeAlias = Literal["request", "answer"]
BOTH: frozenset[Way] = frozenset({"request", "answer"})


def diff_apis(old: ApiSpec, new: ApiSpec) -> tuple[Change, ...]:
    """Every judged change from one API schema to another."""
    return tuple(_Comparison(old, new).changes())


@frozen
class _Subject:
    """What a change is about."""

    name: str
    location: Location
    call: str = ""
    parameter: str = ""


@define
class _Comparison:
    old: ApiSpec
    new: ApiSpec
    ways: Mapping[str, frozenset[Way]] = field(init=False)
    """Type key → where its values travel."""

    def __attrs_post_init__(self) -> None:
        self.ways = _ways(self.old, self.new)

    def changes(self) -> Iterator[Change]:
        yield from self._types()
        yield from self._operations()
        if self.old.credentials != self.new.credentials:
            yield _change(
                "credentials-changed", _Subject("security", Location(self.new.file)), "where the key goes changed"
            )

    # types

    def _types(self) -> Iterator[Change]:
        before, after = {type_.key: type_ for type_ in self.old.types}, {type_.key: type_ for type_ in self.new.types}
        for key, type_ in before.items():
            if key not in after:
                yield _change("type-removed", _of_type(type_), "type removed")
            elif type(type_) is not type(after[key]):
                yield _change("type-kind-changed", _of_type(after[key]), f"{_kind(type_)} became {_kind(after[key])}")
            else:
                yield from self._type(type_, after[key])
        yield from (_change("type-added", _of_type(after[key]), "type added") for key in after if key not in before)

    def _type(self, old: AnyNamed, new: AnyNamed) -> Iterator[Change]:
        ways = self.ways.get(new.key, BOTH)
        if isinstance(old, ClassSpec) and isinstance(new, ClassSpec):
            yield from self._fields(old, new, ways)
        elif isinstance(old, EnumSpec) and isinstance(new, EnumSpec):
            yield from _values(old, new)
        elif isinstance(old, AliasSpec) and isinstance(new, AliasSpec):
            yield from _relation(_of_type(new), old.type, new.type, ways)
        if old.notes != new.notes:
            yield _change("documentation-changed", _of_type(new), "description or constraints changed")

    def _fields(self, old: ClassSpec, new: ClassSpec, ways: frozenset[Way]) -> Iterator[Change]:
        before, after = {each.wire: each for each in old.fields}, {each.wire: each for each in new.fields}
        for name, was in before.items():
            if name in after:
                yield from self._field(_of_field(new, after[name]), was, after[name], ways)
            else:
                yield _change("field-removed", _of_field(old, was), "field removed")
        for name in (name for name in after if name not in before):
            must = after[name].required and after[name].default is ABSENT and "request" in ways
            kind = "required-field-added" if must else "field-added"
            yield _change(kind, _of_field(new, after[name]), f"{'required' if must else 'optional'} field added")
        if old.rest and new.rest:
            yield from _relation(_of_type(new), old.rest, new.rest, ways, "type of further properties")

    def _field(self, subject: _Subject, old: FieldSpec, new: FieldSpec, ways: frozenset[Way]) -> Iterator[Change]:
        yield from _necessity(subject, old.required, new.required, ways)
        yield from _relation(subject, old.type, new.type, ways)
        if old.default != new.default and "request" in ways:
            yield _default(subject, old.default, new.default)
        if old.notes != new.notes:
            yield _change("documentation-changed", subject, "description or constraints changed")

    # operations

    def _operations(self) -> Iterator[Change]:
        before, after = {each.id: each for each in self.old.operations}, {each.id: each for each in self.new.operations}
        places = {(each.method, each.path): each for each in self.new.operations if each.id not in before}
        renamed: set[str] = set()
        for id, was in before.items():
            moved = places.get((was.method, was.path))
            if id in after:
                yield from self._operation(was, after[id])
            elif moved is not None:
                renamed.add(moved.id)
                yield _change("operation-renamed", _of_operation(moved), f"{id} is called {moved.id} now", id, moved.id)
                yield from self._operation(was, moved)
            else:
                yield _change("operation-removed", _of_operation(was), "operation removed")
        for id in (id for id in after if id not in before and id not in renamed):
            yield _change("operation-added", _of_operation(after[id]), "operation added")

    def _operation(self, old: OperationSpec, new: OperationSpec) -> Iterator[Change]:
        subject = _of_operation(new)
        was, now = f"{old.method.upper()} {old.path}", f"{new.method.upper()} {new.path}"
        if was != now:
            yield _change("operation-moved", subject, f"{was} is {now} now", was, now)
        if new.deprecated and not old.deprecated:
            yield _change("operation-deprecated", subject, "deprecated now")
        yield from self._parameters(old, new)
        yield from _bodies(subject, old, new)
        yield from _replies(subject, old, new)
        if (old.summary, old.description) != (new.summary, new.description):
            yield _change("documentation-changed", subject, "description changed")

    def _parameters(self, old: OperationSpec, new: OperationSpec) -> Iterator[Change]:
        before, after = {each.wire: each for each in old.parameters}, {each.wire: each for each in new.parameters}
        for name, was in before.items():
            if name in after:
                yield from _parameter(_of_parameter(new, after[name]), was, after[name])
            else:
                yield _change("parameter-removed", _of_parameter(old, was), "parameter removed")
        for name in (name for name in after if name not in before):
            must = after[name].required and after[name].default is ABSENT
            kind = "required-parameter-added" if must else "parameter-added"
            yield _change(
                kind, _of_parameter(new, after[name]), f"{'required' if must else 'optional'} parameter added"
            )


def _parameter(subject: _Subject, old: ApiParameter, new: ApiParameter) -> Iterator[Change]:
    if (old.place, old.style, old.explode) != (new.place, new.style, new.explode):
        yield _change("parameter-moved", subject, f"sent in the {new.place} ({new.style}) now", old.place, new.place)
    yield from _necessity(subject, old.required, new.required, frozenset({"request"}))
    yield from _relation(subject, old.type, new.type, frozenset({"request"}))
    if old.default != new.default:
        yield _default(subject, old.default, new.default)


def _bodies(subject: _Subject, old: OperationSpec, new: OperationSpec) -> Iterator[Change]:
    before, after = {each.media_type: each for each in old.bodies}, {each.media_type: each for each in new.bodies}
    for media, was in before.items():
        if media in after:
            yield from _relation(subject, was.type, after[media].type, frozenset({"request"}))
        else:
            yield _change("body-form-removed", subject, f"{media} bodies are no longer taken")
    yield from (_change("body-form-added", subject, f"takes {media} bodies") for media in after if media not in before)
    if new.bodies:
        yield from _necessity(subject, old.body_required, new.body_required, frozenset({"request"}))


def _replies(subject: _Subject, old: OperationSpec, new: OperationSpec) -> Iterator[Change]:
    before = {(each.status, each.media_type): each for each in old.replies}
    after = {(each.status, each.media_type): each for each in new.replies}
    for key, was in before.items():
        now = after.get(key)
        if now is None:
            yield _change("answer-removed", subject, f"no longer answers {' '.join(key)}")
        elif was.type != now.type:
            yield from _relation(subject, was.type or ANY, now.type or ANY, frozenset({"answer"}))
    yield from (_change("answer-added", subject, f"may answer {' '.join(key)}") for key in after if key not in before)


def _values(old: EnumSpec, new: EnumSpec) -> Iterator[Change]:
    for value in (value for value in old.values if value not in new.values):
        yield _change("value-removed", _of_type(new), f"{value!r} removed", value, None)
    for value in (value for value in new.values if value not in old.values):
        yield _change("value-added", _of_type(new), f"{value!r} added", None, value)


def _necessity(subject: _Subject, old: bool, new: bool, ways: frozenset[Way]) -> Iterator[Change]:
    if old != new:
        verb = "required" if new else "optional"
        kinds = [f"became-{verb}"] * ("request" in ways) + [f"answer-became-{verb}"] * ("answer" in ways)
        yield _change(_worst(kinds), subject, f"{verb} now", old, new)


def _relation(
    subject: _Subject, old: TypeExpr, new: TypeExpr, ways: frozenset[Way], noun: str = "type"
) -> Iterator[Change]:
    forth, back = is_covered(old, new), is_covered(new, old)
    if not (forth and back):
        how = "widened" if forth else "narrowed" if back else "changed"
        what = f"{noun} {how}: {words(old)} → {words(new)}"
        yield _change(_worst([f"{way}-{how}" for way in sorted(ways)]), subject, what, words(old), words(new))


def _default(subject: _Subject, old: JSON | object, new: JSON | object) -> Change:
    was, now = ("nothing" if value is ABSENT else repr(value) for value in (old, new))
    return _change("default-changed", subject, f"default changed from {was} to {now}", was, now)


def _worst(kinds: Iterable[str]) -> str:
    return min(kinds, key=lambda kind: LEVELS.index(JUDGEMENTS[kind][0]))


# -- types -----------------------------------------------------------------------------------------------------------


def _ways(*documents: ApiSpec) -> dict[str, frozenset[Way]]:
    """Type key → how its values travel, through every type that holds it."""
    inside = {type_.key: set(_parts(type_)) for document in documents for type_ in document.types}
    found: dict[str, set[Way]] = {}
    for document in documents:
        for operation in document.operations:
            sent = [*(each.type for each in operation.parameters), *(each.type for each in operation.bodies)]
            received = [each.type for each in operation.replies if each.type is not None]
            _spread("request", sent, inside, found)
            _spread("answer", received, inside, found)
    return {key: frozenset(ways) for key, ways in found.items()}


def _spread(way: Way, types: Iterable[TypeExpr], inside: Mapping[str, set[str]], found: dict[str, set[Way]]) -> None:
    todo = [key for type_ in types for key in refs_of(type_)]
    while todo:
        key = todo.pop()
        if way not in found.setdefault(key, set()):
            found[key].add(way)
            todo += inside.get(key, ())


def _parts(type_: AnyNamed) -> Iterator[str]:
    if isinstance(type_, ClassSpec):
        for each in type_.fields:
            yield from refs_of(each.type)
        yield from refs_of(type_.rest) if type_.rest else ()
    elif isinstance(type_, AliasSpec):
        yield from refs_of(type_.type)
        yield from (key for _, key in type_.tags)


# -- subjects --------------------------------------------------------------------------------------------------------


def _kind(type_: AnyNamed) -> str:
    return {ClassSpec: "an object", EnumSpec: "an enumeration", AliasSpec: "another type"}[type(type_)]


def _of_type(type_: AnyNamed) -> _Subject:
    return _Subject(f"type {'.'.join(type_.words)}", type_.location)


def _of_field(type_: ClassSpec, each: FieldSpec) -> _Subject:
    name = ".".join(type_.words)
    return _Subject(f"type {name}", each.location, f"{name}(…).{each.wire}", each.wire)


def _of_operation(operation: OperationSpec) -> _Subject:
    return _Subject(f"operation {operation.id}", operation.location, f"{operation.id}(…)")


def _of_parameter(operation: OperationSpec, each: ApiParameter) -> _Subject:
    return _Subject(f"operation {operation.id}", each.location, f"{operation.id}({each.wire}=…)", each.wire)


def _change(kind: str, subject: _Subject, what: str, old: JSON = None, new: JSON = None) -> Change:
    level, reason = JUDGEMENTS[kind]
    return Change(
        level=level,
        kind=f"api-{kind}",
        subject=subject.name,
        parameter=subject.parameter,
        what=what,
        reason=reason,
        call=subject.call,
        old=old,
        new=new,
        where=str(subject.location),
    )
