"""The parts of a `multipart/form-data` body (RFC 7578), as uploads send them."""

from __future__ import annotations

from email.message import Message

from attrs import frozen


@frozen
class Part:
    """One field of a form."""

    name: str
    file_name: str
    """Empty where the part is no file."""
    content_type: str
    """Empty where the part does not say."""
    content: bytes


def read_parts(content_type: str, body: bytes) -> list[Part]:
    """Read the parts in their order; none when it is another kind of body, or has no boundary."""
    boundary = _header(content_type).get_param("boundary", header="content-type")
    if not content_type.lower().startswith("multipart/form-data") or not isinstance(boundary, str):
        return []
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1", "replace"))
    return [_part(piece) for piece in pieces[1:] if piece.startswith(b"\r\n")]


def _part(piece: bytes) -> Part:
    head, _, content = piece[2:].partition(b"\r\n\r\n")
    fields = dict(_field(line) for line in head.decode("utf-8", "replace").split("\r\n"))
    about = Message()
    about["content-disposition"] = fields.get("content-disposition", "")
    name = about.get_param("name", header="content-disposition")
    file_name = about.get_filename("")
    return Part(name if isinstance(name, str) else "", file_name, fields.get("content-type", ""), content)


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _header(content_type: str) -> Message:
    message = Message()
    message["content-type"] = content_type
    return message
