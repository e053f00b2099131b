"""A run as a command line of curl: what would be sent, without the key."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from typedrun.call import prepare
from typedrun.checks.misfits import is_secret
from typedrun.core.headers import request_headers
from typedrun.core.request import Request
from typedrun.runs.running import order_of
from typedrun.transfers.attachments import local_files, with_placed

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
    values, local = _placed(model, call.values)
    wire = model.session.driver.wire
    order = order_of(model, evolve(call, values=values), waits=True)
    request = wire.stream_request(order) if stream else wire.start(order)
    lines = [f"curl -X POST {shlex.quote(request.url)}"]
    lines += [f"  -H {shlex.quote(f'{name}: {value}')}" for name, value in _headers(model, request)]
    lines.append(f"  --data-raw {shlex.quote(_readable(request.body))}")
    comments = [
        f"# {name}: {_on_one_line(what)} is uploaded first; its address stands in its place" for name, what in local
    ]
    return "\n".join([*comments, " \\\n".join([*lines[:1], *(["  --no-buffer"] if stream else []), *lines[1:]])])


def _on_one_line(text: str) -> str:
    """A file's name within a comment, which a line break would end: what follows it would be run by whoever pastes it."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _readable(body: object) -> str:
    text = json.loads(body if isinstance(body, bytes) else b"{}")
    return json.dumps(text, ensure_ascii=False)


def _headers(model: Model[Any], request: Request) -> Iterator[tuple[str, str]]:
    settings = model.session.driver.settings
    key = settings.api_key.reveal()
    for name, value in request_headers(request, settings).items():
        if name.lower() not in _LEFT_OUT:
            yield name, value.replace(key, MASK)


def _placed(model: Model[Any], values: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The values with a word in the place of each local file and each secret; and the files, by the name of their parameter."""
    placed, local = dict(values), list[tuple[str, str]]()
    for parameter in model.params or ():
        name, value = parameter.name, values.get(parameter.name)
        if value is None:
            continue
        if is_secret(parameter):
            placed[name] = MASK
        for place, file in local_files(parameter, value, local_paths=model.session.local_paths):
            placed[name] = with_placed(placed[name], place, f"<address of {_called(file)}>")
            local.append((name, _called(file)))
    return placed, local


def _called(value: Any) -> str:
    if isinstance(value, str | os.PathLike):
        return str(value)  # pyright: ignore[reportUnknownArgumentType]  # a path of text or of bytes, to be shown
    return "an open file" if hasattr(value, "read") else "bytes"
