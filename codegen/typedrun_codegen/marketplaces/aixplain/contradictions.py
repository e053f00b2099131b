"""Where aiXplain's catalog contradicts itself. The generator mends all of it in silence; `typedrun doctor` lists it.

Each finding says where, what was found, and what the generated package makes of it until the catalog is corrected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from typedrun_codegen.ir.api import Leaf
from typedrun_codegen.ir.catalog import CatalogSpec, ModelSpec, ParameterSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.ir.snapshot import ModelEntry
from typedrun_codegen.ir.values import fits, python_value
from typedrun_codegen.marketplaces.aixplain.words import UNKNOWN

RANGE = (("minimum", "min"), ("maximum", "max"))
"""Members that bound a number: the word of JSON Schema, and the short one."""

FLAGS = ("0", "1")
"""How suppliers spell booleans besides true and false."""

_SHOWN = 8
"""Options that a message lists."""


def find_contradictions(catalog: CatalogSpec, entries: Iterable[ModelEntry]) -> Iterator[Problem]:
    """Find everything that a catalog says and cannot mean, model by model.

    Args:
        catalog: the models as they were understood.
        entries: the documents that they were read from.
    """
    documents = {str(entry.location): entry.value for entry in entries}
    functions = {function.id for function in catalog.functions}
    suppliers = {supplier.code for supplier in catalog.suppliers}
    paths = Counter(model.path for model in catalog.models if model.path)
    for model in catalog.models:
        yield from _of_model(model, functions, suppliers, paths)
        documented = documents.get(str(model.location), {}).get("params")
        rows = [row if isinstance(row, dict) else {} for row in documented] if isinstance(documented, list) else []
        yield from _of_names(model, rows)
        for parameter in model.parameters:
            yield from _of_parameter(model, parameter, rows[parameter.index])


def _of_model(
    model: ModelSpec, functions: set[str], suppliers: set[str], paths: Mapping[str, int]
) -> Iterator[Problem]:
    where = model.location
    if functions and model.function and model.function not in functions:
        yield _finding(model, "the function is not in the list of functions", where.at("function"), model.function)
    if suppliers and model.supplier.code not in suppliers:
        yield _finding(model, "the supplier is not in the list of suppliers", where.at("vendor"), model.supplier.code)
    if model.path and paths[model.path] > 1:
        made = "`aix.models[path]` gives one of them"
        yield _finding(model, "several models have the same path", where, model.path, made)
    if model.pricing and (model.pricing.price or 0.0) < 0:
        yield _finding(model, "the price is negative", where.at("pricing", "price"), f"{model.pricing.price}")


def _of_names(model: ModelSpec, rows: list[dict[str, JSON]]) -> Iterator[Problem]:
    first = {parameter.name: parameter.index for parameter in model.parameters}
    for index, row in enumerate(rows):
        name = row.get("name") or row.get("code")
        if isinstance(name, str) and first.get(name, index) != index:
            found = f"{name!r} is already /params/{first[name]}"
            title, made = "two parameters have the same name", "the first one is a parameter, this one is left out"
            yield _finding(model, title, model.location.at("params", index), found, made, parameter=name)


def _of_parameter(model: ModelSpec, spec: ParameterSpec, row: Mapping[str, JSON]) -> Iterator[Problem]:
    where = model.location_of(spec)
    for title, part, found, made in chain(
        _of_defaults(spec), _of_options(spec, row), _of_range(spec, row), _of_kind(spec)
    ):
        yield _finding(model, title, where.at(part) if part else where, found, made, parameter=spec.name)


_Found = Iterator[tuple[str, str, str, str]]
"""Title, member of the parameter, what was found, what is made of it."""


def _of_defaults(spec: ParameterSpec) -> _Found:
    if spec.required and spec.defaults:
        yield "required, and there is a default", "required", _said(spec.defaults[:1]), "a call may leave it out"
    if spec.default is not None and not fits(spec.default, spec.type):
        made = "the default is sent but not shown"
        if spec.options and _said([spec.default]) not in [_said([option]) for option in spec.options]:
            found = f"{_said([spec.default])}; options are {_said(spec.options)}"
            yield "default is not one of the options", "defaultValues", found, made
        else:
            found = f"{_said([spec.default])}; the type is {spec.data_type}/{spec.data_sub_type}"
            yield "default does not fit the type", "defaultValues", found, made
    if len(spec.defaults) > 1 and not spec.multiple:
        yield "several defaults for one value", "defaultValues", _said(spec.defaults), "the first one is the default"


def _of_options(spec: ParameterSpec, row: Mapping[str, JSON]) -> _Found:
    offered = row.get("availableOptions")
    rows = offered if isinstance(offered, list) else []
    empty = sum(item is None or (isinstance(item, dict) and item.get("value") is None) for item in rows)
    if empty:
        yield "an option has no value", "availableOptions", f"{empty} of {len(rows)}", "it is no option"
    twice = [value for value, number in Counter(map(repr, spec.options)).items() if number > 1]
    if twice:
        yield "an option is listed twice", "availableOptions", ", ".join(twice[:_SHOWN]), "it is one option"
    scalar = spec.plain
    spelt = FLAGS if scalar == Leaf("bool") else ()
    odd = [value for value in spec.options if value not in spelt and not fits(python_value(value, scalar), scalar)]
    if odd:
        found = f"{_said(odd)}; the type is {spec.data_type}/{spec.data_sub_type}"
        yield "an option does not fit the type", "availableOptions", found, "the option is taken as it is"
    if spec.fixed and not spec.values and not spec.has_default:
        made = "it is an argument" if spec.is_argument else "it is never sent"
        yield "fixed, and there is no value", "values", "nothing", made


def _of_range(spec: ParameterSpec, row: Mapping[str, JSON]) -> _Found:
    low, high = (
        next((bound for word in words if (bound := _number(row.get(word))) is not None), None) for words in RANGE
    )
    if low is not None and high is not None and low > high:
        yield "the range is empty", "", f"{low:g} to {high:g}", "any number is taken"
        return
    for value in spec.default if isinstance(spec.default, list) else [spec.default]:
        number = _number(value)
        if number is not None and ((low is not None and number < low) or (high is not None and number > high)):
            limits = f"{'' if low is None else f'from {low:g} '}{'' if high is None else f'to {high:g}'}".strip()
            yield (
                "default is out of range",
                "defaultValues",
                f"{number:g}; the range is {limits}",
                "the default is sent",
            )


def _of_kind(spec: ParameterSpec) -> _Found:
    if spec.rule == UNKNOWN.name:
        yield "a dataType that typedrun does not know", "dataType", f"{spec.data_type!r}", "any JSON value is taken"


def _number(value: JSON) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _said(values: Iterable[JSON]) -> str:
    told = [ascii(value) if isinstance(value, str) else repr(value) for value in values]
    short = [text if len(text) <= 80 else f"{text[:77]}..." for text in told]
    return ", ".join(short[:_SHOWN]) + (" ..." if len(short) > _SHOWN else "")


def _finding(
    model: ModelSpec,
    title: str,
    where: Location,
    found: str,
    made: str = "it is taken as it is",
    *,
    parameter: str | None = None,
) -> Problem:
    next_step = f"correct the catalog; until then {made}"
    return Problem(title, where, found=found, next_step=next_step, model=model.label, parameter=parameter)
