"""What changed in a model's parameters, judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from typedrun_codegen.diffs.changes import Change, about_model, about_parameter, listed, quoted, span
from typedrun_codegen.diffs.shapes import input_changes, limit_changes
from typedrun_codegen.ir.api import LiteralOf
from typedrun_codegen.ir.catalog import ModelSpec, ParameterSpec
from typedrun_codegen.ir.relation import relation, words


def parameter_changes(old: ModelSpec, new: ModelSpec) -> Iterator[Change]:
    """Every change of the parameters of one model: gone, renamed, added, different, in another order."""
    if old.has_parameters != new.has_parameters:
        kind = "parameters-listed" if new.has_parameters else "parameters-unlisted"
        yield about_model(
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
            yield about_parameter(
                new,
                now,
                "parameter-renamed",
                f"{parameter.name} is called {now.name} now",
                parameter.name,
                now.name,
                parameter.name,
            )
        else:
            yield about_parameter(old, parameter, "parameter-removed", "parameter removed", parameter.name)
    arrived = {parameter.name for parameter in renamed.values()}
    for parameter in new.parameters:
        if parameter.name not in before and parameter.name not in arrived:
            yield _added(new, parameter)
    yield from input_changes(old, new)
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
        return about_parameter(
            model,
            parameter,
            "required-parameter-added",
            "required parameter added, without a default",
            None,
            parameter.name,
        )
    default = f", default {quoted(parameter.default)}" if parameter.has_default else ""
    return about_parameter(
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
            what = f"preset changed from {listed(old.values)} to {listed(new.values)}"
            yield about_parameter(model, new, "fixed-value-changed", what, list(old.values), list(new.values))
    else:
        yield from _argument(model, old, new)
    if (old.description, old.unit) != (new.description, new.unit) or _labels_differ(old, new):
        yield about_parameter(model, new, "parameter-documentation-changed", "description, labels or unit changed")


def _labels_differ(old: ParameterSpec, new: ParameterSpec) -> bool:
    """Whether an option that stayed is called otherwise now."""
    before, after = (dict(zip(map(quoted, each.options), each.labels, strict=False)) for each in (old, new))
    return any(before[option] != after[option] for option in before.keys() & after.keys())


def _fixed(model: ModelSpec, old: ParameterSpec, new: ParameterSpec) -> Change:
    if not new.is_argument:
        return about_parameter(model, new, "became-fixed", f"fixed to {listed(new.values)}", None, list(new.values))
    if new.must_be_given:
        return about_parameter(
            model, new, "became-required", "no longer fixed, and required without a default", list(old.values), None
        )
    return about_parameter(model, new, "became-free", "no longer fixed", list(old.values), None)


def _argument(model: ModelSpec, old: ParameterSpec, new: ParameterSpec) -> Iterator[Change]:
    if old.must_be_given != new.must_be_given:
        kind = "became-required" if new.must_be_given else "became-optional"
        what = "required now, without a default" if new.must_be_given else "optional now"
        yield about_parameter(model, new, kind, what, old.must_be_given, new.must_be_given)
    yield from _type(model, old, new)
    if old.default != new.default and not new.must_be_given and not old.must_be_given:
        what = f"default changed from {quoted(old.default)} to {quoted(new.default)}"
        yield about_parameter(model, new, "default-changed", what, old.default, new.default)
    yield from _range(model, old, new)
    yield from limit_changes(model, old, new)


def _type(model: ModelSpec, old: ParameterSpec, new: ParameterSpec) -> Iterator[Change]:
    how = relation(old.type, new.type)
    was, now = words(old.type), words(new.type)
    if old.multiple != new.multiple and how != "same":
        kind = "multiplicity-widened" if new.multiple else "multiplicity-narrowed"
        kind = "type-widened" if how == "widened" else kind
        yield about_parameter(
            model, new, kind, f"{'takes a list' if new.multiple else 'takes one value'} now", was, now
        )
    elif isinstance(old.type, LiteralOf) and isinstance(new.type, LiteralOf):
        yield from _options(model, new, old.type, new.type)
    elif how != "same":
        yield about_parameter(model, new, f"type-{how}", f"type {how}: {was} → {now}", was, now)
    elif (old.data_type, old.data_sub_type, old.rule) != (new.data_type, new.data_sub_type, new.rule):
        forms = f"{old.data_type}/{old.data_sub_type}", f"{new.data_type}/{new.data_sub_type}"
        yield about_parameter(model, new, "wire-form-changed", f"type word {forms[0]} → {forms[1]}", *forms)


def _options(model: ModelSpec, parameter: ParameterSpec, old: LiteralOf, new: LiteralOf) -> Iterator[Change]:
    gone = [value for value in old.values if value not in new.values]
    come = [value for value in new.values if value not in old.values]
    if gone:
        yield about_parameter(model, parameter, "option-removed", f"no longer accepts {listed(gone)}", [*gone], None)
    if come:
        yield about_parameter(model, parameter, "option-added", f"accepts {listed(come)} too", None, [*come])


def _range(model: ModelSpec, old: ParameterSpec, new: ParameterSpec) -> Iterator[Change]:
    was, now = (old.minimum, old.maximum), (new.minimum, new.maximum)
    if was == now:
        return
    low = new.minimum is not None and (old.minimum is None or new.minimum > old.minimum)
    high = new.maximum is not None and (old.maximum is None or new.maximum < old.maximum)
    kind = "range-narrowed" if low or high else "range-widened"
    yield about_parameter(model, new, kind, f"range changed from {span(was)} to {span(now)}", [*was], [*now])


def _order(old: ModelSpec, new: ModelSpec) -> Iterator[Change]:
    before, after = [p.name for p in old.parameters], [p.name for p in new.parameters]
    common = set(before) & set(after)
    if [name for name in before if name in common] != [name for name in after if name in common]:
        yield about_model(new, "parameter-order-changed", "parameters are listed in another order")
