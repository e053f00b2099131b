"""An operation and its arguments → the request. Pure: nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from typedrun.core.request import Kind, Request
from typedrun.files.mediatypes import content_of
from typedrun.operations.bodies import write_body
from typedrun.operations.descriptions import Answer, Operation
from typedrun.operations.places import header_text, path_text, query_texts
from typedrun.operations.records import EVENTS, is_records
from typedrun.structure import encode
from typedrun.unset import UNSET


def build_request(
    operation: Operation[Any],
    arguments: Mapping[str, object],
    *,
    base_url: str,
    body: object = UNSET,
    media_type: str = "",
    headers: Mapping[str, str] | None = None,
    accept: str = "",
    streams: bool = False,
) -> Request:
    """The request of a call.

    Args:
        operation: what is called.
        arguments: Python name → value; `UNSET` is left out.
        base_url: what the path is appended to.
        body: the request body, or `UNSET`.
        media_type: which of the operation's media types the body is written in. Default: the first.
        headers: further header fields.
        accept: media types to ask for. Default: those of the documented successes.
        streams: whether the answer is asked for as server-sent events.

    Raises:
        ParameterError: an argument is missing or cannot be written into its place.
    """
    values = [(one, arguments.get(one.name, UNSET)) for one in operation.parameters]
    written = [(one, encode(value)) for one, value in values if value is not UNSET and value is not None]
    filled = path_text(operation, {one.wire: (one, value) for one, value in written if one.place == "path"})
    # A key of `paths` may tell operations apart by a query or a fragment; the fragment never travels.
    path, _, fixed = filled.partition("#")[0].partition("?")
    texts = (text for one, value in written if one.place == "query" for text in query_texts(one, value))
    query = "&".join([*([fixed] if fixed else []), *texts])
    fields = {one.wire: header_text(one, value) for one, value in written if one.place == "header"}
    cookies = "; ".join(
        text.replace("&", "; ") for one, value in written if one.place == "cookie" for text in query_texts(one, value)
    )
    content, content_type = write_body(operation, body, media_type, streams=streams)
    asked = (streamed.media_type if (streamed := streamed_answer(operation)) else EVENTS) if streams else ""
    return Request(
        method=operation.method,
        url=f"{base_url.rstrip('/')}{path}{'?' if query else ''}{query}",
        headers={**fields, **({"Cookie": cookies} if cookies else {}), **_plain(asked), **(headers or {})},
        body=content,
        kind=_KINDS.get(operation.method, Kind.UNSAFE),
        accept=asked or accept or _accepted(operation),
        content_type=content_type,
        keeps_redirects=operation.gives_address,
    )


_KINDS: Final = {
    "GET": Kind.SAFE,
    "HEAD": Kind.SAFE,
    "OPTIONS": Kind.SAFE,
    "TRACE": Kind.SAFE,
    "PUT": Kind.SAFE,
    "DELETE": Kind.SAFE,
    "QUERY": Kind.SAFE,
}
"""Methods that may be sent again (RFC 9110, 9.2.2: idempotent)."""


def _plain(asked: str) -> Mapping[str, str]:
    """Records arrive one by one, as events do: nothing may hold them back to compress them."""
    return {"Accept-Encoding": "identity"} if is_records(asked) else {}


def streamed_answer(operation: Operation[Any]) -> Answer | None:
    """The success that arrives piece by piece: as events, or as records."""
    streamed = [one for one in operation.answers if content_of(one.media_type).is_streamed]
    return next((one for one in streamed if _is_success(one.status)), None)


def _accepted(operation: Operation[Any]) -> str:
    found = dict.fromkeys(one.media_type for one in operation.answers if one.media_type and _is_success(one.status))
    kinds = [one for one in found if not content_of(one).is_streamed]
    return ", ".join(kinds) or "*/*"


def _is_success(status: str) -> bool:
    return status[:1] == "2" or status == "default"
