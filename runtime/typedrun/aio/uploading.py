"""Uploads from what gives its bytes with await: written to a temporary file first, because its size must be known before it is sent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from inspect import iscoroutinefunction
from typing import IO, TYPE_CHECKING, Any, Final, TypeAlias, cast

from typedrun.aio.arguments import holds_source, is_source
from typedrun.errors import FileUploadError, TimeoutError  # noqa: A004  # it is a TimeoutError
from typedrun.jsontypes import is_array
from typedrun.records import define, field
from typedrun.transfers.media import SPOOLED, most_bytes

if TYPE_CHECKING:
    from typedrun.aio.arguments import AsyncReadable
    from typedrun.aio.driver import AsyncDriver
    from typedrun.core.deadline import Deadline

    AsyncUploadable: TypeAlias = (
        str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | AsyncIterable[bytes] | AsyncReadable
    )


_BLOCK: Final = 256 * 1024


class _Copy:
    """Stands for a source until that is read, and then for the file that its bytes are in."""

    def __init__(self, source: object) -> None:
        self.source = source
        self.file: IO[bytes] | None = None

    def read(self, size: int = -1) -> bytes:
        """Read the next bytes."""
        return b"" if self.file is None else self.file.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


@define(eq=False)
class Pending:
    """What among the arguments of a run is still to be read with await."""

    copies: list[_Copy] = field(factory=list[_Copy])

    @classmethod
    def among(cls, given: Mapping[str, Any]) -> tuple[Mapping[str, Any], Pending]:
        """The arguments with something like a file in the place of each source, and what is to be read."""
        pending = cls()
        found = {name: pending._placed(value) for name, value in given.items() if holds_source(value)}
        return {**given, **found}, pending

    def _placed(self, value: object) -> object:
        if is_array(value):
            return [self._placed(item) for item in value]
        if not is_source(value):
            return value
        self.copies.append(_Copy(value))
        return self.copies[-1]

    @asynccontextmanager
    async def read(
        self, driver: AsyncDriver, seconds: float | None, *, model: str | None
    ) -> AsyncGenerator[None, None]:
        """Fill the files; they are closed in the end.

        Args:
            driver: Whose clock and limits hold.
            seconds: How long that may take; None is no limit.
            model: Id or path of the model, for messages.

        Raises:
            FileUploadError: A source gives something else than bytes.
            TimeoutError: One is still giving when the time is over.
        """
        deadline = driver.deadline(seconds)
        with ExitStack() as held:
            for one in self.copies:
                one.file = cast("IO[bytes]", held.enter_context(tempfile.SpooledTemporaryFile(SPOOLED)))
                await _read_out(one.source, one.file, driver, deadline, model=model)
            yield


@asynccontextmanager
async def as_file(
    source: AsyncUploadable, driver: AsyncDriver, deadline: Deadline, *, model: str | None
) -> AsyncGenerator[str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes], None]:
    """A source as the flow of uploads takes it; anything but what gives bytes with await as it is.

    Args:
        source: What is uploaded.
        driver: Whose clock and limits hold.
        deadline: When all must be over.
        model: Id or path of the model, for messages.

    Raises:
        FileUploadError: It gives something else than bytes.
        TimeoutError: It is still giving when the time is over.
    """
    if not is_source(source):
        yield cast("IO[bytes]", source)
        return
    with tempfile.SpooledTemporaryFile(SPOOLED) as copy:
        await _read_out(source, cast("IO[bytes]", copy), driver, deadline, model=model)
        yield cast("IO[bytes]", copy)


async def _read_out(
    source: object, copy: IO[bytes], driver: AsyncDriver, deadline: Deadline, *, model: str | None
) -> None:
    """Write what a source gives, and go back to the beginning."""
    most = most_bytes(driver.settings)
    async for block in _blocks(source):
        if not isinstance(block, bytes | bytearray | memoryview):
            raise FileUploadError(
                f"An asynchronous source of an upload must give bytes; it gave {type(block).__name__}", model=model
            )
        if deadline.is_past(driver.clock.now()):
            raise TimeoutError(
                f"The source of an upload was not read to its end within {deadline.limit}. Nothing was sent",
                model=model,
            )
        copy.write(cast("bytes", block))
        if copy.tell() > most:  # larger than any file may be; the flow says so
            break
    copy.seek(0)


async def _blocks(source: object) -> AsyncIterator[object]:
    read: Callable[[int], Awaitable[object]] | None = getattr(source, "read", None)
    if read is None or not iscoroutinefunction(read):
        async for block in cast("AsyncIterable[object]", source):
            yield block
        return
    while block := await read(_BLOCK):  # also where it gives lines by itself: those may be of any length
        yield block
