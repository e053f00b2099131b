"""Operations of an API schema: descriptions as values, requests built and answers read without I/O, sent by a driver.

    Operation       what a generated method describes: method, path, parameters, bodies, answers
    build_request   Operation + arguments → Request          (pure)
    read_answer     Operation + Reply → value                (pure)
    Operations      base of generated classes: sends through a driver
    ApiClient       the same with addresses and a key of its own, for a package that is nothing but an API

Types are named by text (`"list[Model]"`) and looked up in the generated `types` package when the first answer arrives.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, Protocol, Self, TypeVar, cast
from urllib.parse import quote, urlencode

from attrs import evolve, frozen

from typedrun import errors
from typedrun.core.origins import is_same_origin
from typedrun.core.reply import Reply, decode_json, decode_text
from typedrun.core.request import Auth, Kind, Request
from typedrun.core.sse import Decoder, Event
from typedrun.driver import Driver
from typedrun.settings import Secret, Settings, Timeout, secret_of
from typedrun.structure import File, decode, encode, raw_fields, resolve
from typedrun.unset import UNSET

if TYPE_CHECKING:
    from typedrun.core.clock import Deadline

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


# --- descriptions


@frozen
class Parameter:
    """A parameter of an operation."""

    name: str
    """The argument's Python name."""
    place: Literal["path", "query", "header", "cookie"]
    wire: str
    style: str = ""
    """Empty: the usual one of its place (`simple` in paths and headers, `form` in queries and cookies)."""
    explode: bool | None = None
    """None: what the style does unless told otherwise."""
    allow_reserved: bool = False
    is_json: bool = False
    """Written as JSON instead of by a style."""


@frozen
class Part:
    """How one field of a form or multipart body is written, where the document says so."""

    wire: str
    media_type: str = ""
    style: str = ""
    explode: bool | None = None


@frozen
class Body:
    """One media type of the request body."""

    media_type: str
    parts: tuple[Part, ...] = ()


@frozen
class Answer:
    """One documented answer."""

    status: str
    """`200`, `4XX` or `default`."""
    media_type: str = ""
    """Empty: no content."""
    type: str = ""
    """Name of its type; empty: none."""


@frozen
class Operation(Generic[T_co]):
    """What a method of an API does; `T_co` is what it returns."""

    method: str
    path: str
    """With placeholders, `/models/{id}`."""
    parameters: tuple[Parameter, ...] = ()
    bodies: tuple[Body, ...] = ()
    answers: tuple[Answer, ...] = ()
    server: str = ""
    """Base address of the operation's own, where the document gives one."""
    is_open: bool = False
    """Needs no credentials."""
    asks_to_stream: bool = False
    """The body's `stream` switches server-sent events on."""


@frozen
class Credential:
    """Where a key goes."""

    place: Literal["header", "query", "cookie"]
    name: str
    prefix: str = ""


# --- requests


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
    path = _path(operation, {one.wire: (one, value) for one, value in written if one.place == "path"})
    query = "&".join(text for one, value in written if one.place == "query" for text in _query(one, value))
    fields = {one.wire: _header(one, value) for one, value in written if one.place == "header"}
    cookies = "; ".join(
        text.replace("&", "; ") for one, value in written if one.place == "cookie" for text in _query(one, value)
    )
    content, content_type = _body(operation, body, media_type, streams=streams)
    return Request(
        method=operation.method,
        url=f"{base_url.rstrip('/')}{path}{'?' if query else ''}{query}",
        headers={**fields, **({"Cookie": cookies} if cookies else {}), **(headers or {})},
        body=content,
        kind=_KINDS.get(operation.method, Kind.UNSAFE),
        accept="text/event-stream" if streams else accept or _accepted(operation),
        content_type=content_type,
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


def _accepted(operation: Operation[Any]) -> str:
    found = dict.fromkeys(one.media_type for one in operation.answers if one.media_type and _is_success(one.status))
    kinds = [one for one in found if one != "text/event-stream"]
    return ", ".join(kinds) or "*/*"


def _is_success(status: str) -> bool:
    return status[:1] == "2" or status == "default"


def _path(operation: Operation[Any], given: Mapping[str, tuple[Parameter, object]]) -> str:
    path = operation.path
    for one in operation.parameters:
        if one.place == "path":
            if one.wire not in given:
                raise errors.ParameterError(f"{one.name} is part of the address and has no value", parameter=one.name)
            text = _path_text(*given[one.wire])
            if text in ("", ".", ".."):
                raise errors.ParameterError(
                    f"{one.name} is part of the address and cannot be {text!r}", parameter=one.name
                )
            path = path.replace(f"{{{one.wire}}}", text)
    return path


def _path_text(one: Parameter, value: object) -> str:
    style, safe = one.style or "simple", _RESERVED if one.allow_reserved else ""
    if one.is_json:
        return quote(_json_text(value), safe="")
    if isinstance(value, Mapping):
        pairs = [
            (quote(str(k), safe=safe), quote(_scalar(v), safe=safe))
            for k, v in cast("Mapping[object, object]", value).items()
        ]
        exploded, flat = [f"{k}={v}" for k, v in pairs], ",".join(part for pair in pairs for part in pair)
    else:
        items = [
            quote(_scalar(item), safe=safe)
            for item in (cast("list[object]", value) if isinstance(value, list) else [value])
        ]
        exploded, flat = [f"{one.wire}={item}" for item in items] if style == "matrix" else items, ",".join(items)
    lead, joint = {"simple": ("", ","), "label": (".", "."), "matrix": (";", ";")}[style]
    if one.explode:
        return lead + joint.join(exploded)
    return f";{one.wire}={flat}" if style == "matrix" else lead + flat


_RESERVED: Final = ":/?#[]@!$&'()*+,;="
_DELIMITERS: Final = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "|", "cookie": ","}


