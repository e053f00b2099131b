"""Files in memory: what clients uploaded and what models made, with the links they are fetched from."""

from __future__ import annotations

import threading
from urllib.parse import unquote

from attrs import define, field, frozen

LIMIT = 512 * 1024 * 1024
"""Bytes kept; the oldest files go first."""


@frozen
class StoredFile:
    """One file."""

    content: bytes
    content_type: str
    about: str = ""
    """The text it was made from, if a model made it."""


@frozen
class Slot:
    """A place that was promised to an upload: only this content type may be put there."""

    key: str
    content_type: str
    signature: str


@define
class FileStore:
    """Every file by key. Safe to use from any thread."""

    _files: dict[str, StoredFile] = field(factory=dict[str, StoredFile])
    _slots: dict[str, Slot] = field(factory=dict[str, Slot])
    _lock: threading.Lock = field(factory=threading.Lock)

    def promise(self, slot: Slot) -> None:
        """Remember what may be uploaded where."""
        with self._lock:
            self._slots[slot.key] = slot

    def slot(self, key: str) -> Slot | None:
        """The promise for a key."""
        return self._slots.get(key)

    def count(self) -> int:
        """How many places were promised so far."""
        return len(self._slots)

    def put(self, key: str, file: StoredFile) -> None:
        """Keep a file."""
        with self._lock:
            self._files.pop(key, None)
            self._files[key] = file
            while sum(len(kept.content) for kept in self._files.values()) > LIMIT:
                del self._files[next(iter(self._files))]

    def get(self, key: str) -> StoredFile | None:
        """Get a file by key."""
        return self._files.get(key)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._files.clear()
            self._slots.clear()


@frozen
class LinkedFiles:
    """The store as answers see it: keep bytes, get a URL."""

    kept: FileStore
    base_url: str

    def store(self, name: str, content_type: str, content: bytes, about: str) -> str:
        """Keep bytes under a name, with the text they were made from; returns the URL they can be fetched from."""
        self.kept.put(name, StoredFile(content, content_type, about))
        return f"{self.base_url}/files/{name}"

    def is_missing(self, url: str) -> bool:
        """Whether the URL leads here, but to no file."""
        head = f"{self.base_url}/files/"
        return url.startswith(head) and self.kept.get(unquote(url.removeprefix(head))) is None

    def about(self, url: str) -> str:
        """The text that a file was made from; empty for any other URL."""
        file = self.kept.get(url.removeprefix(f"{self.base_url}/files/"))
        return file.about if file else ""
