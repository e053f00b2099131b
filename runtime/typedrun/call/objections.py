"""What is wrong with a call, beside the values of its parameters (checks/validation.py). Imported where there is something to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from typedrun.errors import ParameterError, ValidationError
from typedrun.inputs import media_parameters, wire_names
from typedrun.jsontypes import is_object
from typedrun.metadata.described import DescribedModel
from typedrun.settings.rules import header_problems
from typedrun.transfers.attachments import LOCAL_TEXT, no_addresses
from typedrun.wording import closest, unknown_name_problem


def cannot_run(model: DescribedModel) -> ValidationError:
    """The error for a model that was deleted, or is to stream and cannot."""
    why = "was deleted and cannot be run. Nothing was sent"
    if not model.is_deleted:
        why = "cannot stream. Nothing was sent. Next: run it without stream"
    return ValidationError(f"Model {model.label} {why}", model=model.label)


def raise_for_all(
    model: DescribedModel,
    controls: Mapping[str, Any],
    arguments: Mapping[str, Any],
    values: Mapping[str, Any],
    of_values: Sequence[tuple[str, str]],
) -> None:
    """Raise one error that names every problem of a call, if it has any.

    Args:
        model: What is to run.
        controls: The run controls among what the caller wrote.
        arguments: The rest of it.
        values: What would be sent, by wire name.
        of_values: What is wrong with the values by themselves.

    Raises:
        ParameterError: there is a problem.
    """
    problems = _unknown_names(model, arguments, wire_names(model.inputs)) + _control_problems(controls)
    problems += [*model.session.driver.wire.check_controls(controls), *of_values]
    if not model.session.local_paths:
        problems += _local_texts(model, values)
    raise_for_problems(problems, model=model.label)


def _unknown_names(
    model: DescribedModel, arguments: Mapping[str, Any], names: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Arguments that the model does not have.

    A model of `aix.models` has an exact signature, so each is an error there; so is one whose parameters come with a schema each, which
    is all that the model takes. Another fetched model passes them on as the reference does, unless one looks like a misspelt parameter.
    """
    if model.params is None:
        return []
    unknown = [name for name in arguments if name not in names]
    undeclared: frozenset[str] = model.session.driver.wire.undeclared if unknown else frozenset()
    unknown = [name for name in unknown if name not in undeclared]
    if not unknown:
        return []
    own = [parameter.name for parameter in model.params]
    free = [name for name in (*own, *sorted(model.run_controls)) if name not in arguments]
    meant = {name: closest(name, free) for name in unknown}
    is_exact = (model.is_generated and not model.is_fetched) or any(one.schema is not None for one in model.params)
    return [(name, unknown_name_problem(name, own, close)) for name, close in meant.items() if close or is_exact]


def _local_texts(model: DescribedModel, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Plain texts that seem to name local files, for a client that takes texts for URLs and values alone."""
    return [
        (parameter.name, f"Parameter '{parameter.name}': {LOCAL_TEXT.format(repr(text[:60]))}")
        for parameter in media_parameters(model.inputs)
        for text in no_addresses(parameter, values.get(parameter.name))
    ]


def _control_problems(controls: Mapping[str, Any]) -> list[tuple[str, str]]:
    problems = list[tuple[str, str]]()
    for name in ("timeout", "wait_time", "run_retry_wait", "run_retries"):
        value = controls.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0):
            problems.append((name, f"Run control '{name}' must be a number of at least 0, got {value!r}"))
    stream = controls.get("stream")
    if stream is not None and not isinstance(stream, bool):
        problems.append(("stream", f"Run control 'stream' must be True or False, got {stream!r}"))
    problems += [
        (name, f"Run control '{name}' must be callable, got {controls[name]!r}")
        for name in ("on_poll", "on_upload")
        if controls.get(name) is not None and not callable(controls[name])
    ]
    problems += _header_problems(controls.get("extra_headers"))
    if not isinstance(controls.get("extra") or {}, Mapping):
        problems.append(("extra", f"Run control 'extra' must be a mapping, got {type(controls['extra']).__name__}"))
    return problems


def _header_problems(headers: object) -> list[tuple[str, str]]:
    name = "extra_headers"
    if headers is None:
        return []
    if not is_object(headers):
        return [(name, f"Run control '{name}' must be a mapping, got {type(headers).__name__}")]
    return [(name, f"Run control '{name}': {problem}") for problem in header_problems(headers)]


def raise_for_problems(problems: Sequence[tuple[str, str]], *, model: str | None = None) -> None:
    """Raise one error that names every problem.

    Raises:
        ParameterError: there is at least one.
    """
    if not problems:
        return
    sentences = [sentence for _, sentence in problems]
    raise ParameterError(
        f"Parameter validation failed: {'; '.join(sentences).removesuffix('?')}{'?' if sentences[-1].endswith('?') else '.'} Nothing was sent. "
        "Next: correct the call; validate=False sends the values as they are, extra={...} sends what the catalog does not list",
        model=model,
        parameter=problems[0][0] if len(problems) == 1 else None,
        problems=sentences,
    )
