"""The service as a server of the Model Context Protocol, by the official package (`typedrun[mcp]`)."""

from __future__ import annotations

import functools
import logging
import socket
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, Final

import anyio
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp_types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams
from mcp_types import Tool as WireTool

from typedrun.exports.content import plain_json
from typedrun.exports.service import Outcome, Service, Watch
from typedrun.exports.toolforms import Tool

_BEAT: Final = 1.0
"""Seconds between two notifications of progress."""

INSTRUCTIONS: Final = (
    "Models of a marketplace of AI models. Where no tool fits the task: search_models finds a model, describe_model tells its arguments and"
    " price, run_model runs it. Runs cost credits; what does not fit the budget is refused. Media are addresses (https://…)."
)

_log = logging.getLogger("typedrun")


def make_server(service: Service, *, beat: float = _BEAT) -> Server[Any]:
    """Make a server that offers a service's tools.

    Args:
        service: What is offered.
        beat: Seconds between two notifications of progress.
    """

    async def list_tools(context: ServerRequestContext[Any], params: PaginatedRequestParams | None) -> ListToolsResult:
        del context, params
        return ListToolsResult(tools=[_wire_tool(tool) for tool in service.tools])

    async def call_tool(context: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        watch = Watch()
        work = functools.partial(service.call, params.name, params.arguments or {}, watch)
        return _wire_result(await _watched(work, watch, context, beat))

    return Server(
        "typedrun",
        version=version("typedrun"),
        title="typedrun",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def _watched(
    work: Callable[[], Outcome], watch: Watch, context: ServerRequestContext[Any], beat: float
) -> Outcome:
    """Work in a thread, and tell how far it is. A cancelled request leaves the thread, which stops at its next question."""

    async def tell() -> None:
        began = anyio.current_time()
        while True:
            await anyio.sleep(beat)
            seconds = anyio.current_time() - began
            await context.session.report_progress(seconds, None, f"{watch.said}, {seconds:.0f} s")

    async with anyio.create_task_group() as group:
        group.start_soon(tell)
        try:
            outcome = await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
        except anyio.get_cancelled_exc_class():
            watch.cancel()
            raise
        finally:
            group.cancel_scope.cancel()
    return outcome  # pyright: ignore[reportPossiblyUnboundVariable]  # it takes a group for one that swallows what is raised in it


def _wire_tool(tool: Tool) -> WireTool:
    said = {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": tool.input_schema,
        "outputSchema": tool.output_schema,
        "annotations": {"readOnlyHint": tool.only_reads, "destructiveHint": False, "openWorldHint": True},
    }
    return WireTool.model_validate(plain_json(said))  # one half character would end the whole connection


def _wire_result(outcome: Outcome) -> CallToolResult:
    said = {"content": list(outcome.content), "structuredContent": outcome.structured, "isError": outcome.is_error}
    return CallToolResult.model_validate(plain_json(said))


def serve_stdio(service: Service) -> None:
    """Serve one client on standard input and output until it goes."""

    async def serve() -> None:
        server = make_server(service)
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    anyio.run(serve)


def serve_http(service: Service, port: int, *, ready: Callable[[str], object]) -> None:
    """Serve on 127.0.0.1 until the process is told to end.

    Args:
        service: What is offered.
        port: 0 takes a free one.
        ready: Called with the address once it listens.

    Raises:
        OSError: the port cannot be had.
    """
    import uvicorn

    listener = socket.create_server(("127.0.0.1", port))
    app = make_server(service).streamable_http_app(host="127.0.0.1")
    config = uvicorn.Config(app, log_level="warning", lifespan="on", timeout_graceful_shutdown=2)
    ready(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp")
    uvicorn.Server(config).run(sockets=[listener])