def _query(one: Parameter, value: object) -> Iterator[str]:
    """`name=value` texts of a query or cookie parameter."""
    style, safe = one.style or "form", _RESERVED if one.allow_reserved else ""
    is_exploded = one.explode if one.explode is not None else style in ("form", "deepObject", "cookie")
    name = quote(one.wire, safe="")
    if one.is_json:
        yield f"{name}={quote(_json_text(value), safe='')}"
    elif isinstance(value, Mapping):
        yield from _query_object(name, cast("Mapping[object, object]", value), style, safe, is_exploded=is_exploded)
    elif isinstance(value, list):
        items = [quote(_scalar(item), safe=safe) for item in cast("list[object]", value)]
        if is_exploded:
            yield from (f"{name}={item}" for item in items)
        elif items:
            yield f"{name}={_DELIMITERS.get(style, ',').join(items)}"
    else:
        yield f"{name}={quote(_scalar(value), safe=safe)}"


def _query_object(
    name: str, value: Mapping[object, object], style: str, safe: str, *, is_exploded: bool
) -> Iterator[str]:
    if style == "deepObject":
        yield from _deep(name, value, safe)
        return
    pairs = [(quote(str(k), safe=""), quote(_scalar(v), safe=safe)) for k, v in value.items()]
    if is_exploded:
        yield from (f"{k}={v}" for k, v in pairs)
    elif pairs:
        yield f"{name}={_DELIMITERS.get(style, ',').join(part for pair in pairs for part in pair)}"


def _deep(name: str, value: object, safe: str) -> Iterator[str]:
    """`filter[price][min]=1`; lists repeat their name, as most servers read them."""
    if isinstance(value, Mapping):
        for key, one in cast("Mapping[object, object]", value).items():
            yield from _deep(f"{name}[{quote(str(key), safe='')}]", one, safe)
    elif isinstance(value, list):
        for one in cast("list[object]", value):
            yield f"{name}={quote(_scalar(one), safe=safe)}"
    else:
        yield f"{name}={quote(_scalar(value), safe=safe)}"


def _header(one: Parameter, value: object) -> str:
    text = _json_text(value) if one.is_json else _simple(value, explode=bool(one.explode))
    if "\r" in text or "\n" in text or "\0" in text:
        raise errors.ParameterError(f"{one.name} has a line break, which a header cannot carry", parameter=one.name)
    return text


def _simple(value: object, *, explode: bool) -> str:
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return ",".join(f"{k}={_scalar(v)}" if explode else f"{k},{_scalar(v)}" for k, v in pairs)
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return ",".join(map(_scalar, items))


