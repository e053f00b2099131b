"""What a marketplace has to say. Nothing here sends: requests come out, replies go in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from typedrun.core.reply import Reply
from typedrun.core.request import Request
from typedrun.core.routes import Routes
from typedrun.core.streams import AnswerReader
from typedrun.errors import OperationFailedError
from typedrun.jsontypes import JSON
from typedrun.marketplaces.variables import Environment
from typedrun.results import ModelResult


class Wire(Protocol):
    """How one client talks to its marketplace. A value: it pickles, and knows no key."""

    # --- runs ---

    def run_url(self, model: str) -> str:
        """Where runs of a model go, by its id."""
        ...

    def run(self, model: str, body: Mapping[str, Any], headers: Mapping[str, str], label: str) -> Request:
        """Run a model and wait for the answer, or for the place to ask.

        Args:
            model: Its id.
            body: What to send, by wire name.
            headers: Of this run.
            label: What messages call the model.
        """
        ...

    def stream(self, model: str, body: Mapping[str, Any], headers: Mapping[str, str], label: str) -> Request:
        """Run a model and have its answer as it is written. Arguments as for `run`."""
        ...

    def submit(
        self, model: str, body: Mapping[str, Any], headers: Mapping[str, str], label: str, *, is_sync_only: bool
    ) -> Request:
        """Start a run that goes on at the backend; a model may have no other way than the synchronous one. Arguments as for `run`."""
        ...

    def start_url(self, model: str) -> str:
        """Where runs go that only start, by the model's id; with an empty id, without one."""
        ...

    def start(self, model: str, body: Mapping[str, Any], label: str) -> Request:
        """Start a run that goes on at the backend, with a body as it is. Arguments as for `run`."""
        ...

    @property
    def undeclared(self) -> frozenset[str]:
        """Body members that the backend takes although no model lists them."""
        ...

    def identity_headers(self, controls: Mapping[str, object]) -> dict[str, str]:
        """The headers of the run controls that say on whose behalf a model runs.

        Raises:
            ValueError: A value cannot travel in a header; the first argument names the run control.
        """
        ...

    def read_run(self, reply: Reply, label: str, *, is_sync_only: bool = False) -> ModelResult[Any]:
        """The answer to a run: finished, or with a place to ask.

        Raises:
            OperationFailedError: The run failed.
            DecodingError: It is unfinished, and the answer does not say where to ask for it.
        """
        ...

    def answer_reader(self) -> AnswerReader:
        """What reads the events of one streamed answer."""
        ...

    # --- jobs ---

    def place(self, text: str) -> str | None:
        """The address to ask for a job, from what an answer names; None if this is none."""
        ...

    def is_hostile(self, text: str) -> bool:
        """Whether a place is an address that may lead elsewhere than it seems to."""
        ...

    def read(self, answer: Mapping[str, Any]) -> ModelResult[Any]:
        """An answer, by what it says."""
        ...

    def started(self, place: str, request_id: str | None) -> ModelResult[Any]:
        """The unfinished answer of a run that is only known by the place to ask."""
        ...

    def ask(self, place: str, label: str | None) -> Request:
        """Ask once what became of a run."""
        ...

    def read_poll(self, reply: Reply, request_id: str | None) -> ModelResult[Any]:
        """What a poll brought; `request_id` is what is known so far."""
        ...

    def failure(self, answer: ModelResult[Any], *, label: str | None) -> OperationFailedError | None:
        """The error for an answer that says that the run failed; None for any other."""
        ...

    # --- uploads ---

    def ask_for_storage(self, name: str, content_type: str, label: str | None) -> Request:
        """Ask where to put a file."""
        ...

    def read_storage(self, reply: Reply) -> tuple[JSON, JSON]:
        """Where to send the bytes, and where they can be fetched afterwards; checked by whoever asks."""
        ...

    # --- the catalog ---

    def find(self, model: str, host: str | None) -> Request:
        """Ask for one model by id or path."""
        ...

    def search(self, filters: Mapping[str, Any]) -> Request:
        """Ask for one page of a search; the filters are those of `Model.search`."""
        ...

    def read_listing(self, answer: JSON) -> tuple[Sequence[JSON] | None, int | None]:
        """The documents of a page, and how many models the search found; None where it does not say."""
        ...

    def read_fields(self, document: Mapping[str, JSON], function: Callable[[str], Any]) -> dict[str, Any]:
        """What a document says of a model, by the name of the field of `Model`.

        Args:
            document: As received.
            function: The member of the client's enumeration for the id of a function.
        """
        ...


class Marketplace(Protocol):
    """What is known of a marketplace before there is a client."""

    environment: Environment
    routes: Routes
    """Where its operations are, without a generated package that says otherwise."""
    default_supplier: str
    """What a model that names no supplier is listed under."""
    pipelines_path: str

    def answer_reader(self) -> AnswerReader:
        """What reads the events of one streamed answer."""
        ...

    def write_document(self, field_of: Callable[[str], Any]) -> dict[str, JSON]:
        """What a model knows of itself, as a document of the catalog.

        Args:
            field_of: The value of a field of `Model`, by its name.
        """
        ...

    def connect(self, *, backend_url: str, run_url: str, routes: Routes) -> Wire:
        """The wire of one client.

        Args:
            backend_url: Base of the catalog and of relative poll addresses.
            run_url: Where runs are sent, without the model's id.
            routes: Paths below the two.
        """
        ...
