"""What changed in the named types of two documents, by where their values travel: what is sent and what is received differ.

Kinds are rows of the table in `diffs.apis`; who asks says what each finding is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from typedrun_codegen.diffs.changes import LEVELS, Level
from typedrun_codegen.ir.api import ABSENT, ANY, AliasSpec, AnyNamed, ClassSpec, EnumSpec, FieldSpec, TypeExpr, refs_of
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.relation import is_covered, words

Way: TypeAlias = Literal["request", "answer"]
BOTH: frozenset[Way] = frozenset({"request", "answer"})

JUDGEMENTS: dict[str, tuple[Level, str]] = {
    "value-added": ("compatible", "enumerations are open: older clients keep it as it is"),
    "value-removed": ("breaking", "code that names this member fails"),
    "field-removed": ("breaking", "code that passes or reads it fails"),
    "field-added": ("compatible", "code that does not know it goes on"),
    "required-field-added": ("breaking", "requests must hold it: objects built without it are refused"),
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
    "closed": ("breaking", "objects with further properties are refused"),
    "opened": ("compatible", "further properties are kept as unknown fields"),
    "answer-closed": ("compatible", "answers hold nothing beside what code already expects"),
    "documentation-changed": ("compatible", "documentation only"),
}


@frozen(kw_only=True)
class Found:
    """One thing that differs."""

    kind: str
    """A row of the table."""
    what: str
    """What changed, as a short sentence."""
    old: JSON = None
    new: JSON = None
    field: FieldSpec | None = None
    """The property; None where it is about the whole."""


@frozen
class TypeDiff:
    """Two sets of named types, by key."""

    before: Mapping[str, AnyNamed]
    after: Mapping[str, AnyNamed]

    def named(self, old: AnyNamed, new: AnyNamed, ways: frozenset[Way]) -> Iterator[Found]:
        """What changed in a type of one kind.

        Args:
            old: the type before.
            new: the type after, of the same kind.
            ways: where its values travel.
        """
        if isinstance(old, ClassSpec) and isinstance(new, ClassSpec):
            yield from self._fields(old, new, ways)
        elif isinstance(old, EnumSpec) and isinstance(new, EnumSpec):
            yield from _values(old, new)
        elif isinstance(old, AliasSpec) and isinstance(new, AliasSpec):
            yield from self.relation(old.type, new.type, ways)
        if old.notes != new.notes:
            yield Found(kind="documentation-changed", what="description or constraints changed")

    def relation(
        self, old: TypeExpr, new: TypeExpr, ways: frozenset[Way], noun: str = "type", field: FieldSpec | None = None
    ) -> Iterator[Found]:
        """How a type of a value changed.

        Args:
            old: the type before.
            new: the type after.
            ways: where the value travels.
            noun: what it is the type of.
            field: the property that has it.
        """
        forth = is_covered(old, new, self.before, self.after)
        back = is_covered(new, old, self.after, self.before)
        if not (forth and back):
            how = "widened" if forth else "narrowed" if back else "changed"
            was, now = words(old), words(new)
            what = f"{noun} {how}: {was} → {now}"
            kind = worst(f"{way}-{how}" for way in sorted(ways))
            yield Found(kind=kind, what=what, old=was, new=now, field=field)

    def _fields(self, old: ClassSpec, new: ClassSpec, ways: frozenset[Way]) -> Iterator[Found]:
        before, after = {each.wire: each for each in old.fields}, {each.wire: each for each in new.fields}
        for name, was in before.items():
            if name in after:
                yield from self._field(was, after[name], ways)
            else:
                yield Found(kind="field-removed", what="field removed", field=was)
        for name in (name for name in after if name not in before):
            must = after[name].required and after[name].default is ABSENT and "request" in ways
            kind, what = ("required-field-added", "required") if must else ("field-added", "optional")
            yield Found(kind=kind, what=f"{what} field added", field=after[name])
        yield from self._rest(old, new, ways)

    def _rest(self, old: ClassSpec, new: ClassSpec, ways: frozenset[Way]) -> Iterator[Found]:
        """Further properties: of any type where the document does not speak of them."""
        if old.is_closed or new.is_closed:
            if old.is_closed != new.is_closed:
                kind = "opened" if old.is_closed else "closed" if "request" in ways else "answer-closed"
                what = f"further properties are {'allowed' if old.is_closed else 'no longer allowed'}"
                yield Found(kind=kind, what=what, old=not old.is_closed, new=not new.is_closed)
        else:
            was, now = (ANY if one.rest is None else one.rest for one in (old, new))
            yield from self.relation(was, now, ways, "type of further properties")

    def _field(self, old: FieldSpec, new: FieldSpec, ways: frozenset[Way]) -> Iterator[Found]:
        yield from necessity(old.required, new.required, ways, new)
        yield from self.relation(old.type, new.type, ways, field=new)
        if old.default != new.default and "request" in ways:
            yield default(old.default, new.default, new)
        if old.notes != new.notes:
            yield Found(kind="documentation-changed", what="description or constraints changed", field=new)


def necessity(old: bool, new: bool, ways: frozenset[Way], field: FieldSpec | None = None) -> Iterator[Found]:
    """Whether a value has to be there, before and after."""
    if old != new:
        verb = "required" if new else "optional"
        kinds = [f"became-{verb}"] * ("request" in ways) + [f"answer-became-{verb}"] * ("answer" in ways)
        yield Found(kind=worst(kinds), what=f"{verb} now", old=old, new=new, field=field)


def default(old: JSON | object, new: JSON | object, field: FieldSpec | None = None) -> Found:
    """Another default, of which a document may have none."""
    was, now = ("nothing" if value is ABSENT else repr(value) for value in (old, new))
    what = f"default changed from {was} to {now}"
    return Found(kind="default-changed", what=what, old=was, new=now, field=field)


def worst(kinds: Iterable[str]) -> str:
    """The kind of the worst level; of equals the first."""
    return min(kinds, key=lambda kind: LEVELS.index(JUDGEMENTS[kind][0]))


def parts(type_: AnyNamed) -> Iterator[str]:
    """Keys of the types that a type holds."""
    if isinstance(type_, ClassSpec):
        for each in type_.fields:
            yield from refs_of(each.type)
        yield from refs_of(type_.rest) if type_.rest else ()
    elif isinstance(type_, AliasSpec):
        yield from refs_of(type_.type)
        yield from (key for _, key in type_.tags)


def _values(old: EnumSpec, new: EnumSpec) -> Iterator[Found]:
    for value in (value for value in old.values if value not in new.values):
        yield Found(kind="value-removed", what=f"{value!r} removed", old=value)
    for value in (value for value in new.values if value not in old.values):
        yield Found(kind="value-added", what=f"{value!r} added", new=value)
