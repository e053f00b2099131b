"""Judged changes as values: how bad each kind is, and why.

Every kind of change is one row of `JUDGEMENTS`; where the level depends on the case (a type that was widened or narrowed),
each case is a kind of its own. Changes are judged from the side of someone who calls the model today.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal, TypeAlias

from attrs import frozen

from typedrun_codegen.ir.catalog import ModelSpec, ParameterSpec
from typedrun_codegen.ir.jsontypes import JSON

Level: TypeAlias = Literal["breaking", "risky", "compatible"]

LEVELS: tuple[Level, ...] = ("breaking", "risky", "compatible")
"""Worst first."""

COLORS: dict[Level, str] = {"breaking": "red", "risky": "yellow", "compatible": "green"}

JUDGEMENTS: dict[str, tuple[Level, str]] = {
    # models
    "model-removed": ("breaking", "its class disappears; every call fails"),
    "model-added": ("compatible", "nobody calls it yet"),
    "model-id-changed": (
        "breaking",
        "names are locked by id: attribute and class are called otherwise; the path still finds it",
    ),
    "model-renamed": ("compatible", "generated names are locked; only the display name changes"),
    "path-changed": ("risky", "lookups by the old path fail"),
    "supplier-changed": ("risky", "someone else answers; its attribute stays where it is"),
    "function-changed": ("breaking", "another function: the type and the meaning of the answer change"),
    "category-changed": ("compatible", "its types are its own, whatever it is listed under"),
    "output-changed": ("breaking", "the type of result.data changes"),
    "version-changed": ("risky", "another version may answer differently"),
    "status-changed": ("risky", "a model that is not onboarded may refuse to run"),
    "status-onboarded": ("compatible", "the model can be run now"),
    "streaming-lost": ("breaking", "run_stream and stream=True are refused"),
    "streaming-gained": ("compatible", "run_stream works now"),
    "asynchronous-lost": ("risky", "run_async no longer returns before the model is done"),
    "asynchronous-gained": ("compatible", "run_async returns at once now"),
    "synchronous-lost": ("risky", "run has to poll; answers take longer"),
    "synchronous-gained": ("compatible", "run is answered directly now"),
    "price-raised": ("risky", "the same calls cost more"),
    "price-lowered": ("compatible", "the same calls cost less"),
    "price-changed": ("risky", "the same calls are billed in another way"),
    "model-deprecated": ("risky", "it may be removed"),
    "model-reinstated": ("compatible", "it is to stay"),
    "parameters-unlisted": ("breaking", "the catalog no longer says what the model takes; its signature is lost"),
    "parameters-listed": ("risky", "calls are checked against a signature now"),
    "documentation-changed": ("compatible", "documentation only"),
    # parameters
    "parameter-added": ("compatible", "calls may leave it out"),
    "required-parameter-added": ("breaking", "it is required and has no default: calls without it are refused"),
    "parameter-removed": ("breaking", "calls that pass it are refused"),
    "parameter-renamed": ("breaking", "calls that pass the old name are refused"),
    "parameter-order-changed": ("compatible", "parameters are passed by name"),
    "became-required": ("breaking", "calls that leave it out are refused"),
    "became-optional": ("compatible", "calls may leave it out"),
    "became-fixed": ("breaking", "the catalog sets it now: calls that pass it are refused"),
    "became-free": ("compatible", "it can be passed now"),
    "fixed-value-changed": ("risky", "the preset value differs: answers may too"),
    "type-narrowed": ("breaking", "values that were accepted are refused"),
    "type-widened": ("compatible", "every value that was accepted still is"),
    "type-changed": ("breaking", "values of the old type are refused"),
    "option-removed": ("breaking", "calls that pass it are refused"),
    "option-added": ("compatible", "every option that was accepted still is"),
    "default-changed": ("risky", "calls that leave it out behave differently"),
    "multiplicity-narrowed": ("breaking", "a list is no longer accepted"),
    "multiplicity-widened": ("breaking", "one value is no longer accepted: a list is expected"),
    "range-narrowed": ("risky", "values outside the new range are refused"),
    "range-widened": ("compatible", "every value that was accepted still is"),
    "wire-form-changed": ("compatible", "the same Python values; only their form on the wire changes"),
    "parameter-documentation-changed": ("compatible", "documentation only"),
    "limits-tightened": ("risky", "values that were accepted may be refused"),
    "limits-loosened": ("compatible", "every value that was accepted still is"),
    "variant-removed": ("breaking", "calls that pass these together are refused"),
    "variant-added": ("compatible", "calls may pass these together"),
    # objects that parameters hold
    "input-field-removed": ("breaking", "objects that hold it are refused"),
    "input-field-added": ("compatible", "objects may leave it out"),
    "input-required-field-added": ("breaking", "objects without it are refused"),
    "input-became-required": ("breaking", "objects without it are refused"),
    "input-became-optional": ("compatible", "objects may leave it out"),
    "input-narrowed": ("breaking", "values that were accepted are refused"),
    "input-widened": ("compatible", "every value that was accepted still is"),
    "input-changed": ("breaking", "values of the old type are refused"),
    "input-default-changed": ("risky", "objects that leave it out mean something else"),
    "input-limits-changed": ("risky", "values that were accepted may be refused"),
    "input-closed": ("breaking", "objects with further members are refused"),
    "input-opened": ("compatible", "objects may hold further members"),
    "input-documentation-changed": ("compatible", "documentation only"),
    # typed outputs
    "output-listed": ("risky", "result.data is an object of a class now"),
    "output-unlisted": ("breaking", "result.data is what came, and no object of a class"),
    "output-field-removed": ("breaking", "code that reads it fails"),
    "output-field-added": ("compatible", "code that does not know it goes on"),
    "output-became-required": ("compatible", "answers always hold it now"),
    "output-became-optional": ("risky", "answers may lack it: code that reads it must cope"),
    "output-narrowed": ("compatible", "answers hold what code already expects"),
    "output-widened": ("risky", "answers may hold values that code does not expect"),
    "output-value-removed": ("breaking", "code that names this member fails"),
    "output-value-added": ("compatible", "enumerations are open: older code keeps it as it is"),
    "output-closed": ("compatible", "answers hold nothing beside what code already expects"),
    "output-opened": ("compatible", "further members are kept as unknown fields"),
    "output-documentation-changed": ("compatible", "documentation only"),
    # enumerations
    "member-removed": ("breaking", "code that names this member fails"),
    "member-added": ("compatible", "nobody names it yet"),
}


@frozen(kw_only=True)
class Change:
    """One thing that differs, judged."""

    level: Level
    kind: str
    """A key of `JUDGEMENTS`, or of the table in `diffs.apis`."""
    subject: str = ""
    """The model as `path (id)`; of the API schema `type X`, `operation x`; an enumeration."""
    parameter: str = ""
    """Wire name of a model's parameter; of the API schema, of a field or an operation's parameter."""
    what: str
    """What changed, as a short sentence."""
    reason: str
    """Why it has this level."""
    call: str = ""
    """The call that is affected."""
    old: JSON = None
    new: JSON = None
    where: str = ""
    """File and pointer in the snapshot that has the value; for a removal the old one."""
    model: str = ""
    """The model's id, as callers know it today."""


