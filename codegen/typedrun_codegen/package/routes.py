"""Where the operations are that the generated client itself calls: read off the API schema, written as `api/routes.py`."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.package.api import Address, ApiBuilt
from typedrun_codegen.package.render import render
from typedrun_codegen.text.docstrings import DocText, doc_line
from typedrun_codegen.text.literals import PyLiteral, py_string

OPERATIONS = ("get_model", "search_models", "request_temporary_upload", "run_model", "start_run")
"""Operations that the client calls by itself; `typedrun.core.routes.Routes` has a field for each."""

_RUNS = "run_model"
"""The operation whose server is the models host."""


@frozen
class _RoutesPlan:
    source: DocText
    routes: tuple[tuple[str, PyLiteral], ...]
    """Field of `Routes` → its value."""


def render_routes(built: ApiBuilt, source: str) -> tuple[str, tuple[Problem, ...]]:
    """Render the text of `api/routes.py`, and a problem for each operation that the schema does not have.

    An operation that is missing keeps the address that the client was written with.

    Args:
        built: the package of the API schema.
        source: how generated headers name the schema.
    """
    found = {name: built.addresses[name] for name in OPERATIONS if name in built.addresses}
    routes = {**_hosts(found, built.server), **{name: address.path for name, address in found.items()}}
    plan = _RoutesPlan(doc_line(source), tuple((name, py_string(value)) for name, value in routes.items()))
    problems = tuple(_missing(name, source) for name in OPERATIONS if name not in found)
    return render("api/routes.py.jinja", plan=plan), problems


def _hosts(found: Mapping[str, Address], server: str) -> dict[str, str]:
    runs = found[_RUNS].server if _RUNS in found else ""
    hosts = {"backend_url": server, "models_url": runs or server}
    return {name: url.rstrip("/") for name, url in hosts.items() if url}


def _missing(name: str, source: str) -> Problem:
    return Problem(
        title=f"the API schema has no operation {name}",
        location=Location(source, "/paths"),
        found="the client calls it, and keeps the address that it was written with",
        next_step=f"give the operation of the schema the operationId {name}",
    )
