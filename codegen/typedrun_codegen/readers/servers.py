"""`servers` → an address, with the defaults of its variables in place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.readers.forms import Node, as_list, as_text
from typedrun_codegen.readers.references import Place, References


def address_of(holder: Node) -> str:
    """The URL of the first server; variables without a default stay as they are written. Empty where there is none."""
    _, server = _first(holder)
    url, variables = server.get("url"), _variables(server)
    if not isinstance(url, str):
        return ""
    for name, value in variables.items():
        if isinstance(value, dict) and isinstance(default := as_text(value.get("default")), str):
            url = url.replace(f"{{{name}}}", default)
    return url


def open_variables(holder: Node, at: Place, refs: References, next_step: str) -> Iterator[Problem]:
    """Find each part of the first server's address that has no default: a problem.

    Args:
        holder: a document, a path or an operation.
        at: where it is.
        refs: the documents.
        next_step: what is to be done until there is a default.
    """
    index, server = _first(holder)
    for name in re.findall(r"\{([^{}]*)\}", address_of(holder)):
        place = at.at("servers", index, *(("variables", name) if name in _variables(server) else ("url",)))
        yield Problem(
            "a variable of a server has no default",
            refs.location(place),
            f"{{{name}}} in {str(server.get('url'))!r}"[:120],
            f"give it one; {next_step}",
        )


def _first(holder: Node) -> tuple[int, Node]:
    for index, server in enumerate(as_list(holder.get("servers"))):
        if isinstance(server, dict):
            return index, server
    return 0, {}


def _variables(server: Node) -> Node:
    found: JSON = server.get("variables")
    return found if isinstance(found, dict) else {}
