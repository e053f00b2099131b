"""Why generated code is what it is: `typedrun show MODEL --why NAME`, for a parameter, the result and the model's classes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from attrs import frozen

from typedrun.wording import near_words
from typedrun_codegen.ir.catalog import ModelSpec, ParameterSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.snapshot import Snapshot
from typedrun_codegen.look.show import Named, value_words
from typedrun_codegen.marketplaces import marketplace
from typedrun_codegen.marketplaces.protocol import MAY_STREAM, NEVER_STREAMS
from typedrun_codegen.plans.models import ModelPlan, plan_model
from typedrun_codegen.plans.package import PackagePlan, plan_package
from typedrun_codegen.plans.parameters import plan_parameter
from typedrun_codegen.text.words import count, printable, shown

RESULT = "result.data"
"""How the type of a result is asked for; `data` does too, unless a parameter has that name."""

PARAMETER_PREFIX = "inputs."
"""Before a parameter's name, for one that is called like a class or like the result."""


@frozen(kw_only=True)
class Why:
    """Where something that was generated comes from."""

    model: str
    kind: str
    """`parameter`, `result` or `class`."""
    name: str
    """A parameter's wire name, `result.data`, or a class."""
    file: str
    pointer: str
    """Empty for a whole file."""
    fragment: JSON
    rule: str
    reason: str
    annotation: str
    """The parameter's or the result's type; what a class derives from."""
    written: str
    """As it stands in the module, or what the catalog fixed it to."""

    def lines(self) -> Iterator[str]:
        """The lines for a person."""
        yield f"{printable(self.name)} of {printable(self.model)}"
        yield ""
        yield f"  file      {printable(self.file)}"
        yield f"  pointer   {printable(self.pointer or 'the whole file')}"
        yield f"  rule      {self.rule}: {self.reason}"
        yield f"  type      {_shortened(self.annotation)}"
        yield f"  written   {_shortened(self.written)}"
        yield ""
        yield from (
            f"    {printable(line)}" for line in json.dumps(self.fragment, indent=2, ensure_ascii=False).splitlines()
        )

    def as_json(self) -> JSON:
        """The answer of `typedrun show --why --json`."""
        return {
            "model": self.model,
            "kind": self.kind,
            "name": self.name,
            "file": self.file,
            "pointer": self.pointer,
            "fragment": self.fragment,
            "rule": self.rule,
            "reason": self.reason,
            "type": self.annotation,
            "written": self.written,
        }


_LONG_TEXT = re.compile(r"""("|')((?:\\.|(?!\1)[^\\]){57})(?:\\.|(?!\1)[^\\]){4,}\1""")


def _shortened(code: str) -> str:
    """Code for a line of a terminal: texts of more than 60 characters are cut."""
    return _LONG_TEXT.sub(r"\1\2…\1", code)


@frozen(kw_only=True)
class _Answer:
    """What differs between the kinds."""

    kind: str
    name: str
    location: Location
    rule: str
    reason: str
    annotation: str
    written: str


def why(named: Named, model: ModelSpec, wanted: str) -> Why:
    """What the snapshot says of something, and the rule that made code of it.

    Args:
        named: the catalog.
        model: the model.
        wanted: `result.data`, one of the model's classes (its own, its inputs', its supplier's, its function's), or a parameter
            by wire name or Python name. `inputs.NAME` is always the parameter, `data` the result where no parameter has it.

    Raises:
        UsageProblem: the model has nothing of that name.
    """
    parameters = _parameters(named, model)
    answers = {RESULT: _result(named, model), **_classes(named, model)}
    found = parameters.get(wanted.removeprefix(PARAMETER_PREFIX))
    if found is not None and (wanted.startswith(PARAMETER_PREFIX) or wanted not in answers):
        answer = _parameter(named, model, found)
    elif wanted in answers or wanted == "data":
        answer = answers.get(wanted, answers[RESULT])
    else:
        raise UsageProblem(_unknown(model, wanted, [*parameters, *answers]))
    path, location = named.snapshot.path, answer.location
    return Why(
        model=model.label,
        kind=answer.kind,
        name=answer.name,
        file=shown(path / location.file if path.is_dir() else path),
        pointer=location.pointer,
        fragment=_without_parameters(_fragment(named.snapshot, location), location, model),
        rule=answer.rule,
        reason=answer.reason,
        annotation=answer.annotation,
        written=answer.written,
    )


# --- parameters


def _parameters(named: Named, model: ModelSpec) -> dict[str, ParameterSpec]:
    """Parameters by wire name, and by Python name where that is no other's wire name."""
    names = named.scope.parameters[model.id]
    python = {str(names[parameter.name]): parameter for parameter in model.parameters}
    return {**python, **{parameter.name: parameter for parameter in model.parameters}}


def _parameter(named: Named, model: ModelSpec, parameter: ParameterSpec) -> _Answer:
    plan = plan_parameter(parameter, named.scope.parameters[model.id][parameter.name], None)
    options = f"; narrowed to its {len(parameter.options)} options" if parameter.options else ""
    fixed = f"not an argument: fixed to {value_words(parameter.values or parameter.defaults)}"
    return _Answer(
        kind="parameter",
        name=parameter.name,
        location=model.location_of(parameter),
        rule=parameter.rule,
        reason=marketplace(named.catalog.backend).reader().reasons[parameter.rule]
        + (options if parameter.is_argument else ""),
        annotation=plan.plain,
        written=plan.signature if parameter.is_argument else fixed,
    )


