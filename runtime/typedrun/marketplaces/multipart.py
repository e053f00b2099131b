"""A form with one file in it, as a body that is sent block by block (RFC 7578)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Self

from typedrun.core.bodies import Body, ToldBody
from typedrun.records import frozen

if TYPE_CHECKING:
    from typedrun.core.outgoing import Outgoing


@frozen(eq=False)
class FormBody:
    """The form: what stands before the file, the file, what stands after it."""

    head: bytes
    file: Body
    tail: bytes
    boundary: str

    @classmethod
    def of(cls, field: str, file: Outgoing) -> Self:
        """A form whose one field is a file."""
        boundary = secrets.token_hex(16)
        name = file.name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
            f"Content-Type: {file.content_type}\r\n\r\n"
        )
        return cls(head.encode(), file.body, f"\r\n--{boundary}--\r\n".encode(), boundary)

    @property
    def content_type(self) -> str:
        """Of the request."""
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.head) + self.file.size + len(self.tail)

    @property
    def progress(self) -> Callable[[int, int], object] | None:
        """Called with the bytes of the file that were sent, and its bytes in all."""
        told = self.file.progress if isinstance(self.file, ToldBody) else None
        if told is None:
            return None
        before, whole = len(self.head), self.file.size
        return lambda sent, _: told(min(max(sent - before, 0), whole), whole)

    def blocks(self) -> Iterator[bytes]:
        """The bytes, from the start; the file tells of its own progress."""
        yield self.head
        yield from self.file.blocks()
        yield self.tail

    def pieces(self) -> Iterator[bytes]:
        """The bytes, for a driver that tells of the progress itself."""
        yield self.head
        yield from self.file.pieces() if isinstance(self.file, ToldBody) else self.file.blocks()
        yield self.tail

    def broken_off(self, error: Exception) -> Exception:
        """What is raised for an error of whoever is told."""
        return self.file.broken_off(error) if isinstance(self.file, ToldBody) else error
