"""Where one client finds aiXplain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typedrun.core.encoding import encode_body
from typedrun.core.request import Kind, Request
from typedrun.core.routes import Routes, quote_id
from typedrun.records import frozen


@frozen()
class Places:
    """The addresses of one client."""

    backend_url: str
    """Base of the metadata endpoints and of relative poll addresses."""
    models_url: str
    """Where runs are sent, without the id."""
    routes: Routes

    def run_url(self, model: str) -> str:
        """Where runs of a model go, by its id."""
        return f"{self.models_url}/{quote_id(model)}"


def run_request(
    url: str, body: Mapping[str, Any], headers: Mapping[str, str], label: str, *, accept: str = "application/json"
) -> Request:
    """A run: executed and billed twice if it is sent twice."""
    return Request("POST", url, headers, encode_body(body, model=label), Kind.UNSAFE, accept=accept, model=label)
