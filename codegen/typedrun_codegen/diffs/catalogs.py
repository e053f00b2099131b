"""Two snapshots → judged changes: what a caller of the generated package will notice, and how badly.

Every kind of change is one row of `JUDGEMENTS`; where the level depends on the case (a type that was widened or narrowed),
each case is a kind of its own. Changes are judged from the side of someone who calls the model today.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from attrs import frozen

from typedrun_codegen.ir.catalog import (
    CatalogSpec,
    FunctionSpec,
    ModelSpec,
    Options,
    ParameterSpec,
    PricingSpec,
    TypeExpr,
)
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.relation import relation, words

Level: TypeAlias = Literal["breaking", "risky", "compatible"]

LEVELS: tuple[Level, ...] = ("breaking", "risky", "compatible")
"""Worst first."""

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
    # enumerations
    "member-removed": ("breaking", "code that names this member fails"),
    "member-added": ("compatible", "nobody names it yet"),
}


@frozen(kw_only=True)
class Change:
    """One thing that differs, judged."""

    level: Level
    kind: str
    """A key of `JUDGEMENTS`, or of the table in diff_api.py."""
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


def diff_catalogs(old: CatalogSpec, new: CatalogSpec) -> tuple[Change, ...]:
    """Every judged change from one catalog to another, models in the old catalog's order, then the added ones."""
    return (*_models(old, new), *_enumerations(old, new))


# -- models ----------------------------------------------------------------------------------------------------------


def _models(old: CatalogSpec, new: CatalogSpec) -> Iterator[Change]:
    before, after = {model.id: model for model in old.models}, {model.id: model for model in new.models}
    outputs = _outputs(old.functions), _outputs(new.functions)
    moved = _moved([m for m in old.models if m.id not in after], [m for m in new.models if m.id not in before])
    for model in old.models:
        if model.id in after:
            yield from _model(model, after[model.id], *outputs)
        elif model.id in moved:
            yield _of(
                moved[model.id],
                "model-id-changed",
                f"id changed from {model.id} to {moved[model.id].id}",
                model.id,
                moved[model.id].id,
            )
            yield from _model(model, moved[model.id], *outputs)
        else:
            yield _of(model, "model-removed", "model removed", call=f"aix.models[{_quoted(model.path or model.id)}]")
    arrived = {model.id for model in moved.values()}
    for model in new.models:
        if model.id not in before and model.id not in arrived:
            yield _of(model, "model-added", "model added", call=f"aix.models[{_quoted(model.path or model.id)}]")


def _moved(removed: Sequence[ModelSpec], added: Sequence[ModelSpec]) -> dict[str, ModelSpec]:
    """Models that vanished under one id and came back under another with the same path: old id → new model."""
    by_path = {model.path: model for model in added if model.path}
    return {model.id: by_path[model.path] for model in removed if model.path in by_path}


def _model(
    old: ModelSpec, new: ModelSpec, before: Mapping[str, TypeExpr], after: Mapping[str, TypeExpr]
) -> Iterator[Change]:
    yield from _identity(old, new)
    yield from _answer(old, new, before, after)
    yield from _capabilities(old, new)
    yield from _price(new, old.pricing, new.pricing)
    yield from _parameters(old, new)
    yield from _documentation(old, new)


def _identity(old: ModelSpec, new: ModelSpec) -> Iterator[Change]:
    rows = (
        ("model-renamed", "name", old.name, new.name),
        ("path-changed", "path", old.path, new.path),
        ("supplier-changed", "supplier", old.supplier.code, new.supplier.code),
        ("version-changed", "version", old.version or old.version_name, new.version or new.version_name),
        ("status-onboarded" if new.status == "onboarded" else "status-changed", "status", old.status, new.status),
    )
    for kind, noun, was, now in rows:
        if was != now:
            yield _of(new, kind, f"{noun} changed from {_quoted(was)} to {_quoted(now)}", was, now)


