"""`servers` → an address, with the defaults of its variables in place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.readers.forms import Node, as_list, as_text
from typedrun_codegen.readers.references import Place, References

_OPEN: Final = re.compile(r"\{([^{}]*)\}")
_TAIL: Final = re.compile(r"[?#].*", re.DOTALL)
"""A query or a fragment: paths are written behind an address, and would become a part of it."""


def address_of(holder: Node) -> str:
    """The URL of the first server without a query or a fragment; open variables stay as they are written. Empty where there is none."""
    return _TAIL.sub("", _url_of(_first(holder)[1]))


def is_open(address: str) -> bool:
    """Whether it has a variable without a default."""
    return _OPEN.search(address) is not None


def _url_of(server: Node) -> str:
    url, variables = server.get("url"), _variables(server)
    if not isinstance(url, str):
        return ""
    for name, value in variables.items():
        if isinstance(value, dict) and isinstance(default := as_text(value.get("default")), str):
            url = url.replace(f"{{{name}}}", default)
    return url


def server_problems(holder: Node, at: Place, refs: References, next_step: str) -> Iterator[Problem]:
    """Find what is wrong with the first server's address: each variable without a default, a query or a fragment.

    Args:
        holder: a document, a path or an operation.
        at: where it is.
        refs: the documents.
        next_step: what is to be done until a variable has a default.
    """
    index, server = _first(holder)
    if tail := _TAIL.search(_url_of(server)):
        yield Problem(
            "a server's address has a query or a fragment",
            refs.location(at.at("servers", index, "url")),
            repr(tail.group())[:120],
            "it is left out: describe what each request sends as a parameter",
        )
    for name in _OPEN.findall(address_of(holder)):
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
