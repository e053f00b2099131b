"""Two API schemas → judged changes. What is sent and what is received are judged differently.

A caller passes what requests take and reads what answers hold: a type that takes more is harmless in a request, and a surprise
in an answer. A type that stands in both, or in neither, is judged by the worse of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from attrs import define, evolve, field, frozen

from typedrun_codegen.diffs import security
from typedrun_codegen.diffs.changes import LEVELS, Change, Level
from typedrun_codegen.ir.api import (
    ABSENT,
    ANY,
    AliasSpec,
    AnyNamed,
    ApiParameter,
    ApiSpec,
    BodySpec,
    ClassSpec,
    EnumSpec,
    FieldSpec,
    OperationSpec,
    PartSpec,
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
    "parameter-escaping-changed": ("risky", "clients in use escape other characters"),
    "body-part-changed": ("breaking", "clients in use write this part in the old way"),
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
    "server-changed": ("breaking", "clients in use ask at the old address"),
    "security-narrowed": ("breaking", "calls with the keys that they had are refused"),
    "security-widened": ("compatible", "calls with the keys that they had are still let in"),
    "closed": ("breaking", "objects with further properties are refused"),
    "opened": ("compatible", "further properties are kept as unknown fields"),
    "answer-closed": ("compatible", "answers hold nothing beside what code already expects"),
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

    before: Mapping[str, AnyNamed] = field(init=False)
    after: Mapping[str, AnyNamed] = field(init=False)
    """Named types of both sides, by key."""

    def __attrs_post_init__(self) -> None:
        self.ways = _ways(self.old, self.new)
        self.before, self.after = ({type_.key: type_ for type_ in side.types} for side in (self.old, self.new))

    def changes(self) -> Iterator[Change]:
        yield from self._types()
        yield from self._operations()
        subject = _Subject("security", Location(self.new.file, "/security"))
        if self.old.security is not None or self.new.security is not None:  # else the credentials alone decide
            yield from _security(subject, security.of_document(self.old), security.of_document(self.new))
        yield from _server(_Subject("server", Location(self.new.file, "/servers")), self.old.server, self.new.server)
        if self.old.credentials != self.new.credentials:
            yield _change(
                "credentials-changed", _Subject("security", Location(self.new.file)), "where the key goes changed"
            )

    # types

    def _types(self) -> Iterator[Change]:
        before, after = self.before, self.after
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
            yield from self._relation(_of_type(new), old.type, new.type, ways)
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
        yield from self._rest(old, new, ways)

    def _rest(self, old: ClassSpec, new: ClassSpec, ways: frozenset[Way]) -> Iterator[Change]:
        """Further properties: of any type where the document does not speak of them."""
        if old.is_closed or new.is_closed:
            if old.is_closed != new.is_closed:
                kind = "opened" if old.is_closed else "closed" if "request" in ways else "answer-closed"
                what = f"further properties are {'allowed' if old.is_closed else 'no longer allowed'}"
                yield _change(kind, _of_type(new), what, not old.is_closed, not new.is_closed)
        else:
            was, now = (ANY if one.rest is None else one.rest for one in (old, new))
            yield from self._relation(_of_type(new), was, now, ways, "type of further properties")

    def _field(self, subject: _Subject, old: FieldSpec, new: FieldSpec, ways: frozenset[Way]) -> Iterator[Change]:
        yield from _necessity(subject, old.required, new.required, ways)
        yield from self._relation(subject, old.type, new.type, ways)
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
        yield from _server(subject, old.server, new.server)
        yield from self._parameters(old, new)
        yield from self._bodies(subject, old, new)
        yield from self._replies(subject, old, new)
        if old.security is not None or new.security is not None:  # else what the document says, which is judged once
            needed = (security.of_operation(old, self.old), security.of_operation(new, self.new))
            yield from _security(subject, *needed)
        if (old.summary, old.description) != (new.summary, new.description):
            yield _change("documentation-changed", subject, "description changed")

    def _parameters(self, old: OperationSpec, new: OperationSpec) -> Iterator[Change]:
        before, after = {each.wire: each for each in old.parameters}, {each.wire: each for each in new.parameters}
        for name, was in before.items():
            if name in after:
                yield from self._parameter(_of_parameter(new, after[name]), was, after[name])
            else:
                yield _change("parameter-removed", _of_parameter(old, was), "parameter removed")
        for name in (name for name in after if name not in before):
            must = after[name].required and after[name].default is ABSENT
            kind = "required-parameter-added" if must else "parameter-added"
            yield _change(
                kind, _of_parameter(new, after[name]), f"{'required' if must else 'optional'} parameter added"
            )

    def _parameter(self, subject: _Subject, old: ApiParameter, new: ApiParameter) -> Iterator[Change]:
        was, now = ((one.place, one.style, one.explode, one.is_json) for one in (old, new))
        if was != now:
            style = "JSON" if new.is_json else new.style
            yield _change("parameter-moved", subject, f"sent in the {new.place} ({style}) now", old.place, new.place)
        if old.allow_reserved != new.allow_reserved:
            what = f"reserved characters are {'no longer' if new.allow_reserved else 'now'} escaped"
            yield _change("parameter-escaping-changed", subject, what, old.allow_reserved, new.allow_reserved)
        yield from _necessity(subject, old.required, new.required, frozenset({"request"}))
        yield from self._relation(subject, old.type, new.type, frozenset({"request"}))
        if old.default != new.default:
            yield _default(subject, old.default, new.default)

    def _bodies(self, subject: _Subject, old: OperationSpec, new: OperationSpec) -> Iterator[Change]:
        before, after = {each.media_type: each for each in old.bodies}, {each.media_type: each for each in new.bodies}
        for media, was in before.items():
            if media in after:
                yield from self._relation(subject, was.type, after[media].type, frozenset({"request"}))
                yield from _parts_of_body(subject, was, after[media])
            else:
                yield _change("body-form-removed", subject, f"{media} bodies are no longer taken")
        yield from (
            _change("body-form-added", subject, f"takes {media} bodies") for media in after if media not in before
        )
        if new.bodies:
            yield from _necessity(subject, old.body_required, new.body_required, frozenset({"request"}))

    def _replies(self, subject: _Subject, old: OperationSpec, new: OperationSpec) -> Iterator[Change]:
        before = {(each.status, each.media_type): each for each in old.replies}
        after = {(each.status, each.media_type): each for each in new.replies}
        for key, was in before.items():
            now = after.get(key)
            if now is None:
                yield _change("answer-removed", subject, f"no longer answers {' '.join(key)}")
            elif was.type != now.type:
                yield from self._relation(subject, was.type or ANY, now.type or ANY, frozenset({"answer"}))
        yield from (
            _change("answer-added", subject, f"may answer {' '.join(key)}") for key in after if key not in before
        )

    def _relation(
        self, subject: _Subject, old: TypeExpr, new: TypeExpr, ways: frozenset[Way], noun: str = "type"
    ) -> Iterator[Change]:
        forth = is_covered(old, new, self.before, self.after)
        back = is_covered(new, old, self.after, self.before)
        if not (forth and back):
            how = "widened" if forth else "narrowed" if back else "changed"
            what = f"{noun} {how}: {words(old)} → {words(new)}"
            yield _change(_worst([f"{way}-{how}" for way in sorted(ways)]), subject, what, words(old), words(new))


def _parts_of_body(subject: _Subject, old: BodySpec, new: BodySpec) -> Iterator[Change]:
    """How fields of forms and multipart bodies are written (`encoding`)."""
    before, after = ({one.wire: one for one in body.parts} for body in (old, new))
    for wire in sorted({*before, *after}):
        was, now = before.get(wire, PartSpec(wire=wire)), after.get(wire, PartSpec(wire=wire))
        if was != now:
            what = f"{wire!r} of a {new.media_type} body is written as {_written(now)}, no longer as {_written(was)}"
            yield _change("body-part-changed", evolve(subject, parameter=wire), what, _written(was), _written(now))


def _written(part: PartSpec) -> str:
    explode = "" if part.explode is None else f"explode: {str(part.explode).lower()}"
    return ", ".join(one for one in (part.media_type, part.style, explode) if one) or "its type says"


def _server(subject: _Subject, old: str, new: str) -> Iterator[Change]:
    if old != new:
        was, now = old or "the document's server", new or "the document's server"
        yield _change("server-changed", subject, f"at {now} now, at {was} before", old, new)


def _security(subject: _Subject, before: security.Alternatives, after: security.Alternatives) -> Iterator[Change]:
    if (kind := security.judge_security(before, after)) is not None:
        was, now = security.shown(before), security.shown(after)
        yield _change(kind, subject, f"needs {now} now, {was} before", was, now)


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
