"""Look models up in the snapshot: what `typedrun models` lists and `typedrun show` prints."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from textwrap import dedent, wrap

from attrs import frozen

from typedrun.wording import did_you_mean, near_words
from typedrun_codegen.ir.api import Leaf, ListOf, LiteralOf, MapOf, Ref, TypeExpr, UnionOf
from typedrun_codegen.ir.catalog import CatalogSpec, FunctionSpec, ModelSpec, ParameterSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.ir.snapshot import Snapshot
from typedrun_codegen.marketplaces import marketplace
from typedrun_codegen.package.build import name_catalog
from typedrun_codegen.package.manifest import read_manifest
from typedrun_codegen.package.render import render
from typedrun_codegen.plans import prose
from typedrun_codegen.plans.lock import Names
from typedrun_codegen.plans.models import ModelPlan, plan_model
from typedrun_codegen.plans.naming import ModelName
from typedrun_codegen.plans.parameters import plan_parameter
from typedrun_codegen.plans.scope import Scope
from typedrun_codegen.snapshots.store import read_snapshot
from typedrun_codegen.text.literals import py_literal
from typedrun_codegen.text.words import printable, printable_line

_MEDIA = {
    "audio": "https://example.com/speech.mp3",
    "image": "https://example.com/photo.jpg",
    "video": "https://example.com/clip.mp4",
}
_DOCUMENT = "https://example.com/report.pdf"

WIDTH = 120
"""Columns of what is wrapped."""

_SAMPLES: Mapping[str, JSON] = {
    "str": "Hello",
    "float": 1.0,
    "int": 1,
    "bool": True,
    "JSON": {"key": "value"},
    "Messages": [{"role": "user", "content": "Hello"}],
}
"""An argument of each scalar type, for the example call."""


@frozen(kw_only=True)
class Named:
    """The catalog with the names that generated code has for it."""

    snapshot: Snapshot
    catalog: CatalogSpec
    names: Mapping[str, ModelName]
    """Model id → where its class is."""
    package_names: Names
    """Every other name of the package."""
    scope: Scope
    problems: tuple[Problem, ...]

    @property
    def models(self) -> tuple[ModelSpec, ...]:
        """The catalog's models, in its order."""
        return self.catalog.models

    @property
    def functions(self) -> Mapping[str, FunctionSpec]:
        """What the snapshot tells of functions, by id."""
        return {function.id: function for function in self.catalog.functions}

    def attribute(self, model: ModelSpec) -> str:
        """`openai.gpt_5_4`, as it stands after `aix.models.`."""
        name = self.names[model.id]
        return f"{name.supplier}.{name.module}"


def read_named(config: Config) -> Named:
    """Read and name the configured catalog, with the names that the package on disk has locked.

    Raises:
        UsageProblem: there is no snapshot, or it cannot be read.
    """
    path = config.require_snapshot()
    snapshot = read_snapshot(path)
    read = marketplace(config.backend).reader().read_catalog(snapshot)
    locked = read_manifest(config.package_dir).names
    package_names, names, scope = name_catalog(read.catalog, locked, config, path.name)
    return Named(
        snapshot=snapshot,
        catalog=read.catalog,
        names=names,
        package_names=package_names,
        scope=scope,
        problems=read.problems,
    )


# --- typedrun models


def search(
    named: Named, query: str = "", *, functions: Sequence[str] = (), suppliers: Sequence[str] = ()
) -> tuple[ModelSpec, ...]:
    """Find models that have every word of the query somewhere in path, name, id, function, supplier or description.

    Args:
        named: the catalog.
        query: words, in any order and case; empty finds everything.
        functions: function ids; a model has one of them.
        suppliers: supplier codes; a model has one of them.

    Raises:
        UsageProblem: no model and no list knows one of the functions or suppliers.
    """
    wanted = query.casefold().split()
    codes = {code.casefold() for code in suppliers}
    _refuse_unknown("--function", functions, {*named.functions, *(m.function for m in named.models if m.function)})
    _refuse_unknown("--supplier", sorted(codes), {model.supplier.code.casefold() for model in named.models})
    return tuple(
        model
        for model in named.models
        if (not functions or model.function in functions)
        and (not codes or model.supplier.code.casefold() in codes)
        and all(word in _text(named, model) for word in wanted)
    )


