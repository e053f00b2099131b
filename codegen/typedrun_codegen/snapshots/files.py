"""Writing one file."""

from __future__ import annotations


def write_file(path: str, data: bytes) -> None:
    """Write a file whose errors name it: those of a full disk, which come with the bytes, do not by themselves."""
    try:
        with open(path, "wb") as stream:  # noqa: PTH123  # run for each file of a large catalog
            stream.write(data)
    except OSError as error:
        error.filename = error.filename or path
        raise
