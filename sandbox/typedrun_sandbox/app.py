"""The whole sandbox as one ASGI application."""

from __future__ import annotations

from starlette.applications import Starlette

from typedrun_sandbox import execution, platform
from typedrun_sandbox.backend import Backend


def build_app(backend: Backend) -> Starlette:
    """Every endpoint of one sandbox."""
    return Starlette(routes=[*execution.routes(backend), *platform.routes(backend)])
