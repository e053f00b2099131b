"""The catalog and the account: models, versions, search, collections, deployments, hardware."""

from __future__ import annotations

from attrs import define
from starlette.responses import Response
from starlette.routing import Route

from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.exchange import Call, Handler, route
from typedrun_sandbox.engine.refusals import json_response
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_text
from typedrun_sandbox.marketplaces.replicate.catalog import HIDDEN, Catalog, CatalogModel, Deployment
from typedrun_sandbox.marketplaces.replicate.errors import invalid, not_found
from typedrun_sandbox.marketplaces.replicate.keys import TOKEN
from typedrun_sandbox.marketplaces.replicate.pages import page
from typedrun_sandbox.marketplaces.replicate.webhooks import secret_of

ACCOUNT: JSONObject = {"type": "user", "username": "sandbox", "name": "The sandbox", "github_url": None}

HARDWARE: list[JSON] = [
    {"name": "CPU", "sku": "cpu"},
    {"name": "Nvidia T4 GPU", "sku": "gpu-t4"},
    {"name": "Nvidia L40S GPU", "sku": "gpu-l40s"},
    {"name": "Nvidia A100 (80GB) GPU", "sku": "gpu-a100-large"},
    {"name": "Nvidia H100 GPU", "sku": "gpu-h100"},
]

FOUND = 20
"""Models that a search gives unless it is told another number."""


def routes(backend: Backend, catalog: Catalog) -> list[Route]:
    """The metadata endpoints; more parts come before fewer."""
    models = Models(backend, catalog)
    owned: tuple[tuple[str, str, Handler, str], ...] = (
        ("GET", "/v1/models/{name}/versions/{version}", models.version, "get"),
        ("GET", "/v1/models/{name}/versions", models.versions, "list"),
        ("GET", "/v1/models/{name}", models.get, "get"),
        ("GET", "/v1/deployments/{name}", models.deployment, "get"),
    )
    plain: tuple[tuple[str, str, Handler, str], ...] = (
        ("GET", "/v1/models", models.list_all, "list"),
        ("QUERY", "/v1/models", models.query, "search"),
        ("GET", "/v1/search", models.search, "search"),
        ("GET", "/v1/collections", models.collections, "list"),
        ("GET", "/v1/collections/{name}", models.collection, "list"),
        ("GET", "/v1/deployments", models.deployments, "list"),
        ("POST", "/v1/deployments", models.deploy, "deploy"),
        ("GET", "/v1/account", lambda _call: json_response(ACCOUNT), "get"),
        ("GET", "/v1/hardware", lambda _call: json_response(HARDWARE), "list"),
        ("GET", "/v1/webhooks/default/secret", models.secret, "get"),
    )
    return [
        *(route(backend, method, path, make, keys=TOKEN, operation=op) for method, path, make, op in plain),
        *(
            route(backend, method, path, make, keys=TOKEN, operation=op, has_slashes=True)
            for method, path, make, op in owned
        ),
    ]


@define
class Models:
    """The functions behind the metadata endpoints."""

    backend: Backend
    catalog: Catalog

    def get(self, call: Call) -> Response:
        """`GET /v1/models/{owner}/{name}`: the model object as the snapshot has it."""
        return json_response(self._found(call).show())

    def versions(self, call: Call) -> Response:
        """`GET …/versions`: the one that the snapshot has; none of an official model whose versions are hidden."""
        model = self._found(call)
        known: list[JSON] = [] if model.version in ("", HIDDEN) else [model.latest_version]
        return json_response({"next": None, "previous": None, "results": known})

    def version(self, call: Call) -> Response:
        """`GET …/versions/{id}`."""
        model = self._found(call)
        if call.part("version") != model.version:
            raise not_found()
        return json_response(model.latest_version)

    def list_all(self, call: Call) -> Response:
        """`GET /v1/models`: a page at a time, in the snapshot's order."""
        return json_response(page(call, "/v1/models", [model.show() for model in self.catalog.models]))

    def query(self, call: Call) -> Response:
        """`QUERY /v1/models`: the older search, whose body is the query."""
        found: list[JSON] = [model.show() for model in self.catalog.search(call.body.decode("utf-8", "replace"))]
        return json_response({"next": None, "previous": None, "results": found})

    def search(self, call: Call) -> Response:
        """`GET /v1/search?query=`."""
        query = call.request.query_params.get("query", "")
        limit = call.request.query_params.get("limit", str(FOUND))
        if not query:
            return json_response({"detail": 'Query parameter "query" is required'}, 400)
        most = min(max(int(limit), 1), 50) if limit.isdigit() else FOUND
        found: list[JSON] = [
            {"model": model.show(), "metadata": {"generated_description": None, "tags": [], "score": 1.0}}
            for model in self.catalog.search(query)[:most]
        ]
        return json_response({"query": query, "models": found, "collections": [], "pages": []})

    def collections(self, call: Call) -> Response:
        """`GET /v1/collections`."""
        found: list[JSON] = [_collection(slug) for slug in self.catalog.collections()]
        return json_response(page(call, "/v1/collections", found))

    def collection(self, call: Call) -> Response:
        """`GET /v1/collections/{slug}`: with its models."""
        models = self.catalog.collections().get(call.name or "")
        if models is None:
            raise not_found()
        return json_response({**_collection(call.name or ""), "models": [model.show() for model in models]})

    def deployment(self, call: Call) -> Response:
        """`GET /v1/deployments/{owner}/{name}`."""
        found = self.catalog.deployment(call.name or "")
        if found is None:
            raise not_found()
        return json_response(_deployed(found))

    def deployments(self, _call: Call) -> Response:
        """`GET /v1/deployments`: those that were made here."""
        found: list[JSON] = [_deployed(one) for one in self.catalog.deployments.values()]
        return json_response({"next": None, "previous": None, "results": found})

    def deploy(self, call: Call) -> Response:
        """`POST /v1/deployments`: a model of the snapshot under a name of the account's."""
        body = call.json()
        missing = [name for name in ("name", "model") if not as_text(body.get(name))]
        if missing:
            raise invalid([("required", "", f"{name} is required") for name in missing])
        model = self.catalog.find(as_text(body["model"]))
        if model is None:
            raise not_found()
        made = Deployment(str(ACCOUNT["username"]), as_text(body["name"]), model, body)
        self.catalog.deployments[f"{made.owner}/{made.name}"] = made
        return json_response(_deployed(made))

    def secret(self, _call: Call) -> Response:
        """`GET /v1/webhooks/default/secret`."""
        return json_response({"key": secret_of(self.backend.settings.api_key)})

    def _found(self, call: Call) -> CatalogModel:
        model = self.catalog.find(call.name or "")
        if model is None:
            raise not_found()
        return model


def _collection(slug: str) -> JSONObject:
    name = slug.replace("-", " ").capitalize()
    return {"name": name, "slug": slug, "description": f"{name} of the snapshot.", "full_description": None}


def _deployed(deployment: Deployment) -> JSONObject:
    settings = deployment.settings
    return {
        "owner": deployment.owner,
        "name": deployment.name,
        "current_release": {
            "number": 1,
            "model": deployment.model.id,
            "version": deployment.model.version or HIDDEN,
            "created_at": "2026-01-01T00:00:00.000Z",
            "created_by": ACCOUNT,
            "configuration": {
                "hardware": settings.get("hardware", "cpu"),
                "min_instances": settings.get("min_instances", 0),
                "max_instances": settings.get("max_instances", 1),
            },
        },
    }
