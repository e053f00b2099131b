"""Local files as run inputs: path, bytes or open file -> temporary upload -> URL.

The backend takes URLs. A local file is sent in two steps: ask for an address (form-encoded, ``Authorization: token <key>``), then
PUT the bytes there, with the very Content-Type of the first step and without the key: that address belongs to a storage, not
to the backend. Bytes are streamed, never held.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import urlencode

from attrs import frozen

from typedrun import errors
from typedrun.core.clock import Deadline
from typedrun.core.origins import origin_of
from typedrun.core.reply import decode_object
from typedrun.core.request import Auth, Kind, Request
from typedrun.driver import Driver

_BLOCK = 256 * 1024
_HEAD = 512
_MIB = 2**20

MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"BM", "image/bmp"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (8, b"WAVE", "audio/wav"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (4, b"ftypM4A", "audio/mp4"),
    (8, b"AVI ", "video/x-msvideo"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"SQLite format 3\x00", "application/x-sqlite3"),
    (0, b"PK\x03\x04", "application/zip"),
)
"""Offset and bytes that give a type away; the first match counts, so longer marks stand before shorter ones."""

BY_EXTENSION = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".txt": "text/plain",
    ".xml": "application/xml",
    ".pdf": "application/pdf",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".mpeg4": "video/mp4",
    ".mov": "video/quicktime",
    ".avi": "video/x-msvideo",
    ".webm": "video/webm",
    ".db": "application/x-sqlite3",
    ".sqlite": "application/x-sqlite3",
    ".sqlite3": "application/x-sqlite3",
}
"""File name extension -> type, for files whose first bytes say nothing."""

FALLBACK_TYPE = "text/csv"
"""What the backend's own clients declare for everything else."""

SIZE_LIMITS = {"audio": 50 * _MIB, "application": 25 * _MIB, "video": 300 * _MIB, "image": 25 * _MIB}
"""Bytes by main type."""
DATABASE_LIMIT = 300 * _MIB
OTHER_LIMIT = 50 * _MIB
_DATABASE_NAMES = (".db", ".sqlite", ".sqlite3")

Progress = Callable[[int, int], object]
"""Called with the bytes sent so far and the bytes in all."""


@frozen
class _FileBody:
    """A file as a request body: read block by block, from its start as often as needed."""

    open: Callable[[], IO[bytes]]
    start: int
    size: int
    progress: Progress | None

    def blocks(self) -> Iterator[bytes]:
        """The bytes from ``start`` on, no more than ``size`` of them."""
        sent = 0
        file = self.open()
        file.seek(self.start)
        while sent < self.size and (block := file.read(min(_BLOCK, self.size - sent))):
            yield block
            sent += len(block)
            if self.progress is not None:
                self.progress(sent, self.size)


def is_url(value: object) -> bool:
    """Is this text that the backend can fetch or read itself: ``http(s)://``, ``s3://`` or ``data:``?"""
    return isinstance(value, str) and value.lower().startswith(("http://", "https://", "s3://", "data:"))


def detect_type(head: bytes, name: str = "") -> str:
    """The MIME type, from the first bytes, else from the extension, else ``text/csv`` as the backend's own clients say."""
    for offset, mark, found in MAGIC:
        if head.startswith(mark, offset):
            return found
    return BY_EXTENSION.get(Path(name).suffix.lower(), FALLBACK_TYPE)


def size_limit(content_type: str, name: str = "") -> int:
    """Largest size in bytes for a file of this type."""
    if name.endswith(_DATABASE_NAMES):
        return DATABASE_LIMIT
    return SIZE_LIMITS.get(content_type.partition("/")[0], OTHER_LIMIT)


