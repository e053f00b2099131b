"""Outputs that are files: fetched, named and written. A file that is there is never written over, unless it was named."""

from __future__ import annotations

import base64
import mimetypes
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, unquote_to_bytes

from typedrun.call import accepts_messages
from typedrun.core.request import Auth, Request
from typedrun.exports.content import addresses_of, file_name, text_of
from typedrun.exports.jsonschema import tool_name
from typedrun.filetypes import detect_type

if TYPE_CHECKING:
    from typedrun.driver import Driver
    from typedrun.model import Model
    from typedrun.results import ModelResult

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._ -]+")
_LONGEST: Final = 100


def files_of(model: Model[Any], result: ModelResult[Any]) -> list[str]:
    """The addresses of the files that an output consists of; a language model's text is none, even if it is an address."""
    if model.function is not None and accepts_messages(model):
        return []
    return [address for address in addresses_of(result) if not address.lower().startswith("s3:")]


def save_files(model: Model[Any], addresses: list[str], place: Path | None) -> Iterator[Path]:
    """Fetch files and write them.

    Args:
        model: What made them; its client fetches, without the key.
        addresses: Where they are.
        place: A directory, or the name of the file (of several, with numbers). Default: the current directory.

    Raises:
        TypedrunError: one cannot be fetched.
        OSError: one cannot be written.
    """
    for number, address in enumerate(addresses, 1):
        content, media_type = _fetch(model.session.driver, address)
        if place is not None and not place.is_dir():
            numbered = place if len(addresses) == 1 else place.with_name(f"{place.stem}-{number}{place.suffix}")
            yield _write(content, numbered)
        else:
            name = _name(address, tool_name(model.path or model.name or model.label), content, media_type)
            yield _write(content, _free(place or Path(), name), is_new=True)


def save_text(model: Model[Any], result: ModelResult[Any], place: Path) -> Path:
    """Write an output that is no file: a text as it is, anything else as JSON."""
    text = text_of(result)
    if not place.is_dir():
        return _write(text.encode(), place)
    ending = ".txt" if isinstance(result.data, str) else ".json"
    name = tool_name(model.path or model.name or model.label) + ending
    return _write(text.encode(), _free(place, name), is_new=True)


def _fetch(driver: Driver, address: str) -> tuple[bytes, str]:
    if address.lower().startswith("data:"):
        head, _, payload = address.partition(",")
        media_type = head[5:].partition(";")[0]
        content = base64.b64decode(unquote(payload)) if head.endswith(";base64") else unquote_to_bytes(payload)
        return content, media_type
    request = Request("GET", address, accept="*/*", content_type=None, auth=Auth.NONE)
    reply = driver.send(request)
    return reply.body, reply.header("content-type").partition(";")[0].strip().lower()


def _name(address: str, fallback: str, content: bytes, media_type: str) -> str:
    """A plain name from the address: nothing that leads elsewhere, hides, or is too long."""
    last = (
        "" if address.lower().startswith("data:") else unquote(file_name(address)).replace("\\", "/").rpartition("/")[2]
    )
    name = _UNSAFE.sub("_", last).strip(". _")
    if Path(name).suffix:
        return f"{Path(name).stem[:_LONGEST]}{Path(name).suffix[:20]}"
    return f"{(name or fallback)[:_LONGEST]}{_extension(content, media_type)}"


def _extension(content: bytes, media_type: str) -> str:
    said = media_type if media_type not in {"", "application/octet-stream", "binary/octet-stream"} else ""
    known = said or detect_type(content[:512])
    return mimetypes.guess_extension(known) or mimetypes.guess_extension(known.replace("/", "/x-")) or ".bin"


def _free(directory: Path, name: str) -> Path:
    """The name, with a number if there is a file of that name."""
    path = directory / name
    number = 1
    while path.exists() or path.is_symlink():
        path = directory / f"{Path(name).stem}-{number}{Path(name).suffix}"
        number += 1
    return path


def _write(content: bytes, path: Path, *, is_new: bool = False) -> Path:
    """All of it or nothing: another program never sees half a file."""
    draft = path.with_name(f".{path.name[:40]}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        if is_new:
            os.link(draft, path)  # fails if another run took the name meanwhile
        else:
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path
