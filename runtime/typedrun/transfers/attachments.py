"""Files in the values of a call: where they are, and what stands in their place once they are uploaded."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

from typedrun.checks.validation import holds_files, is_default
from typedrun.drivers.frames import is_of_a_signal_handler
from typedrun.jsontypes import is_array, is_object
from typedrun.parameters import Parameter

_FILE_NAME = re.compile(r"[^\n]{1,1000}\.[A-Za-z0-9]{1,5}")  # base64 text, which some models take, has no dot


def is_local_media(value: object, *, local_paths: bool = False) -> bool:
    """Whether this is a file on this machine (a path object, bytes, an open binary file) rather than an address.

    Args:
        value: What a media parameter was given.
        local_paths: Whether the client takes plain texts for paths; one is then a file if it seems to name one.
    """
    if isinstance(value, str):
        return local_paths and seems_local(value)
    return isinstance(value, os.PathLike | bytes | bytearray | memoryview) or hasattr(value, "read")


LOCAL_TEXT: Final = (
    "{} is a plain text and no URL, so no local file is read. Next: pass pathlib.Path(…), bytes or an open file; a client made"
    " with local_paths=True takes texts for paths"
)
"""What is said about a text that names, or seems to name, a local file."""


def seems_local(text: str) -> bool:
    """Whether a text names a file that exists, or looks as if it did: a misspelt name is better an error than a prompt."""
    return not is_address(text) and (_FILE_NAME.fullmatch(text) is not None or _exists(text))


def is_address(value: str) -> bool:
    """Whether this is a URL, `data:` and `s3://` included."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*:(//|[^\\/])", value) is not None


def _exists(value: str) -> bool:
    try:
        return Path(value).is_file()
    except (OSError, ValueError) as error:  # too long, a NUL
        if is_of_a_signal_handler(error):
            raise
        return False


Place: TypeAlias = tuple[str | int, ...]
"""Names and positions from a parameter's value to one inside of it; empty for the value itself."""


def files_of(parameter: Parameter, value: Any) -> Iterator[tuple[Place, Any]]:
    """Everything in a value that is, or stands for, a file: those of this machine, and texts where files are meant."""
    if not holds_files(parameter) or value is None or is_default(parameter, value):
        return
    if parameter.schema is not None:
        from typedrun.schemas import files_in

        yield from files_in(parameter.shape, value)
    elif is_array(value):
        yield from (((n,), item) for n, item in enumerate(value))
    else:
        yield (), value


def local_files(parameter: Parameter, value: Any, *, local_paths: bool) -> list[tuple[Place, Any]]:
    """What of a value is uploaded: see `is_local_media`. A text for a file of a schema is an address, or it names a file."""
    return [
        (place, file)
        for place, file in files_of(parameter, value)
        if is_local_media(file, local_paths=local_paths)
        or (local_paths and parameter.schema is not None and isinstance(file, str) and not is_address(file))
    ]


def with_placed(value: Any, place: Place, new: Any) -> Any:
    """A copy of a value in which another stands at one place."""
    if not place:
        return new
    step, rest = place[0], place[1:]
    if is_object(value):
        return {name: with_placed(one, rest, new) if name == step else one for name, one in value.items()}
    return [with_placed(one, rest, new) if n == step else one for n, one in enumerate(value)]


def no_addresses(parameter: Parameter, value: Any) -> list[str]:
    """The texts in a value that stand where files are meant, and name or seem to name a file of this machine."""
    texts = (file for _, file in files_of(parameter, value) if isinstance(file, str))
    if parameter.schema is not None:
        return [text for text in texts if not is_address(text)]
    return [text for text in texts if seems_local(text)]
