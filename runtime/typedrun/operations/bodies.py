"""The bytes of a request's body: JSON, forms, multipart, text, files."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlencode

import typedrun.errors as errors
from typedrun.files.mediatypes import Content, content_of, is_range
from typedrun.operations.descriptions import Body, Operation, Parameter, Part
from typedrun.operations.places import json_text, query_texts, scalar_text
from typedrun.operations.records import write_records
from typedrun.structure import ApiObject, File, encode, raw_fields
from typedrun.unset import UNSET


def write_body(
    operation: Operation[Any], body: object, media_type: str, *, streams: bool
) -> tuple[bytes | None, str | None]:
    """The bytes of a body and their Content-Type.

    Raises:
        ParameterError: the media type cannot hold such a body.
    """
    if body is UNSET:
        return None, None
    chosen = next((one for one in operation.bodies if one.media_type == media_type), None)
    if chosen is None:
        chosen = Body(media_type) if media_type or not operation.bodies else operation.bodies[0]
    kind = chosen.media_type or "application/json"
    content = content_of(kind)
    if content is Content.PARTS:
        return _multipart(body, chosen)
    if isinstance(body, bytes | bytearray | File):
        return body.content if isinstance(body, File) else bytes(body), _concrete(kind, body)
    value = encode(body)
    if streams and operation.asks_to_stream and isinstance(value, dict):
        value = {**cast("dict[str, object]", value), "stream": True}
    if content is Content.FORM:
        return _form(value, chosen).encode(), kind
    if isinstance(value, str) and content is not Content.JSON:
        return value.encode(), _of_text(kind)
    if content.is_records:
        return write_records(cast("list[object]", value) if isinstance(value, list) else [value], kind), kind
    if content in (Content.MARKUP, Content.RAW):
        raise errors.ParameterError(
            f"a body of {kind} is sent as it is, and this one is a {type(body).__name__}. "
            f"Next: pass its {'text or bytes' if content is Content.MARKUP else 'bytes, or a File'}",
            parameter="body",
        )
    written = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return written, "application/json" if is_range(kind) else kind


def _concrete(kind: str, body: object) -> str:
    """A media type that can be sent: `*/*` and `image/*` are only ranges."""
    if not is_range(kind):
        return kind
    return body.media_type if isinstance(body, File) else "application/octet-stream"


def _of_text(kind: str) -> str:
    """The Content-Type of a text."""
    concrete = "text/plain" if is_range(kind) else kind
    return f"{concrete}; charset=utf-8" if concrete.startswith("text/") else concrete


def _is_json(media_type: str) -> bool:
    """Whether a part is said to be JSON."""
    return media_type in ("*/*", "application/*") or (media_type != "" and content_of(media_type) is Content.JSON)


def _form(value: object, body: Body) -> str:
    if not isinstance(value, Mapping):
        raise errors.ParameterError("a form body must be an object with fields", parameter="body")
    parts = {one.wire: one for one in body.parts}
    texts: list[str] = []
    for name, one in cast("Mapping[str, object]", value).items():
        part = parts.get(name, Part(name))
        if _is_json(part.media_type) or (not part.style and _is_mapping(one)):
            texts.append(urlencode({name: json_text(one)}))
        else:
            texts += query_texts(Parameter(name, "query", name, part.style, part.explode), one)
    return "&".join(texts)


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_container(value: object) -> bool:
    return isinstance(value, Mapping | list)


def _multipart(body: object, chosen: Body) -> tuple[bytes, str]:
    """A body in parts: the fields of an object, the items of a list (which have no names), or a text that is written already."""
    if isinstance(body, str | bytes | bytearray):
        return _composed(body.encode() if isinstance(body, str) else bytes(body), chosen.media_type)
    boundary = f"typedrun-{secrets.token_hex(16)}"
    said = {one.wire: one.media_type for one in chosen.parts}
    items = _items(body, chosen.media_type)
    # multipart has no null: what is nothing is not there
    blocks = [_part(boundary, name, item, said.get(name, "")) for name, item in items if item is not None]
    return b"".join([*blocks, f"--{boundary}--\r\n".encode()]), f"{chosen.media_type}; boundary={boundary}"


def _composed(content: bytes, media_type: str) -> tuple[bytes, str]:
    """A multipart body that the caller wrote: it begins with its boundary."""
    found = re.search(rb"^--([0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-])\s*$", content, re.MULTILINE)
    if found is None:
        raise errors.ParameterError(
            f"a body of {media_type} that is a text must be a whole one, with a line `--boundary` before each part, and this is "
            "not. Next: pass an object whose fields are the parts, or such a text",
            parameter="body",
        )
    return content, f'{media_type}; boundary="{found[1].decode()}"'


def _items(body: object, media_type: str) -> list[tuple[str, object]]:
    """Names and values of parts, with files and bytes as they are: multipart has no need of base64."""
    if isinstance(body, Mapping | ApiObject):
        fields = cast("Mapping[str, object]", body) if isinstance(body, Mapping) else raw_fields(body)
        return [(name, item) for name, value in fields.items() for item in _each(value)]
    if media_type != "multipart/form-data" and isinstance(body, list | tuple | File):
        return [("", item) for item in _each(cast("object", body))]
    raise errors.ParameterError(
        f"a body of {media_type} has named parts, and this one is a {type(body).__name__}. Next: pass an object with a field for each",
        parameter="body",
    )


def _each(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else [value]


def _part(boundary: str, name: str, value: object, media_type: str) -> bytes:
    disposition = f'form-data; name="{_quoted(name)}"' if name else ""
    if isinstance(value, File | bytes):
        file = value if isinstance(value, File) else File(value)
        disposition = f'{disposition or "attachment"}; filename="{_quoted(file.name)}"'
        kind = media_type if media_type and "*" not in media_type else file.media_type
        content = file.content
    else:
        plain: object = encode(value)
        as_json = _is_container(plain) or _is_json(media_type)
        content = (json_text(plain) if as_json else scalar_text(plain)).encode()
        kind = media_type or ("application/json" if as_json else "")
    lines = [f"--{boundary}"]
    lines += [f"Content-Disposition: {disposition}"] if disposition else []
    lines += [f"Content-Type: {kind}"] if kind else []
    head = "".join(f"{line}\r\n" for line in lines)
    return head.encode() + b"\r\n" + content + b"\r\n"


def _quoted(text: str) -> str:
    """A name inside Content-Disposition, escaped as browsers do (HTML standard, multipart/form-data encoding)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
