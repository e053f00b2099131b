"""Arguments of asyncio models where they are wider than those of blocking ones: what gives its bytes with await."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable
from inspect import iscoroutinefunction
from typing import BinaryIO, Protocol, TypeAlias

from typedrun.jsontypes import is_array


class AsyncReadable(Protocol):
    """A file in binary mode that is read with await: of aiofiles, of anyio, an upload of Starlette."""

    async def read(self, size: int = ..., /) -> bytes:
        """Read the next bytes; none at the end."""
        ...


Media: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO | AsyncIterable[bytes] | AsyncReadable
"""What blocking models take (`typedrun.arguments.Media`), and what gives its bytes with await; that is read to its end first."""


def is_source(value: object) -> bool:
    """Whether a value gives its bytes with await."""
    read: object = getattr(type(value), "read", None)
    return hasattr(type(value), "__aiter__") or (read is not None and iscoroutinefunction(read))


def holds_source(value: object) -> bool:
    """Whether this is one, or a list with one."""
    return any(map(is_source, value)) if is_array(value) else is_source(value)