# --- the result


def _result(named: Named, model: ModelSpec) -> _Answer:
    """The model tells itself what it answers, or the functions' enumeration does; else its own `function` is all there is."""
    function = named.functions.get(model.function or "") if model.output is None else None
    result = _plan(named, model).result
    of = marketplace(named.catalog.backend).reader()
    rule = of.unknown_output if function is None else function.output_rule
    return _Answer(
        kind="result",
        name=RESULT,
        location=model.location if model.output is not None else _function_location(named, model, "output"),
        rule=rule,
        reason=of.reasons[rule],
        annotation=result,
        written=f"-> ModelResult[{result}]",
    )


def _function_location(named: Named, model: ModelSpec, member: str = "") -> Location:
    """Where the function's metadata stands (or a member of it, if it has that); else where the model names its function."""
    function = named.functions.get(model.function or "")
    return (
        _existing(named, model.location, "function")
        if function is None
        else _existing(named, function.location, member)
    )


def _existing(named: Named, location: Location, *members: str) -> Location:
    """The location of the first of the members that the object there has, else of the object."""
    value = _fragment(named.snapshot, location)
    found = [member for member in members if isinstance(value, dict) and value.get(member) is not None]
    return location.at(found[0]) if found else location


# --- classes


def _plan(named: Named, model: ModelSpec) -> ModelPlan:
    return plan_model(model, named.names[model.id], named.scope)


def _classes(named: Named, model: ModelSpec) -> dict[str, _Answer]:
    """Every class that the package has because of this model."""
    plan = _plan(named, model)
    package = plan_package(named.catalog, named.names, named.package_names, named.scope)
    answers = [_model_class(named, model, plan), _supplier_class(named, model, package)]
    answers += [_inputs_class(model, plan.inputs.name)] if plan.inputs else []
    answers += [_protocol(named, model, package)] if model.function else []
    return {answer.name: answer for answer in answers}


def _class(name: str, base: str, location: Location, rule: str, reason: str) -> _Answer:
    return _Answer(
        kind="class",
        name=name,
        location=location,
        rule=rule,
        reason=reason,
        annotation=base,
        written=f"class {name}({base})",
    )


def _model_class(named: Named, model: ModelSpec, plan: ModelPlan) -> _Answer:
    rule = MAY_STREAM if model.can_stream else NEVER_STREAMS
    reason = marketplace(named.catalog.backend).reader().reasons[rule]
    return _class(plan.name, plan.base, model.location, rule, reason)


def _inputs_class(model: ModelSpec, name: str) -> _Answer:
    reason = "one typed input for every parameter that is an argument"
    return _class(name, "TypedInputs", model.location.at("params"), "class-inputs", reason)


def _supplier_class(named: Named, model: ModelSpec, package: PackagePlan) -> _Answer:
    supplier = next(each for each in package.suppliers if each.module == named.names[model.id].supplier)
    reason = f"one attribute for every model of the supplier: {count(len(supplier.models), 'model')}"
    location = _existing(named, model.location, "vendor", "supplier")
    return _class(supplier.name, supplier.base, location, "class-supplier", reason)


def _protocol(named: Named, model: ModelSpec, package: PackagePlan) -> _Answer:
    name = named.package_names.protocols[model.function or ""]
    protocol = next(each for each in package.protocols if each.name == name)
    models = sum(each.function == model.function for each in named.models)
    reason = f"what {count(models, 'model')} of the function {'share' if models > 1 else 'takes'}"
    reason += "" if protocol.item == name else "; some are called in another way, so by_function is typed with Model"
    return _class(name, "Protocol", _function_location(named, model), "class-function", reason)


# --- the snapshot


def _fragment(snapshot: Snapshot, location: Location) -> JSON:
    """The value at a location of the snapshot."""
    if location.file == "functions.json":
        return _at(snapshot.functions, location.pointer)
    inside = f"{location.pointer}/"
    entries = (each for each in snapshot.models if each.file == location.file)
    entry = next(each for each in entries if inside.startswith(f"{each.pointer}/"))
    return _at(entry.value, location.pointer.removeprefix(entry.pointer))


def _at(value: JSON, pointer: str) -> JSON:
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value[name]
        elif isinstance(value, list):
            value = value[int(name)]
    return value


def _without_parameters(fragment: JSON, location: Location, model: ModelSpec) -> JSON:
    """A whole model without its parameters: they are most of its lines, and each can be asked for."""
    if location != model.location or not isinstance(fragment, dict):
        return fragment
    return {key: value for key, value in fragment.items() if key != "params"}


def _unknown(model: ModelSpec, wanted: str, known: Sequence[str]) -> Problem:
    near = [name for name in known if wanted and name.startswith(wanted)] or near_words(wanted, known, most=1)
    listed = ", ".join(printable(each.name) for each in model.parameters) or "none"
    next_step = f"did you mean {near[0]!r}? It has {listed}" if near else f"its parameters are {listed}"
    return Problem(
        "the model has nothing of that name", model.location, found=repr(wanted), next_step=next_step, model=model.label
    )
