"""The bytes of a request's body: JSON, forms, multipart, text, files."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import urlencode

from typedrun import errors
from typedrun.operations.descriptions import Body, Operation, Parameter, Part
from typedrun.operations.places import json_text, query_texts, scalar_text
from typedrun.operations.records import is_records, write_records
from typedrun.structure import File, encode, raw_fields
from typedrun.unset import UNSET


def write_body(
    operation: Operation[Any], body: object, media_type: str, *, streams: bool
) -> tuple[bytes | None, str | None]:
    """The bytes of a body and their Content-Type."""
    if body is UNSET:
        return None, None
    chosen = next((one for one in operation.bodies if one.media_type == media_type), None)
    if chosen is None:
        chosen = Body(media_type) if media_type or not operation.bodies else operation.bodies[0]
    kind = chosen.media_type or "application/json"
    if kind == "multipart/form-data" or kind.startswith("multipart/"):
        return _multipart(_raw_fields(body), chosen)
    value = encode(body)
    if streams and operation.asks_to_stream and isinstance(value, dict):
        value = {**cast("dict[str, object]", value), "stream": True}
    if kind == "application/x-www-form-urlencoded":
        return _form(value, chosen).encode(), kind
    if isinstance(body, bytes | bytearray | File):
        return bytes(body) if not isinstance(body, File) else body.content, _concrete(kind, body)
    if isinstance(body, str) and "*" in kind and not kind.startswith("text/"):
        kind = "text/plain"  # a range is nothing that can be sent
    if isinstance(value, str) and not is_json(kind):
        kind = kind.replace("*", "plain")
        return value.encode(), f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    if is_records(kind):
        return write_records(cast("list[object]", value) if isinstance(value, list) else [value], kind), kind
    if kind.endswith(_MARKUP):
        raise errors.ParameterError(
            f"a body of {kind} is sent as it is, and this one is a {type(body).__name__}. Next: pass its text or bytes",
            parameter="body",
        )
    is_sent_as_json = is_json(kind) and "*" not in kind
    content = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return content, kind if is_sent_as_json else "application/json"


_MARKUP: Final = ("/xml", "+xml", "/yaml", "/x-yaml", "+yaml", "/vnd.yaml", "/csv")


def _concrete(kind: str, body: object) -> str:
    """A media type that can be sent: `*/*` and `image/*` are only ranges."""
    if "*" not in kind:
        return kind
    return body.media_type if isinstance(body, File) else "application/octet-stream"


def is_json(kind: str) -> bool:
    """Whether a media type is written and read as JSON."""
    return kind in ("application/json", "text/json") or kind.endswith("+json") or kind == "*/*"


def _form(value: object, body: Body) -> str:
    if not isinstance(value, Mapping):
        raise errors.ParameterError("a form body must be an object with fields", parameter="body")
    parts = {one.wire: one for one in body.parts}
    texts: list[str] = []
    for name, one in cast("Mapping[str, object]", value).items():
        part = parts.get(name, Part(name))
        if is_json(part.media_type) or (not part.style and _is_mapping(one)):
            texts.append(urlencode({name: json_text(one)}))
        else:
            texts += query_texts(Parameter(name, "query", name, part.style, part.explode), one)
    return "&".join(texts)


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_container(value: object) -> bool:
    return isinstance(value, Mapping | list)


def _raw_fields(body: object) -> dict[str, object]:
    """Wire name → value, with files and bytes as they are: multipart has no need of base64."""
    if isinstance(body, Mapping):
        return dict(cast("Mapping[str, object]", body))
    return raw_fields(body)


def _multipart(fields: Mapping[str, object], body: Body) -> tuple[bytes, str]:
    boundary = f"typedrun-{secrets.token_hex(16)}"
    parts = {one.wire: one for one in body.parts}
    blocks: list[bytes] = []
    for name, value in fields.items():
        for item in cast("list[object]", value) if isinstance(value, list) else [value]:
            if item is None:  # multipart has no null: what is nothing is not there
                continue
            blocks.append(_part(boundary, name, item, parts.get(name, Part(name)).media_type))
    return b"".join([*blocks, f"--{boundary}--\r\n".encode()]), f"{body.media_type}; boundary={boundary}"


def _part(boundary: str, name: str, value: object, media_type: str) -> bytes:
    disposition = f'form-data; name="{_quoted(name)}"'
    if isinstance(value, File | bytes):
        file = value if isinstance(value, File) else File(value)
        disposition += f'; filename="{_quoted(file.name)}"'
        kind = media_type if media_type and "*" not in media_type else file.media_type
        content = file.content
    else:
        plain: object = encode(value)
        as_json = _is_container(plain) or is_json(media_type)
        content = (json_text(plain) if as_json else scalar_text(plain)).encode()
        kind = media_type or ("application/json" if as_json else "")
    head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n" + (f"Content-Type: {kind}\r\n" if kind else "")
    return head.encode() + b"\r\n" + content + b"\r\n"


def _quoted(text: str) -> str:
    """A name inside Content-Disposition, escaped as browsers do (HTML standard, multipart/form-data encoding)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
