"""What kind of file is this? By its name where that says something, else by its first bytes, else text or not.

Names come first: a table or a page may begin with any letters, and Office files are archives. Where a name says picture, sound or
film (or text, and it is none) and the bytes are of another such kind, the bytes are right. The table of names is ours, so that an upload is the same on every
machine; what it does not know is asked of the machine's own (`mimetypes`).
"""

from __future__ import annotations

import codecs
import mimetypes
import re
from collections.abc import Mapping
from pathlib import PurePath

HEAD = 8192
"""How many first bytes tell a kind: in an Office file the telling name may come after others."""

BINARY = "application/octet-stream"
"""Bytes of which nothing is known."""

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"

BY_EXTENSION: Mapping[str, str] = {
    # documents
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pptx": f"{_OFFICE}.presentationml.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "odt": f"{_OPEN}.text",
    "ods": f"{_OPEN}.spreadsheet",
    "odp": f"{_OPEN}.presentation",
    "rtf": "application/rtf",
    "epub": "application/epub+zip",
    "eml": "message/rfc822",
    "msg": "application/vnd.ms-outlook",
    # text
    "txt": "text/plain",
    "log": "text/plain",
    "md": "text/markdown",
    "markdown": "text/markdown",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "html": "text/html",
    "htm": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "py": "text/x-python",
    "tex": "application/x-tex",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "ics": "text/calendar",
    # data
    "json": "application/json",
    "jsonl": "application/jsonl",
    "ndjson": "application/x-ndjson",
    "ipynb": "application/x-ipynb+json",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "parquet": "application/vnd.apache.parquet",
    "db": "application/x-sqlite3",
    "sqlite": "application/x-sqlite3",
    "sqlite3": "application/x-sqlite3",
    "zip": "application/zip",
    "gz": "application/gzip",
    "tar": "application/x-tar",
    "7z": "application/x-7z-compressed",
    # pictures
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "webp": "image/webp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "heic": "image/heic",
    "heif": "image/heif",
    "avif": "image/avif",
    "svg": "image/svg+xml",
    "ico": "image/vnd.microsoft.icon",
    # sound
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "weba": "audio/webm",
    "aif": "audio/aiff",
    "aiff": "audio/aiff",
    "amr": "audio/amr",
    "wma": "audio/x-ms-wma",
    # films
    "mp4": "video/mp4",
    "mpeg4": "video/mp4",
    "m4v": "video/x-m4v",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "ogv": "video/ogg",
    "mpg": "video/mpeg",
    "mpeg": "video/mpeg",
    "wmv": "video/x-ms-wmv",
    "flv": "video/x-flv",
    "3gp": "video/3gpp",
}
"""Extension without its dot -> type."""

_EXACT: tuple[tuple[str, str], ...] = (
    (r"\x89PNG\r\n\x1a\n", "image/png"),
    (r"\xff\xd8\xff", "image/jpeg"),
    (r"GIF8[79]a", "image/gif"),
    (r"RIFF....WEBP", "image/webp"),
    (r"BM....\x00\x00\x00\x00....[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", "image/bmp"),
    (r"II\*\x00|MM\x00\*", "image/tiff"),
    (r"....ftyp(?:heic|heix|heim|heis|hevc|hevx)", "image/heic"),
    (r"....ftyp(?:mif1|msf1)", "image/heif"),
    (r"....ftypavi[fs]", "image/avif"),
    (r"RIFF....WAVE", "audio/wav"),
    (r"fLaC", "audio/flac"),
    (r"....ftypM4[AB]", "audio/mp4"),
    (r"RIFF....AVI ", "video/x-msvideo"),
    (r"....ftypqt", "video/quicktime"),
)
"""Beginnings of one kind of picture, sound or film and no other: right even where a name says something else."""

