"""An operation and a reply → the value that the document promises. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypedDict, TypeVar, cast
from urllib.parse import urljoin

from typedrun import errors
from typedrun.core.reply import Reply, decode_json, decode_text
from typedrun.operations.bodies import is_json
from typedrun.operations.descriptions import Answer, Operation
from typedrun.structure import decode, resolve

T = TypeVar("T")


def read_answer(operation: Operation[T], reply: Reply, types: str, *, strict: bool = False) -> T:
    """The value of a reply.

    Args:
        operation: what was called.
        reply: a reply with a 2xx status; or a redirect, of an operation that is documented to give one.
        types: import name of the package that holds the types; empty when answers need none.
        strict: whether one value that does not fit is an error. Default False: it is kept as it came.

    Raises:
        DecodingError: the reply does not fit what the document promises; its body is in `details["body"]`.
    """
    if 300 <= reply.status < 400:
        return cast("T", urljoin(reply.url, reply.header("location")))
    chosen = choose_answer(operation, reply.status, reply.header("content-type"))
    if chosen is None or not chosen.type or (not reply.body and not chosen.media_type):
        return cast("T", None)
    try:
        return cast("T", _content(reply, chosen, types, strict=strict))
    except errors.DecodingError as error:
        raise errors.DecodingError(
            f"The answer to {operation.method} {operation.path} does not fit its schema: {error.message}",
            url=reply.url,
            status_code=reply.status,
            request_id=reply.request_id,
            **_body_of(reply),
        ) from error


def _body_of(reply: Reply) -> _Body:
    """The body, for the error: what the server said need not be asked for again."""
    try:
        found = decode_json(reply)
    except errors.DecodingError:
        return {"details": {"body": reply.body}, "response_data": None}
    return {"details": {"body": found}, "response_data": found if isinstance(found, dict) else None}


class _Body(TypedDict):
    details: dict[str, object]
    response_data: dict[str, Any] | None


def choose_answer(operation: Operation[Any], status: int, content_type: str) -> Answer | None:
    """The documented answer that a reply is: by status (`200` before `2XX` before `default`), then by media type.

    A success that is not listed is the nearest documented one; `default` stands for errors wherever a success is documented.
    """
    kind = content_type.partition(";")[0].strip().lower()
    for found in _by_status(operation.answers, status):
        if found:
            return next((one for rank in _RANKS for one in found if rank(one.media_type, kind)), found[0])
    return None


def _by_status(answers: Sequence[Answer], status: int) -> Iterator[Sequence[Answer]]:
    """The answers that a status can mean, the likeliest first."""
    for wanted in (str(status), f"{status // 100}XX"):
        yield [one for one in answers if one.status == wanted]
    if 200 <= status < 300:
        exact = [one for one in answers if one.status[:1] == "2" and one.status.isdecimal()]
        nearest = min((abs(int(one.status) - status) for one in exact), default=0)
        described = [one for one in exact if one.media_type and status != _NO_CONTENT]
        yield [one for one in exact if abs(int(one.status) - status) == nearest and (one in described or not described)]
        yield described or exact
    yield [one for one in answers if one.status == "default"]


_NO_CONTENT: Final = 204
_RANKS: Final[tuple[Callable[[str, str], bool], ...]] = (
    lambda documented, found: documented == found,
    lambda documented, found: is_json(documented) and is_json(found),
    lambda documented, found: documented.endswith("/*") and documented[:-1] == found[: len(documented) - 1],
    lambda documented, _: documented == "*/*",
)


def _content(reply: Reply, answer: Answer, types: str, *, strict: bool) -> object:
    found = reply.header("content-type").partition(";")[0].strip().lower()
    as_json = is_json(found) if found and "*" in answer.media_type else is_json(answer.media_type)
    if answer.type == "bytes" and not as_json:
        return reply.body
    if answer.type == "str" and not as_json:
        return decode_text(reply.body)
    return decode(decode_json(reply), resolve(answer.type, types), strict=strict)


def error_body(operation: Operation[Any], error: errors.APIError, types: str) -> object:
    """The body of an error as the class that the document gives it; None where it gives none, or the body does not fit."""
    chosen = choose_answer(operation, error.status_code, "application/json")
    if chosen is None or not chosen.type or not error.response_data:
        return None
    try:
        return decode(error.response_data, resolve(chosen.type, types), strict=False)
    except errors.DecodingError:
        return None


def event_value(data: str, answer: Answer, types: str) -> object:
    """The value of one event of a stream.

    Raises:
        DecodingError: it is not JSON, or does not fit its schema.
    """
    if answer.type in ("str", "bytes", ""):
        return data
    try:
        value = json.loads(data)
    except ValueError:
        if answer.type == "Any":
            return data
        raise errors.DecodingError(f"An event of the stream is not JSON: {data[:80]!r}") from None
    return decode(value, resolve(answer.type, types), strict=False)
