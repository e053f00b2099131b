"""Outputs that are files: which they are, and what they are called here. `typedrun.transfers.saving` fetches and writes."""

from __future__ import annotations

import mimetypes
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from typedrun.call import accepts_messages
from typedrun.exports.content import addresses_of, file_name, output_of
from typedrun.exports.jsonschema import tool_name
from typedrun.files.filetypes import detect_type
from typedrun.transfers.saving import save

if TYPE_CHECKING:
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
    """Fetch files and write them. One that is there is never written over, unless it was named as it is.

    Args:
        model: What made them; its client fetches, without the key.
        addresses: Where they are.
        place: A directory, or the name of the file (of several, with numbers). Default: the current directory.

    Raises:
        TypedrunError: one cannot be fetched.
        OSError: one cannot be written.
    """
    for number, address in enumerate(addresses, 1):
        if place is not None and len(addresses) > 1 and not place.is_dir():
            yield _save_new(model, address, place.parent, f"{place.stem}-{number}{place.suffix}")
        elif place is None or place.is_dir():
            yield _save_new(model, address, place or Path(), _name(model, address))
        else:
            yield save(address, place, model)


def save_output(model: Model[Any], result: ModelResult[Any], place: Path) -> Path:
    """Write an output that is no file: a text as it is, anything else as JSON."""
    output = output_of(result)
    if not place.is_dir():
        return save(output, place, model)
    return _save_new(model, output, place, _own_name(model) + (".txt" if isinstance(output, str) else ".json"))


def _save_new(model: Model[Any], output: Any, directory: Path, name: str) -> Path:
    """Write under a name that is free, with the extension that the content has where the name has none."""
    draft = save(output, directory / f".{name}.{os.getpid()}", model)
    try:
        if not Path(name).suffix:
            with draft.open("rb") as file:
                name += _extension(file.read(512))
        return _first_free(directory, name, draft)
    finally:
        draft.unlink(missing_ok=True)


def _first_free(directory: Path, name: str, draft: Path) -> Path:
    """Move the draft to the name; where a file has it, to the name with a number."""
    number = 0
    while True:
        path = directory / (f"{Path(name).stem}-{number}{Path(name).suffix}" if number else name)
        try:
            path.touch(
                exist_ok=False
            )  # takes the name; fails where there is one, also if another run has just taken it
        except FileExistsError:
            number += 1
        else:
            return draft.replace(path)


def _name(model: Model[Any], address: str) -> str:
    """A plain name from the address: nothing that leads elsewhere, hides, reads as an option, or is too long."""
    last = (
        "" if address.lower().startswith("data:") else unquote(file_name(address)).replace("\\", "/").rpartition("/")[2]
    )
    name = _UNSAFE.sub("_", last).strip(". _-")
    if Path(name).suffix:
        return f"{Path(name).stem[:_LONGEST]}{Path(name).suffix[:20]}"
    return name[:_LONGEST] or _own_name(model)


def _own_name(model: Model[Any]) -> str:
    return tool_name(model.path or model.name or model.label)


def _extension(head: bytes) -> str:
    known = detect_type(head)
    return mimetypes.guess_extension(known) or mimetypes.guess_extension(known.replace("/", "/x-")) or ".bin"
