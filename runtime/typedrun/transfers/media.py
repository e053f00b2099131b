"""Local files as run inputs: path, bytes or open file -> temporary upload -> URL.

A plain text is never the name of a file, unless the client allows it (`local_paths=True`): texts come from users and agents, too.

The backend takes URLs. How a file comes to have one is the marketplace's flow (`Wire.upload`); here a file is opened, measured and
read. Bytes are streamed, never held.
"""

from __future__ import annotations

import base64
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, cast

from attrs import evolve, frozen

import typedrun.errors as errors
from typedrun.answers.started import Bearer
from typedrun.core.course import Terms
from typedrun.core.deadline import NEVER, Deadline
from typedrun.core.effects import NOW, Call, Flow, Work
from typedrun.core.outgoing import Outgoing
from typedrun.drivers.frames import is_of_a_signal_handler
from typedrun.files.filetypes import HEAD, detect_type
from typedrun.settings import Settings
from typedrun.transfers.attachments import LOCAL_TEXT

_BLOCK = 256 * 1024
SPOOLED = 8 * 2**20
"""Bytes of a pipe that are kept in memory before a temporary file is made."""
_MIB = 2**20
LONGEST_PIPE = 300 * _MIB
"""Bytes that are read of a source whose size is not known before; no marketplace takes a larger file of that kind."""

Progress = Callable[[int, int], object]
"""Called with the bytes sent so far and the bytes in all."""


@frozen
class FileBody:
    """A file as a request body: read block by block, from its start as often as needed."""

    source: _Source
    start: int
    size: int
    progress: Progress | None

    def blocks(self) -> Iterator[bytes]:
        """The bytes from `start` on, no more than `size` of them.

        Raises:
            FileUploadError: The file cannot be read, has become shorter, or the callback failed.
        """
        sent = 0
        for block in self.pieces():
            yield block
            sent += len(block)
            if self.progress is not None:
                try:
                    self.progress(sent, self.size)
                except Exception as error:
                    if is_of_a_signal_handler(error):
                        raise
                    raise self.broken_off(error) from error

    def pieces(self) -> Iterator[bytes]:
        """The bytes, for a driver that tells of the progress itself. Raises as `blocks` does, but for the callback."""
        sent = 0
        self.source.seek(self.start)
        while sent < self.size:
            block = self.source.read(min(_BLOCK, self.size - sent))
            if not block:
                raise self.source.error(f"has become shorter while it was sent: {sent} of {self.size} bytes were left")
            sent += len(block)
            yield block

    def part(self, start: int, size: int) -> FileBody:
        """The bytes from a place on, as a body of its own."""
        return evolve(self, start=self.start + start, size=size, progress=self._progress_from(start))

    def _progress_from(self, start: int) -> Progress | None:
        told, whole = self.progress, self.size
        return None if told is None else lambda sent, _: told(start + sent, whole)

    def broken_off(self, error: Exception) -> errors.FileUploadError:
        """What is raised for an error of the callback. Not itself: a `TimeoutError` or `OSError` of its own would be taken for the
        network's, and the upload be repeated.
        """
        return self.source.error(
            f"was not sent to its end: the callback that is told of the progress raised {type(error).__name__}"
        )


def is_url(value: object) -> bool:
    """Whether this is text that the backend can fetch or read itself: `http(s)://`, `s3://` or `data:`."""
    return isinstance(value, str) and value.lower().startswith(("http://", "https://", "s3://", "data:"))


def upload(
    driver: Bearer,
    value: str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes],
    *,
    name: str | None = None,
    content_type: str | None = None,
    progress: Progress | None = None,
    model: str | None = None,
    parameter: str | None = None,
    deadline: Deadline = NEVER,
    local_paths: bool = False,
    allow_empty: bool = False,
    embeds: bool = False,
) -> Flow[str]:
    """The address of a medium; a local one is sent to temporary storage first.

    Args:
        driver: Whose rules and marketplace hold.
        value: A URL (returned as it is), a path object, bytes, or a file opened in binary mode (read from its position; a pipe is
            read to its end).
        name: File name to declare. Default the file's own, without its directory.
        content_type: MIME type. Default: see files/filetypes.py.
        progress: Called with bytes sent and bytes in all.
        model: For messages.
        parameter: For messages.
        deadline: When it must be over. Default the client's total timeout for each of the two steps.
        local_paths: Whether a plain text that is no URL names a local file.
        allow_empty: Whether a file without a byte is sent.
        embeds: Whether a small file may travel inside of the run's body, as a data URL, where the marketplace takes that.

    Returns:
        The URL to give to a run.

    Raises:
        FileUploadError: The file is missing, empty, too large for its type, cannot be read to its end, or is refused by the storage.
    """
    if is_url(value):
        return cast("str", value)
    at = _Place(model, parameter, allow_empty, driver.wire.most_embedded if embeds else 0)
    if isinstance(value, str) and not local_paths:
        raise at.error(LOCAL_TEXT.format(_shortened(value)))
    terms = Terms(deadline)
    if isinstance(value, str | os.PathLike):
        path = Path(value)
        file: IO[bytes] = yield Work(partial(_opened, path, at))
        with file:
            return (
                yield from _upload_file(driver, _Source(file, name or path.name, at), content_type, progress, terms)
            )
    if isinstance(value, bytes | bytearray | memoryview):
        source = _Source(io.BytesIO(value), name or "upload", at)
    else:
        source = _Source(value, name or _name_of(value), at)
    return (yield from _upload_file(driver, source, content_type, progress, terms))


def _shortened(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}…")


def _opened(path: Path, at: _Place) -> IO[bytes]:
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        if is_of_a_signal_handler(error):  # a pipe waits for its writer, a network drive for its server
            raise
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise at.error(f"The file {path.name!r} cannot be read: {reason or 'unknown reason'}") from error


