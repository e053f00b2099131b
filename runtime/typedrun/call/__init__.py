"""From the arguments of `run` to a checked call: the one place where names, defaults and checks meet. Nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from typedrun.checks.validation import find_problems, wire_value
from typedrun.inputs import media_parameters, sent_values, wire_names, wire_parameters
from typedrun.metadata.described import DescribedModel
from typedrun.metadata.warned import warn_of_sample
from typedrun.parameters import Parameter
from typedrun.records import frozen
from typedrun.settings import RUN_RETRIES, RUN_RETRY_WAIT, WAIT_TIME

if TYPE_CHECKING:
    from typedrun.progress import Progress

IGNORED: Final = frozenset({"api_key", "resource_path"})
"""Taken for compatibility where a model has no parameter of that name: they chose a key and an address in the reference, which the
client does here."""


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
    if model.is_deleted or (is_stream and model.supports_streaming is False):
        from typedrun.call.objections import cannot_run

        raise cannot_run(model)
    wire = model.session.driver.wire
    steering = wire.run_controls
    controls = {name: value for name, value in given.items() if name in steering}
    names = wire_names(model.inputs)
    arguments = {
        name: value for name, value in given.items() if name not in steering and (name in names or name not in IGNORED)
    }
    is_validated = controls.get("validate", True) is not False
    own = {names.get(name, name): value for name, value in arguments.items()}
    values = sent_values(model.inputs) | own
    if is_validated:
        _check(model, controls, arguments, values)
    warn_of_sample(model)
    parameters = wire_parameters(model.inputs)
    values |= {name: _spell(parameters.get(name), value) for name, value in own.items()}
    on_upload, on_poll, progress = controls.get("on_upload"), controls.get("on_poll"), None
    if controls.get("show_progress"):
        from typedrun.progress import watched

        on_upload, on_poll, progress = watched(model.label, on_upload, on_poll)
    return Call(
        values={name: value for name, value in values.items() if value is not None},
        extra=controls.get("extra") or {},
        headers=_headers(controls, model),
        stream=is_stream,
        timeout=controls.get("timeout", model.session.driver.rules.settings.run_timeout),
        is_limited="timeout" in controls,
        wait_time=controls.get("wait_time", WAIT_TIME),
        run_retries=max(0, int(controls.get("run_retries") or RUN_RETRIES)),
        run_retry_wait=max(0.0, float(RUN_RETRY_WAIT if (wait := controls.get("run_retry_wait")) is None else wait)),
        on_upload=on_upload,
        on_poll=on_poll,
        progress=progress,
        is_validated=is_validated,
        controls=controls,
        cancels_on_timeout=bool(controls.get("cancel_on_timeout")),
    )


def _check(
    model: DescribedModel, controls: Mapping[str, Any], arguments: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    problems = find_problems(model.params or (), values, accepts_messages=accepts_messages(model))
    is_plain = (
        not controls and wire_names(model.inputs).keys() >= arguments.keys() and not media_parameters(model.inputs)
    )
    if problems or not is_plain:
        from typedrun.call.objections import raise_for_all

        raise_for_all(model, controls, arguments, values, problems)


def accepts_messages(model: DescribedModel) -> bool:
    """Whether `text` may be a conversation, too: for language models, and those whose function is not told."""
    return model.function is None or model.function == "text-generation"


def _spell(parameter: Parameter | None, value: Any) -> Any:
    return value if parameter is None else wire_value(parameter, value)


def _headers(controls: Mapping[str, Any], model: DescribedModel) -> dict[str, str]:
    try:
        return {**(controls.get("extra_headers") or {}), **model.session.driver.wire.control_headers(controls)}
    except ValueError as refused:
        from typedrun.errors import ParameterError

        name = str(refused.args[0])
        raise ParameterError(
            f"Run control '{name}' travels as an HTTP header and must be printable ASCII; got {controls[name]!r}. Nothing was sent",
            model=model.label,
            parameter=name,
        ) from None


def named(args: tuple[Any, ...], kwargs: dict[str, Any], method: str) -> dict[str, Any]:
    """The arguments of a method that takes them by name alone."""
    if args:
        raise TypeError(f"{method}() takes every argument by name, but {len(args)} came without one")
    return kwargs
