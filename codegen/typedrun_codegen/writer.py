"""{path: text} → files on disk, or a report of how the files on disk differ. The only step that touches the output."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from attrs import frozen

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


def write_tree(root: Path, files: Mapping[str, str], owned: Mapping[str, str]) -> WriteReport:
    """Makes the tree below `root` say `files`: writes what differs, removes what we wrote earlier and no longer write.

    Each file is replaced whole (a reader sees the old or the new text). Files that are not in `owned` are left alone.

    Args:
        root: the package directory.
        files: path below the root → text.
        owned: path → SHA-256 of what the last generation wrote (from its manifest).
    """
    written: list[str] = []
    unchanged: list[str] = []
    folders: set[Path] = set()
    for path, text in sorted(files.items()):
        target = root / path
        data = text.encode()
        if _bytes_of(target) == data:
            unchanged.append(path)
            continue
        _replace(target, data, folders)
        written.append(path)
    removed = [path for path in sorted(owned) if path not in files and _remove(root, path)]
    return WriteReport(tuple(written), tuple(unchanged), tuple(removed))


def find_drift(root: Path, files: Mapping[str, str], owned: Mapping[str, str]) -> Drift:
    """How the tree below `root` differs from `files`; nothing is written."""
    missing: list[str] = []
    stale: list[str] = []
    edited: list[str] = []
    for path, text in sorted(files.items()):
        found = _bytes_of(root / path)
        if found is None:
            missing.append(path)
        elif found != text.encode():
            untouched = path not in owned or sha256(found).hexdigest() == owned[path]
            (stale if untouched else edited).append(path)
    extra = tuple(path for path in sorted(_files_below(root)) if path not in files)
    return Drift(tuple(missing), tuple(stale), extra, tuple(edited))


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _replace(target: Path, data: bytes, folders: set[Path]) -> None:
    if target.parent not in folders:
        target.parent.mkdir(parents=True, exist_ok=True)
        folders.add(target.parent)
    draft = target.with_name(f".{target.name}.new")
    draft.write_bytes(data)
    draft.replace(target)


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