def _answer(
    old: ModelSpec, new: ModelSpec, before: Mapping[str, TypeExpr], after: Mapping[str, TypeExpr]
) -> Iterator[Change]:
    if old.function != new.function:
        what = f"function changed from {_quoted(old.function)} to {_quoted(new.function)}"
        yield _of(new, "function-changed", what, old.function, new.function)
        return
    was, now = before.get(old.function or ""), after.get(new.function or "")
    if was is not None and now is not None and was != now:
        yield _of(
            new, "output-changed", f"result.data changed from {words(was)} to {words(now)}", words(was), words(now)
        )


def _outputs(functions: Iterable[FunctionSpec]) -> dict[str, TypeExpr]:
    return {function.id: function.output for function in functions if function.output is not None}


def _capabilities(old: ModelSpec, new: ModelSpec) -> Iterator[Change]:
    if old.can_stream != new.can_stream:
        kind = "streaming-gained" if new.can_stream else "streaming-lost"
        yield _of(
            new,
            kind,
            kind.replace("-", " "),
            old.supports_streaming,
            new.supports_streaming,
            f"{_target(new)}.run_stream(…)",
        )
    if old.connection_type is None or new.connection_type is None:
        return  # unknown is not a promise that could be broken
    for way in ("synchronous", "asynchronous"):
        was, now = way in old.connection_type, way in new.connection_type
        if was != now:
            method = "run" if way == "synchronous" else "run_async"
            kind = f"{way}-{'gained' if now else 'lost'}"
            yield _of(new, kind, f"{way} runs {'gained' if now else 'lost'}", was, now, f"{_target(new)}.{method}(…)")


def _price(model: ModelSpec, old: PricingSpec | None, new: PricingSpec | None) -> Iterator[Change]:
    if old == new:
        return
    was, now = _price_words(old), _price_words(new)
    same_unit = (
        old
        and new
        and (old.unit_type, old.unit_type_scale, old.currency) == (new.unit_type, new.unit_type_scale, new.currency)
    )
    kind = "price-changed"
    if same_unit and old and new and old.price is not None and new.price is not None:
        kind = "price-raised" if new.price > old.price else "price-lowered"
    yield _of(model, kind, f"price changed from {was} to {now}", was, now)


def _price_words(pricing: PricingSpec | None) -> str:
    if pricing is None or pricing.price is None:
        return "unknown"
    units = " ".join(part for part in (pricing.unit_type, pricing.unit_type_scale) if part)
    return f"{pricing.price:g}{f' {pricing.currency}' if pricing.currency else ''}{f' per {units}' if units else ''}"


def _documentation(old: ModelSpec, new: ModelSpec) -> Iterator[Change]:
    fields = (
        "description",
        "host",
        "developer",
        "function_name",
        "function_type",
        "attributes",
        "supports_byoc",
        "updated_at",
    )
    changed = [name.replace("_", " ") for name in fields if getattr(old, name) != getattr(new, name)]
    if changed:
        yield _of(new, "documentation-changed", f"{', '.join(changed)} changed")


# -- parameters ------------------------------------------------------------------------------------------------------


def _parameters(old: ModelSpec, new: ModelSpec) -> Iterator[Change]:
    if old.has_parameters != new.has_parameters:
        kind = "parameters-listed" if new.has_parameters else "parameters-unlisted"
        yield _of(
            new, kind, "the parameters are known now" if new.has_parameters else "the parameters are no longer known"
        )
        return
    before, after = {p.name: p for p in old.parameters}, {p.name: p for p in new.parameters}
    renamed = _renamed(
        [p for p in old.parameters if p.name not in after], [p for p in new.parameters if p.name not in before]
    )
    for parameter in old.parameters:
        if parameter.name in after:
            yield from _parameter(new, parameter, after[parameter.name])
        elif parameter.name in renamed:
            now = renamed[parameter.name]
            yield _on(
                new,
                now,
                "parameter-renamed",
                f"{parameter.name} is called {now.name} now",
                parameter.name,
                now.name,
                parameter.name,
            )
        else:
            yield _on(old, parameter, "parameter-removed", "parameter removed", parameter.name)
    arrived = {parameter.name for parameter in renamed.values()}
    for parameter in new.parameters:
        if parameter.name not in before and parameter.name not in arrived:
            yield _added(new, parameter)
    yield from _order(old, new)


