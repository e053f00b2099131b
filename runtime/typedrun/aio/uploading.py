"""Uploads from asynchronous iterables: written to a temporary file first, because their size must be known before they are sent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import asynccontextmanager
from typing import IO, TYPE_CHECKING, TypeAlias, cast

from typedrun.errors import FileUploadError, TimeoutError  # noqa: A004  # it is a TimeoutError
from typedrun.media import SPOOLED, most_bytes

if TYPE_CHECKING:
    from typedrun.aio.driver import AsyncDriver
    from typedrun.core.clock import Deadline

    AsyncUploadable: TypeAlias = (
        str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | AsyncIterable[bytes]
    )


@asynccontextmanager
async def as_file(
    source: AsyncUploadable, driver: AsyncDriver, deadline: Deadline, *, model: str | None
) -> AsyncGenerator[str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes], None]:
    """A source as the flow of uploads takes it; anything but an asynchronous iterable as it is.

    Args:
        source: What is uploaded.
        driver: Whose clock and limits hold.
        deadline: When all must be over.
        model: Id or path of the model, for messages.

    Raises:
        FileUploadError: It gives something else than bytes.
        TimeoutError: It is still giving when the time is over.
    """
    if not isinstance(source, AsyncIterable):
        yield source
        return
    most = most_bytes(driver.settings)
    with tempfile.SpooledTemporaryFile(SPOOLED) as copy:
        async for block in cast("AsyncIterable[object]", source):
            if not isinstance(block, bytes | bytearray | memoryview):
                raise FileUploadError(
                    f"An asynchronous source of an upload must give bytes; it gave {type(block).__name__}", model=model
                )
            if deadline.is_past(driver.clock.now()):
                raise TimeoutError(
                    f"The source of an upload was not read to its end within the {deadline.seconds or 0:g} s given. Nothing was sent",
                    model=model,
                )
            copy.write(cast("bytes", block))
            if copy.tell() > most:  # larger than any file may be; the flow says so
                break
        copy.seek(0)
        yield cast("IO[bytes]", copy)
