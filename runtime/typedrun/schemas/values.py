"""What travels for a value, what a text means, and where the files of a value are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

from typedrun.jsontypes import is_array, is_object
from typedrun.kinds import read_boolean, read_number
from typedrun.remotefile import RemoteFile
from typedrun.schemas.checks import fits, form_for, is_local, same
from typedrun.schemas.shapes import ANYTHING, FILE_FORMATS, Shape, is_file, item_shape, takes

Path: TypeAlias = tuple[str | int, ...]
"""Names and positions from a value to one inside of it."""


def to_wire(shape: Shape, value: Any) -> Any:
    """The value as it travels: an option as it is listed, a whole number without a fraction, a `RemoteFile` by its address.

    Files of this machine stay what they are: they are uploaded later. What does not fit stays as it came.
    """
    form = form_for(shape, value)
    if isinstance(value, RemoteFile):
        return value.url if is_file(form) or "object" not in str(form.get("type")) else _members_of(form, value)
    if is_object(value):
        given = {name: (_member_shape(form, name), one) for name, one in value.items()}
        # None is a member that is not given, unless null is a value there.
        return {
            name: to_wire(one, each) for name, (one, each) in given.items() if each is not None or takes(one, "null")
        }
    if is_array(value):
        return [to_wire(form.get("items", ANYTHING), one) for one in value]
    option = next((each for each in form.get("enum", ()) if same(each, value)), None)
    if option is not None:
        return option
    if isinstance(value, str):
        return str.__str__(value)  # of an enumeration's member, too
    if isinstance(value, float) and value.is_integer() and takes(form, "integer") and form.get("type"):
        return int(value)
    return value


def _members_of(shape: Shape, file: RemoteFile) -> dict[str, Any]:
    """What an object that describes a file says of this one."""
    known = shape.get("properties")
    return {name: one for name, one in file.to_dict().items() if known is None or name in known}


def _member_shape(shape: Shape, name: str) -> Shape:
    found = shape.get("properties", {}).get(name, shape.get("additionalProperties"))
    return found if is_object(found) else ANYTHING


# --- texts


def read_text(shape: Shape, text: str) -> Any:
    """The value that a text means: itself where a text fits, else the number, boolean or JSON that it spells and that fits.

    A text that means nothing that fits is read as what the shape asks for (so that the number is out of range, not the text no number).
    """
    readings = list(_readings(text))
    fitting = next((value for value in readings if fits(shape, value)), None)
    if fitting is not None or (text == "null" and fits(shape, None)):
        return fitting
    if takes(shape, "string"):
        return text
    return next((value for value in readings[1:] if _may_be(shape, value)), text)


def _readings(text: str) -> Iterator[Any]:
    yield text
    for value in (read_boolean(text), read_number(text)):
        if value is not None:
            yield value
    try:
        yield json.loads(text)
    except (ValueError, RecursionError):
        return


def _may_be(shape: Shape, value: object) -> bool:
    kinds = {"boolean": bool, "number": int | float, "integer": int, "array": list, "object": dict}
    is_flag = isinstance(value, bool)
    return any(
        takes(shape, name) and isinstance(value, kind) and is_flag == (name == "boolean")
        for name, kind in kinds.items()
    )


# --- files


def files_in(shape: Shape, value: object) -> Iterator[tuple[Path, Any]]:
    """Everything inside of a value that is, or stands for, a file: those of this machine, and texts where files are meant."""
    if is_local(value):
        yield (), value
        return
    form = form_for(shape, value)
    if isinstance(value, str):
        if form.get("format") in FILE_FORMATS:
            yield (), value
    elif is_object(value):
        for name, one in value.items():
            yield from (((name, *path), file) for path, file in files_in(_member_shape(form, name), one))
    elif is_array(value):
        for n, one in enumerate(value):
            yield from (((n, *path), file) for path, file in files_in(item_shape(form) or ANYTHING, one))
