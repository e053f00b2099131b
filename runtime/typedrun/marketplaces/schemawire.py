"""What marketplaces have in common whose models describe themselves by JSON Schema: where their parts are, and what they say alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from typedrun.core.reply import Reply
    from typedrun.core.request import Request
    from typedrun.errors import APIError
    from typedrun.jsontypes import JSON
    from typedrun.marketplaces.pieces import PieceReader
    from typedrun.prices import Cost


class _Parts:
    """Knows its folder, whose modules are read with the first use."""

    marketplace: ClassVar[str]
    """The name of the marketplace, which is that of its folder."""

    def _part(self, name: str) -> Any:
        return import_module(f"{__package__}.{self.marketplace}.{name}")

    @property
    def run_controls(self) -> frozenset[str]:
        """The names of the run controls of its models: `CONTROLS` in `controls`."""
        names: frozenset[str] = self._part("controls").CONTROLS
        return names

    def answer_reader(self, is_list: bool | None = None) -> PieceReader:
        """What reads the events of one streamed answer: `EventReader` in `events`."""
        made: PieceReader = self._part("events").EventReader(is_list)
        return made


class SchemaMarketplace(_Parts):
    """What is known before there is a client."""

    def write_document(self, field_of: Callable[[str], Any]) -> dict[str, JSON]:
        """Write what a model knows of itself, as a document of the catalog."""
        written: dict[str, JSON] = self._part("documents").write_document(field_of)
        return written


class SchemaWire(_Parts):
    """What the wires say alike."""

    def read_error(self, reply: Reply, *, model: str | None = None) -> APIError | None:
        """Read the error that a reply stands for."""
        error: APIError | None = self._part("failures").read_error(reply, model=model)
        return error

    # --- runs

    @property
    def undeclared(self) -> frozenset[str]:
        """None: what the schema does not have is refused, or ignored."""
        return frozenset()

    def check_controls(self, controls: Mapping[str, object]) -> list[tuple[str, str]]:
        """Find what is wrong with them."""
        problems: list[tuple[str, str]] = self._part("controls").control_problems(controls)
        return problems

    def control_headers(self, controls: Mapping[str, object]) -> dict[str, str]:
        """No headers: all depend on where the run goes and on the time that is left."""
        del controls
        return {}

    # --- prices

    def quote(self, model: str, calls: int | None, units: float | None) -> Request | None:
        """Nobody can be asked."""
        del model, calls, units
        return None

    def quoted(self, reply: Reply) -> Cost:
        """Nothing answers a question that there is not."""
        raise NotImplementedError

    # --- the catalog

    def found(self, answer: JSON) -> JSON:
        """The answer itself."""
        return answer

    def further(self, model: str) -> Request | None:
        """Nothing: an id names a model and no more."""
        del model
        return None

    def completed(self, document: Mapping[str, JSON], answer: JSON) -> JSON:
        """What is whole already."""
        del answer
        return document

    def identity(self, document: Mapping[str, JSON]) -> str | None:
        """The id of the model that a document describes."""
        known: str | None = self._part("documents").identity(document)
        return known

    def read_fields(self, document: Mapping[str, JSON], function: Callable[[str], Any]) -> dict[str, Any]:
        """Read what a document says of a model, by the name of the field of `Model`."""
        fields: dict[str, Any] = self._part("documents").read_fields(document, function)
        return fields
