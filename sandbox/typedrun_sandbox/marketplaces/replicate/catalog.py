"""The models of a snapshot: what each of them says, and how one is found."""

from __future__ import annotations

from attrs import field, frozen

from typedrun_codegen.ir.snapshot import Snapshot
from typedrun_sandbox.answers.instances import kind_of_file
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_object, as_text
from typedrun_sandbox.schemas.references import meant

HIDDEN = "hidden"
"""The version of an official model whose versions nobody is told."""

_VOLATILE: JSONObject = {"run_count": 0, "cover_image_url": None, "default_example": None}
"""Members that an answer has and a snapshot leaves out."""


@frozen
class CatalogModel:
    """One model object, read leniently."""

    value: JSONObject

    @property
    def owner(self) -> str:
        """Who published it."""
        return as_text(self.value.get("owner"))

    @property
    def name(self) -> str:
        """Its name within the owner's models."""
        return as_text(self.value.get("name"))

    @property
    def id(self) -> str:
        """Owner and name."""
        return f"{self.owner}/{self.name}"

    @property
    def path(self) -> str:
        """The id, which is the path here."""
        return self.id

    @property
    def is_official(self) -> bool:
        """Whether it is called by its name."""
        return self.value.get("is_official") is True or self.version in ("", HIDDEN)

    @property
    def latest_version(self) -> JSONObject:
        """Its version object; empty where it has none."""
        return as_object(self.value.get("latest_version"))

    @property
    def version(self) -> str:
        """The version's hash, or `hidden`."""
        return as_text(self.latest_version.get("id"))

    @property
    def document(self) -> JSONObject:
        """The OpenAPI document of the version."""
        return as_object(self.latest_version.get("openapi_schema"))

    @property
    def input_schema(self) -> JSONObject:
        """What it takes."""
        return as_object(as_object(as_object(self.document.get("components")).get("schemas")).get("Input"))

    @property
    def output_schema(self) -> JSONObject:
        """What it answers, as a document of its own."""
        return {"$ref": "#/components/schemas/Output", "components": as_object(self.document.get("components"))}

    @property
    def yields_text(self) -> bool:
        """Whether its output is pieces of one text."""
        rules = self._output
        items = meant(self.document, rules.get("items"))
        return self.can_stream and items.get("type") == "string" and items.get("format") != "uri"

    @property
    def can_stream(self) -> bool:
        """Whether its output comes piece by piece."""
        return self._output.get("type") == "array" and self._output.get("x-cog-array-type") == "iterator"

    @property
    def function(self) -> str:
        """No model says what it does."""
        return as_text(self.value.get("description"))

    @property
    def output(self) -> str:
        """Text where its output is pieces of one; else the kind of its files, as far as its words tell."""
        return "text" if self.yields_text else kind_of_file(self.name) or kind_of_file(self.function)

    @property
    def vector_size(self) -> None:
        """Nobody says."""

    def preset(self, parameter: str) -> str:
        """The default of an input that is a text."""
        return as_text(as_object(as_object(self.input_schema.get("properties")).get(parameter)).get("default"))

    def show(self) -> JSONObject:
        """Show the object as the API answers it."""
        return {**_VOLATILE, **self.value}

    @property
    def _output(self) -> JSONObject:
        return meant(self.document, {"$ref": "#/components/schemas/Output"})


@frozen
class Deployment:
    """A place where one model runs under a name of the account's."""

    owner: str
    name: str
    model: CatalogModel
    settings: JSONObject = field(factory=dict[str, JSON])


class Catalog:
    """Every model of a snapshot, by owner and name, and by version."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.models: tuple[CatalogModel, ...] = tuple(CatalogModel(entry.value) for entry in snapshot.models)
        self._by_id = {model.id: model for model in self.models}
        self._by_version = {model.version: model for model in self.models if model.version not in ("", HIDDEN)}
        self.deployments: dict[str, Deployment] = {}

    def find(self, name: str) -> CatalogModel | None:
        """Find a model by `owner/name`, or what a deployment of that name runs."""
        deployed = self.deployments.get(name)
        return self._by_id.get(name) or (deployed.model if deployed else None)

    def find_version(self, version: str) -> CatalogModel | None:
        """Find the model that a `version` means: a hash, `owner/name:hash`, or the `owner/name` of an official model."""
        name, colon, given = version.partition(":")
        if "/" not in name:
            return self._by_version.get(version)
        model = self._by_id.get(name)
        if model is None or (colon and given != model.version) or not (colon or model.is_official):
            return None
        return model

    def deployment(self, name: str) -> Deployment | None:
        """A deployment by `owner/name`; every model is deployed under its own."""
        model = self._by_id.get(name)
        return self.deployments.get(name) or (Deployment(model.owner, model.name, model) if model else None)

    def search(self, query: str) -> list[CatalogModel]:
        """Find the models whose name or description has every word."""
        words = query.casefold().split()
        return [model for model in self.models if all(word in _said(model) for word in words)]

    def collections(self) -> dict[str, list[CatalogModel]]:
        """Models by what they are or answer; a snapshot does not keep the collections of the service."""
        found: dict[str, list[CatalogModel]] = {
            "official": [model for model in self.models if model.is_official],
            "streaming-language-models": [model for model in self.models if model.yields_text],
        }
        for model in self.models:
            if model.output not in ("", "text"):
                found.setdefault(f"{model.output}-models", []).append(model)
        return {slug: models for slug, models in found.items() if models}


def _said(model: CatalogModel) -> str:
    return f"{model.id} {model.function}".casefold()


def order_of(schema: JSONObject) -> list[str]:
    """Names of inputs in the order of `x-order`."""
    properties = as_object(schema.get("properties"))

    def place(name: str) -> float:
        found = as_object(properties[name]).get("x-order")
        return found if isinstance(found, int | float) else float("inf")

    return sorted(properties, key=place)