def _scalar(value: object) -> str:
    """A value inside a path, query, header or form."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, Mapping | list):
        return _json_text(cast("object", value))
    return value.decode() if isinstance(value, bytes) else str(value)


def _json_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# --- bodies


def _body(
    operation: Operation[Any], body: object, media_type: str, *, streams: bool
) -> tuple[bytes | None, str | None]:
    """The bytes of a body and their Content-Type."""
    if body is UNSET:
        return None, None
    chosen = next((one for one in operation.bodies if one.media_type == media_type), None)
    if chosen is None:
        chosen = Body(media_type) if media_type or not operation.bodies else operation.bodies[0]
    kind = chosen.media_type or "application/json"
    if kind == "multipart/form-data" or kind.startswith("multipart/"):
        return _multipart(_raw_fields(body), chosen)
    value = encode(body)
    if streams and operation.asks_to_stream and isinstance(value, dict):
        value = {**cast("dict[str, object]", value), "stream": True}
    if kind == "application/x-www-form-urlencoded":
        return _form(value, chosen).encode(), kind
    if isinstance(body, bytes | bytearray | File):
        return bytes(body) if not isinstance(body, File) else body.content, _concrete(kind, body)
    if isinstance(value, str) and not _is_json(kind):
        return value.encode(), f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode(), kind if _is_json(
        kind
    ) else "application/json"


def _concrete(kind: str, body: object) -> str:
    """A media type that can be sent: `*/*` and `image/*` are only ranges."""
    if "*" not in kind:
        return kind
    return body.media_type if isinstance(body, File) else "application/octet-stream"


def _is_json(kind: str) -> bool:
    return kind in ("application/json", "text/json") or kind.endswith("+json") or kind == "*/*"


def _form(value: object, body: Body) -> str:
    if not isinstance(value, Mapping):
        raise errors.ParameterError("a form body must be an object with fields", parameter="body")
    parts = {one.wire: one for one in body.parts}
    texts: list[str] = []
    for name, one in cast("Mapping[str, object]", value).items():
        part = parts.get(name, Part(name))
        if _is_json(part.media_type) or (not part.style and _is_mapping(one)):
            texts.append(urlencode({name: _json_text(one)}))
        else:
            texts += _query(Parameter(name, "query", name, part.style, part.explode), one)
    return "&".join(texts)


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_container(value: object) -> bool:
    return isinstance(value, Mapping | list)


def _raw_fields(body: object) -> dict[str, object]:
    """Wire name → value, with files and bytes as they are: multipart has no need of base64."""
    if isinstance(body, Mapping):
        return dict(cast("Mapping[str, object]", body))
    return raw_fields(body)


def _multipart(fields: Mapping[str, object], body: Body) -> tuple[bytes, str]:
    boundary = f"typedrun-{secrets.token_hex(16)}"
    parts = {one.wire: one for one in body.parts}
    blocks: list[bytes] = []
    for name, value in fields.items():
        for item in cast("list[object]", value) if isinstance(value, list) else [value]:
            blocks.append(_part(boundary, name, item, parts.get(name, Part(name)).media_type))
    return b"".join([*blocks, f"--{boundary}--\r\n".encode()]), f"{body.media_type}; boundary={boundary}"


def _part(boundary: str, name: str, value: object, media_type: str) -> bytes:
    disposition = f'form-data; name="{_quoted(name)}"'
    if isinstance(value, File | bytes):
        file = value if isinstance(value, File) else File(value)
        disposition += f'; filename="{_quoted(file.name)}"'
        kind = media_type if media_type and "*" not in media_type else file.media_type
        content = file.content
    else:
        plain: object = encode(value)
        is_json = _is_container(plain) or _is_json(media_type)
        content = (_json_text(plain) if is_json else _scalar(plain)).encode()
        kind = media_type or ("application/json" if is_json else "")
    head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n" + (f"Content-Type: {kind}\r\n" if kind else "")
    return head.encode() + b"\r\n" + content + b"\r\n"


def _quoted(text: str) -> str:
    """A name inside Content-Disposition, escaped as browsers do (HTML standard, multipart/form-data encoding)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


# --- answers


def read_answer(operation: Operation[T], reply: Reply, types: str) -> T:
    """The value of a reply.

    Args:
        operation: what was called.
        reply: a reply with a 2xx status.
        types: import name of the package that holds the types; empty when answers need none.

    Raises:
        DecodingError: the reply does not fit what the document promises.
    """
    chosen = choose_answer(operation, reply.status, reply.header("content-type"))
    if chosen is None or not chosen.type or (not reply.body and not chosen.media_type):
        return cast("T", None)
    try:
        return cast("T", _content(reply, chosen, types))
    except errors.DecodingError as error:
        raise errors.DecodingError(
            f"The answer to {operation.method} {operation.path} does not fit its schema: {error.message}",
            url=reply.url,
            status_code=reply.status,
            request_id=reply.request_id,
        ) from error


