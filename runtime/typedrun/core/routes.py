"""Addresses of the operations that the client itself calls.

Each path is named after its operation in the API schema. A generated client carries those of the schema it was generated from, so a
changed address reaches the client by regeneration; a marketplace has some of its own for a client without a generated package.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from typedrun.records import frozen

_ID = "/{id}"


def quote_id(model: str) -> str:
    """Percent-encode a model id or path as one path segment: `/` becomes `%2F`."""
    return quote(model, safe="")


def fill(path: str, model: str) -> str:
    """Make the path of one model."""
    return path.replace("{id}", quote_id(model))


@frozen(kw_only=True)
class Routes:
    """Paths below the platform host (`backend_url`) and the models host (`models_url`)."""

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

    @property
    def run_url(self) -> str:
        """Where models run when nobody says otherwise, without the id."""
        return self.models_url + self.run_model.removesuffix(_ID)

    def as_run_url(self, url: str) -> str:
        """A configured run URL: without a trailing slash, and the older endpoint's address replaced.

        Both generations of the reference SDK read the same variable, so a user who followed older instructions has the older
        address in it.
        """
        url, older = url.rstrip("/"), self.start_run.removesuffix(_ID)
        return url.removesuffix(older) + self.run_model.removesuffix(_ID) if url.endswith(older) else url

    def as_start_url(self, run_url: str) -> str:
        """The older endpoint beside a run URL; the run URL itself where it has another form."""
        newer, older = self.run_model.removesuffix(_ID), self.start_run.removesuffix(_ID)
        parts = urlsplit(run_url)
        if not parts.path.endswith(newer):
            return run_url
        return parts._replace(path=parts.path.removesuffix(newer) + older).geturl()
