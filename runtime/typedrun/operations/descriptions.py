"""What a generated method describes, as values: method, path, parameters, bodies, answers, credentials."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from attrs import frozen

T_co = TypeVar("T_co", covariant=True)


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
    security: tuple[tuple[str, ...], ...] | None = None
    """Schemes that it asks for itself: alternatives, each of one or several together. None: the document's."""
    asks_to_stream: bool = False
    """The body's `stream` switches server-sent events on."""

    @property
    def gives_address(self) -> bool:
        """Whether its documented outcome is a redirect: it returns the address, and goes there for nobody."""
        firsts = {one.status[:1] for one in self.answers}
        return "3" in firsts and "2" not in firsts


@frozen
class Credential:
    """Where a key goes."""

    place: Literal["header", "query", "cookie"]
    name: str
    prefix: str = ""
    scheme: str = ""
    """Name of the security scheme."""
