"""The platform host's metadata: models by id, path and name, search in both dialects, enumerations."""

from __future__ import annotations

from urllib.parse import unquote

from attrs import define
from starlette.responses import Response
from starlette.routing import Route

from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.exchange import Call, Handler, route
from typedrun_sandbox.engine.refusals import json_response
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list
from typedrun_sandbox.marketplaces.aixplain.catalog import Catalog, CatalogModel
from typedrun_sandbox.marketplaces.aixplain.errors import bad_request, not_found
from typedrun_sandbox.marketplaces.aixplain.execution import Execution
from typedrun_sandbox.marketplaces.aixplain.keys import KEY, KEY_OR_TOKEN, TOKEN
from typedrun_sandbox.marketplaces.aixplain.search import V1_FILTERS, V2_FILTERS, search

CREATED = 201
"""What every paginate and statistics endpoint answers with."""


def routes(backend: Backend, catalog: Catalog, execution: Execution) -> list[Route]:
    """The metadata endpoints."""
    platform = Platform(backend, catalog, execution)
    return [
        route(backend, "POST", "/v2/models/paginate", platform.search_v2, keys=KEY, operation="search"),
        route(backend, "GET", "/v2/models/{name}", platform.get_v2, keys=KEY, operation="get"),
        route(backend, "POST", "/sdk/models/paginate", platform.search_v1, keys=TOKEN, operation="search"),
        route(backend, "POST", "/sdk/models/stats", platform.stats, keys=KEY_OR_TOKEN, operation="list"),
        route(backend, "GET", "/sdk/models/by-name/{name}", platform.get_by_name, keys=KEY_OR_TOKEN, operation="get"),
        route(backend, "GET", "/sdk/models", platform.get_by_ids, keys=KEY_OR_TOKEN, operation="get"),
        route(backend, "GET", "/sdk/models/{name}", platform.get_v1, keys=KEY_OR_TOKEN, operation="get"),
        route(backend, "DELETE", "/sdk/models/{name}", platform.delete, keys=TOKEN, operation="delete"),
        *(
            route(backend, "GET", f"/sdk/{name}", platform.enumeration(name), keys=KEY_OR_TOKEN, operation="list")
            for name in catalog.lists
        ),
    ]


@define
class Platform:
    """The functions behind the metadata endpoints."""

    backend: Backend
    catalog: Catalog
    execution: Execution

    def get_v2(self, call: Call) -> Response:
        """`GET v2/models/{id or path}`: the model object as the snapshot has it."""
        return json_response(self._found(self.catalog.find(call.name or "")).value)

    def get_v1(self, call: Call) -> Response:
        """`GET sdk/models/{id}`; the same form is a poll URL, so a job's token comes first."""
        if self.backend.jobs.find(call.name or "") is not None:
            return self.execution.poll(call)
        return json_response(as_sdk(self._found(self.catalog.find(call.name or ""))))

    def delete(self, call: Call) -> Response:
        """`DELETE sdk/models/{id}`: gone until the sandbox is reset."""
        self.catalog.remove(self._found(self.catalog.find(call.name or "")))
        return json_response({})

    def get_by_name(self, call: Call) -> Response:
        """`GET sdk/models/by-name/{name}`."""
        return json_response(as_sdk(self._found(self.catalog.find_name(call.name or ""))))

    def get_by_ids(self, call: Call) -> Response:
        """`GET sdk/models?ids=a,b`: what is known of them, a page at a time."""
        ids = unquote(call.request.query_params.get("ids", "")).split(",")
        models = tuple(m for m in (self.catalog.find(id) for id in ids) if m is not None)
        return json_response(sdk_page(search(models, _page_query(call), {}).models, len(models)))

    def search_v2(self, call: Call) -> Response:
        """`POST v2/models/paginate`."""
        body = call.json()
        check_search(body)
        page = search(self.catalog.models, body, V2_FILTERS)
        results: list[JSON] = [dict(model.value) for model in page.models]
        return json_response(
            {"results": results, "total": page.total, "pageTotal": page.pages, "pageNumber": page.number}, CREATED
        )

    def search_v1(self, call: Call) -> Response:
        """`POST sdk/models/paginate`."""
        page = search(self.catalog.models, call.json(), V1_FILTERS)
        return json_response(sdk_page(page.models, page.total), CREATED)

    def stats(self, call: Call) -> Response:
        """`POST sdk/models/stats`: nobody has used the sandbox's models."""
        call.json()
        return json_response([], CREATED)

    def enumeration(self, name: str) -> Handler:
        """`GET sdk/functions` and its three neighbours."""
        return lambda _call: json_response(self.catalog.lists[name])

    def _found(self, model: CatalogModel | None) -> CatalogModel:
        if model is None:
            raise not_found()
        return model


def check_search(body: JSONObject) -> None:
    """Check what the v2 search insists on: `sort` is there, `functions` holds strings.

    Raises:
        Refusal: 400.
    """
    errors: list[JSON] = []
    if "sort" not in body:
        errors.append({"field": "sort", "message": "sort should not be empty"})
    if not all(isinstance(item, str) for item in as_list(body.get("functions"))):
        errors.append({"field": "functions", "message": "each value in functions must be a string"})
    if errors:
        raise bad_request("Validation failed", errors)


def as_sdk(model: CatalogModel) -> JSONObject:
    """The older dialect: `supplier` without `vendor`, `attributes` as a list."""
    value = {key: item for key, item in model.value.items() if key != "vendor"}
    if model.supplier:
        value["supplier"] = model.supplier
    attributes = value.get("attributes")
    if isinstance(attributes, dict):
        value["attributes"] = [_attribute(name, item) for name, item in attributes.items()]
    return value


def _attribute(name: str, value: JSON) -> JSON:
    """One entry of the list form: text under `code`, anything else under `value`."""
    return {"name": name, "code" if isinstance(value, str) else "value": value}


def sdk_page(models: tuple[CatalogModel, ...], total: int) -> JSONObject:
    """The older paging envelope, whose `pageTotal` counts the items of this page."""
    items: list[JSON] = [as_sdk(model) for model in models]
    return {"items": items, "total": total, "pageTotal": len(items)}


def _page_query(call: Call) -> JSONObject:
    return {key: value for key, value in call.request.query_params.items() if key in ("pageNumber", "pageSize")}
