"""What a model made, as a file: media are fetched from their address, text and JSON are written."""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from typedrun.answers.outputs import as_json, files_in
from typedrun.core.downloads import download
from typedrun.errors import ValidationError, shown_url
from typedrun.remotefile import RemoteFile

if TYPE_CHECKING:
    from typedrun.answers.started import Bearer
    from typedrun.session import HasSession
    from typedrun.settings import Settings


def save(data: Any, path: str | os.PathLike[str], client: HasSession | None = None) -> Path:
    """Write an output to a file, which is there whole or not at all.

    Args:
        data: An address (`http(s)://`, `data:`), a text, a file or an output that holds files, or any JSON value. Several files go to a
            directory.
        path: The file; or a directory, and then the address names the file. A link is followed; a device or a pipe is written to, and
            stays what it is.
        client: Whose proxies, certificates and limits are used. Default: those of the client that ran the model, else of the environment.

    Returns:
        The file; the directory, where there are several.

    Raises:
        ValidationError: There is no output, or no name for the file.
        TransportError: The address could not be read.
        APIError: Its server refused.
        OSError: The file cannot be written.
    """
    if data is None:
        raise ValidationError("There is no output to save: `data` is None")
    files = [] if isinstance(data, str) else list(files_in(data))
    if len(files) > 1:
        return save_all(files, Path(path), client)
    if files:
        data = files[0]
    target = target_of(data, Path(path))
    with drafted(target) as opened:
        for block in _blocks(data, client):
            opened.write(block)
    return target


def save_all(files: list[RemoteFile], directory: Path, client: HasSession | None = None) -> Path:
    """Write several files to a directory, by their names. Raises as `save`."""
    for file, target in targets_of(files, directory):
        save(file, target, client)
    return directory


def targets_of(files: list[RemoteFile], directory: Path) -> Iterator[tuple[RemoteFile, Path]]:
    """Each file with where to write it; of equal names, the later ones have a number.

    Raises:
        ValidationError: That is no directory, or a file has no name.
    """
    if not directory.is_dir():
        raise ValidationError(
            f"The output has {len(files)} files, and {str(directory)!r} is no directory. Next: give one, or save them one by one: "
            "for file in result.files: file.save(…)"
        )
    taken = set[str]()
    for file in files:
        plain = target_of(file, directory)
        name, number = plain.name, 1
        while name.lower() in taken:
            number += 1
            name = f"{plain.stem}-{number}{plain.suffix}"
        taken.add(name.lower())
        yield file, directory / name


def read(file: RemoteFile) -> bytes:
    """Read the content of a file. Raises as `RemoteFile.read` says."""
    return b"".join(_fetched(file, None))


@contextmanager
def drafted(target: Path) -> Generator[IO[bytes]]:
    """A file to write to that takes the place of the target once it is whole."""
    if target.exists() and not target.is_file():
        with target.open("wb") as opened:
            yield opened
        return
    real = Path(os.path.realpath(target))
    draft = real.with_name(
        f".{secrets.token_hex(8)}.part"
    )  # a name that nobody has, and short enough beside a long one
    try:
        with draft.open("wb") as opened:
            yield opened
        draft.replace(real)
    except BaseException as error:
        draft.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is not None:
            error.filename = str(target)  # the caller knows of no draft
        raise


def target_of(data: Any, path: Path) -> Path:
    """Where to write an output: the path, or in it, if it is a directory, what the output is called.

    Raises:
        ValidationError: It is a directory, and the output has no name.
    """
    if not path.is_dir():
        return path
    name = PurePosixPath(
        data.name if isinstance(data, RemoteFile) else RemoteFile(data).name if _is_address(data) else ""
    ).name
    if not name or name in {".", ".."} or "\\" in name or "\0" in name:
        raise ValidationError(
            f"{str(path)!r} is a directory, and the output names no file. Next: give the name of a file"
        )
    return path / name


def _is_address(data: Any) -> bool:
    return isinstance(data, str) and data.lower().startswith(("http://", "https://"))


def _blocks(data: Any, client: HasSession | None) -> Iterator[bytes]:
    if isinstance(data, RemoteFile):
        yield from _fetched(data, client)
    elif _is_address(data):
        yield from _fetched(RemoteFile(data), client, knows_key=False)
    elif isinstance(data, str):
        yield embedded(data) if data[:5].lower() == "data:" else data.encode()
    else:
        yield json.dumps(as_json(data), indent=2, ensure_ascii=False).encode()


def embedded(url: str) -> bytes:
    """The content of a `data:` address.

    Raises:
        ValidationError: It has none, or none that can be decoded.
    """
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


def _fetched(file: RemoteFile, client: HasSession | None, *, knows_key: bool = True) -> Iterator[bytes]:
    """The content of a file. A plain address is fetched without the key: those of media are presigned, and often a storage's."""
    if file.url[:5].lower() == "data:":
        yield embedded(file.url)
        return
    from typedrun.sending.driver import Driver

    given = file.driver if client is None else client.session.driver
    driver = given if isinstance(given, Driver) else Driver(settings_for(file, given))
    rules = driver.rules if given is None else given.rules
    live = driver.live(driver.drive(download(file.url, rules, knows_key=knows_key)))
    try:
        yield from live.blocks()
    finally:
        live.close()
        if driver is not given:
            driver.close()


def settings_for(file: RemoteFile, driver: Bearer | None) -> Settings:
    """The settings of a driver that is made to fetch a file.

    Raises:
        ValidationError: Its address is none that can be fetched.
    """
    from typedrun.core.origins import origin_of
    from typedrun.settings import Settings

    if driver is not None:
        return driver.rules.settings
    if origin_of(file.url) is None:
        raise ValidationError(f"The output's address {shown_url(file.url)[:200]!r} cannot be fetched")
    return Settings(backend_url=file.url, run_url=file.url)
