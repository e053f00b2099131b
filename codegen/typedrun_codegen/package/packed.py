"""The texts of a package, packed: those of a large catalog are most of what a generation holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zlib import compress, decompress

from attrs import frozen

FAST = 1
"""Level of compression: 10,000 models are packed in two seconds, into a third."""


def pack(text: str) -> bytes:
    """A text as it is held until it is wanted."""
    return compress(text.encode(), FAST)


@frozen(eq=False)  # it equals every mapping with the same texts
class Packed(Mapping[str, str]):
    """Path → text. Who wants all texts takes one after the other, not `items` as a list."""

    _texts: Mapping[str, bytes]

    def __getitem__(self, path: str) -> str:
        """The text."""
        return decompress(self._texts[path]).decode()

    def __contains__(self, path: object) -> bool:
        """Whether there is one, which takes no unpacking."""
        return path in self._texts

    def __iter__(self) -> Iterator[str]:
        """The paths."""
        return iter(self._texts)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._texts)