def _renamed(removed: Sequence[ParameterSpec], added: Sequence[ParameterSpec]) -> dict[str, ParameterSpec]:
    """Old name → the one added parameter that says the same in everything but its name."""
    pairs = [(was, now) for was in removed for now in added if _shape(was) == _shape(now)]
    unique = [(was, now) for was, now in pairs if sum(was is w or now is n for w, n in pairs) == 1]
    return {was.name: now for was, now in unique}


def _shape(parameter: ParameterSpec) -> tuple[object, ...]:
    return (
        parameter.type,
        parameter.required,
        parameter.fixed,
        parameter.options,
        parameter.defaults,
        parameter.multiple,
    )


def _added(model: ModelSpec, parameter: ParameterSpec) -> Change:
    if parameter.must_be_given:
        return _on(
            model,
            parameter,
            "required-parameter-added",
            "required parameter added, without a default",
            None,
            parameter.name,
        )
    default = f", default {_quoted(parameter.default)}" if parameter.has_default else ""
    return _on(
        model,
        parameter,
        "parameter-added",
        f"{'fixed' if parameter.fixed else 'optional'} parameter added{default}",
        None,
        parameter.name,
    )


def _parameter(model: ModelSpec, old: ParameterSpec, new: ParameterSpec) -> Iterator[Change]:
    if old.is_argument != new.is_argument:
        yield _fixed(model, old, new)
    elif not new.is_argument:
        if old.values != new.values:
            what = f"preset changed from {_list(old.values)} to {_list(new.values)}"
            yield _on(model, new, "fixed-value-changed", what, list(old.values), list(new.values))
    else:
        yield from _argument(model, old, new)
    if (old.description, old.unit) != (new.description, new.unit) or _labels_differ(old, new):
        yield _on(model, new, "parameter-documentation-changed", "description, labels or unit changed")


def _labels_differ(old: ParameterSpec, new: ParameterSpec) -> bool:
    """Whether an option that stayed is called otherwise now."""
    before, after = (dict(zip(map(_quoted, each.options), each.labels, strict=False)) for each in (old, new))
    return any(before[option] != after[option] for option in before.keys() & after.keys())


def _fixed(model: ModelSpec, old: ParameterSpec, new: ParameterSpec) -> Change:
    if not new.is_argument:
        return _on(model, new, "became-fixed", f"fixed to {_list(new.values)}", None, list(new.values))
    if new.must_be_given:
        return _on(
            model, new, "became-required", "no longer fixed, and required without a default", list(old.values), None
        )
    return _on(model, new, "became-free", "no longer fixed", list(old.values), None)


def _argument(model: ModelSpec, old: ParameterSpec, new: ParameterSpec) -> Iterator[Change]:
    if old.must_be_given != new.must_be_given:
        kind = "became-required" if new.must_be_given else "became-optional"
        what = "required now, without a default" if new.must_be_given else "optional now"
        yield _on(model, new, kind, what, old.must_be_given, new.must_be_given)
    yield from _type(model, old, new)
    if old.default != new.default and not new.must_be_given and not old.must_be_given:
        what = f"default changed from {_quoted(old.default)} to {_quoted(new.default)}"
        yield _on(model, new, "default-changed", what, old.default, new.default)
    yield from _range(model, old, new)


def _type(model: ModelSpec, old: ParameterSpec, new: ParameterSpec) -> Iterator[Change]:
    how = relation(old.type, new.type)
    was, now = words(old.type), words(new.type)
    if old.multiple != new.multiple and how != "same":
        kind = "multiplicity-widened" if new.multiple else "multiplicity-narrowed"
        kind = "type-widened" if how == "widened" else kind
        yield _on(model, new, kind, f"{'takes a list' if new.multiple else 'takes one value'} now", was, now)
    elif isinstance(old.type, Options) and isinstance(new.type, Options):
        yield from _options(model, new, old.type, new.type)
    elif how != "same":
        yield _on(model, new, f"type-{how}", f"type {how}: {was} → {now}", was, now)
    elif (old.data_type, old.data_sub_type, old.rule) != (new.data_type, new.data_sub_type, new.rule):
        forms = f"{old.data_type}/{old.data_sub_type}", f"{new.data_type}/{new.data_sub_type}"
        yield _on(model, new, "wire-form-changed", f"dataType {forms[0]} → {forms[1]}", *forms)


