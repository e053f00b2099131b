"""What a marketplace has to say. Nothing here sends: requests come out, replies go in; flows say what they want done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from typedrun.core.course import Rules, Terms
    from typedrun.core.effects import Flow
    from typedrun.core.opening import Opened
    from typedrun.core.outgoing import Outgoing
    from typedrun.core.protocols import FindsStage
    from typedrun.core.reply import Reply
    from typedrun.core.request import KeyField, Request
    from typedrun.core.routes import Routes
    from typedrun.core.streams import AnswerReader
    from typedrun.errors import APIError
    from typedrun.jsontypes import JSON
    from typedrun.marketplaces.cancellations import Cancellation
    from typedrun.marketplaces.listings import Listing
    from typedrun.marketplaces.orders import Fetch, Order, Running, State
    from typedrun.marketplaces.variables import Addresses, Environment
    from typedrun.prices import Cost
    from typedrun.results import ModelResult


class Wire(Protocol):
    """How one client talks to its marketplace. A value: it pickles, and knows no key."""

    @property
    def marketplace(self) -> str:
        """Its name."""
        ...

    @property
    def origins(self) -> tuple[str, ...]:
        """Addresses beside the client's own whose hosts may see the key."""
        ...

    def read_error(self, reply: Reply, *, model: str | None = None) -> APIError | None:
        """Read the error that a reply stands for, in the marketplace's own words; None for a 2xx."""
        ...

    @property
    def stage_of(self) -> FindsStage | None:
        """How far a try got by the head of its reply; None where the status says it all."""
        ...

    # --- runs

    def run_url(self, model: str) -> str:
        """Where runs of a model go, by its id."""
        ...

    def start(self, order: Order) -> Request:
        """Start a run: its request, which says itself that it must not be repeated."""
        ...

    def started(self, order: Order, reply: Reply) -> State:
        """What the answer to `start` says.

        Raises:
            DecodingError: It is unfinished, and the answer does not say where to ask for it.
        """
        ...

    def stream(self, order: Order, rules: Rules, terms: Terms) -> Flow[Opened]:
        """Start a run, and open its answer while it is written.

        Raises:
            Unfollowed: The run has started, and its stream cannot be opened. (Where something else ends the flow then, `Ended.leaves`
                has the run.)
        """
        ...

    def stream_request(self, order: Order) -> Request:
        """The request that starts a streamed run, to be shown."""
        ...

    def answer_reader(self, is_list: bool | None = None) -> AnswerReader:
        """What reads the events of one streamed answer.

        Args:
            is_list: Whether the answer is a list, whose items may come one by one; None where the model does not say.
        """
        ...

    @property
    def undeclared(self) -> frozenset[str]:
        """Body members that the backend takes although no model lists them."""
        ...

    @property
    def run_controls(self) -> frozenset[str]:
        """The names of the run controls that its models take, those of every marketplace among them."""
        ...

    def check_controls(self, controls: Mapping[str, object]) -> list[tuple[str, str]]:
        """Find what is wrong with the marketplace's own run controls: name and sentence each."""
        ...

    def control_headers(self, controls: Mapping[str, object]) -> dict[str, str]:
        """The headers that run controls travel in.

        Raises:
            ValueError: A value cannot travel in a header; the first argument names the run control.
        """
        ...

    # --- jobs

    def ask(self, handle: JSON, label: str | None) -> Request:
        """Ask once what became of a run.

        Raises:
            UntrustedURLError: The place to ask may lead elsewhere than it seems to.
            DecodingError: The backend never named one.
        """
        ...

    def asked(self, handle: JSON, reply: Reply, label: str | None) -> State | Fetch:
        """What a question brought."""
        ...

    def cancel(self, handle: JSON, label: str | None) -> Request | None:
        """Ask the backend to stop a run; None where it has no such request. What the backend declines with is a reply, too."""
        ...

    def cancelled(self, reply: Reply) -> Cancellation:
        """What the answer to `cancel` says."""
        ...

    def stopped(self, reply: Reply, label: str | None) -> State | None:
        """Where the run is by the answer to `cancel`, if that tells of its end; else None."""
        ...

    def resume(self, said: JSON, label: str | None) -> Running:
        """Resume a run by the handle of a token, or by a text that a person has: an address, a backend's name of the run.

        Raises:
            ValidationError: It is neither.
            UntrustedURLError: The address may lead elsewhere than it seems to.
        """
        ...

    def name_of(self, handle: JSON) -> str:
        """The backend's name for a run; empty where it has none."""
        ...

    def read(self, answer: Mapping[str, Any]) -> ModelResult[Any]:
        """Read an answer, by what it says."""
        ...

    # --- prices

    def quote(self, model: str, calls: int | None, units: float | None) -> Request | None:
        """Ask what so many calls, or so many units of its price, would cost; None where nobody can be asked."""
        ...

    def quoted(self, reply: Reply) -> Cost:
        """What the answer to `quote` says."""
        ...

    # --- files

    @property
    def most_embedded(self) -> int:
        """Bytes of the largest file that travels inside the body, as a data URL; 0 where the backend takes none."""
        ...

    def size_limit(self, content_type: str, name: str) -> int | None:
        """Bytes of the largest file of a type that is uploaded; None where none is known."""
        ...

    def upload(self, file: Outgoing, rules: Rules, terms: Terms) -> Flow[str]:
        """Put a file where a model can read it.

        Returns:
            Its address.
        """
        ...

    # --- the catalog

    def find(self, model: str, host: str | None) -> Request:
        """Ask for one model by id or path."""
        ...

    def found(self, answer: JSON) -> JSON:
        """The model's document in the answer to `find`; None where it has none."""
        ...

    def further(self, model: str) -> Request | None:
        """Ask for what an id names besides the model, a version of it; None where it names no more."""
        ...

    def completed(self, document: Mapping[str, JSON], answer: JSON) -> JSON:
        """The model's document with the answer to `further`; None where that is no such thing."""
        ...

    def search(self, filters: Mapping[str, Any]) -> Request:
        """Ask for one page of a search; the filters are those of `Model.search`, and the `cursor` of the page before.

        Raises:
            ParameterError: The marketplace's search has no such filter.
        """
        ...

    def read_listing(self, answer: JSON) -> Listing:
        """Read what a page holds, and how the next one is asked for."""
        ...

    def identity(self, document: Mapping[str, JSON]) -> str | None:
        """The id of the model that a document describes; None for what is no model."""
        ...

    def read_fields(self, document: Mapping[str, JSON], function: Callable[[str], Any]) -> dict[str, Any]:
        """Read what a document says of a model, by the name of the field of `Model`.

        In the place of `params` may be a function that gives them when somebody asks.

        Args:
            document: As received.
            function: The member of the client's enumeration for the id of a function.
        """
        ...


