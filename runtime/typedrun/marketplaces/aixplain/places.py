"""Where one client finds aiXplain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from typedrun.core.encoding import encode_body
from typedrun.core.request import Kind, Request
from typedrun.core.routes import Routes, quote_id
from typedrun.records import frozen

_ID: Final = "/{id}"


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


def fill(path: str, model: str) -> str:
    """Make the path of one model."""
    return path.replace("{id}", quote_id(model))


def run_url(routes: Routes) -> str:
    """Where models run when nobody says otherwise, without the id."""
    return routes.models_url + routes.run_model.removesuffix(_ID)


def as_run_url(routes: Routes, url: str) -> str:
    """A configured run URL: without a trailing slash, and the older endpoint's address replaced.

    Both generations of the reference SDK read the same variable, so a user who followed older instructions has the older address in it.
    """
    url, older = url.rstrip("/"), routes.start_run.removesuffix(_ID)
    return url.removesuffix(older) + routes.run_model.removesuffix(_ID) if url.endswith(older) else url


def as_start_url(routes: Routes, run_url: str) -> str:
    """The older endpoint beside a run URL; the run URL itself where it has another form."""
    newer, older = routes.run_model.removesuffix(_ID), routes.start_run.removesuffix(_ID)
    parts = urlsplit(run_url)
    if not parts.path.endswith(newer):
        return run_url
    return parts._replace(path=parts.path.removesuffix(newer) + older).geturl()
