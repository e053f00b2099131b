"""Values that hold no others: texts, numbers, dates, content, enumerations, constants; and how each is written.

They are strict, because a silent conversion hides a wrong schema. Enumerations and constants keep a value that they do not
know: a newer server may have added it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias, get_args
from uuid import UUID

from typedrun.openenums import OpenStrEnum
from typedrun.remotefile import RemoteFile, read_file
from typedrun.structure.base import File, OpenIntEnum
from typedrun.structure.reasons import shown, spelling

if TYPE_CHECKING:
    from cattrs import Converter


Hook: TypeAlias = Callable[[Any, Any], Any]
"""Value and wanted type -> the value in Python, as cattrs calls it."""


def _fits(*accepted: type) -> Hook:
    def hook(value: Any, type_: Any) -> Any:
        if isinstance(value, accepted) and (bool in accepted or not isinstance(value, bool)):
            return value
        raise ValueError(f"expected {spelling(type_)}, got {shown(value)}")

    return hook


def _integer(value: Any, type_: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    found: int = _fits(int)(value, type_)
    return found


def _parsed(parse: Callable[[str], Any], what: str, kept: type) -> Hook:
    def hook(value: Any, _: Any) -> Any:
        if isinstance(value, kept):
            return value
        if not isinstance(value, str):
            raise ValueError(f"expected {what}, got {shown(value)}")
        try:
            return parse(value)
        except ValueError:
            raise ValueError(f"expected {what}, got {shown(value)}") from None

    return hook


_URL_SAFE: Final = str.maketrans("-_", "+/")
_LEAP_SECOND: Final = re.compile(r"(?<=\d\d:\d\d):60(?=\D|$)")


def _from_base64(text: str) -> bytes:
    """Both alphabets, in lines or in one, with or without `=` at the end: servers write all of them."""
    import base64

    plain = "".join(text.split()).rstrip("=").translate(_URL_SAFE)
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def _to_base64(content: bytes) -> str:
    import base64

    return base64.b64encode(content).decode("ascii")


def _date_time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _odd_date_time(text.upper())


def _odd_date_time(text: str) -> datetime:
    """RFC 3339 as Python does not take it: in small letters, or with a leap second, which is the one after."""
    found = datetime.fromisoformat(_LEAP_SECOND.sub(":59", text))
    return found + timedelta(seconds=1) if _LEAP_SECOND.search(text) else found


def _dump_date_time(value: datetime) -> str:
    text = value.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


SCALARS: Final[Mapping[type, Hook]] = {
    str: _fits(str),
    int: _integer,
    float: _fits(float, int),
    bool: _fits(bool),
    bytes: _parsed(_from_base64, "base64 text", bytes),
    datetime: _parsed(_date_time, "a date and time (RFC 3339)", datetime),
    date: _parsed(date.fromisoformat, "a date (YYYY-MM-DD)", date),
    UUID: _parsed(UUID, "a UUID", UUID),
    type(None): _fits(type(None)),
    RemoteFile: lambda value, _: read_file(value),
}
DUMPS: Final[Mapping[type, Callable[[Any], Any]]] = {
    bytes: _to_base64,
    datetime: _dump_date_time,
    date: date.isoformat,
    UUID: str,
    File: lambda file: file.content,
    RemoteFile: RemoteFile.to_wire,
    OpenStrEnum: lambda member: member.value,
    OpenIntEnum: lambda member: member.value,
}


# --- enumerations and constants


def for_subclasses_too(type_: type, hook: Hook) -> Hook:
    """cattrs takes a hook for `str` to mean its subclasses; ours are enumerations."""

    def structure(value: Any, wanted: Any) -> Any:
        return hook(value, wanted) if wanted is type_ else enum_hook(wanted)(value, wanted)

    return structure


def enum_hook(type_: Any, _: Converter | None = None) -> Hook:
    """Text or integer → member of an enumeration, also of one that is newer than this package."""
    accepted = str if issubclass(type_, OpenStrEnum) else int

    def hook(value: Any, _: Any) -> Any:
        if isinstance(value, accepted) and not isinstance(value, bool):
            return type_(value)
        raise ValueError(f"expected {type_.__name__}, got {shown(value)}")

    return hook


def literal_hook(type_: Any, _: Converter) -> Hook:
    """A constant, or any other value of its type."""
    kinds: set[type] = {type(value) for value in get_args(type_)}

    def hook(value: Any, _: Any) -> Any:
        if type(value) in kinds:
            return value  # a newer server may know more values than this package
        raise ValueError(f"expected {' or '.join(map(repr, get_args(type_)))}, got {shown(value)}")

    return hook
