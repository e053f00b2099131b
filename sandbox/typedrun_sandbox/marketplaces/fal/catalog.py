"""The endpoints of a snapshot: what each of them says, and how one is found."""

from __future__ import annotations

from attrs import frozen

from typedrun_codegen.ir.snapshot import Snapshot
from typedrun_sandbox.answers.instances import kind_of_file
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_number, as_object, as_text
from typedrun_sandbox.schemas.references import meant

_NAMESPACES = ("workflows", "comfy")
"""First segments that belong to the application's name (published client: APP_NAMESPACES)."""

_VOLATILE: JSONObject = {"is_favorited": None, "thumbnail_url": "", "highlighted": False, "pinned": False}
"""Members of `metadata` that an answer has and a snapshot leaves out."""

_OWN = frozenset({"pricing"})
"""Members of a snapshot's entry that the listing does not have."""


@frozen
class CatalogModel:
    """One entry of the listing, read leniently."""

    value: JSONObject

    @property
    def id(self) -> str:
        """The endpoint's id: two to six segments."""
        return as_text(self.value.get("endpoint_id"))

    @property
    def path(self) -> str:
        """The id, which is the path here."""
        return self.id

    @property
    def application(self) -> str:
        """Where its queue is: owner and application, without what follows (the documents' own paths are not the wire)."""
        parts = self.id.split("/")
        return "/".join(parts[:3] if parts[0] in _NAMESPACES else parts[:2])

    @property
    def metadata(self) -> JSONObject:
        """What the listing says of it."""
        return as_object(self.value.get("metadata"))

    @property
    def name(self) -> str:
        """The display name."""
        return as_text(self.metadata.get("display_name")) or self.id

    @property
    def function(self) -> str:
        """Its category."""
        return as_text(self.metadata.get("category"))

    @property
    def document(self) -> JSONObject:
        """Its OpenAPI document."""
        return as_object(self.value.get("openapi"))

    @property
    def can_stream(self) -> bool:
        """Whether it has an address for streams."""
        return bool(as_text(self.metadata.get("stream_url")))

    @property
    def price(self) -> JSONObject:
        """Its price, as the platform states it; empty when it is not known."""
        return as_object(self.value.get("pricing"))

    @property
    def unit_price(self) -> float:
        """Price of one unit."""
        return as_number(self.price.get("unit_price"), 0.0)

    @property
    def input_schema(self) -> JSONObject:
        """What it takes: the body of the POST to its own path."""
        operation = as_object(as_object(self._paths.get(f"/{self.id}")).get("post"))
        return _schema(as_object(operation.get("requestBody")))

    @property
    def output_schema(self) -> JSONObject:
        """What it answers, as a document of its own: the 200 of the path below which its results lie."""
        got = (
            as_object(as_object(item).get("get")) for path, item in self._paths.items() if path.endswith("{request_id}")
        )
        answer = next(
            (as_object(as_object(operation.get("responses")).get("200")) for operation in got), dict[str, JSON]()
        )
        return {**_schema(answer), "components": as_object(self.document.get("components"))}

    @property
    def output(self) -> str:
        """Kind of its files, as far as its words tell."""
        return kind_of_file(self.function) or kind_of_file(self.name)

    @property
    def vector_size(self) -> None:
        """Nobody says."""

    @property
    def order(self) -> list[str]:
        """Names of inputs in the order of `x-fal-order-properties`."""
        rules = meant(self.document, self.input_schema)
        return [as_text(name) for name in as_list(rules.get("x-fal-order-properties"))]

    def preset(self, parameter: str) -> str:
        """The default of an input that is a text."""
        properties = as_object(meant(self.document, self.input_schema).get("properties"))
        return as_text(as_object(properties.get(parameter)).get("default"))

    def show(self, *, with_document: bool) -> JSONObject:
        """Show the entry as the listing answers it."""
        shown = {name: value for name, value in self.value.items() if name not in _OWN}
        shown["metadata"] = {**_VOLATILE, **self.metadata}
        if not with_document:
            shown.pop("openapi", None)
        return shown

    @property
    def _paths(self) -> JSONObject:
        return as_object(self.document.get("paths"))


def _schema(content: JSONObject) -> JSONObject:
    return as_object(as_object(as_object(content.get("content")).get("application/json")).get("schema"))


class Catalog:
    """Every endpoint of a snapshot, by id."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.models: tuple[CatalogModel, ...] = tuple(CatalogModel(entry.value) for entry in snapshot.models)
        self._by_id = {model.id: model for model in self.models}

    def find(self, name: str) -> CatalogModel | None:
        """Find an endpoint by id; the address of its stream means it, too."""
        return self._by_id.get(name) or self._by_id.get(name.removesuffix("/stream"))
