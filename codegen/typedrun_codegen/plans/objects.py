"""The objects that a model's parameters hold: a `TypedDict` each, in the module of the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from typedrun_codegen.ir.api import ClassSpec, FieldSpec, Notes
from typedrun_codegen.ir.catalog import ModelSpec
from typedrun_codegen.plans.types import plan_doc, sentences
from typedrun_codegen.text.annotations import OF_MODELS, type_text
from typedrun_codegen.text.docstrings import WIDTH
from typedrun_codegen.text.layout import columns
from typedrun_codegen.text.literals import py_string
from typedrun_codegen.text.names import FoldedNames, Identifier, claim, class_name, is_own_spelling

SUFFIX = "Dict"
"""At the end of their names: an answer may hold an object of the same name, which is a class."""

_SHADOWED = frozenset({"bool", "dict", "float", "int", "list", "str", *OF_MODELS})
"""A member of such a name would stand for the type in the annotations below it."""


@frozen
class ObjectPlan:
    """A `TypedDict`."""

    name: Identifier
    lines: tuple[str, ...]
    symbols: frozenset[str]


def name_objects(model: ModelSpec, name: Identifier, taken: frozenset[str]) -> dict[str, Identifier]:
    """Key of an object → its name, which begins with the model's."""
    names = FoldedNames(taken)
    found: dict[str, Identifier] = {}
    for one in sorted(model.objects, key=lambda one: (len(one.words), one.key)):
        joined = class_name(*one.words)
        wanted = joined if joined.startswith(name) else class_name(name, *one.words)
        found[one.key] = claim(Identifier(f"{wanted}{SUFFIX}"), names, seed=one.key)
        names.add(found[one.key])
    return found


def plan_objects(model: ModelSpec, names: Mapping[str, Identifier]) -> tuple[ObjectPlan, ...]:
    """Make the Plans of all objects, in the order in which parameters hold them.

    Args:
        model: what the catalog says.
        names: key of an object → its name.
    """
    return tuple(_plan(one, model, names) for one in model.objects)


def _plan(one: ClassSpec, model: ModelSpec, names: Mapping[str, Identifier]) -> ObjectPlan:
    texts = {field.wire: type_text(field.type, names=names) for field in one.fields}
    symbols = frozenset[str]().union(*(text.symbols for text in texts.values()), {"TypedDict"})
    symbols |= {"NotRequired"} if any(not field.required for field in one.fields) else frozenset()
    said = one.notes.description or f"`{'.'.join(one.words)}` of {model.name}."
    doc = plan_doc(sentences(Notes(description=said)), 4).lines
    annotations = [(field, _annotation(field, texts[field.wire].text)) for field in one.fields]
    if all(is_own_spelling(field.wire) and field.wire not in _SHADOWED for field in one.fields):
        lines = tuple(_class(names[one.key], doc, annotations))
    else:
        lines = (_call(names[one.key], annotations), *plan_doc(said, 0).lines)
    return ObjectPlan(names[one.key], lines, symbols)


def _annotation(field: FieldSpec, text: str) -> str:
    return text if field.required else f"NotRequired[{text}]"


def _class(name: Identifier, doc: tuple[str, ...], fields: list[tuple[FieldSpec, str]]) -> Iterator[str]:
    yield f"class {name}(TypedDict):"
    yield from doc
    yield ""
    for field, annotation in fields:
        yield f"    {field.wire}: {annotation}"
        if said := sentences(field.notes, field):
            yield from plan_doc(said, 4).lines


def _call(name: Identifier, fields: list[tuple[FieldSpec, str]]) -> str:
    """In the form that takes any name for a member."""
    members = [f"{py_string(field.wire)}: {py_string(annotation)}" for field, annotation in fields]
    inline = f"{name} = TypedDict({py_string(name)}, {{{', '.join(members)}}})"
    if columns(inline) <= WIDTH:
        return inline
    return "\n".join(
        (
            f"{name} = TypedDict(",
            f"    {py_string(name)},",
            "    {",
            *(f"        {each}," for each in members),
            "    },",
            ")",
        )
    )
