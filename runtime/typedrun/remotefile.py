"""A file that lies elsewhere: what a model made, by its address."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from typedrun.jsontypes import JSON, is_object
from typedrun.records import field, frozen

_driver: Final[ContextVar[Any]] = ContextVar("typedrun driver of files", default=None)


@frozen()
class RemoteFile:
    """A file that a model made. `str(file)` is its address; nothing is fetched before `read` or `save`.

    Marketplaces keep such files for an hour or some days: save what you need. A `RemoteFile` is also what another model takes where it
    takes a file: its address is sent, and nothing is fetched.

    With the asyncio client: `await file.aread()`, `await file.asave(path)`.
    """

    url: str
    """Its address (`https://…`, or `data:…` with the content in it)."""
    content_type: str | None = None
    """MIME type, e.g. `image/png`. None when the marketplace did not say."""
    file_name: str | None = None
    """Name, as the marketplace calls it. None when it did not say; `name` knows one nearly always."""
    size: int | None = None
    """Bytes. None when the marketplace did not say. Wire: `file_size`."""
    width: int | None = None
    """Pixels of a picture or film. None when the marketplace did not say."""
    height: int | None = None
    """Pixels."""
    raw: Mapping[str, JSON] = field(factory=dict[str, JSON], repr=False, eq=False)
    """The object as received, with what it says beside these; empty for a file that came as an address alone."""
    driver: Any = field(default=None, repr=False, eq=False)
    """Whose proxies, certificates and limits it is fetched with. None: those of the environment."""

    def __str__(self) -> str:
        return self.url

    @property
    def name(self) -> str:
        """What to call it: `file_name`, else the last part of its address; empty where neither says."""
        try:
            path = "" if self.url[:5].lower() == "data:" else urlsplit(self.url).path
        except ValueError:
            path = ""
        return self.file_name or unquote(path.rpartition("/")[2])

    def read(self) -> bytes:
        """Fetch the content. The key goes along only if the file lies with the marketplace itself.

        Raises:
            TransportError: the address could not be read.
            APIError: its server refused: files are kept for a while only.
            UntrustedURLError: this is no address of a file.
        """
        saving = import_module("typedrun.transfers.saving")  # by name: it opens connections
        read: Callable[[RemoteFile], bytes] = saving.read
        return read(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the content to a file, which is there whole or not at all; it is never held in memory.

        Args:
            path: The file; or a directory, and then `name` names the file.

        Returns:
            The file.

        Raises:
            ValidationError: the path is a directory, and the file has no name.
            OSError: the file cannot be written.
            TypedrunError: as for `read`.
        """
        save: Callable[..., Path] = import_module("typedrun.transfers.saving").save
        return save(self, path)

    async def aread(self) -> bytes:
        """Fetch the content with the asyncio client. Raises as `read` does."""
        read: Callable[[RemoteFile], Awaitable[bytes]] = import_module("typedrun.aio.saving").read
        return await read(self)

    async def asave(self, path: str | os.PathLike[str]) -> Path:
        """Write the content to a file with the asyncio client. As `save`."""
        save: Callable[..., Awaitable[Path]] = import_module("typedrun.aio.saving").save
        return await save(self, path)

    def to_dict(self) -> dict[str, JSON]:
        """The file as a JSON object: what was received, or what is known of it."""
        known = {
            "url": self.url, "content_type": self.content_type, "file_name": self.file_name,
            "file_size": self.size, "width": self.width, "height": self.height,
        }  # fmt: skip
        return {**{name: value for name, value in known.items() if value is not None}, **self.raw}

    def to_wire(self) -> JSON:
        """The file as it came: an address, or an object."""
        return self.to_dict() if self.raw else self.url

    def __repr__(self) -> str:
        show: Callable[..., str] = import_module("typedrun.display").fields_line
        return show(self)

    def _repr_html_(self) -> str:
        show: Callable[..., str] = import_module("typedrun.display").data_html
        return show(self)


def read_file(value: object) -> RemoteFile:
    """Read a file by what an answer says: its address, or an object with one.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, RemoteFile):
        return value
    if isinstance(value, str):
        return RemoteFile(value, content_type=_embedded_type(value), driver=_driver.get())
    url = value.get("url") if is_object(value) else None
    if not is_object(value) or not isinstance(url, str):
        raise ValueError(f"expected a file (an address, or an object with a url), got {type(value).__name__}")
    content_type, file_name = (_text(value.get(name)) for name in ("content_type", "file_name"))
    size, width, height = (_count(value.get(name)) for name in ("file_size", "width", "height"))
    return RemoteFile(
        url, content_type or _embedded_type(url), file_name, size, width, height, raw=value, driver=_driver.get()
    )


@contextmanager
def fetched_by(driver: object) -> Generator[None]:
    """Files that are read in the meantime are fetched by this driver."""
    token = _driver.set(driver)
    try:
        yield
    finally:
        _driver.reset(token)


def _embedded_type(url: str) -> str | None:
    head = url[5:200].partition(",")[0].partition(";")[0] if url[:5].lower() == "data:" else ""
    return head or None


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: JSON) -> int | None:
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    return int(value) if is_whole else None  # type: ignore[arg-type]  # just seen
