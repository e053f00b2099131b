"""A union beside properties, or beside another union: one class for each member, or for each pair."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Final, Protocol

from attrs import evolve

from typedrun_codegen.ir.api import Ref, TypeExpr, union_of
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.readers import forms
from typedrun_codegen.readers.forms import Node
from typedrun_codegen.readers.labels import labels_of
from typedrun_codegen.readers.pieces import Piece, Pieces, options_of
from typedrun_codegen.readers.references import Place, References
from typedrun_codegen.readers.shapes import Lifted, Member, Shape

MAX_VARIANTS: Final = 64
"""Classes that unions beside each other may multiply to."""


class Composer(Protocol):
    """What makes classes of pieces."""

    refs: References
    lifted: dict[str, Lifted]
    pieces: Pieces
    open: list[str]
    """Places whose variants are being made."""

    def report(self, problem: Problem) -> None:
        """Keep a problem."""
        ...

    def combined(self, pieces: Sequence[Piece], at: Place, words: tuple[str, ...], owner: str) -> Shape:
        """One type of several pieces."""
        ...

    def add(self, place: Place, schema: Node, words: tuple[str, ...], owner: str) -> Lifted:
        """Give a schema a name of its own."""
        ...

    def member_type(self, one: Piece, inherited: Node, words: tuple[str, ...]) -> TypeExpr:
        """The type of a union's member."""
        ...


def variants(
    lifter: Composer,
    pieces: Sequence[Piece],
    choices: Sequence[tuple[Piece, str]],
    at: Place,
    words: tuple[str, ...],
    owner: str,
) -> Shape:
    """A union and more: one class for each member (of each union, combined), with the common part in each."""
    listed = [list(options_of(*choice)) for choice in choices]
    while (count := prod(map(len, listed))) > MAX_VARIANTS and len(listed) > 1:
        where = lifter.refs.location(choices[len(listed) - 1][0].place).at(choices[len(listed) - 1][1])
        next_step = "split the schema; until then this union's properties are unknown fields"
        lifter.report(Problem("unions beside each other are too many", where, f"{count} combinations", next_step))
        listed.pop()
    labels = [labels_of(lifter.pieces, found, choices[i][0].schema) for i, found in enumerate(listed)]
    spent = {(piece.place.key, word) for piece, word in choices}
    common = [_without_unions(one, spent) for one in pieces]
    opened = [piece.place.key for piece, _ in choices]
    lifter.open += opened
    members: list[Member] = []
    try:
        for picked in product(
            *(list(zip(found, names, strict=True)) for found, names in zip(listed, labels, strict=False))
        ):
            members.append(_variant(lifter, picked, [word for _, word in choices], common, at, words, owner))
    finally:
        del lifter.open[len(lifter.open) - len(opened) :]
    table = next((one.schema["discriminator"] for one, _ in choices if "discriminator" in one.schema), None)
    return Shape(
        type=union_of(one.type for one in members),
        members=tuple(members),
        discriminator=(choices[0][0].place, table) if isinstance(table, dict) else None,
    )


def _variant(
    lifter: Composer,
    picked: Sequence[tuple[Piece, str]],
    unions: Sequence[str],
    common: Sequence[Piece],
    at: Place,
    words: tuple[str, ...],
    owner: str,
) -> Member:
    option = picked[0][0]
    names = tuple(label for _, label in picked)
    place = at.at(*(f"{word}:{label}" for word, label in zip(unions, names, strict=False)))
    ends = [lifter.pieces.behind(evolve(one, words=(*one.words, label))) for one, label in picked]
    is_object = any(forms.is_object(piece.schema) or forms.properties(piece.schema) for end in ends for piece in end)
    is_choice = any(lifter.pieces.is_choice(one.place, forms.split_null(one.schema)[0]) for one, _ in picked)
    if not is_object and not is_choice:
        return Member(option.place, option.schema, lifter.member_type(option, {}, (*words, *names)))
    if place.key not in lifter.lifted:
        shape = lifter.combined((*common, *(piece for end in ends for piece in end)), place, (*words, *names), owner)
        if shape.kind == "alias":
            return Member(option.place, option.schema, shape.type)
        lifter.add(place, option.schema, (*words, *names), owner).shape = shape
    return Member(option.place, option.schema, Ref(place.key))


def _without_unions(piece: Piece, spent: set[tuple[str, str]]) -> Piece:
    words = {word for word in forms.UNIONS if (piece.place.key, word) in spent}
    gone = words | {"discriminator"} if words else words
    return (
        evolve(piece, schema={key: value for key, value in piece.schema.items() if key not in gone}) if gone else piece
    )
