"""A run as a command line of curl: what would be sent, without the key."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from typedrun.call import prepare
from typedrun.core.heads import request_headers
from typedrun.core.request import Request
from typedrun.jsontypes import is_array
from typedrun.validation import is_local_media, is_media

if TYPE_CHECKING:
    from typedrun.model import Model

MASK: Final = "***"
"""What stands for the key."""

_LEFT_OUT: Final = frozenset({"user-agent", "accept-encoding"})
"""curl has its own."""


def curl_of(model: Model[Any], arguments: Mapping[str, Any], *, stream: bool = False) -> str:
    """The request of a run, as curl would send it; nothing is sent.

    Args:
        model: What would run.
        arguments: Arguments and run controls of `run`.
        stream: Whether the answer is asked for as it is written.

    Returns:
        A command of several lines; comments say which files are uploaded before.

    Raises:
        ParameterError: the arguments do not fit.
    """
    call = prepare(model, arguments, is_stream=stream)
    local = dict(_local_files(model, call.values))
    values = {name: _placed(value, local.get(name)) for name, value in call.values.items()}
    body = {**values, **call.extra}
    wire = model.session.driver.wire
    request = (wire.stream if stream else wire.run)(model.id, body, call.headers, model.label)
    lines = [f"curl -X POST {shlex.quote(request.url)}"]
    lines += [f"  -H {shlex.quote(f'{name}: {value}')}" for name, value in _headers(model, request)]
    lines.append(f"  --data-raw {shlex.quote(_readable(request.body))}")
    comments = [f"# {name}: {what} is uploaded first; its address stands in its place" for name, what in local.items()]
    return "\n".join([*comments, " \\\n".join([*lines[:1], *(["  --no-buffer"] if stream else []), *lines[1:]])])


def _readable(body: object) -> str:
    text = json.loads(body if isinstance(body, bytes) else b"{}")
    return json.dumps(text, ensure_ascii=False)


def _headers(model: Model[Any], request: Request) -> Iterator[tuple[str, str]]:
    settings = model.session.driver.settings
    key = settings.api_key.reveal()
    for name, value in request_headers(request, settings).items():
        if name.lower() not in _LEFT_OUT:
            yield name, value.replace(key, MASK)


def _local_files(model: Model[Any], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    paths = model.session.local_paths
    for parameter in model.params or ():
        value = values.get(parameter.name)
        if is_media(parameter) and any(is_local_media(item, local_paths=paths) for item in _items(value)):
            yield parameter.name, ", ".join(_called(item) for item in _items(value))


def _items(value: Any) -> list[Any]:
    return list(value) if is_array(value) else [value]


def _called(value: Any) -> str:
    if isinstance(value, str | os.PathLike):
        return str(value)  # pyright: ignore[reportUnknownArgumentType]  # a path of text or of bytes, to be shown
    return "an open file" if hasattr(value, "read") else "bytes"


def _placed(value: Any, what: str | None) -> Any:
    return value if what is None else f"<address of {what}>"
