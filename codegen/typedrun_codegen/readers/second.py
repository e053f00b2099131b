"""Two readings of one document, compared: ours and that of datamodel-code-generator (dcg.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

from typedrun_codegen.ir.api import ANY, NONE, ListOf, MapOf, Ref, TypeExpr, UnionOf
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.ir.relation import is_covered, words
from typedrun_codegen.readers import dcg, forms
from typedrun_codegen.readers.api import lift_document
from typedrun_codegen.readers.documents import check_kind, read_document
from typedrun_codegen.readers.lift import Lifter
from typedrun_codegen.readers.pieces import BadSchema, Piece
from typedrun_codegen.readers.references import References
from typedrun_codegen.readers.shapes import Lifted


@frozen
class Opinion:
    """What a second parser makes of a document."""

    differences: tuple[Problem, ...]
    """Types that it understands otherwise."""
    read: int
    """Schemas that it could read."""
    unread: tuple[str, ...]
    """Keys of those that it could not."""


def second_opinion(path: Path, label: str) -> Opinion:
    """Read a document both ways.

    Raises:
        UsageProblem: the document cannot be used at all.
    """
    document = read_document(path, label)
    check_kind(document)
    lifter = Lifter(References(document))
    lift_document(document, lifter)
    lifted = {one.key: one for one in lifter.lifted.values() if one.shape.kind != "enum"}
    answers, unread = dcg.read_types([_question(one, lifter) for one in lifted.values()])
    differences = (
        problem
        for key, one in lifted.items()
        if key not in unread
        for problem in _differences(one, answers[key], lifter)
    )
    return Opinion(tuple(differences), len(lifted) - len(unread), tuple(unread))


def _question(one: Lifted, lifter: Lifter) -> dcg.Question:
    if one.shape.kind == "alias":
        return dcg.Question(key=one.key, type=one.shape.type)
    bases = list(_bases(one, lifter))
    given = {name: found for base in bases for name, found in base.shape.properties.items()}
    own = {
        name: found.type
        for name, found in one.shape.properties.items()
        if name not in given or given[name].descriptions != found.descriptions
    }
    return dcg.Question(key=one.key, bases=tuple(base.key for base in bases), fields=own)


def _bases(one: Lifted, lifter: Lifter) -> Iterator[Lifted]:
    """The classes that an `allOf` names, and that the class is wholly made of."""
    if not one.is_component:
        return
    try:
        parts = list(lifter.pieces.parts(Piece(one.place, forms.split_null(one.schema)[0], one.words, one.owner)))
        parts = [end for part in parts for end in lifter.pieces.referred(part)]
    except BadSchema:
        return
    for part in parts:
        base = lifter.lifted.get(part.place.key)
        if (
            base is not None
            and base.shape.kind == "class"
            and base.shape.properties.keys() <= one.shape.properties.keys()
        ):
            yield base


def _differences(one: Lifted, answer: dcg.Answer, lifter: Lifter) -> Iterator[Problem]:
    where = lifter.refs.location(one.place)
    next_step = "one of the two parsers is wrong about this schema: tell which in a test"
    if one.shape.kind == "alias":
        if not agrees(one.shape.type, answer.type, lifter.lifted):
            found = f"{words(one.shape.type)}; {dcg.PACKAGE}: {words(answer.type)}"
            yield Problem("a second parser reads this schema otherwise", where, found, next_step)
        return
    for name, property_ in one.shape.properties.items():
        other = answer.fields.get(name, NONE)
        is_narrower = len(property_.descriptions) > 1 and is_covered(property_.type, other)
        if not is_narrower and not agrees(property_.type, other, lifter.lifted):
            found = f"{words(property_.type)}; {dcg.PACKAGE}: {words(other)}"
            yield Problem(
                "a second parser reads this property otherwise", where.at("properties", name), found, next_step
            )


def agrees(ours: TypeExpr, theirs: TypeExpr, lifted: Mapping[str, Lifted]) -> bool:
    """Whether two types are one; where the other parser gave up (anything), it has no opinion."""
    ours, theirs = _end(ours, lifted), _end(theirs, lifted)
    if theirs in (ANY, ours):
        return True
    match ours, theirs:
        case (ListOf(one), ListOf(other)) | (MapOf(one), MapOf(other)):
            return agrees(one, other, lifted)
        case UnionOf(members), UnionOf(others):
            return all(any(agrees(one, other, lifted) for other in others) for one in members) and all(
                any(agrees(one, other, lifted) for one in members) for other in others
            )
        case _:
            return False


def _end(type_: TypeExpr, lifted: Mapping[str, Lifted]) -> TypeExpr:
    """The type behind names that only stand for another name: the parser folds them."""
    seen: set[str] = set()
    while isinstance(type_, Ref) and type_.key not in seen and (found := lifted.get(type_.key)) is not None:
        seen.add(type_.key)
        if found.shape.kind != "alias" or not isinstance(found.shape.type, Ref):
            break
        type_ = found.shape.type
    return type_