class Marketplace(Protocol):
    """What is known of a marketplace before there is a client."""

    environment: Environment
    key: KeyField
    """The header that carries the key."""
    default_supplier: str
    """What a model that names no supplier is listed under."""

    @property
    def run_controls(self) -> frozenset[str]:
        """As `Wire.run_controls`."""
        ...

    def answer_reader(self) -> AnswerReader:
        """What reads the events of one streamed answer."""
        ...

    def write_document(self, field_of: Callable[[str], Any]) -> dict[str, JSON]:
        """Write what a model knows of itself, as a document of the catalog.

        Args:
            field_of: The value of a field of `Model`, by its name.
        """
        ...

    def addresses(self, routes: Routes | None, backend_url: str | None, run_url: str | None) -> Addresses:
        """Where things are: as a client was told, else as the environment says, else as ever.

        Args:
            routes: Those of a generated package, if it has any.
            backend_url: As the client was told.
            run_url: As the client was told.
        """
        ...

    def connect(self, addresses: Addresses, routes: Routes | None) -> Wire:
        """The wire of one client.

        Args:
            addresses: Checked.
            routes: Those of a generated package, if it has any.
        """
        ...


class Webhooks(Protocol):
    """Verifies webhooks for a client, and reads them."""

    def __call__(
        self, headers: Mapping[str, Any], body: bytes | str, secret: Any, wire: Any, rules: Rules
    ) -> Flow[ModelResult[Any]]:
        """The result that a webhook tells of.

        Args:
            headers: Of the request that reached a server.
            body: Its body, as it was received.
            secret: What it is verified with; None where the marketplace is asked for that.
            wire: The marketplace's wire, at the client's addresses.
            rules: What holds for requests of the client.

        Raises:
            ValidationError: It is not shown to be the marketplace's.
        """
        ...
