"""Addresses of the operations that the client itself calls.

Each path is named after its operation in the API schema. A generated client carries those of the schema it was generated from, so a
changed address reaches the client by regeneration; a marketplace has some of its own for a client without a generated package.
"""

from __future__ import annotations

from urllib.parse import quote

from typedrun.records import frozen


def quote_id(model: str) -> str:
    """Percent-encode a model id or path as one path segment: `/` becomes `%2F`."""
    return quote(model, safe="")


@frozen(kw_only=True)
class Routes:
    """Paths below the platform host (`backend_url`) and the models host (`models_url`).

    A value in the form that generated packages have written since 0.1, and import from here; its marketplace knows what to make of it.
    """

    backend_url: str
    """Platform host: catalog, search, uploads."""
    models_url: str
    """Host that runs models."""
    get_model: str
    search_models: str
    request_temporary_upload: str
    run_model: str
    """Below the models host: a run."""
    start_run: str
    """Below the models host: the older endpoint, which starts a run and answers at once."""
