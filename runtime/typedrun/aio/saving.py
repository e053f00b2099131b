"""Files that a model made, fetched on an event loop. See `typedrun.transfers.saving`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from typedrun.aio.driver import AsyncDriver
from typedrun.core.downloads import download
from typedrun.remotefile import RemoteFile
from typedrun.transfers.saving import drafted, embedded, settings_for, target_of


async def read(file: RemoteFile) -> bytes:
    """Read the content of a file. Raises as `RemoteFile.read` says."""
    async with aclosing(_fetched(file)) as blocks:
        return b"".join([block async for block in blocks])


async def save(file: RemoteFile, path: str | os.PathLike[str]) -> Path:
    """Write the content of a file. Arguments and errors as for `RemoteFile.save`."""
    target = target_of(file, Path(path))
    with drafted(target) as opened:
        async with aclosing(_fetched(file)) as blocks:
            async for block in blocks:
                await asyncio.to_thread(opened.write, block)  # a network drive may be slow
    return target


async def _fetched(file: RemoteFile) -> AsyncGenerator[bytes, None]:
    if file.url[:5].lower() == "data:":
        yield embedded(file.url)
        return
    given = file.driver
    is_own = not isinstance(given, AsyncDriver)
    driver = AsyncDriver(settings_for(file, given)) if is_own else given
    rules = driver.rules if given is None else given.rules
    try:
        live = driver.live(await driver.drive(download(file.url, rules, knows_key=True)))
        try:
            async for block in live.blocks():
                yield block
        finally:
            live.close()
    finally:
        if is_own:
            await driver.close()
