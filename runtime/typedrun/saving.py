"""What a model made, as a file: media are fetched from their address, text and JSON are written."""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from typedrun.core.request import Auth, Request
from typedrun.errors import ValidationError, shown_url

if TYPE_CHECKING:
    from typedrun.driver import Driver
    from typedrun.session import HasSession


def save(data: Any, path: str | os.PathLike[str], client: HasSession | None = None) -> Path:
    """Write an output to a file, which is there whole or not at all.

    Args:
        data: An address (`http(s)://`, `data:`), a text, or any JSON value.
        path: The file; or a directory, and then the address names the file. A link is followed; a device or a pipe is written to, and
            stays what it is.
        client: Whose proxies, certificates and limits are used. Default: those of the environment.

    Returns:
        The file.

    Raises:
        ValidationError: There is no output, or no name for the file.
        TransportError: The address could not be read.
        APIError: Its server refused.
        OSError: The file cannot be written.
    """
    if data is None:
        raise ValidationError("There is no output to save: `data` is None")
    target = _target(data, Path(path))
    if target.exists() and not target.is_file():
        _write(target, data, client)
        return target
    real = Path(os.path.realpath(target))
    draft = real.with_name(
        f".{secrets.token_hex(8)}.part"
    )  # a name that nobody has, and short enough beside a long one
    try:
        _write(draft, data, client)
        draft.replace(real)
    except BaseException as error:
        draft.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is not None:
            error.filename = str(target)  # the caller knows of no draft
        raise
    return target


def _write(file: Path, data: Any, client: HasSession | None) -> None:
    with file.open("wb") as opened:
        for block in _blocks(data, client):
            opened.write(block)


def _target(data: Any, path: Path) -> Path:
    if not path.is_dir():
        return path
    name = PurePosixPath(unquote(urlsplit(str(data)).path)).name if _is_address(data) else ""
    if not name or name in {".", ".."} or "\\" in name or "\0" in name:
        raise ValidationError(
            f"{str(path)!r} is a directory, and the output names no file. Next: give the name of a file"
        )
    return path / name


def _is_address(data: Any) -> bool:
    return isinstance(data, str) and data.lower().startswith(("http://", "https://"))


def _blocks(data: Any, client: HasSession | None) -> Iterator[bytes]:
    if _is_address(data):
        yield from _fetched(data, client)
    elif isinstance(data, str):
        yield _embedded(data) if data[:5].lower() == "data:" else data.encode()
    else:
        yield json.dumps(data, indent=2, ensure_ascii=False).encode()


def _embedded(url: str) -> bytes:
    head, comma, content = url.partition(",")
    if not comma:
        raise ValidationError("The output is a data: address without data")
    raw = unquote_to_bytes(content)
    if not head.lower().endswith(";base64"):
        return raw
    try:
        return base64.b64decode(raw, validate=True)
    except binascii.Error as error:
        raise ValidationError(f"The output is a data: address that cannot be decoded: {error}") from None


def _fetched(url: str, client: HasSession | None) -> Iterator[bytes]:
    """The bytes at an address. Without the key: addresses of media are presigned, and often a storage's."""
    driver = client.session.driver if client is not None else _plain_driver(url)
    live = driver.open_stream(Request("GET", url, accept="*/*", content_type=None, auth=Auth.NONE))
    try:
        yield from live.blocks()
    finally:
        live.close()
        if client is None:
            driver.close()


def _plain_driver(url: str) -> Driver:
    from typedrun.core.origins import origin_of
    from typedrun.driver import Driver
    from typedrun.settings import Settings

    if origin_of(url) is None:
        raise ValidationError(f"The output's address {shown_url(url)[:200]!r} cannot be fetched")
    return Driver(Settings(backend_url=url, run_url=url))