def choose_answer(operation: Operation[Any], status: int, content_type: str) -> Answer | None:
    """The documented answer that a reply is: by status (`200` before `2XX` before `default`), then by media type."""
    kind = content_type.partition(";")[0].strip().lower()
    for wanted in (str(status), f"{status // 100}XX", "default"):
        found = [one for one in operation.answers if one.status == wanted]
        if found:
            return next((one for rank in _RANKS for one in found if rank(one.media_type, kind)), found[0])
    return None


_RANKS: Final[tuple[Callable[[str, str], bool], ...]] = (
    lambda documented, found: documented == found,
    lambda documented, found: _is_json(documented) and _is_json(found),
    lambda documented, found: documented.endswith("/*") and documented[:-1] == found[: len(documented) - 1],
    lambda documented, _: documented == "*/*",
)


def _content(reply: Reply, answer: Answer, types: str) -> object:
    if answer.type == "bytes":
        return reply.body
    if answer.type == "str" and not _is_json(answer.media_type):
        return decode_text(reply.body)
    return decode(_json(reply), resolve(answer.type, types), strict=False)


def _json(reply: Reply) -> object:
    return decode_json(reply)


def error_body(operation: Operation[Any], error: errors.APIError, types: str) -> object:
    """The body of an error as the class that the document gives it; None where it gives none, or the body does not fit."""
    chosen = choose_answer(operation, error.status_code, "application/json")
    if chosen is None or not chosen.type or not error.response_data:
        return None
    try:
        return decode(error.response_data, resolve(chosen.type, types), strict=False)
    except errors.DecodingError:
        return None


# --- sending


class LiveReply(Protocol):
    """A reply that is still arriving, as a driver gives it."""

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    def blocks(self) -> Iterator[bytes]:
        """The body as it arrives."""
        ...

    def close(self) -> None:
        """Frees the connection."""
        ...


class Sender(Protocol):
    """The part of a driver that operations need."""

    def send(self, request: Request, *, deadline: Deadline | None = None) -> Reply:
        """Sends, reads the reply, raises for a status that is no success."""
        ...

    def open_stream(self, request: Request, *, deadline: Deadline | None = None) -> LiveReply:
        """Sends, and returns when the head of the reply is there."""
        ...

    def deadline(self, seconds: float | None) -> Deadline:
        """The deadline that many seconds from now."""
        ...


