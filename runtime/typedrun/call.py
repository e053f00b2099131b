"""From the arguments of `run` to a checked call: the one place where names, defaults and checks meet. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, TypedDict

from typedrun.commoncontrols import COMMON_CONTROLS
from typedrun.controls import RUN_CONTROLS
from typedrun.described import DescribedModel
from typedrun.errors import ParameterError, ValidationError
from typedrun.inputs import media_parameters, sent_values, wire_names, wire_parameters
from typedrun.jsontypes import is_object
from typedrun.parameters import Parameter
from typedrun.records import frozen
from typedrun.settings import WAIT_TIME, header_problems
from typedrun.validation import (
    find_problems,
    raise_for_problems,
    wire_value,
)
from typedrun.warned import warn_of_sample

if TYPE_CHECKING:
    from typedrun.progress import Progress

# Taken for compatibility where a model has no parameter of that name: they chose a key and an address in the reference, which
# the client does here.
_IGNORED: Final = frozenset({"api_key", "resource_path"})

NEVER_IN_BODY: Final = RUN_CONTROLS | _IGNORED
"""Keys that steer the client; the wire has no such body members (PROTOCOL 6.1)."""


@frozen(kw_only=True)
class Call:
    """One checked call of a model, ready to be sent."""

    values: Mapping[str, Any]
    """Wire name -> value in its wire form; local files still to be uploaded."""
    extra: Mapping[str, Any]
    headers: Mapping[str, str]
    stream: bool
    timeout: float | None
    """Seconds for the whole run; None is no limit."""
    is_limited: bool
    """Whether the caller said so; then it holds to the end of a stream, else only until its head is there."""
    wait_time: float
    run_retries: int
    run_retry_wait: float
    on_upload: Callable[[str, int, int], object] | None
    on_poll: Callable[[Any], object] | None
    progress: Progress | None
    """Shows what `on_upload` and `on_poll` are told of."""
    is_validated: bool
    controls: Mapping[str, Any]
    """The run controls as the caller wrote them; the marketplace reads its own."""
    cancels_on_timeout: bool

    @property
    def payload(self) -> dict[str, Any]:
        """The flat body. A parameter that is named like a run control is in it; the run controls are not among the values."""
        return {**self.values, **self.extra}


def prepare(model: DescribedModel, given: Mapping[str, Any], *, is_stream: bool = False) -> Call:
    """Check the arguments of a run and translate them into wire form; nothing is sent.

    Args:
        model: What is to run.
        given: The keywords that the caller wrote.
        is_stream: Is a stream asked for, whatever `stream` says?

    Raises:
        ParameterError: one error for everything that is wrong with the call.
        ValidationError: the model was deleted, or cannot stream.
    """
    is_stream = is_stream or bool(given.get("stream"))
    _check_state(model, is_stream=is_stream)
    wire = model.session.driver.wire
    steering = COMMON_CONTROLS | wire.own_controls
    controls = {name: value for name, value in given.items() if name in steering}
    names = wire_names(model.inputs)
    arguments = {
        name: value for name, value in given.items() if name not in steering and (name in names or name not in _IGNORED)
    }
    is_validated = controls.get("validate", True) is not False
    problems = _unknown_names(model, arguments, names) if is_validated else []
    own = {names.get(name, name): value for name, value in arguments.items()}
    values = sent_values(model.inputs) | own
    if is_validated:
        problems += _control_problems(controls) + wire.check_controls(controls)
        problems += find_problems(model.params or (), values, accepts_messages=accepts_messages(model))
        problems += _local_texts(model, values)
    raise_for_problems(problems, model=model.label)
    warn_of_sample(model)
    parameters = wire_parameters(model.inputs)
    values |= {name: _spell(parameters.get(name), value) for name, value in own.items()}
    return Call(
        values={name: value for name, value in values.items() if value is not None},
        extra=controls.get("extra") or {},
        headers=_headers(controls, model),
        stream=is_stream,
        timeout=controls.get("timeout", model.session.driver.rules.settings.run_timeout),
        is_limited="timeout" in controls,
        wait_time=controls.get("wait_time", WAIT_TIME),
        run_retries=max(0, int(controls.get("run_retries") or 0)),
        run_retry_wait=max(0.0, float(controls["run_retry_wait"] if controls.get("run_retry_wait") is not None else 1)),
        **_callbacks(controls, model),
        is_validated=is_validated,
        controls=controls,
        cancels_on_timeout=bool(controls.get("cancel_on_timeout")),
    )


class _Callbacks(TypedDict):
    """The fields of a `Call` that are about watching it."""

    on_upload: Callable[..., object] | None
    on_poll: Callable[..., object] | None
    progress: Progress | None


def _callbacks(controls: Mapping[str, Any], model: DescribedModel) -> _Callbacks:
    on_upload, on_poll = controls.get("on_upload"), controls.get("on_poll")
    if not controls.get("show_progress"):
        return {"on_upload": on_upload, "on_poll": on_poll, "progress": None}
    from typedrun.progress import Progress, both

    shown = Progress(model.label)
    return {"on_upload": both(on_upload, shown.uploaded), "on_poll": both(on_poll, shown.polled), "progress": shown}


def _check_state(model: DescribedModel, *, is_stream: bool) -> None:
    if model.is_deleted:
        raise ValidationError(f"Model {model.label} was deleted and cannot be run. Nothing was sent", model=model.label)
    if is_stream and model.supports_streaming is False:
        raise ValidationError(
            f"Model {model.label} cannot stream. Nothing was sent. Next: run it without stream", model=model.label
        )


def accepts_messages(model: DescribedModel) -> bool:
    """Whether `text` may be a conversation, too: for language models, and those whose function is not told."""
    return model.function is None or model.function == "text-generation"


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
    steering = COMMON_CONTROLS | model.session.driver.wire.own_controls
    free = [name for name in (*own, *sorted(steering)) if name not in arguments]
    from typedrun.wording import closest, unknown_name_problem  # with the first mistake

    meant = {name: closest(name, free) for name in unknown}
    is_exact = (model.is_generated and not model.is_fetched) or any(one.schema is not None for one in model.params)
    return [(name, unknown_name_problem(name, own, close)) for name, close in meant.items() if close or is_exact]


def _local_texts(model: DescribedModel, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Plain texts that seem to name local files, for a client that takes texts for URLs and values alone."""
    media = media_parameters(model.inputs)
    if not media or model.session.local_paths:
        return []
    from typedrun.attachments import LOCAL_TEXT, no_addresses

    return [
        (parameter.name, f"Parameter '{parameter.name}': {LOCAL_TEXT.format(repr(text[:60]))}")
        for parameter in media
        for text in no_addresses(parameter, values.get(parameter.name))
    ]


