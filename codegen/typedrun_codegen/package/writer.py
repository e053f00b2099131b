"""{path: text} → files on disk, or a report of how the files on disk differ. The only step that touches the output."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from attrs import frozen

from typedrun_codegen.snapshots.files import write_file
from typedrun_codegen.snapshots.interrupts import held_back

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
        """Whether anything differs."""
        return bool(self.missing or self.stale or self.extra or self.edited)


def digest(text: str) -> str:
    """SHA-256 of a file's text, as the manifest records it."""
    return sha256(text.encode()).hexdigest()


def digest_file(path: str | Path) -> str:
    """SHA-256 of what a file holds.

    Raises:
        OSError: It cannot be read.
    """
    with open(path, "rb", buffering=0) as stream:
        return sha256(stream.readall()).hexdigest()


def write_tree(
    root: Path,
    files: Mapping[str, str],
    owned: Mapping[str, str],
    *,
    digests: Mapping[str, str] | None = None,
    claim: Mapping[str, str] | None = None,
) -> WriteReport:
    """Make the tree below `root` say `files`: write what differs, remove what we wrote earlier and no longer write.

    First every new text is written beside the file it will replace; then all of them take their places, with Ctrl-C and SIGTERM
    held back. Whatever ends the first half (a signal, a full disk) leaves the old tree, whatever comes in the second the new
    one. Each file is replaced whole: a reader sees the old or the new text. Files that are not in `owned` are left alone.

    Args:
        root: the package directory.
        files: path below the root → text.
        owned: path → SHA-256 of what the last generation wrote (from its manifest).
        digests: path → SHA-256 of texts, where it is known: those are not asked for to be compared.
        claim: path → text that stands there while others change, if any do; the file's own text comes last. A run that is
            killed outright between two files leaves it.
    """
    base = str(root)
    claim = claim or {}
    changed = [path for path in sorted(files) if not _is_same(_bytes_of(f"{base}/{path}"), path, files, digests or {})]
    gone = [path for path in sorted(owned) if path not in files]
    claims = {_claim_draft(path): path for path in claim if changed or gone}
    drafts = {draft_of(path): path for path in changed}
    texts: _Drafts = {
        **{draft: (claim, path) for draft, path in claims.items()},
        **{draft: (files, path) for draft, path in drafts.items()},
    }
    folders = _missing_folders(base, texts)
    removed: list[str] = []
    try:
        _write_all(base, texts)
        with held_back():
            _rename(base, claims)
            _rename(base, {draft: path for draft, path in drafts.items() if path not in claim})
            removed += [path for path in gone if _remove(root, path)]
            _rename(base, {draft: path for draft, path in drafts.items() if path in claim})
    except BaseException:
        with held_back():
            _remove_drafts(base, texts, folders)
        raise
    written = frozenset(changed)
    return WriteReport(
        written=tuple(changed),
        unchanged=tuple(path for path in sorted(files) if path not in written),
        removed=tuple(removed),
    )


def find_drift(
    root: Path, files: Mapping[str, str], owned: Mapping[str, str], digests: Mapping[str, str] | None = None
) -> Drift:
    """Find how the tree below `root` differs from `files`; nothing is written. The arguments are those of `write_tree`."""
    missing: list[str] = []
    stale: list[str] = []
    edited: list[str] = []
    for path in sorted(files):
        found = _bytes_of(f"{root}/{path}")
        if found is None:
            missing.append(path)
        elif not _is_same(found, path, files, digests or {}):
            untouched = path not in owned or sha256(found).hexdigest() == owned[path]
            (stale if untouched else edited).append(path)
    return Drift(tuple(missing), tuple(stale), find_extra(root, files), tuple(edited))


def find_extra(root: Path, files: Container[str]) -> tuple[str, ...]:
    """Find what is below `root` and not among the files that belong there."""
    return tuple(path for path in sorted(_files_below(root)) if path not in files)


def draft_of(path: str) -> str:
    """Where a file's new text stands until it replaces the old one: beside it."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name}.new"


def drafts_of(path: str) -> tuple[str, ...]:
    """Every draft that a killed run may have left beside a file."""
    return draft_of(path), _claim_draft(path)


def _claim_draft(path: str) -> str:
    return draft_of(f"{path}.claim")


def _is_same(found: bytes | None, path: str, files: Mapping[str, str], digests: Mapping[str, str]) -> bool:
    """Whether a file holds its text."""
    if found is None:
        return False
    sha = digests.get(path)
    return sha256(found).hexdigest() == sha if sha else found == files[path].encode()


def _bytes_of(path: str) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as stream:
            return stream.readall()
    except (FileNotFoundError, NotADirectoryError):
        return None


_Drafts: TypeAlias = "Mapping[str, tuple[Mapping[str, str], str]]"
"""Where a draft stands → where its text is found: which is asked for when it is written, and not held beside the others."""


def _write_all(base: str, drafts: _Drafts) -> None:
    folders: dict[str, list[str]] = {}
    for path in drafts:
        folders.setdefault(path.rpartition("/")[0], []).append(path)

    def write(folder: str) -> None:
        os.makedirs(f"{base}/{folder}", exist_ok=True)
        for path in folders[folder]:
            texts, key = drafts[path]
            write_file(f"{base}/{path}", texts[key].encode())

    with ThreadPoolExecutor(WRITERS) as pool:  # the time goes into the system's calls, which run beside each other
        deque(pool.map(write, folders), maxlen=0)


def _rename(base: str, drafts: Mapping[str, str]) -> None:
    for draft, path in drafts.items():
        os.replace(f"{base}/{draft}", f"{base}/{path}")


def _missing_folders(base: str, paths: Iterable[str]) -> list[str]:
    """Folders that writing these files will make, the deepest first."""
    folders = {os.path.normpath(f"{base}/{parent}") for path in paths for parent in PurePosixPath(path).parents}
    missing = (folder for folder in folders if not os.path.isdir(folder))
    return sorted(missing, key=lambda folder: (-len(folder), folder))


def _remove_drafts(base: str, drafts: Iterable[str], folders: Iterable[str]) -> None:
    """Leave no trace of drafts that did not take their places."""
    for draft in drafts:
        with suppress(OSError):
            os.remove(f"{base}/{draft}")
    for folder in folders:
        with suppress(OSError):  # it does not exist, or holds a file
            os.rmdir(folder)


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
