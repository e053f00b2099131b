"""Warnings that a generated class is out of date, each once for a model and a client."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any

from typedrun.errors import InvalidRequestError
from typedrun.jsontypes import is_array, is_object
from typedrun.metadata.described import DescribedModel, StaleModelWarning
from typedrun.metadata.warned import frames_of_ours
from typedrun.parameters import Parameter, find_option


def notice_drift(model: DescribedModel, before: tuple[Parameter, ...], now: tuple[Parameter, ...]) -> None:
    """Say so if a generated signature is not that of the backend's parameters.

    Args:
        model: As the backend describes it.
        before: The parameters of its class.
        now: The backend's.
    """
    old = {parameter.name: _signature_of(parameter) for parameter in before}
    new = {parameter.name: _signature_of(parameter) for parameter in now}
    if old == new:
        return
    changed = sorted(name for name in new.keys() & old.keys() if new[name] != old[name])
    kinds = (
        ("new:", sorted(new.keys() - old.keys())),
        ("gone:", sorted(old.keys() - new.keys())),
        ("changed:", changed),
    )
    _warn(model, "; ".join(f"{what} {', '.join(names)}" for what, names in kinds if names))


def notice_refusal(model: DescribedModel, error: Exception, values: Mapping[str, Any]) -> None:
    """Say so if a refusal shows it: it names a parameter that the class does not have, one that the call left out as the class allows, or
    an option that the class lists. A wrong value shows nothing.

    Args:
        model: What was run.
        error: What the run ended with; only a backend's refusal shows anything.
        values: What was sent, by wire name.
    """
    if not isinstance(error, InvalidRequestError) or not model.is_generated or model.is_fetched:
        return
    problems = (error.response_data or {}).get("errors")
    names = [entry.get("field") for entry in problems if is_object(entry)] if is_array(problems) else []
    known = {parameter.name: parameter for parameter in model.params or ()}
    stale = {name for name in names if isinstance(name, str) and _shows_drift(known.get(name), values.get(name))}
    if not stale:
        return
    try:
        _warn(model, f"refused: {', '.join(sorted(stale))}")
    except StaleModelWarning as warning:  # warnings are errors here; the refusal is what the caller must see
        error.add_note(str(warning))


def _shows_drift(parameter: Parameter | None, value: object) -> bool:
    return parameter is None or value is None or find_option(parameter, value) is not None


def _warn(model: DescribedModel, changes: str) -> None:
    if model.id in model.session.warned:
        return
    model.session.warned.add(model.id)
    warnings.warn(
        f"The parameters of model {model.label} are no longer those that {type(model).__name__} was generated from "
        f"({changes}). Next: typedrun pull && typedrun generate",
        StaleModelWarning,
        stacklevel=frames_of_ours(),
    )


def _signature_of(parameter: Parameter) -> tuple[Any, ...]:
    """What of a parameter its generated signature depends on."""
    options = frozenset(map(str, parameter.options))
    default = None if parameter.default is None else str(parameter.default)
    if parameter.schema is not None:
        default = _spelt(parameter.default)
    kind = (parameter.data_type, parameter.data_sub_type)
    schema = None if parameter.schema is None else _spelt(parameter.shape)
    return (parameter.required, parameter.is_fixed, parameter.multiple_values, kind, options, default, schema)


def _spelt(value: Any) -> str:
    """A value, or a shape, in the one spelling that it has wherever it comes from: a document, or a class."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if is_array(value):
        return [_plain(one) for one in value]
    if is_object(value):  # without descriptions, which decide about no value
        return {
            word: _plain(one) for word, one in value.items() if not (word == "description" and isinstance(one, str))
        }
    return int(value) if isinstance(value, float) and value.is_integer() else value
