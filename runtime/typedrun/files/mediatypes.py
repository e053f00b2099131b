"""What content is, by its media type: THE table that the generator (types) and the runtime (writing, reading) share.

Media types are given in lower case and without parameters.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final


class Content(Enum):
    """How content is written and read."""

    JSON = "one JSON value"
    FORM = "fields of a form"
    PARTS = "parts of a multipart body"
    EVENTS = "server-sent events"
    LINES = "JSON values, one a line"
    SEQUENCE = "JSON values, each after a record separator (RFC 7464)"
    MARKUP = "text in a language that is not parsed here: XML, YAML, CSV"
    TEXT = "text; a schema of another type than string means JSON text"
    RAW = "bytes, whatever its schema says"
    RANGE = "several media types at once; nothing that can be sent"
    OTHER = "a media type that is not known: its schema decides"

    @property
    def is_records(self) -> bool:
        """Whether it is JSON values that follow each other."""
        return self in (Content.LINES, Content.SEQUENCE)

    @property
    def is_streamed(self) -> bool:
        """Whether it is read piece by piece as it arrives."""
        return self.is_records or self is Content.EVENTS

    @property
    def is_structured(self) -> bool:
        """Whether a schema describes it and any value is possible without one."""
        return self.is_streamed or self in (Content.JSON, Content.FORM)


def content_of(media_type: str) -> Content:
    """What content of a media type is; JSON where no media type is named."""
    if (known := _KNOWN.get(media_type)) is not None:
        return known
    kind, _, sub = media_type.partition("/")
    if sub == "*":
        return Content.RAW if kind in _RAW_KINDS else Content.TEXT if kind == "text" else Content.RANGE
    _, _, suffix = sub.rpartition("+")
    if suffix in _SUFFIXES and "+" in sub:
        return _SUFFIXES[suffix]
    if kind == "multipart":
        return Content.PARTS
    if kind in _RAW_KINDS or _RAW_SUBTYPES.fullmatch(sub):
        return Content.RAW
    return Content.TEXT if kind == "text" else Content.OTHER


def is_range(media_type: str) -> bool:
    """Whether it stands for several media types: `*/*`, `image/*`."""
    return "*" in media_type


_KNOWN: Final = {
    "": Content.JSON,
    **dict.fromkeys(("application/json", "text/json", "application/x-json", "text/x-json"), Content.JSON),
    "application/x-www-form-urlencoded": Content.FORM,
    "text/event-stream": Content.EVENTS,
    **dict.fromkeys(("application/jsonl", "application/x-jsonlines", "application/json-lines"), Content.LINES),
    **dict.fromkeys(("application/jsonlines", "application/x-ndjson", "application/ndjson"), Content.LINES),
    "application/stream+json": Content.LINES,
    **dict.fromkeys(("application/json-seq", "application/geo+json-seq"), Content.SEQUENCE),
    **dict.fromkeys(("application/xml", "text/xml", "text/csv", "application/csv"), Content.MARKUP),
    **dict.fromkeys(("application/yaml", "text/yaml", "application/x-yaml", "text/x-yaml"), Content.MARKUP),
    **dict.fromkeys(("application/vnd.yaml", "text/vnd.yaml"), Content.MARKUP),
    **dict.fromkeys(("application/sdp", "application/javascript", "application/sql"), Content.TEXT),
    "application/graphql": Content.TEXT,
}
_SUFFIXES: Final = {
    "json": Content.JSON,
    "json-seq": Content.SEQUENCE,
    **dict.fromkeys(("xml", "yaml"), Content.MARKUP),
    **dict.fromkeys(("zip", "gzip", "zstd", "cbor", "cbor-seq", "ber", "der", "wbxml", "fastinfoset"), Content.RAW),
    **dict.fromkeys(("sqlite3", "tlv", "cose", "cwt"), Content.RAW),
}
"""Structured syntax suffixes (IANA's registry)."""
_RAW_KINDS: Final = frozenset({"image", "audio", "video", "font", "model", "haptics"})
_RAW_SUBTYPES: Final = re.compile(
    r"""octet-stream | pdf | (x-)?(g?zip|gzip|bzip2?|lzma|lzip|xz|zstd|brotli|tar|g?tar|compress)(-compressed)?
    | vnd\.rar | x-(rar|7z)-compressed | java-archive | vnd\.android\.package-archive | x-(apple-diskimage|iso9660-image|rpm)
    | msword | vnd\.(ms-|openxmlformats-|oasis\.opendocument|apache\.(parquet|arrow|avro)).* | (x-)?(parquet|avro|bson|hdf5?)
    | (x-|vnd\.)?(google\.)?(protobuf|msgpack|sqlite3) | cbor(-seq)? | wasm | ogg | mp4 | (x-)?font-.* | grpc | x-(pickle|npy|npz)""",
    re.VERBOSE,
)
