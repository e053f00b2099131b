"""Two API schemas → judged changes. What is sent and what is received are judged differently.

A caller passes what requests take and reads what answers hold: a type that takes more is harmless in a request, and a surprise
in an answer. A type that stands in both, or in neither, is judged by the worse of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import define, evolve, field, frozen

from typedrun_codegen.diffs import security, types
from typedrun_codegen.diffs.changes import Change, Level
from typedrun_codegen.diffs.types import BOTH, Found, TypeDiff, Way, parts
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
    LiteralOf,
    OperationSpec,
    PartSpec,
    TypeExpr,
    refs_of,
)
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location

JUDGEMENTS: dict[str, tuple[Level, str]] = {
    **types.JUDGEMENTS,
    "type-added": ("compatible", "nobody uses it yet"),
    "type-removed": ("breaking", "its class disappears"),
    "type-kind-changed": ("breaking", "it is another kind of type now"),
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
    "body-form-added": ("compatible", "the old form is still accepted"),
    "body-form-removed": ("breaking", "bodies of this form are refused"),
    "answer-added": ("risky", "another answer is possible: code must cope"),
    "answer-removed": ("compatible", "one possibility less"),
    "credentials-changed": ("breaking", "clients in use send the key in the old place"),
    "server-changed": ("breaking", "clients in use ask at the old address"),
    "security-narrowed": ("breaking", "calls with the keys that they had are refused"),
    "security-widened": ("compatible", "calls with the keys that they had are still let in"),
}


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

    diff: TypeDiff = field(init=False)
    """Named types of both sides."""

    def __attrs_post_init__(self) -> None:
        self.ways = _ways(self.old, self.new)
        before, after = ({type_.key: type_ for type_ in side.types} for side in (self.old, self.new))
        self.diff = TypeDiff(before, after)

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
        before, after = self.diff.before, self.diff.after
        for key, type_ in before.items():
            if key not in after:
                yield _change("type-removed", _of_type(type_), "type removed")
            elif isinstance(type_, AliasSpec) and isinstance(now := after[key], EnumSpec):
                yield from self._listed(type_, now)
            elif type(type_) is not type(after[key]):
                yield _change("type-kind-changed", _of_type(after[key]), f"{_kind(type_)} became {_kind(after[key])}")
            else:
                yield from self._type(type_, after[key])
        yield from (_change("type-added", _of_type(after[key]), "type added") for key in after if key not in before)

    def _listed(self, old: AliasSpec, new: EnumSpec) -> Iterator[Change]:
        """A type whose values are listed now: nobody names a member of it yet, so the values alone count."""
        found = self.diff.relation(old.type, LiteralOf(tuple(new.values)), self.ways.get(new.key, BOTH))
        yield from (_judged(one, _of_type(new)) for one in found)

    def _type(self, old: AnyNamed, new: AnyNamed) -> Iterator[Change]:
        for found in self.diff.named(old, new, self.ways.get(new.key, BOTH)):
            subject = _of_type(new)
            if found.field is not None:
                holder = old if found.kind == "field-removed" else new
                subject = _of_field(holder, found.field)
            yield _judged(found, subject)

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
        yield from _necessity(subject, old.required, new.required)
        yield from self._relation(subject, old.type, new.type, frozenset({"request"}))
        if old.default != new.default:
            yield _judged(types.default(old.default, new.default), subject)

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
            yield from _necessity(subject, old.body_required, new.body_required)

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

    def _relation(self, subject: _Subject, old: TypeExpr, new: TypeExpr, ways: frozenset[Way]) -> Iterator[Change]:
        yield from (_judged(found, subject) for found in self.diff.relation(old, new, ways))


def _necessity(subject: _Subject, old: bool, new: bool) -> Iterator[Change]:
    yield from (_judged(found, subject) for found in types.necessity(old, new, frozenset({"request"})))


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


# --- types


def _ways(*documents: ApiSpec) -> dict[str, frozenset[Way]]:
    """Type key → how its values travel, through every type that holds it."""
    inside = {type_.key: set(parts(type_)) for document in documents for type_ in document.types}
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


# --- subjects


def _kind(type_: AnyNamed) -> str:
    return {ClassSpec: "an object", EnumSpec: "an enumeration", AliasSpec: "another type"}[type(type_)]


def _of_type(type_: AnyNamed) -> _Subject:
    return _Subject(f"type {'.'.join(type_.words)}", type_.location)


def _of_field(type_: AnyNamed, each: FieldSpec) -> _Subject:
    name = ".".join(type_.words)
    return _Subject(f"type {name}", each.location, f"{name}(…).{each.wire}", each.wire)


def _of_operation(operation: OperationSpec) -> _Subject:
    return _Subject(f"operation {operation.id}", operation.location, f"{operation.id}(…)")


def _of_parameter(operation: OperationSpec, each: ApiParameter) -> _Subject:
    return _Subject(f"operation {operation.id}", each.location, f"{operation.id}({each.wire}=…)", each.wire)


def _judged(found: Found, subject: _Subject) -> Change:
    return _change(found.kind, subject, found.what, found.old, found.new)


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
