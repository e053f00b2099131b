"""A model of the catalog: its metadata, its inputs and the ways to run it.

Generated classes derive from `Model` (or `NonStreamingModel`) and declare exact signatures with `@declared`; a model that
was only met at run time is a plain `Model` whose `run` checks its arguments against the catalog's parameters.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Never, TypedDict, TypeVar, overload

from typedrun.enums import AssetStatus, OpenStrEnum
from typedrun.inputs import TypedInputs
from typedrun.parameters import Parameter, Pricing, VendorInfo, Version
from typedrun.results import DataT

if TYPE_CHECKING:
    from typedrun.client import Client
    from typedrun.core.jsontypes import JSON
    from typedrun.inputs import InputsProxy
    from typedrun.job import Job
    from typedrun.results import ModelResult
    from typedrun.streaming import ModelResponseStreamer

MethodT = TypeVar("MethodT", bound=Callable[..., Any])
ValuesT_co = TypeVar("ValuesT_co", covariant=True, bound=TypedInputs)


class RunControls(TypedDict, total=False):
    """Run controls that every model takes beside `timeout`, `wait_time`, `stream` and `extra`."""

    identifier: str | None
    """End user on whose behalf the model runs (header `x-user-id`, ASCII)."""
    session_id: str | None
    """Conversation that the run belongs to (header `x-session-id`, ASCII)."""
    agent_name: str | None
    """Calling agent (header `x-agent`, ASCII)."""
    run_retries: int
    """How often a run whose outcome is unknown may be sent, and billed, again. Default 0."""
    run_retry_wait: float
    """Seconds before each of these. Default 1.0."""
    validate: bool
    """False sends the values without checking them. Default True."""
    show_progress: bool
    """Taken for compatibility; a run prints nothing."""
    extra_headers: Mapping[str, str] | None
    """Further headers of this call."""


class ModelRunParams(RunControls, total=False):
    """Every run control, for code that passes them on as a dictionary."""

    timeout: float
    """Seconds for the whole run, waiting included. Default 300."""
    wait_time: float
    """Seconds before the second poll. Default 0.5, at least 0.2."""
    stream: bool
    """True gives a streamer instead of a result."""
    extra: Mapping[str, JSON] | None
    """Body members that the catalog does not list."""


def declared(method: MethodT) -> MethodT:
    """Make a signature without a body callable: the call goes to the method of the same name in `Model`.

    Exactly the keywords that the caller wrote are passed on, so an omitted parameter and one given its default stay two
    different things although the default is visible. `inspect.signature`, `help()` and editors see the declaration.
    """
    name = method.__name__

    @functools.wraps(method)
    def call(self: Model[Any], /, **given: Any) -> Any:
        return getattr(Model, name)(self, **given)

    return call  # type: ignore[return-value]  # the wrapper has the declared signature by construction


class InputsOf(Generic[ValuesT_co]):
    """The attribute `inputs`: reading gives the model's `InputsProxy`, assigning a mapping updates it."""

    def __init__(self, values: type[ValuesT_co]) -> None:
        self._values = values

    def __get__(self, model: Model[Any] | None, owner: type[Model[Any]]) -> ValuesT_co:
        raise NotImplementedError

    def __set__(self, model: Model[Any], values: Mapping[str, Any]) -> None:
        raise NotImplementedError


class Model(Generic[DataT]):
    """A model of the catalog.

    Generated classes carry their metadata as class attributes; an instance that was fetched (`Model.get`) carries the
    backend's present ones, and the whole document in `raw`.
    """

    id: str = ""
    """The catalog's id, 24 hexadecimal digits."""
    name: str = ""
    description: str | None = None
    path: str | None = None
    """Readable id, e.g. `openai/gpt-4o-mini/openai`."""
    service_name: str | None = None
    status: AssetStatus | None = None
    host: str | None = None
    developer: str | None = None
    vendor: VendorInfo | None = None
    """The supplier."""
    function: OpenStrEnum | None = None
    """What the model does, as the backend's function id."""
    function_type: str | None = None
    type: str | None = None
    pricing: Pricing | None = None
    version: Version | None = None
    created_at: str | None = None
    updated_at: str | None = None
    supports_streaming: bool | None = None
    """None: the backend does not say, and streaming may be tried."""
    supports_byoc: bool | None = None
    """Whether the model takes the caller's own credentials."""
    connection_type: tuple[str, ...] | None = None
    params: tuple[Parameter, ...] | None = None
    """None: the backend does not say, and any argument is taken."""
    attributes: Mapping[str, Any] | None = None
    wire_names: ClassVar[Mapping[str, str]] = {}
    """Python name -> wire name, where they differ."""

    inputs = InputsOf(TypedInputs)
    """Current values of the parameters; assigning a mapping updates them."""

    def __init__(self, client: Client | None = None) -> None:
        self._client = client

    def run(self, *args: Any, **kwargs: Any) -> ModelResult[DataT]:
        """Run the model and wait for its result."""
        raise NotImplementedError

    def run_async(self, *args: Any, **kwargs: Any) -> Job[DataT]:
        """Start a run and return at once."""
        raise NotImplementedError

    def run_stream(self, *args: Any, **kwargs: Any) -> ModelResponseStreamer:
        """Run the model and read its answer as it is written."""
        raise NotImplementedError


class NonStreamingModel(Model[DataT]):
    """A model that cannot stream: checkers flag `run(stream=True)` and `run_stream`, and both raise before a byte is sent."""

    if TYPE_CHECKING:

        def run_stream(self, *, cannot_stream: Never) -> ModelResponseStreamer:
            """Not possible: this model cannot stream."""
            ...


if TYPE_CHECKING:

    class _AnyInputs(InputsOf[Any]):  # Any: so that a narrower class (`isinstance(model, Gpt54)`) stays possible
        def __get__(self, model: Model[Any] | None, owner: type[Model[Any]]) -> InputsProxy: ...

    class AnyModel(Model[Any]):
        """A model that was met at run time: any argument for the checkers, checked against the catalog when called."""

        inputs: _AnyInputs

        @overload
        def run(self, *, stream: Literal[False] = False, **kwargs: Any) -> ModelResult[Any]: ...
        @overload
        def run(self, *, stream: Literal[True], **kwargs: Any) -> ModelResponseStreamer: ...
        @overload
        def run(self, *, stream: bool, **kwargs: Any) -> ModelResult[Any] | ModelResponseStreamer: ...
        def run(self, *, stream: bool = False, **kwargs: Any) -> Any:
            """Run the model."""
            ...
else:
    AnyModel = Model