class EventStream(Generic[T_co]):
    """Server-sent events as typed values: iterate it once, best inside `with`.

    Ends at the end of the stream or at the event `[DONE]`. What a server names with `event:` is in `last_event`.
    """

    def __init__(self, live: LiveReply, read: Callable[[str], T_co]) -> None:
        """Args: the reply, and what makes a value of an event's data."""
        self._live = live
        self._read = read
        self._events = self._decode()
        self.last_event: Event | None = None
        """The event behind the last value: its type, id and lines."""

    def __iter__(self) -> Iterator[T_co]:
        return self._events

    def __next__(self) -> T_co:
        return next(self._events)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Frees the connection; what has not been read is lost."""
        self._live.close()

    def _decode(self) -> Iterator[T_co]:
        decoder = Decoder()
        try:
            for block in self._live.blocks():
                for event in decoder.feed(block):
                    if event.data == "[DONE]":
                        return
                    self.last_event = event
                    yield self._read(event.data)
        finally:
            self._live.close()


class Operations:
    """Base of generated classes with one method per operation."""

    types_package: ClassVar[str] = ""
    """Import name of the package that holds the types."""
    credentials: ClassVar[tuple[Credential, ...]] = ()
    """Where the document wants the key; an API inside a larger client leaves that to the client's driver."""

    def __init__(self, driver: Sender, base_url: str, *, servers: Mapping[str, str] | None = None) -> None:
        """Opens nothing.

        Args:
            driver: what sends.
            base_url: what paths are appended to.
            servers: server of a document → address to use in its place.
        """
        self._driver = driver
        self._base_url = base_url
        self._servers = dict(servers or {})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({errors.shown_url(self._base_url)})"

    def error_body(self, operation: Operation[Any], error: errors.APIError) -> object:
        """The body of an error as the class that the document gives it, or None."""
        return error_body(operation, error, self.types_package)

    def _call(
        self,
        operation: Operation[T],
        arguments: Mapping[str, object],
        *,
        body: object = UNSET,
        media_type: str = "",
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        request = self._request(operation, arguments, body, media_type, headers, streams=False)
        reply = self._driver.send(request, deadline=self._driver.deadline(timeout) if timeout is not None else None)
        return read_answer(operation, reply, self.types_package)

    def _stream(
        self,
        operation: Operation[T],
        arguments: Mapping[str, object],
        *,
        body: object = UNSET,
        media_type: str = "",
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> EventStream[T]:
        request = self._request(operation, arguments, body, media_type, headers, streams=True)
        live = self._driver.open_stream(
            request, deadline=self._driver.deadline(timeout) if timeout is not None else None
        )
        events = next((one for one in operation.answers if one.media_type == "text/event-stream"), Answer("200"))
        return EventStream(live, lambda data: cast("T", _event_value(data, events, self.types_package)))

    def _request(
        self,
        operation: Operation[Any],
        arguments: Mapping[str, object],
        body: object,
        media_type: str,
        headers: Mapping[str, str] | None,
        *,
        streams: bool,
    ) -> Request:
        base = self._servers.get(operation.server, operation.server) if operation.server else self._base_url
        return self._signed(
            operation,
            build_request(
                operation, arguments, base_url=base, body=body, media_type=media_type, headers=headers, streams=streams
            ),
        )

    def _signed(self, operation: Operation[Any], request: Request) -> Request:
        """The request with its credentials; the client's driver adds its own key."""
        return evolve(request, auth=Auth.NONE) if operation.is_open else request


def _event_value(data: str, answer: Answer, types: str) -> object:
    if answer.type in ("str", "bytes", ""):
        return data
    try:
        value = json.loads(data)
    except ValueError:
        if answer.type == "Any":
            return data
        raise errors.DecodingError(f"An event of the stream is not JSON: {data[:80]!r}") from None
    return decode(value, resolve(answer.type, types), strict=False)


class ApiClient(Operations):
    """Operations with a driver and a key of their own.

    The key is sent where the document's security scheme wants it, to the client's own address only.
    """

    default_url: ClassVar[str] = ""
    """The document's first server."""

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        driver: Sender | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> None:
        """Opens nothing.

        Args:
            api_key: the key. Default: the environment variable `API_KEY`, or none.
            base_url: where the API is. Default: the document's first server.
            driver: what sends; for tests. Default: urllib3.
            headers: sent with every request.
            timeout: seconds that a request may take in all. Default: the driver's.

        Raises:
            ConfigurationError: there is no address.
        """
        address = base_url or self.default_url
        if not address.startswith(("http://", "https://")):
            raise errors.ConfigurationError(
                f"The API's address is {address!r}, which is no URL. Next: pass base_url=, for example https://api.example.com"
            )
        key = secret_of(api_key if api_key is not None else os.environ.get("API_KEY", ""))
        settings = self._settings(address, key, headers or {}, timeout)
        super().__init__(driver if driver is not None else Driver(settings), address)
        self._key = settings.api_key

    def _settings(self, address: str, key: Secret, headers: Mapping[str, str], timeout: float | None) -> Settings:
        named = next((one.name for one in self.credentials if one.place == "header"), "")
        return Settings(
            backend_url=address,
            run_url=address,
            api_key=key,
            key_header=named or "x-api-key",
            headers=headers,
            timeout=Timeout() if timeout is None else Timeout(total=timeout),
        )

    def _signed(self, operation: Operation[Any], request: Request) -> Request:
        key = self._key.reveal()
        if operation.is_open or not key or not self.credentials or not is_same_origin(request.url, self._base_url):
            return evolve(request, auth=Auth.NONE)
        first = self.credentials[0]
        if first.place == "header" and first.name.lower() != "authorization":
            return request  # the driver's own key header
        if first.place == "query":
            joint = "&" if "?" in request.url else "?"
            return evolve(
                request, url=f"{request.url}{joint}{quote(first.name, safe='')}={quote(key, safe='')}", auth=Auth.NONE
            )
        text = f"{first.prefix}{key}" if first.place == "header" else f"{first.name}={key}"
        name = "Authorization" if first.place == "header" else "Cookie"
        return evolve(request, headers={name: text, **request.headers}, auth=Auth.NONE)