def _options(model: ModelSpec, parameter: ParameterSpec, old: Options, new: Options) -> Iterator[Change]:
    gone = [value for value in old.values if value not in new.values]
    come = [value for value in new.values if value not in old.values]
    if gone:
        yield _on(model, parameter, "option-removed", f"no longer accepts {_list(gone)}", [*gone], None)
    if come:
        yield _on(model, parameter, "option-added", f"accepts {_list(come)} too", None, [*come])


def _range(model: ModelSpec, old: ParameterSpec, new: ParameterSpec) -> Iterator[Change]:
    was, now = (old.minimum, old.maximum), (new.minimum, new.maximum)
    if was == now:
        return
    low = new.minimum is not None and (old.minimum is None or new.minimum > old.minimum)
    high = new.maximum is not None and (old.maximum is None or new.maximum < old.maximum)
    kind = "range-narrowed" if low or high else "range-widened"
    yield _on(model, new, kind, f"range changed from {_span(was)} to {_span(now)}", [*was], [*now])


def _order(old: ModelSpec, new: ModelSpec) -> Iterator[Change]:
    before, after = [p.name for p in old.parameters], [p.name for p in new.parameters]
    common = set(before) & set(after)
    if [name for name in before if name in common] != [name for name in after if name in common]:
        yield _of(new, "parameter-order-changed", "parameters are listed in another order")


# -- enumerations ----------------------------------------------------------------------------------------------------


def _enumerations(old: CatalogSpec, new: CatalogSpec) -> Iterator[Change]:
    rows = (
        ("Function", [f.id for f in old.functions], [f.id for f in new.functions]),
        ("Supplier", [s.code for s in old.suppliers], [s.code for s in new.suppliers]),
        ("Language", [m.value for m in old.languages], [m.value for m in new.languages]),
        ("License", [m.value for m in old.licenses], [m.value for m in new.licenses]),
    )
    for enum, before, after in rows:
        if not (before and after):
            continue  # a snapshot without the enumeration says nothing about its members
        for value in (value for value in before if value not in set(after)):
            yield _member("member-removed", enum, value)
        for value in (value for value in after if value not in set(before)):
            yield _member("member-added", enum, value)


def _member(kind: str, enum: str, value: str) -> Change:
    level, reason = JUDGEMENTS[kind]
    return Change(
        level=level,
        kind=kind,
        subject=f"enumeration {enum}",
        what=f"{_quoted(value)} {kind.removeprefix('member-')}",
        reason=reason,
        call=f"{enum}({_quoted(value)})",
    )


# -- words -----------------------------------------------------------------------------------------------------------


def _of(model: ModelSpec, kind: str, what: str, old: JSON = None, new: JSON = None, call: str = "") -> Change:
    level, reason = JUDGEMENTS[kind]
    where = str(model.location)
    return Change(
        level=level, kind=kind, subject=model.label, what=what, reason=reason, call=call, old=old, new=new, where=where
    )


def _on(
    model: ModelSpec,
    parameter: ParameterSpec,
    kind: str,
    what: str,
    old: JSON = None,
    new: JSON = None,
    name: str | None = None,
) -> Change:
    level, reason = JUDGEMENTS[kind]
    passed = name or parameter.name
    call = "" if kind.endswith("documentation-changed") else f"{_target(model)}.run({passed}=…)"
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
    )


def _target(model: ModelSpec) -> str:
    return f"aix.models[{_quoted(model.path or model.id)}]"


def _quoted(value: JSON) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)


def _list(values: Sequence[JSON]) -> str:
    shown = ", ".join(_quoted(value) for value in values[:8])
    return f"{shown}, … ({len(values)})" if len(values) > 8 else shown or "nothing"


def _span(bounds: tuple[float | None, float | None]) -> str:
    low, high = bounds
    return f"[{'-∞' if low is None else f'{low:g}'}, {'∞' if high is None else f'{high:g}'}]"
