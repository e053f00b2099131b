"""{path: text} → files on disk, or a report of how the files on disk differ. The only step that touches the output."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from attrs import frozen

WRITERS = 4
"""Folders that are written at a time."""

IGNORED_FOLDERS = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"})


@frozen
class WriteReport:
    """What `write_tree` did, by path below the root."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


@frozen
class Drift:
    """How the files on disk differ from what the snapshot gives, by path below the root.

    `stale`: written by an earlier generation and not touched since; `edited`: changed by someone else; `extra`: not ours.
    """

    missing: tuple[str, ...]
    stale: tuple[str, ...]
    extra: tuple[str, ...]
    edited: tuple[str, ...]

    def __bool__(self) -> bool:
        """True when anything differs."""
        return bool(self.missing or self.stale or self.extra or self.edited)


def digest(text: str) -> str:
    """SHA-256 of a file's text, as the manifest records it."""
    return sha256(text.encode()).hexdigest()


def write_tree(
    root: Path, files: Mapping[str, str], owned: Mapping[str, str], *, before: Callable[[], object] | None = None
) -> WriteReport:
    """Makes the tree below `root` say `files`: writes what differs, removes what we wrote earlier and no longer write.

    Each file is replaced whole (a reader sees the old or the new text). Files that are not in `owned` are left alone.

    Args:
        root: the package directory.
        files: path below the root → text.
        owned: path → SHA-256 of what the last generation wrote (from its manifest).
        before: called before the first change, if there is any.
    """
    base = str(root)
    changed = [path for path, text in sorted(files.items()) if _bytes_of(f"{base}/{path}") != text.encode()]
    gone = [path for path in sorted(owned) if path not in files]
    if before is not None and (changed or gone):
        before()
    _replace_all(base, {path: files[path] for path in changed})
    written = frozenset(changed)
    return WriteReport(
        written=tuple(changed),
        unchanged=tuple(path for path in sorted(files) if path not in written),
        removed=tuple(path for path in gone if _remove(root, path)),
    )


def find_drift(root: Path, files: Mapping[str, str], owned: Mapping[str, str]) -> Drift:
    """How the tree below `root` differs from `files`; nothing is written."""
    missing: list[str] = []
    stale: list[str] = []
    edited: list[str] = []
    for path, text in sorted(files.items()):
        found = _bytes_of(f"{root}/{path}")
        if found is None:
            missing.append(path)
        elif found != text.encode():
            untouched = path not in owned or sha256(found).hexdigest() == owned[path]
            (stale if untouched else edited).append(path)
    extra = tuple(path for path in sorted(_files_below(root)) if path not in files)
    return Drift(tuple(missing), tuple(stale), extra, tuple(edited))


def draft_of(path: str) -> str:
    """Where a file's new text stands until it replaces the old one: beside it."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name}.new"


def _bytes_of(path: str) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as stream:
            return stream.readall()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _replace_all(base: str, files: Mapping[str, str]) -> None:
    folders: dict[str, list[str]] = {}
    for path in files:
        folders.setdefault(path.rpartition("/")[0], []).append(path)

    def write(folder: str) -> None:
        os.makedirs(f"{base}/{folder}", exist_ok=True)
        for path in folders[folder]:
            draft = draft_of(f"{base}/{path}")
            with open(draft, "wb") as stream:
                stream.write(files[path].encode())
            os.replace(draft, f"{base}/{path}")

    with ThreadPoolExecutor(WRITERS) as pool:  # the time goes into the system's calls, which run beside each other
        deque(pool.map(write, folders), maxlen=0)


def _remove(root: Path, path: str) -> bool:
    target = root / path
    if not target.is_file():
        return False
    target.unlink()
    for folder in target.parents:
        if folder == root or any(entry.name not in IGNORED_FOLDERS for entry in folder.iterdir()):
            break
        _drop_folder(folder)
    return True


def _drop_folder(folder: Path) -> None:
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            (Path(place) / name).unlink()
        Path(place).rmdir()


def _files_below(root: Path) -> Iterator[str]:
    for place, folders, names in os.walk(root):
        folders[:] = sorted(folder for folder in folders if folder not in IGNORED_FOLDERS)
        prefix = Path(place).relative_to(root).as_posix()
        yield from (name if prefix == "." else f"{prefix}/{name}" for name in names)
