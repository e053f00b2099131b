"""The class of a model's inputs: attributes, and reading and assigning by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from attrs import frozen

from typedrun_codegen.plans.parameters import ParameterPlan
from typedrun_codegen.text.docstrings import DocText, doc_line
from typedrun_codegen.text.layout import bracketed, signature
from typedrun_codegen.text.names import Identifier


@frozen(kw_only=True)
class InputsPlan:
    """The class of a model's inputs."""

    name: Identifier
    is_own: bool
    """Whether the class is here; else it is another model's, whose inputs are the same."""
    summary: DocText
    lines: tuple[str, ...]
    getters: tuple[str, ...]
    """Reading by item, one overload for every type."""
    setters: tuple[str, ...]
    """Assigning by item, likewise. No overload takes any text: it would take a known name with a value of the wrong type."""


def plan_inputs(
    model: Identifier, title: DocText, arguments: Sequence[ParameterPlan], *, is_own: bool
) -> InputsPlan | None:
    """Make the Plan of the class of a model's inputs; None where it takes nothing that is known.

    Args:
        model: the model's class.
        title: what the model is called.
        arguments: what a caller gives.
        is_own: whether the class is in the model's own module.
    """
    if not arguments:
        return None
    by_type: dict[str, list[str]] = {}
    for argument in arguments:
        by_type.setdefault(argument.annotation, []).append(argument.key)
    return InputsPlan(
        name=Identifier(f"{model}Inputs"),
        is_own=is_own,
        summary=doc_line(f"Current values of the parameters of {title}."),
        lines=tuple(one.input for one in arguments if one.input),
        getters=tuple(_getter(annotation, *keys) for annotation, keys in by_type.items()),
        setters=_setters(by_type),
    )


@lru_cache(maxsize=4096)
def _getter(annotation: str, *keys: str) -> str:
    return signature("def __getitem__", ("self", _key(keys)), annotation, indent=8)


def _setters(by_type: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    setters = [_setter(annotation, *keys) for annotation, keys in by_type.items()]
    if len(setters) <= 1:
        return tuple(setters)
    return (*(f"@overload\n        {setter}" for setter in setters), _ANY_SETTER)


_ANY_SETTER = "def __setitem__(self, key: str, value: Any) -> None: ..."


@lru_cache(maxsize=4096)
def _setter(annotation: str, *keys: str) -> str:
    return signature("def __setitem__", ("self", _key(keys), f"value: {annotation}"), "None", indent=8)


def _key(keys: Sequence[str]) -> str:
    return bracketed("key: Literal", keys, "[]", indent=12)