def _control_problems(controls: Mapping[str, Any]) -> list[tuple[str, str]]:
    problems: list[tuple[str, str]] = []
    if not controls:
        return problems
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


def _spell(parameter: Parameter | None, value: Any) -> Any:
    return value if parameter is None else wire_value(parameter, value)


def _headers(controls: Mapping[str, Any], model: DescribedModel) -> dict[str, str]:
    try:
        return {**(controls.get("extra_headers") or {}), **model.session.driver.wire.control_headers(controls)}
    except ValueError as refused:
        name = str(refused.args[0])
        raise ParameterError(
            f"Run control '{name}' travels as an HTTP header and must be printable ASCII; got {controls[name]!r}. Nothing was sent",
            model=model.label,
            parameter=name,
        ) from None


def run_payload(arguments: Mapping[str, Any], declared: Collection[str] = ()) -> dict[str, Any]:
    """The flat body for the arguments of a run: one member for each parameter that has a value (PROTOCOL 6.1).

    Args:
        arguments: What the caller gave.
        declared: The model's parameters; one of them is sent whatever it is called, but for the run controls.
    """
    never = RUN_CONTROLS | (NEVER_IN_BODY - set(declared))
    return {name: value for name, value in arguments.items() if value is not None and name not in never}


def named(args: tuple[Any, ...], kwargs: dict[str, Any], method: str) -> dict[str, Any]:
    """The arguments of a method that takes them by name alone."""
    if args:
        raise TypeError(f"{method}() takes every argument by name, but {len(args)} came without one")
    return kwargs
