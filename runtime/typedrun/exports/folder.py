"""The one folder from which an agent may have files read.

A path is resolved, links and all, and must then be below the folder. It is opened part by part without following any link, so a link that
somebody puts there meanwhile leads nowhere.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO, Final

from typedrun.errors import FileUploadError

_NO_LINKS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_WAIT: Final = getattr(os, "O_NONBLOCK", 0)
"""A pipe that nobody writes to must not hold the opening up."""


class Folder:
    """A folder whose regular files may be read."""

    def __init__(self, place: str | os.PathLike[str]) -> None:
        """Take a folder.

        Raises:
            FileUploadError: it is none.
        """
        self._root = Path(place).expanduser().resolve()
        if not self._root.is_dir():
            raise FileUploadError(f"{os.fspath(place)!r} is no folder. Next: name one that exists")

    def open(self, path: str) -> IO[bytes]:
        """Open a file of the folder for reading.

        Args:
            path: Relative to the folder, or absolute and below it.

        Raises:
            FileUploadError: there is no such file, or it is outside the folder.
        """
        try:
            real = (self._root / path).resolve(strict=True)
            if not real.is_relative_to(self._root) or real == self._root:
                raise _outside(path)
            descriptor = self._open(real.relative_to(self._root).parts)
        except (OSError, ValueError, RuntimeError):  # not there, a NUL, links that never end
            raise FileUploadError(
                f"There is no file {path[:200]!r} in the allowed folder, or it may not be read"
            ) from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileUploadError(f"{path[:200]!r} is no regular file")

        def opened(path: str, flags: int) -> int:
            del path, flags
            return descriptor

        return open(real, "rb", opener=opened)  # by its name, which tells the type of the upload

    def _open(self, parts: tuple[str, ...]) -> int:
        """A descriptor of what the parts lead to, from the folder on."""
        if os.open not in os.supports_dir_fd:
            return os.open(self._root.joinpath(*parts), os.O_RDONLY | getattr(os, "O_BINARY", 0))
        here = os.open(self._root, os.O_RDONLY)
        for number, part in enumerate(parts, 1):
            flags = os.O_RDONLY | _NO_LINKS | (_NO_WAIT if number == len(parts) else os.O_DIRECTORY)
            try:
                inner = os.open(part, flags, dir_fd=here)
            finally:
                os.close(here)
            here = inner
        return here


def _outside(path: str) -> FileUploadError:
    return FileUploadError(f"{path[:200]!r} is outside the allowed folder; nothing was read")