_OTHER: tuple[tuple[str, str], ...] = (
    (r"%PDF-", "application/pdf"),
    (r"\{\\rtf", "application/rtf"),
    (r"SQLite format 3\x00", "application/x-sqlite3"),
    (r"PAR1", "application/vnd.apache.parquet"),
    (r"PK\x03\x04.{26}mimetypeapplication/epub\+zip", "application/epub+zip"),
    (rf"PK\x03\x04.{{26}}mimetype{re.escape(_OPEN)}\.text", f"{_OPEN}.text"),
    (rf"PK\x03\x04.{{26}}mimetype{re.escape(_OPEN)}\.spreadsheet", f"{_OPEN}.spreadsheet"),
    (rf"PK\x03\x04.{{26}}mimetype{re.escape(_OPEN)}\.presentation", f"{_OPEN}.presentation"),
    (r"PK\x03\x04.*PK\x03\x04.{26}word/", f"{_OFFICE}.wordprocessingml.document"),
    (r"PK\x03\x04.*PK\x03\x04.{26}xl/", f"{_OFFICE}.spreadsheetml.sheet"),
    (r"PK\x03\x04.*PK\x03\x04.{26}ppt/", f"{_OFFICE}.presentationml.presentation"),
    (r"PK\x03\x04", "application/zip"),
    (r"\x1f\x8b\x08", "application/gzip"),
    (r"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (r"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (r"OggS.{24}.{1,255}?(?:\x80theora|OVP80)", "video/ogg"),
    (r"OggS", "audio/ogg"),
    (r"ID3[\x02-\x04]", "audio/mpeg"),
    (r"\xff[\xfa\xfb\xf2\xf3][\x10-\xef]", "audio/mpeg"),
    (r"\xff[\xf0\xf1\xf8\xf9]", "audio/aac"),
    (r"FORM....AIF[FC]", "audio/aiff"),
    (r"#!AMR", "audio/amr"),
    (r"\x1aE\xdf\xa3.{0,60}webm", "video/webm"),
    (r"\x1aE\xdf\xa3", "video/x-matroska"),
    (r"....ftyp3g", "video/3gpp"),
    (r"....ftyp", "video/mp4"),
    (r"\x00\x00\x01\xba", "video/mpeg"),
    (r"FLV\x01", "video/x-flv"),
    (r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:[^-]|-(?!->))*-->\s*)*<svg[\s>]", "image/svg+xml"),
    (r"(?i:\s*(?:<!--(?:[^-]|-(?!->))*-->\s*)*<(?:!doctype html|html)[\s>])", "text/html"),
    (r"\s*<\?xml\s", "application/xml"),
)
"""Beginnings that tell a kind where no name does; the first that fits counts."""

_MEDIA = ("image/", "audio/", "video/")


def _compiled(table: tuple[tuple[str, str], ...]) -> list[tuple[re.Pattern[bytes], str]]:
    return [(re.compile(mark.encode("latin-1"), re.DOTALL), kind) for mark, kind in table]


_EXACT_MARKS, _OTHER_MARKS = _compiled(_EXACT), _compiled(_OTHER)


def detect_type(head: bytes, name: str = "") -> str:
    """The MIME type of a file.

    Args:
        head: its first bytes, up to `HEAD` of them.
        name: its name; empty for bytes without one.
    """
    named = _by_name(name)
    if named is None:
        return _by_bytes(head)
    can_be_wrong = named.startswith(_MEDIA) or (named.startswith("text/") and not _is_text(head))
    return (_first(_EXACT_MARKS, head) if can_be_wrong else None) or named


def _by_name(name: str) -> str | None:
    extension = PurePath(name).suffix.lower()
    if len(extension) < 2:
        return None
    return BY_EXTENSION.get(extension[1:]) or mimetypes.guess_type(f"file{extension}", strict=False)[0]


def _by_bytes(head: bytes) -> str:
    return _first(_EXACT_MARKS, head) or _first(_OTHER_MARKS, head) or ("text/plain" if _is_text(head) else BINARY)


def _first(marks: list[tuple[re.Pattern[bytes], str]], head: bytes) -> str | None:
    return next((kind for mark, kind in marks if mark.match(head)), None)


def _is_text(head: bytes) -> bool:
    """Whether this is UTF-8 without NUL; the end of the head may cut a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return b"\0" not in head