def _refuse_unknown(option: str, words: Iterable[str], known: Collection[str]) -> None:
    for word in words:
        if word not in known:
            noun = option.removeprefix("--")
            next_step = f"{did_you_mean(word, known)}`typedrun models` lists what there is"
            raise UsageProblem(Problem(f"the snapshot knows no such {noun}", Location(option), word, next_step))


def _text(named: Named, model: ModelSpec) -> str:
    parts = (model.path, model.name, model.id, model.function, model.supplier.name, model.description)
    return " ".join((named.attribute(model), *(part for part in parts if part))).casefold()


def list_lines(named: Named, models: Iterable[ModelSpec]) -> Iterator[str]:
    """One aligned line per model: attribute, function, path or name, id."""
    rows = [
        (named.attribute(m), *map(printable_line, (m.function or "(no function)", m.path or m.name, m.id)))
        for m in models
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def list_json(named: Named, models: Iterable[ModelSpec]) -> JSON:
    """The answer of `typedrun models --json`."""
    return {"sample": named.snapshot.is_sample, "models": [_model_json(named, model) for model in models]}


def _model_json(named: Named, model: ModelSpec) -> dict[str, JSON]:
    pricing = model.pricing
    return {
        "id": model.id,
        "path": model.path,
        "name": model.name,
        "attribute": named.attribute(model),
        "class": str(named.names[model.id].name),
        "function": model.function,
        "supplier": model.supplier.code,
        "price": pricing.price if pricing else None,
        "unit": pricing.unit_type if pricing else None,
        "file": str(model.location),
    }


# --- typedrun show


def find_model(named: Named, wanted: str) -> ModelSpec:
    """Find the model that an id, a path, an attribute (`openai.gpt_5_4`), a class or a name stands for.

    Raises:
        UsageProblem: none, or several; the message names the nearest.
    """
    key = wanted.strip().removeprefix("aix.").removeprefix("models.")
    for keys in (_exact, _loose):
        found = [model for model in named.models if key and {key, key.casefold()} & {*keys(named, model)}]
        if len(found) == 1:
            return found[0]
        if found:
            choices = ", ".join(printable(model.path or model.id) for model in found[:5])
            raise UsageProblem(
                _no_such(named, "several models have that name", wanted, f"name one by path or id: {choices}")
            )
    near = _near(named, key)
    next_step = f"did you mean {', '.join(near)}?" if near else "`typedrun models` lists what there is"
    raise UsageProblem(_no_such(named, "the snapshot has no such model", wanted, next_step))


def _exact(named: Named, model: ModelSpec) -> tuple[str, ...]:
    return (model.id, model.path or model.id, named.attribute(model))


def _loose(named: Named, model: ModelSpec) -> tuple[str, ...]:
    name = named.names[model.id]
    return (
        model.name.casefold(),
        (model.path or "").casefold(),
        str(name.module),
        str(name.name),
        str(name.name).casefold(),
    )


def _near(named: Named, wanted: str) -> list[str]:
    """Paths (or names) of the models whose id, path, attribute or name is spelt most alike."""
    spelt = {
        key.casefold(): model for model in named.models for key in (*_exact(named, model), *_loose(named, model)) if key
    }
    keys = near_words(wanted, spelt, most=6)
    keys += [key for key in spelt if wanted and wanted.casefold() in key][:3]
    return list(dict.fromkeys(printable(spelt[key].path or spelt[key].name) for key in keys))[:3]


def nearest_words(named: Named, wanted: str) -> str:
    """`; the nearest are …`, for a search that found nothing; empty when nothing is near."""
    near = _near(named, wanted)
    return f"; the nearest are {', '.join(near)}" if near else ""


def _no_such(named: Named, title: str, wanted: str, next_step: str) -> Problem:
    return Problem(title, Location(str(named.snapshot.path)), found=repr(wanted), next_step=next_step)


def show_lines(named: Named, model: ModelSpec) -> Iterator[str]:
    """Everything that a caller wants to know of a model."""
    name, plan = named.names[model.id], plan_model(model, named.names[model.id], named.scope)
    yield plan.summary
    if model.description:
        yield f"{printable(model.description)}"
    if named.snapshot.is_sample:
        yield from ("", prose.SAMPLE)
    yield ""
    yield f"  Attribute: aix.models.{named.attribute(model)}"
    yield f"  Class: from {named.scope.package}.models.{name.supplier} import {name.name}"
    yield from (f"  {fact}" for fact in prose.model_facts(model))
    yield f"  Result: result.data is {plan.result}"
    yield ""
    yield from signature_lines(plan)
    yield ""
    yield from _parameter_lines(named, model)
    yield from ("", "Ready to paste:", "")
    yield from (f"    {line}".rstrip() for line in example_lines(named, model))


def signature_lines(plan: ModelPlan) -> list[str]:
    """The definition of `run`, as the generated module has it."""
    return dedent(render("models/definition.jinja", plan=plan)).splitlines()


def _parameter_lines(named: Named, model: ModelSpec) -> Iterator[str]:
    names = named.scope.parameters[model.id]
    arguments = [parameter for parameter in model.parameters if parameter.is_argument]
    if not model.has_parameters:
        yield "The catalog does not say what this model takes: any keyword is sent as it is."
    for parameter in arguments:
        wire = f" (on the wire {printable(parameter.name)!r})" if names[parameter.name] != parameter.name else ""
        yield from _wrapped(f"{names[parameter.name]}{wire}: {prose.parameter_text(parameter)}", "  ")
        if len(parameter.options) > prose.SHOWN_OPTIONS:
            every = f"all {len(parameter.options)}: {value_words(parameter.options)}"
            yield from _wrapped(printable(every), "    ")
    for parameter in (parameter for parameter in model.parameters if not parameter.is_argument):
        yield f"  {printable(parameter.name)}: fixed by the catalog to {value_words(parameter.values or parameter.defaults)}"


def _wrapped(text: str, indent: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_long_words=False)


def example_lines(named: Named, model: ModelSpec) -> Iterator[str]:
    """A call with everything that must be given, ready to paste."""
    names = named.scope.parameters[model.id]
    required = [parameter for parameter in model.parameters if parameter.must_be_given]
    arguments = [f"{names[parameter.name]}={py_literal(sample(parameter))}" for parameter in required]
    if not arguments and model.has_parameters:  # something to see, where nothing is required
        first = [parameter for parameter in model.parameters if parameter.is_argument][:1]
        arguments = [f"{names[parameter.name]}={py_literal(sample(parameter))}" for parameter in first]
    yield f"from {named.scope.package} import {named.scope.client}"
    yield ""
    client = named.scope.vocabulary.variable
    yield f"{client} = {named.scope.client}()"
    yield f"result = {client}.models.{named.attribute(model)}.run({', '.join(arguments)})"
    yield "print(result.data)"


def sample(parameter: ParameterSpec) -> JSON:
    """A value that the parameter takes."""
    if parameter.default is not None:
        return parameter.default
    return _sample(parameter.type, parameter)


def _sample(type_: TypeExpr, parameter: ParameterSpec) -> JSON:
    match type_:
        case LiteralOf(values):
            return values[0]
        case ListOf(item):
            return [_sample(item, parameter)]
        case UnionOf(members):
            return _sample(members[0], parameter)
        case MapOf():
            return {"key": "value"}
        case Ref():
            return {}
        case Leaf("Media"):
            words = (parameter.data_type or "", parameter.data_sub_type or "")
            return next((_MEDIA[word] for word in words if word in _MEDIA), _DOCUMENT)
        case Leaf(name):
            return _SAMPLES.get(name, "Hello")


def show_json(named: Named, model: ModelSpec) -> JSON:
    """The answer of `typedrun show --json`."""
    plan = plan_model(model, named.names[model.id], named.scope)
    return {
        **_model_json(named, model),
        "sample": named.snapshot.is_sample,
        "description": model.description,
        "result": plan.result,
        "streams": model.can_stream,
        "signature": "\n".join(signature_lines(plan)),
        "parameters": [_parameter_json(named, model, parameter) for parameter in model.parameters],
        "example": "\n".join(example_lines(named, model)),
    }


def _parameter_json(named: Named, model: ModelSpec, parameter: ParameterSpec) -> dict[str, JSON]:
    name = named.scope.parameters[model.id][parameter.name]
    return {
        "name": str(name),
        "wire_name": parameter.name,
        "required": parameter.must_be_given,
        "fixed": parameter.fixed,
        "type": plan_parameter(parameter, name, None).plain,
        "default": parameter.default,
        "options": list(parameter.options),
        "rule": parameter.rule,
        "where": str(model.location_of(parameter)),
    }


def value_words(values: Sequence[JSON]) -> str:
    """Values as the catalog spells them, for a sentence."""
    return ", ".join(json.dumps(value, ensure_ascii=False) for value in values) or "a value that it does not tell"