def upload(
    driver: Driver,
    value: str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes],
    *,
    address: str,
    name: str | None = None,
    content_type: str | None = None,
    progress: Progress | None = None,
    model: str | None = None,
    parameter: str | None = None,
    deadline: Deadline | None = None,
) -> str:
    """The address of a medium; a local one is sent to temporary storage first.

    Args:
        driver: What sends.
        value: A URL (returned as it is), a path, bytes, or a file opened in binary mode (read from its position).
        address: Where to ask for a place in temporary storage.
        name: File name to declare. Default the file's own, without its directory.
        content_type: MIME type. Default by first bytes, then by extension.
        progress: Called with bytes sent and bytes in all.
        model: For messages.
        parameter: For messages.
        deadline: When it must be over. Default the client's total timeout for each of the two steps.

    Returns:
        The URL to give to a run.

    Raises:
        FileUploadError: The file is missing, too large for its type, or refused by the storage.
    """
    if is_url(value):
        return cast("str", value)
    at = _Place(address, model, parameter)
    if isinstance(value, str | os.PathLike):
        path = Path(value)
        try:
            with path.open("rb") as file:
                return _upload_file(driver, file, name or path.name, content_type, progress, at, deadline)
        except OSError as error:
            if isinstance(error, errors.TypedrunError):
                raise
            raise at.error(f"The file {path.name!r} cannot be read: {error.strerror or 'unknown reason'}") from error
    if isinstance(value, bytes | bytearray | memoryview):
        return _upload_file(driver, io.BytesIO(value), name or "upload", content_type, progress, at, deadline)
    return _upload_file(driver, value, name or _name_of(value), content_type, progress, at, deadline)


@frozen
class _Place:
    """Whose upload this is, and where it asks for storage."""

    address: str
    model: str | None
    parameter: str | None

    def error(self, message: str) -> errors.FileUploadError:
        return errors.FileUploadError(message, model=self.model, parameter=self.parameter)


def _name_of(file: IO[bytes]) -> str:
    name = getattr(file, "name", None)
    return Path(name).name if isinstance(name, str) else "upload"


def _upload_file(
    driver: Driver,
    file: IO[bytes],
    name: str,
    content_type: str | None,
    progress: Progress | None,
    at: _Place,
    deadline: Deadline | None,
) -> str:
    file = _seekable(file, at)
    start = file.tell()
    size = file.seek(0, os.SEEK_END) - start
    file.seek(start)
    found = content_type or detect_type(file.read(_HEAD), name)
    limit = size_limit(found, name)
    if size > limit:
        raise at.error(
            f"{name!r} has {size} bytes; for {found} the limit is {limit} ({limit // _MIB} MiB). Nothing was sent"
        )
    addresses = _ask_for_address(driver, name, found, at, deadline)
    _put(driver, addresses[0], found, _FileBody(lambda: file, start, size, progress), at, deadline)
    return addresses[1]


def _seekable(file: IO[bytes], at: _Place) -> IO[bytes]:
    if isinstance(file, io.TextIOBase):
        raise at.error("The file is open in text mode. Next: open it with mode 'rb'")
    if file.seekable():
        return file
    return io.BytesIO(file.read(DATABASE_LIMIT + 1))  # a pipe: its size must be known before it is sent


def _ask_for_address(
    driver: Driver, name: str, content_type: str, at: _Place, deadline: Deadline | None
) -> tuple[str, str]:
    """Where to send the bytes, and where they can be fetched afterwards."""
    request = Request(
        "POST",
        at.address,
        body=urlencode({"contentType": content_type, "originalName": name}).encode(),
        kind=Kind.KEYED,  # asking twice gives two addresses, of which one stays unused
        content_type="application/x-www-form-urlencoded",
        auth=Auth.TOKEN,
        model=at.model,
    )
    answer = decode_object(driver.send(request, deadline=deadline))
    addresses = answer.get("uploadUrl"), answer.get("downloadUrl")
    for address, field in zip(addresses, ("uploadUrl", "downloadUrl"), strict=True):
        if not isinstance(address, str) or origin_of(address) is None:
            raise at.error(f"The backend gave no usable {field} for {name!r}")
    return cast("tuple[str, str]", addresses)


def _put(driver: Driver, url: str, content_type: str, body: Any, at: _Place, deadline: Deadline | None) -> None:
    request = Request("PUT", url, body=body, accept="*/*", content_type=content_type, auth=Auth.NONE, model=at.model)
    try:
        reply = driver.send(request, deadline=deadline)
    except errors.TimeoutError:
        raise
    except errors.TypedrunError as error:
        failed = at.error(f"The storage did not take the file: {error.message}")
        failed.url, failed.status_code, failed.attempts = error.url, error.status_code, error.attempts
        raise failed from error
    if reply.status != 200:
        raise at.error(f"The storage answered with HTTP {reply.status} instead of 200")
