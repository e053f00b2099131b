"""Doors of the blocking client that a first plain run does not go through: jobs, uploads, tools, language models."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import urlencode

from typedrun.client.bound import bind
from typedrun.core.deadline import NEVER
from typedrun.core.encoding import encode_body
from typedrun.core.reply import decode_json
from typedrun.core.request import Kind, Request
from typedrun.model import Model

if TYPE_CHECKING:
    from typedrun.core.deadline import Deadline
    from typedrun.exports.tools import Models, ToolFormat, Tools
    from typedrun.job import Job
    from typedrun.jsontypes import JSON
    from typedrun.llm import LLM
    from typedrun.model import AnyModel
    from typedrun.sending.driver import Driver
    from typedrun.session import Session

    Uploadable: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]


class ClientDoors:
    """What a `Client` can do beside running the models of its package."""

    if TYPE_CHECKING:  # the client has these
        driver: Driver
        session: Session[Driver]

        def _backend(self, path: str) -> str: ...

    @cached_property
    def Model(self) -> type[AnyModel]:  # noqa: N802  # the reference's name: a class, bound to this client
        """`Model`, bound to this client: `aix.Model.get(…)`, `aix.Model.search(…)`."""
        return cast("type[AnyModel]", bind(Model, self.session))

    @cached_property
    def LLM(self) -> type[LLM]:  # noqa: N802  # as above
        """`LLM`, bound to this client: `aix.LLM(id, name, function=…)`."""
        from typedrun.llm import LLM

        return bind(LLM, self.session)

    def tools(self, models: Models, *, format: ToolFormat = "openai") -> Tools:
        """Models as tools of a language model: definitions in a vendor's form, and `call` and `answer` for what comes back.

        Args:
            models: Models, ids or paths; an id that was not generated is fetched.
            format: Whose form: `openai`, `anthropic`, `mcp` or `json-schema`.

        Raises:
            ValidationError: there is no such format, or a model is listed twice.
            NotFoundError: there is no such model.
        """
        from typedrun.exports.tools import open_tools

        return open_tools(self.session, bind(Model, self.session).get, models, format)

    # --- jobs

    def job(self, token_or_url: str, *, model: str | None = None) -> Job[Any]:
        """Pick up a run that was started elsewhere.

        Args:
            token_or_url: What `job.token()` gave, or the address to ask.
            model: Id or path of the model, for messages and the type of its output. Default: what the token says.
        """
        from typedrun.job import resume_job

        job = resume_job(self.driver, token_or_url, label=model)
        return job.typed_by(self.session.find_class(job.label))

    # --- requests

    def get_json(self, path: str, query: Mapping[str, str] | None = None, *, model: str | None = None) -> JSON:
        """Read something from the backend.

        Args:
            path: Below `backend_url`.
            query: Query parameters.
            model: Id or path of the model, for messages.
        """
        suffix = f"?{urlencode(query)}" if query else ""
        return decode_json(self.driver.send(Request("GET", self._backend(path) + suffix, model=model)))

    def post_json(self, path: str, body: Mapping[str, Any]) -> JSON:
        """Ask the backend something that takes a body but changes nothing, such as a search.

        Args:
            path: Below `backend_url`.
            body: The JSON object to send.
        """
        request = Request("POST", self._backend(path), body=encode_body(body), kind=Kind.SAFE)
        return decode_json(self.driver.send(request))

    def upload(
        self,
        source: Uploadable,
        *,
        parameter: str | None = None,
        model: str | None = None,
        progress: Callable[[int, int], object] | None = None,
        show_progress: bool = False,
        deadline: Deadline | None = None,
        allow_empty: bool = False,
    ) -> str:
        """Put a local file where a model can read it.

        Args:
            source: A path object, bytes, or an open binary file; a URL is returned as it is.
            parameter: The parameter that it is for, for messages.
            model: The model that it is for, for messages.
            progress: Called with bytes sent and bytes in all.
            show_progress: True shows the upload on stderr.
            deadline: When it must be over. Default: the client's total timeout for each of its two requests.
            allow_empty: Whether a file without a byte is sent.

        Returns:
            Its address.

        Raises:
            FileUploadError: the file is missing, empty, too large for its type, cannot be read, or is refused.
        """
        from typedrun.transfers.media import upload

        sending = functools.partial(
            upload,
            self.driver,
            source,
            parameter=parameter,
            model=model,
            deadline=deadline or NEVER,
            local_paths=self.session.local_paths,
            allow_empty=allow_empty,
        )
        if not show_progress:
            return self.driver.drive(sending(progress=progress))
        from typedrun.progress import Progress, both

        with Progress(model or "upload") as shown:
            told = functools.partial(shown.uploaded, parameter or "file")
            return self.driver.drive(sending(progress=both(progress, told)))
