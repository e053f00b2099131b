"""An operation and a reply → the value that the document promises. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypedDict, TypeVar, cast
from urllib.parse import parse_qs, urljoin
from warnings import warn

import typedrun.errors as errors
from typedrun.core.reply import Reply, body_of, decode_json, decode_text
from typedrun.files.mediatypes import Content, content_of, is_range
from typedrun.operations.descriptions import Answer, Operation
from typedrun.structure import decode_reply, from_texts, resolve

T = TypeVar("T")


def read_answer(operation: Operation[T], reply: Reply, types: str, *, strict: bool = False) -> T:
    """Read the value of a reply.

    Args:
        operation: what was called.
        reply: a reply with a 2xx status; or a redirect, of an operation that is documented to give one.
        types: import name of the package that holds the types; empty when answers need none.
        strict: whether one value that does not fit is an error. Default False: it is kept as it came.

    Returns:
        None where the reply is empty and its status promises no content, or is none that the document lists.

    Raises:
        DecodingError: the reply does not fit what the document promises; its body is in `details["body"]`.
    """
    if 300 <= reply.status < 400:
        return cast("T", _address(operation, reply))
    chosen = choose_answer(operation, reply.status, reply.header("content-type"))
    if chosen is None or not chosen.type or (not reply.body and not chosen.media_type):
        return cast("T", None)
    try:
        if _is_silent(operation, reply, strict=strict):
            return cast("T", None)
        return cast("T", _content(operation, reply, chosen, types, strict=strict))
    except errors.DecodingError as error:
        raise errors.DecodingError(
            f"The answer to {_name(operation)} does not fit its schema: {error.message}",
            url=reply.url,
            status_code=reply.status,
            request_id=reply.request_id,
            **_body_of(reply),
        ) from error


def _name(operation: Operation[Any]) -> str:
    return f"{operation.method} {operation.path}"


def _address(operation: Operation[Any], reply: Reply) -> str:
    """Where a redirect leads."""
    if not (location := reply.header("location").strip()):
        raise errors.DecodingError(
            f"The answer to {_name(operation)} is a redirect ({reply.status}) that does not say where to",
            url=reply.url,
            status_code=reply.status,
            request_id=reply.request_id,
            **_body_of(reply),
        )
    return urljoin(reply.url, location)


def _is_silent(operation: Operation[Any], reply: Reply, *, strict: bool) -> bool:
    """Whether a reply has no content, and need not have any.

    Raises:
        DecodingError: it is read strictly, and the document promises content.
    """
    listed = {one.status for one in operation.answers}
    is_listed = not listed.isdisjoint((str(reply.status), f"{reply.status // 100}XX"))
    if reply.body or (is_listed and reply.status not in _EMPTY):
        return False
    if strict:
        raise errors.DecodingError(f"it is empty ({reply.status})")
    return True


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
    kind = _media_type(content_type)
    for found in _by_status(operation.answers, status):
        if found:
            return next((one for rank in _RANKS for one in found if rank(one.media_type, kind)), found[0])
    return None


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _by_status(answers: Sequence[Answer], status: int) -> Iterator[Sequence[Answer]]:
    """The answers that a status can mean, the likeliest first."""
    for wanted in (str(status), f"{status // 100}XX"):
        yield [one for one in answers if one.status == wanted]
    if 200 <= status < 300:
        exact = [one for one in answers if one.status[:1] == "2" and one.status.isdecimal()]
        nearest = min((abs(int(one.status) - status) for one in exact), default=0)
        described = [one for one in exact if one.media_type and status not in _EMPTY]
        yield [one for one in exact if abs(int(one.status) - status) == nearest and (one in described or not described)]
        yield described or exact
    yield [one for one in answers if one.status == "default"]


_EMPTY: Final = (204, 205)
"""Statuses of replies that have no content (RFC 9110, 15.3.5 and 15.3.6)."""
_RANKS: Final[tuple[Callable[[str, str], bool], ...]] = (
    lambda documented, found: documented == found,
    lambda documented, found: (
        bool(documented and found) and content_of(documented) is content_of(found) is Content.JSON
    ),
    lambda documented, found: documented.endswith("/*") and documented[:-1] == found[: len(documented) - 1],
    lambda documented, _: documented == "*/*",
)


def _content(operation: Operation[Any], reply: Reply, answer: Answer, types: str, *, strict: bool) -> object:
    content = _content_kind(answer.media_type, _media_type(reply.header("content-type")))
    is_parsed = content in (Content.JSON, Content.FORM)
    if answer.type == "bytes" and not is_parsed:
        return reply.body
    if answer.type == "str" and not is_parsed:
        return _text(operation, reply, strict=strict)
    wanted = resolve(answer.type, types)
    if wanted is Any and not is_parsed:
        return _anything(reply)
    found = _form(reply, wanted) if content is Content.FORM else decode_json(reply)
    return decode_reply(found, wanted, _name(operation), strict=strict)


def _form(reply: Reply, wanted: Any) -> dict[str, Any]:
    return from_texts(parse_qs(decode_text(body_of(reply)).strip(), keep_blank_values=True), wanted)


def _content_kind(documented: str, found: str) -> Content:
    """What a reply is: as documented; as its header says, where that is open, or a form and JSON stand for each other."""
    said = content_of(found)
    if found and (is_range(documented) or {content_of(documented), said} == {Content.FORM, Content.JSON}):
        return said
    return content_of(documented)


def _text(operation: Operation[Any], reply: Reply, *, strict: bool) -> str | bytes:
    """The body as text; where it is none, the bytes: nothing of it is lost.

    Raises:
        DecodingError: it is none, and is read strictly.
    """
    content = body_of(reply)
    try:
        return content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        said = f"text is promised, and {reply.header('content-type') or 'content of no media type'} came that is none"
        if strict:
            raise errors.DecodingError(said) from error
    warn(f"The answer to {_name(operation)} is kept as bytes: {said}", errors.OddReplyWarning, stacklevel=4)
    return reply.body


def _anything(reply: Reply) -> object:
    """Content of which nothing is promised: JSON where it is, else text, else bytes; None of an empty reply."""
    if not reply.body:
        return None
    try:
        return decode_json(reply)
    except errors.DecodingError:
        pass
    try:
        return body_of(reply).decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        return reply.body


def error_body(operation: Operation[Any], error: errors.APIError, types: str) -> object:
    """The body of an error as the class that the document gives it; None where it gives none, or the body does not fit."""
    chosen = choose_answer(operation, error.status_code, "application/json")
    if chosen is None or not chosen.type or not error.response_data:
        return None
    try:
        return decode_reply(error.response_data, resolve(chosen.type, types), _name(operation), strict=False)
    except errors.DecodingError:
        return None


def event_value(operation: Operation[Any], data: str, answer: Answer, types: str, *, strict: bool = False) -> object:
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
        raise errors.DecodingError(
            f"An event of the stream is not JSON: {data[:80]!r}", details={"body": data}
        ) from None
    return decode_reply(value, resolve(answer.type, types), _name(operation), strict=strict)
