"""What the engine must be told about a marketplace. A folder below `marketplaces` says it; nothing here names one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import frozen

from typedrun_sandbox.engine.cards import Card
from typedrun_sandbox.engine.keys import KeyPlaces
from typedrun_sandbox.jsontypes import JSON


class Model(Protocol):
    """One model of a catalog, as far as faults, scripts and the log are concerned."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def path(self) -> str:
        """Its readable id; empty when it has none."""
        ...


class Catalog(Protocol):
    """The models that are served."""

    @property
    def models(self) -> Sequence[Model]:
        """Every model, in the snapshot's order."""
        ...

    def find(self, name: str, /) -> Model | None:
        """Find a model by id or path."""
        ...


@frozen
class Addresses:
    """What a client has to be given, as URLs."""

    backend: str
    """Its `backend_url`."""
    model: str
    """Its `model_url`."""


class Wire(Protocol):
    """One marketplace's words over one catalog."""

    @property
    def catalog(self) -> Catalog:
        """What is served."""
        ...

    @property
    def operations(self) -> tuple[str, ...]:
        """What a fault can be aimed at, and what the log calls a request. A fault on `run` meets a `stream` too."""
        ...

    @property
    def keys(self) -> KeyPlaces:
        """Every header in which a key may arrive: none of them enters the log."""
        ...

    @property
    def key_variable(self) -> str:
        """The environment variable that holds a client's key."""
        ...

    @property
    def hints(self) -> tuple[str, ...]:
        """Sentences for whoever pastes the printed variables into a shell."""
        ...

    @property
    def page_script(self) -> str:
        """A JavaScript module for the page: `run`, `stream` and `upload`, each of which takes one object and speaks the wire."""
        ...

    def error_body(self, status: int, message: str) -> JSON:
        """The body of an error answer."""
        ...

    def error_headers(self, status: int) -> Mapping[str, str]:
        """What the header of an error answer says besides."""
        ...

    def addresses(self, url: str) -> Addresses:
        """Where a client finds the sandbox that listens at this URL."""
        ...

    def environment(self, url: str, key: str) -> dict[str, str]:
        """The variables that point a client at this URL."""
        ...

    def cards(self) -> list[Card]:
        """What the page shows of each model."""
        ...

    def reset(self) -> None:
        """Go back to the state after the start: every model is there, and what requests have left is gone."""
        ...
