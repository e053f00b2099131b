"""Where a pull keeps what it has: a resumable partial beside the snapshot, then the whole new snapshot in its place.

The snapshot's directory is exchanged in one step, so a reader sees the old snapshot or the new one, and a pull that is killed
leaves the old one. What was fetched until then waits in the partial for the next pull of the same backend and selection.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

from attrs import frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.snapshots.files import write_file
from typedrun_codegen.snapshots.store import LISTS, digest, load_json, pretty

RESUME_SECONDS = 3600.0
"""What was fetched longer ago is fetched again: a snapshot shall be of one moment, give or take a pull."""

if sys.platform == "win32":
    fcntl = None
else:
    import fcntl

_RENAME_EXCHANGE = 2
_AT_FDCWD = -100


@frozen
class Partial:
    """Model objects that a pull has fetched and cleaned, one file each, until the snapshot is complete."""

    folder: Path

    @classmethod
    def beside(cls, snapshot: Path) -> Partial:
        """The partial of a snapshot: `.<name>.partial` in the same directory."""
        return cls(snapshot.with_name(f".{snapshot.name}.partial"))

    def open(self, purpose: JSON, *, fresh: bool) -> dict[str, dict[str, JSON]]:
        """Start or resume: what is there when it was begun for the same purpose, else nothing.

        Args:
            purpose: backend and selection; another purpose starts afresh.
            fresh: start afresh in any case.

        Returns:
            Model objects by the id or path they were asked for.
        """
        if fresh or self._read("purpose.json") != purpose:
            self.drop()
        self.folder.mkdir(parents=True, exist_ok=True)
        write_file(str(self.folder / ".gitignore"), b"*\n")  # it stands in the user's repository
        self._write("purpose.json", purpose)
        return dict(self._kept())

    def keep(self, asked: str, value: Mapping[str, JSON]) -> None:
        """Keep one model object for a later pull."""
        self._write(
            f"model-{digest(asked.encode('utf-8', 'replace'))[:24]}.json", {"asked": asked, "value": dict(value)}
        )

    def drop(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _kept(self) -> Iterator[tuple[str, dict[str, JSON]]]:
        oldest = time.time() - RESUME_SECONDS
        for path in self.folder.glob("model-*.json"):
            if path.stat().st_mtime < oldest:
                continue  # the backend may have changed it since
            entry = self._read(path.name)
            if isinstance(entry, dict) and isinstance(value := entry.get("value"), dict):
                yield str(entry.get("asked")), value

    def _read(self, name: str) -> JSON:
        try:
            return load_json((self.folder / name).read_bytes())
        except (OSError, ValueError):  # half a file of a killed pull is fetched again
            return None

    def _write(self, name: str, value: JSON) -> None:
        draft = self.folder / f"{name}.new"
        write_file(str(draft), pretty(value))
        draft.replace(self.folder / name)


def replace_snapshot(target: Path, files: Mapping[str, bytes]) -> None:
    """Put a whole new snapshot where the old one is; files that are not part of a snapshot (a README) move along.

    Args:
        target: the snapshot's directory; it need not exist yet.
        files: path below it → bytes; every file of the new snapshot.
    """
    fresh = _fresh(target)
    try:
        for path, data in files.items():
            (fresh / path).parent.mkdir(parents=True, exist_ok=True)
            if not _link_same(target / path, fresh / path, data):
                write_file(str(fresh / path), data)
        _move_foreign(target, fresh)
    except OSError:  # a full disk: what was written there is given back
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    if target.exists():
        _exchange(fresh, target)
        shutil.rmtree(fresh, ignore_errors=True)
    else:
        fresh.rename(target)


@contextlib.contextmanager
def locked(target: Path) -> Generator[None]:
    """Keep other pulls into this directory's parent out; the lock ends with the process, however that ends.

    Raises:
        UsageProblem: another pull is running.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if fcntl is None:  # Windows has no lock on a directory
        yield
        return
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        next_step = "wait until it is done"
        raise UsageProblem(Problem("another pull is running", Location(str(target)), next_step=next_step)) from error
    try:
        yield
    finally:
        os.close(handle)


def recover(target: Path) -> None:
    """Clean up after a killed pull; an exchange in two steps that was killed between them is undone."""
    aside = _aside(target)
    if aside.is_dir() and not target.exists():
        aside.rename(target)
    for leftover in (aside, _fresh(target)):
        shutil.rmtree(leftover, ignore_errors=True)


def refuse_unwritable(target: Path) -> None:
    """Refuse a snapshot that a pull cannot replace.

    Raises:
        UsageProblem: it is a file, or a directory that holds something else.
    """
    if target.is_file():
        found, next_step = "a file", "name a directory with --snapshot; a JSON list can be read but not pulled into"
    elif target.is_dir() and any(target.iterdir()) and not _is_snapshot(target):
        found, next_step = "a directory with other files", "name a new or empty directory with --snapshot"
    else:
        return
    raise UsageProblem(Problem("pull cannot write here", Location(str(target)), found=found, next_step=next_step))


def _is_snapshot(target: Path) -> bool:
    return (target / "manifest.json").is_file() or (target / "models").is_dir()


def _link_same(old: Path, new: Path, data: bytes) -> bool:
    """Take an unchanged file over as it is, modification time and all; False when it has to be written."""
    try:
        if old.read_bytes() != data:
            return False
        os.link(old, new)
    except OSError:
        return False
    return True


def _move_foreign(target: Path, fresh: Path) -> None:
    ours = {"models", "manifest.json", *(f"{name}.json" for name in LISTS)}
    for entry in target.iterdir() if target.is_dir() else ():
        if entry.name not in ours:
            copy = shutil.copytree if entry.is_dir() else shutil.copy2
            copy(entry, fresh / entry.name)


def _exchange(fresh: Path, target: Path) -> None:
    """Swap two directories: in one step where the kernel can, else in two that `recover` undoes."""
    if sys.platform == "linux" and _exchange_in_one_step(fresh, target):
        return
    aside = _aside(target)
    target.rename(aside)
    fresh.rename(target)
    aside.rename(fresh)


def _exchange_in_one_step(one: Path, other: Path) -> bool:
    """Call renameat2 with RENAME_EXCHANGE; False where the C library or the file system lacks it."""
    with contextlib.suppress(OSError, AttributeError):
        rename = ctypes.CDLL(None, use_errno=True).renameat2
        return bool(rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)
    return False


def _fresh(target: Path) -> Path:
    return target.with_name(f".{target.name}.new")


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")