@frozen
class _Place:
    """Whose upload this is."""

    model: str | None
    parameter: str | None
    allow_empty: bool
    most_embedded: int
    """Bytes of the largest file that travels as a data URL."""

    def error(self, message: str) -> errors.FileUploadError:
        return errors.FileUploadError(message, model=self.model, parameter=self.parameter)


@frozen
class _Source:
    """A file that is read for an upload; what goes wrong with it is said in our words, never taken for the network's."""

    file: IO[bytes]
    name: str
    at: _Place

    def read(self, most: int) -> bytes:
        """Read the next bytes; `b""` at the end.

        Raises:
            FileUploadError: They cannot be read, or are none.
        """
        try:
            block = cast("object", self.file.read(most))  # a caller's object, whatever its type promises
        except (OSError, ValueError, TypeError, AttributeError) as error:
            if is_of_a_signal_handler(error):
                raise
            raise self.error(f"cannot be read: {error}") from error
        if isinstance(block, str):
            raise self.error("is open in text mode. Next: open it with mode 'rb'")
        if block is None:
            raise self.error("has no bytes yet: it does not block. Next: read it whole and pass the bytes")
        if not isinstance(block, bytes | bytearray | memoryview):
            raise self.error(f"is no binary file: its read() gives {type(block).__name__}")
        return bytes(cast("bytes", block))

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place.

        Raises:
            FileUploadError: It cannot.
        """
        try:
            return self.file.seek(place, whence)
        except (OSError, ValueError) as error:
            if is_of_a_signal_handler(error):
                raise
            raise self.error(f"cannot be read: {error}") from error

    def is_seekable(self) -> bool:
        """Whether it has places to go to.

        Raises:
            FileUploadError: It is closed.
        """
        try:
            return self.file.seekable()
        except AttributeError:  # an object with `read` alone
            return False
        except (OSError, ValueError) as error:
            if is_of_a_signal_handler(error):
                raise
            raise self.error(f"cannot be read: {error}") from error

    def too_late(self, deadline: Deadline) -> errors.TimeoutError:
        """The error for a source that is still giving when the time is over."""
        return errors.TimeoutError(
            f"The file {self.name!r} was not read to its end within {deadline.limit}. Nothing was sent",
            model=self.at.model,
        )

    def error(self, what: str) -> errors.FileUploadError:
        """The file by its name, and what is wrong with it."""
        return self.at.error(f"The file {self.name!r} {what}")


def _name_of(file: IO[bytes]) -> str:
    name = getattr(file, "name", None)
    return Path(name).name if isinstance(name, str) else "upload"


def _upload_file(
    driver: Bearer, source: _Source, content_type: str | None, progress: Progress | None, terms: Terms
) -> Flow[str]:
    if isinstance(source.file, io.TextIOBase):
        raise source.error("is open in text mode. Next: open it with mode 'rb'")
    with ExitStack() as held:
        if not source.is_seekable():
            copy = cast("IO[bytes]", held.enter_context(tempfile.SpooledTemporaryFile(SPOOLED)))
            yield from _read_out(source, copy, most_bytes(driver.rules.settings), terms.deadline)
            source = evolve(source, file=copy)
        body, head = yield Work(partial(_measured, source, progress))
        found = content_type or detect_type(head, source.name)
        wire, most = driver.wire, driver.rules.settings.max_upload_bytes
        _check_size(source, body.size, found, most, wire.size_limit(found, source.name))
        at = source.at
        if 0 < body.size <= at.most_embedded:
            return (yield from _embedded(body, found))
        outgoing = Outgoing(source.name, found, body, body.part, at.model, source.error)
        return (yield from wire.upload(outgoing, driver.rules, terms))


def _embedded(body: FileBody, content_type: str) -> Flow[str]:
    """The file as a data URL."""
    content: bytes = yield Work(lambda: b"".join(body.pieces()))
    if body.progress is not None:
        yield Call(body.progress, (body.size, body.size))
    return f"data:{content_type};base64,{base64.b64encode(content).decode('ascii')}"


def _measured(source: _Source, progress: Progress | None) -> tuple[FileBody, bytes]:
    """What is to be sent, and its first bytes."""
    start = source.seek(0, os.SEEK_CUR)
    size = source.seek(0, os.SEEK_END) - start
    source.seek(start)
    return FileBody(source, start, size, progress), source.read(HEAD)


def most_bytes(settings: Settings) -> int:
    """A file with more bytes is refused whatever its type."""
    return settings.max_upload_bytes or LONGEST_PIPE


def _check_size(source: _Source, size: int, content_type: str, most: int | None, usual: int | None) -> None:
    if size == 0 and not source.at.allow_empty:
        raise source.error("is empty. Nothing was sent. Next: client.upload(…, allow_empty=True) sends it all the same")
    limit = most or usual
    if limit is not None and size > limit:
        told = f"for {content_type} the limit is {limit}" if most is None else f"the client's limit is {limit}"
        raise source.error(
            f"has {size} bytes; {told} ({limit / _MIB:g} MiB). Nothing was sent. Next: a client made with max_upload_bytes= has another"
            " limit; whether the storage takes so much is for the marketplace to say"
        )


def _read_out(source: _Source, copy: IO[bytes], most: int, deadline: Deadline) -> Flow[None]:
    """Keep what a pipe or a socket gives until its end: its size must be known before it is sent."""
    while copy.tell() <= most and (block := (yield Work(partial(source.read, _BLOCK)))):
        now: float = yield NOW
        if deadline.is_past(now):
            raise source.too_late(deadline)
        copy.write(block)
    copy.seek(0)
