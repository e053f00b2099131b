"""The texts of a package in little room, packed or left on disk: those of a large catalog are most of what a generation holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from errno import ESTALE
from hashlib import sha256
from pathlib import Path
from zlib import compressobj, decompressobj

from attrs import define, frozen

from typedrun_codegen.package.writer import digest

LEVEL = 3
"""Of compression: 1 takes as long, since it writes more."""

WINDOW = 32768
"""Bytes that zlib looks back."""


@frozen
class Text:
    """A text that is not held as it is."""

    sha: str
    """SHA-256 of it."""
    packed: bytes = b""
    like: bytes = b""
    """What it was packed beside."""
    path: str = ""
    """Where it stands on disk, if it is not packed."""

    def read(self) -> str:
        """Read the text.

        Raises:
            OSError: its file is not there any more, or holds something else.
        """
        if not self.path:
            return decompressobj(zdict=self.like).decompress(self.packed).decode()
        content = Path(self.path).read_bytes()
        if sha256(content).hexdigest() != self.sha:
            raise OSError(ESTALE, "it was changed while the package was generated", self.path)
        return content.decode()


def pack(text: str, like: bytes = b"") -> Text:
    """A text as it is held until it is wanted.

    Args:
        text: the text.
        like: another one, at most `WINDOW` bytes of it; what they have in common takes no room.
    """
    packing = compressobj(LEVEL, zdict=like)
    return Text(digest(text), packing.compress(text.encode()) + packing.flush(), like)


@define
class Packer:
    """Packs texts of one template beside the first of them: 10,000 models into a ninth, where each by itself takes a third."""

    _first: bytes = b""

    def pack(self, text: str) -> Text:
        """Pack the next one."""
        packed = pack(text, self._first)
        self._first = self._first or text.encode()[-WINDOW:]
        return packed


@frozen(eq=False)  # it equals every mapping with the same texts
class Packed(Mapping[str, str]):
    """Path → text. Who wants all texts takes one after the other, not `items` as a list."""

    texts: Mapping[str, Text]

    def __getitem__(self, path: str) -> str:
        """The text."""
        return self.texts[path].read()

    def __contains__(self, path: object) -> bool:
        """Whether there is one, which takes no unpacking."""
        return path in self.texts

    def __iter__(self) -> Iterator[str]:
        """The paths."""
        return iter(self.texts)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.texts)
