"""The classes of what one model answers: planned as those of an API schema are, in the module of the model."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, frozen

from typedrun_codegen.ir.api import AnyNamed, ApiSpec, TypeExpr
from typedrun_codegen.ir.catalog import ModelSpec
from typedrun_codegen.plans.api_names import ApiNames
from typedrun_codegen.plans.types import ApiScope, ModulePlan, plan_modules
from typedrun_codegen.text.api_annotations import RESERVED_CLASSES
from typedrun_codegen.text.names import Identifier, class_name


@frozen
class AnswersPlan:
    """What a model's module says of its answers."""

    text: str
    """The annotation of a result's data."""
    result_symbols: Mapping[str, str]
    """What the annotation needs → the module that defines it."""
    symbols: Mapping[str, str]
    """What the whole module needs when it runs, likewise."""
    mentioned: tuple[Identifier, ...]
    """Classes that the annotation names."""
    module: ModulePlan | None
    """The classes; None without any."""

    @property
    def names(self) -> tuple[Identifier, ...]:
        """What the module defines."""
        return self.module.exports if self.module else ()


def plan_answers(model: ModelSpec, output: TypeExpr, name: Identifier, taken: frozenset[str]) -> AnswersPlan:
    """Make the Plan of one model's answers.

    Args:
        model: what the catalog says.
        output: the type of a result's data.
        name: the model's class, which the names of the others begin with.
        taken: names that its module has for other things.
    """
    types = tuple(_owned(one, model, name) for one in model.answers)
    spec = ApiSpec(
        title=model.name,
        version="",
        description="",
        file="",
        server="",
        credentials=(),
        security=None,
        types=types,
        operations=(),
        problems=(),
        is_openapi=False,
    )
    scope = ApiScope(spec, "", ApiNames({}), RESERVED_CLASSES | taken)
    text = scope.text()
    annotation = text.annotation(output)
    module = next(plan_modules(scope), None)
    symbols = text.symbols
    return AnswersPlan(
        text=annotation,
        result_symbols=symbols,
        symbols={**symbols, **(module.symbols if module else {})},
        mentioned=tuple(scope.classes[key] for key in sorted(text.mentions)),
        module=module,
    )


def _owned(one: AnyNamed, model: ModelSpec, name: Identifier) -> AnyNamed:
    """A type as one of the model's module: its name begins with the model's, whose own names often do so already."""
    joined = class_name(*one.words)
    words = (joined,) if joined.startswith(name) else (name, *one.words)
    said = one.notes.description or f"`{'.'.join(one.words)}` of {model.name}."
    return evolve(one, words=words, owner=model.id, notes=evolve(one.notes, description=said))