def about_model(model: ModelSpec, kind: str, what: str, old: JSON = None, new: JSON = None, call: str = "") -> Change:
    """A judged change of a model as a whole."""
    level, reason = JUDGEMENTS[kind]
    return Change(
        level=level,
        kind=kind,
        subject=model.label,
        what=what,
        reason=reason,
        call=call,
        old=old,
        new=new,
        where=str(model.location),
        model=str(old) if kind == "model-id-changed" else model.id,
    )


def about_parameter(
    model: ModelSpec,
    parameter: ParameterSpec,
    kind: str,
    what: str,
    old: JSON = None,
    new: JSON = None,
    name: str | None = None,
) -> Change:
    """A judged change of one parameter; `name` is what callers write today where it was renamed."""
    level, reason = JUDGEMENTS[kind]
    passed = name or parameter.name
    call = "" if kind.endswith("documentation-changed") else f"{target(model)}.run({passed}=…)"
    return Change(
        level=level,
        kind=kind,
        subject=model.label,
        parameter=passed,
        what=what,
        reason=reason,
        call=call,
        old=old,
        new=new,
        where=str(model.location_of(parameter)),
        model=model.id,
    )


def target(model: ModelSpec) -> str:
    """What names a model in a call, below the client."""
    return f"models[{quoted(model.path or model.id)}]"


def quoted(value: JSON) -> str:
    """A value as it stands in a sentence."""
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)


def listed(values: Sequence[JSON]) -> str:
    """Some values in a sentence: the first eight, and how many there are."""
    shown = ", ".join(quoted(value) for value in values[:8])
    return f"{shown}, … ({len(values)})" if len(values) > 8 else shown or "nothing"


def span(bounds: tuple[float | None, float | None]) -> str:
    """A range in a sentence."""
    low, high = bounds
    return f"[{'-∞' if low is None else f'{low:g}'}, {'∞' if high is None else f'{high:g}'}]"
