"""The asyncio client: key, addresses, connections, and the doors to the catalog. See the blocking one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlencode

from typedrun.aio.driver import AsyncDriver
from typedrun.aio.model import AsyncAnyModel, AsyncModel
from typedrun.client import ClientBase
from typedrun.client.bound import bind
from typedrun.client.webhooks import AsyncReceivesWebhooks
from typedrun.core.deadline import NEVER
from typedrun.core.encoding import encode_body
from typedrun.core.reply import decode_json
from typedrun.core.request import Kind, Request

if TYPE_CHECKING:
    from typedrun.aio.job import AsyncJob
    from typedrun.aio.llm import AsyncLLM
    from typedrun.aio.tools import AsyncModels, AsyncTools
    from typedrun.aio.uploading import AsyncUploadable
    from typedrun.core.deadline import Deadline
    from typedrun.core.protocols import AsyncClock
    from typedrun.core.transports import AsyncTransport
    from typedrun.exports.tools import ToolFormat
    from typedrun.jsontypes import JSON
    from typedrun.marketplaces.orders import State
    from typedrun.marketplaces.protocol import Wire
    from typedrun.settings import Settings


def _job(driver: AsyncDriver, state: State, label: str | None) -> AsyncJob[Any]:
    from typedrun.aio.job import AsyncJob

    return AsyncJob(driver, state, label=label)


class AsyncClient(ClientBase[AsyncDriver, "AsyncTransport", "AsyncClock"], AsyncReceivesWebhooks):
    """A connection to the marketplace; usable in `async with`, in every loop that runs, picklable without its key."""

    def _connect(
        self, settings: Settings, transport: AsyncTransport | None, clock: AsyncClock | None, wire: Wire
    ) -> AsyncDriver:
        return AsyncDriver(settings, transport=transport, clock=clock, wire=wire)

    _begin_job = staticmethod(_job)

    # --- the catalog

    @cached_property
    def Model(self) -> type[AsyncAnyModel]:  # noqa: N802  # the blocking client's name
        """`AsyncModel`, bound to this client: `await aix.Model.get(…)`, `await aix.Model.search(…)`."""
        return cast("type[AsyncAnyModel]", bind(AsyncModel, self.session))

    @cached_property
    def LLM(self) -> type[AsyncLLM]:  # noqa: N802  # as above
        """`AsyncLLM`, bound to this client: `aix.LLM(id, name, function=…)`."""
        from typedrun.aio.llm import AsyncLLM

        return bind(AsyncLLM, self.session)

    async def tools(self, models: AsyncModels, *, format: ToolFormat = "openai") -> AsyncTools:
        """Models as tools of a language model: definitions in a vendor's form, and `call` and `answer`, awaited, for what comes back.

        Args:
            models: Models, ids or paths; an id that was not generated is fetched.
            format: Whose form: `openai`, `anthropic`, `mcp` or `json-schema`.

        Raises:
            ValidationError: there is no such format, or a model is listed twice.
            NotFoundError: there is no such model.
        """
        from typedrun.aio.tools import open_tools

        return await open_tools(self.session, models, format)

    # --- jobs

    def job(self, token_or_url: str, *, model: str | None = None) -> AsyncJob[Any]:
        """Pick up a run that was started elsewhere, by either client.

        Args:
            token_or_url: What `job.token()` gave, or the address to ask.
            model: Id or path of the model, for messages.
        """
        from typedrun.aio.job import resume_job

        job = resume_job(self.driver, token_or_url, label=model)
        return job.typed_by(self.session.find_class(job.label))

    # --- requests

    async def get_json(self, path: str, query: Mapping[str, str] | None = None, *, model: str | None = None) -> JSON:
        """Read something from the backend.

        Args:
            path: Below `backend_url`.
            query: Query parameters.
            model: Id or path of the model, for messages.
        """
        suffix = f"?{urlencode(query)}" if query else ""
        return decode_json(await self.driver.send(Request("GET", self._backend(path) + suffix, model=model)))

    async def post_json(self, path: str, body: Mapping[str, Any]) -> JSON:
        """Ask the backend something that takes a body but changes nothing, such as a search.

        Args:
            path: Below `backend_url`.
            body: The JSON object to send.
        """
        request = Request("POST", self._backend(path), body=encode_body(body), kind=Kind.SAFE)
        return decode_json(await self.driver.send(request))

    async def upload(
        self,
        source: AsyncUploadable,
        *,
        parameter: str | None = None,
        model: str | None = None,
        progress: Callable[[int, int], object] | None = None,
        show_progress: bool = False,
        deadline: Deadline | None = None,
        allow_empty: bool = False,
    ) -> str:
        """Put a local file where a model can read it. Arguments and errors as for the blocking client.

        Args:
            source: Besides what that takes, an asynchronous iterable of bytes; it is read to its end first.
            parameter: The parameter that it is for, for messages.
            model: The model that it is for, for messages.
            progress: Called with bytes sent and bytes in all.
            show_progress: True shows the upload on stderr.
            deadline: When it must be over. Default: the client's total timeout for each of its two requests.
            allow_empty: Whether a file without a byte is sent.

        Returns:
            Its address.
        """
        from typedrun.aio.uploading import as_file
        from typedrun.transfers.media import upload

        until = deadline or NEVER
        async with as_file(source, self.driver, until, model=model) as file:
            sending = functools.partial(
                upload,
                self.driver,
                file,
                parameter=parameter,
                model=model,
                deadline=until,
                local_paths=self.local_paths,
                allow_empty=allow_empty,
            )
            if not show_progress:
                return await self.driver.drive(sending(progress=progress))
            from typedrun.progress import Progress, both

            with Progress(model or "upload") as shown:
                told = functools.partial(shown.uploaded, parameter or "file")
                return await self.driver.drive(sending(progress=both(progress, told)))

    # --- life

    async def close(self) -> None:
        """Close idle connections; the client opens new ones when it is used again."""
        await self.driver.close()

    aclose = close
    """Another name of `close`, for `contextlib.aclosing`."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
