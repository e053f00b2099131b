"""The platform's API: the catalog with its documents, prices, estimates; and the keys of webhooks."""

from __future__ import annotations

import base64
import binascii

from attrs import define
from starlette.responses import Response
from starlette.routing import Route

from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.exchange import Call, route
from typedrun_sandbox.engine.keys import is_authorized
from typedrun_sandbox.engine.refusals import json_response
from typedrun_sandbox.jsontypes import JSON, as_number, as_object, as_text
from typedrun_sandbox.marketplaces.fal.catalog import Catalog, CatalogModel
from typedrun_sandbox.marketplaces.fal.errors import platform_error
from typedrun_sandbox.marketplaces.fal.keys import KEY
from typedrun_sandbox.marketplaces.fal.webhooks import keys_of

SIZE = 10
"""Entries of a page unless `limit` says another number: few, so that a small catalog has several."""

MOST_IDS = 50


def routes(platform: Platform) -> list[Route]:
    """The endpoints of the platform's host."""
    backend = platform.backend
    return [
        route(backend, "GET", "/v1/models", platform.models, keys=None, operation="list"),
        route(backend, "GET", "/v1/models/pricing", platform.pricing, keys=None, operation="pricing"),
        route(backend, "POST", "/v1/models/pricing/estimate", platform.estimate, keys=None, operation="pricing"),
        route(backend, "GET", "/api/openapi/queue/openapi.json", platform.document, keys=None, operation="get"),
        route(backend, "GET", "/rest/.well-known/jwks.json", platform.jwks, keys=None, operation="get"),
    ]


@define
class Platform:
    """The functions behind the platform's API."""

    backend: Backend
    catalog: Catalog

    def models(self, call: Call) -> Response:
        """`GET /v1/models`: list, find by id, or search; a key is welcome and not asked for."""
        query = call.request.query_params
        ids = self._ids(call)
        if ids:
            found = [self._known(id) for id in ids]
        else:
            words = query.get("q", "").casefold().split()
            found = [
                model for model in self.catalog.models if _matches(model, query.get("category"), query.get("status"))
            ]
            found = [model for model in found if all(word in _said(model) for word in words)]
        at, limit = _position(query.get("cursor")), _limit(query.get("limit"))
        with_document = "openapi-3.0" in query.getlist("expand")
        shown: list[JSON] = [model.show(with_document=with_document) for model in found[at : at + limit]]
        more = at + limit < len(found)
        return json_response({"models": shown, "next_cursor": _cursor(at + limit) if more else None, "has_more": more})

    def pricing(self, call: Call) -> Response:
        """`GET /v1/models/pricing`: of the ids that are named."""
        self._check_key(call)
        ids = self._ids(call)
        if not ids:
            raise platform_error(400, "endpoint_id is required")
        prices: list[JSON] = [price for id in ids if (price := self._known(id).price)]
        return json_response({"prices": prices, "next_cursor": None, "has_more": False})

    def estimate(self, call: Call) -> Response:
        """`POST /v1/models/pricing/estimate`: units or calls times the price; a call counts as one unit here."""
        self._check_key(call)
        body = call.json()
        kind = as_text(body.get("estimate_type"))
        member = {"unit_price": "unit_quantity", "historical_api_price": "call_quantity"}.get(kind)
        wanted = as_object(body.get("endpoints"))
        if member is None or not wanted:
            raise platform_error(400, "estimate_type and endpoints are required")
        total = 0.0
        for id, told in wanted.items():
            quantity = as_number(as_object(told).get(member), 0.0)
            if quantity <= 0:
                raise platform_error(400, f"{member} of {id} must be a number above 0")
            total += quantity * self._known(id).unit_price
        return json_response({"estimate_type": kind, "total_cost": float(f"{total:.10g}"), "currency": "USD"})

    def document(self, call: Call) -> Response:
        """`GET /api/openapi/queue/openapi.json`: the document of one endpoint."""
        model = self.catalog.find(call.request.query_params.get("endpoint_id", ""))
        if model is None or not model.document:
            raise platform_error(404, "The endpoint was not found")
        return json_response(model.document)

    def jwks(self, _call: Call) -> Response:
        """`GET /.well-known/jwks.json` of the rest host."""
        return json_response(keys_of(self.backend.settings.api_key))

    def _check_key(self, call: Call) -> None:
        if not is_authorized(call.request.headers, KEY, self.backend.keys):
            raise platform_error(401, "Authentication required")

    def _ids(self, call: Call) -> list[str]:
        given = [part for text in call.request.query_params.getlist("endpoint_id") for part in text.split(",") if part]
        if len(given) > MOST_IDS:
            raise platform_error(400, f"at most {MOST_IDS} endpoint ids")
        return given

    def _known(self, id: str) -> CatalogModel:
        model = self.catalog.find(id)
        if model is None:
            raise platform_error(404, f"Endpoint id '{id}' not found")
        return model


def _matches(model: CatalogModel, category: str | None, status: str | None) -> bool:
    said = model.metadata
    return (not category or said.get("category") == category) and (not status or said.get("status") == status)


def _said(model: CatalogModel) -> str:
    return f"{model.id} {model.name} {as_text(model.metadata.get('description'))}".casefold()


def _limit(text: str | None) -> int:
    return min(max(int(text), 1), 100) if text and text.isdigit() else SIZE


def _cursor(at: int) -> str:
    return base64.urlsafe_b64encode(str(at).encode()).decode()


def _position(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        return max(int(base64.urlsafe_b64decode(cursor)), 0)
    except (binascii.Error, ValueError):
        raise platform_error(400, "Invalid cursor") from None
