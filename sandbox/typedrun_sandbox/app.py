"""The whole sandbox as one ASGI application."""

from __future__ import annotations

from starlette.applications import Starlette

from typedrun_sandbox import control, execution, page, platform, uploads
from typedrun_sandbox.backend import Backend


def build_app(backend: Backend) -> Starlette:
    """Every endpoint of one sandbox."""
    families = (execution, platform, uploads, control, page)
    return Starlette(routes=[route for family in families for route in family.routes(backend)])
