"""Does a value fit a shape? Every problem, each with its place inside of the value.

Values are what Python code passes: any sequence for a list, any mapping for an object, a whole float for a whole number, a path, bytes, an
open file or a `RemoteFile` where a file is meant. A text is a text: "5" is no number here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from typedrun.jsontypes import is_array, is_object
from typedrun.remotefile import RemoteFile
from typedrun.schemas.shapes import ANYTHING, Shape, forms_of, is_file, is_secret, options_of, type_of, types_of
from typedrun.schemas.words import expected
from typedrun.wording import closest, options_hint, shorten

Problem = tuple[str, str]
"""Where inside of the value (`[0].url`; empty for the value itself), and what is wrong, as the end of a sentence."""

_DEEPEST: Final = 60
"""Levels of a value that are looked at; a list that contains itself has no end."""


def problems_of(shape: Shape, value: object, place: str = "") -> list[Problem]:
    """What is wrong with a value; nothing if it fits."""
    return list(islice(_problems(shape, value, place, 0), 20))


def fits(shape: Shape, value: object) -> bool:
    """Whether a value is what a shape describes."""
    return next(_problems(shape, value, "", 0), None) is None


def is_local(value: object) -> bool:
    """Whether this is a file on this machine: a path object, bytes or an open file."""
    return isinstance(value, os.PathLike | bytes | bytearray | memoryview) or hasattr(value, "read")


def kind_of(value: object) -> str:
    """The type that a value has for a schema: `file` for what is one, empty for what JSON does not have."""
    if kind := type_of(value):
        return kind
    return "file" if isinstance(value, RemoteFile) or is_local(value) else ""


def same(one: object, other: object) -> bool:
    """Whether two values are the same to JSON: 1 and 1.0 are, 1 and True are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if is_object(one) and is_object(other):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if is_array(one) and is_array(other):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def form_for(shape: Shape, value: object) -> Shape:
    """The alternative that a value is of: the first that it fits, one of options or types before one that takes any file.

    If it fits none: the first of its type, else `ANYTHING`.
    """
    forms = list(forms_of(shape))
    fitting = [form for form in forms if fits(form, value)]
    fitting = fitting or [form for form in forms if _type_problem(form, value) is None][:1]
    return min(fitting, key=is_file, default=ANYTHING)


# --- one value


def _problems(shape: Shape, value: object, place: str, depth: int) -> Iterator[Problem]:
    if depth > _DEEPEST:
        yield place, "is nested too deeply"
        return
    if "not" in shape:
        yield place, "has an invalid value. No value is allowed here"
        return
    if (wrong := _type_problem(shape, value)) is not None:
        yield place, wrong
        return
    if "anyOf" in shape:
        yield from _alternatives(shape, value, place, depth)
    kind = kind_of(value)
    yield from ((place, f"has an invalid value. {wrong}") for wrong in _value_problems(shape, value, kind))
    if kind == "object":
        yield from _members(shape, value, place, depth)  # type: ignore[arg-type]  # its type was just read
    elif kind == "array":
        yield from _items(shape, value, place, depth)  # type: ignore[arg-type]  # as above


def _type_problem(shape: Shape, value: object) -> str | None:
    types, kind = types_of(shape), kind_of(value)
    if kind == "file":
        is_fine = is_file(shape) or ("object" in types and isinstance(value, RemoteFile))
    else:
        is_fine = kind != "" and (not types or kind in types or (kind == "integer" and "number" in types))
    if is_fine:
        return None
    options = options_of(shape)
    if options and "anyOf" not in shape and kind in {"string", "integer", "number", "boolean"}:
        return f"has an invalid value. {_shown(shape, value)} is not an option; {options_hint(options, value, is_exact=True)}"
    return f"has invalid type. Expected {expected(shape)}, got {_told(shape, value)}"


def _told(shape: Shape, value: object) -> str:
    """A text or a number that JSON does not have says itself; of anything else the type says enough."""
    return _shown(shape, value) if isinstance(value, str | float) else type(value).__name__


def _shown(shape: Shape, value: object) -> str:
    return "***" if is_secret(shape) else shorten(value)


def _alternatives(shape: Shape, value: object, place: str, depth: int) -> Iterator[Problem]:
    """What is wrong by the alternative that was meant: one of the value's type, with the fewest problems."""
    forms = list(forms_of(shape))
    tried = [(form, list(islice(_problems(form, value, place, depth + 1), 20))) for form in forms]
    if any(not found for _, found in tried):
        return
    meant = [(form, found) for form, found in tried if _type_problem(form, value) is None]
    if not meant:
        yield place, f"has invalid type. Expected {expected(shape)}, got {_told(shape, value)}"
        return
    yield from min(meant, key=lambda one: (_tags_missed(one[0], value), len(one[1])))[1]


def _tags_missed(shape: Shape, value: object) -> int:
    """How many members that have one value in the shape have another here: what tells the members of a union apart."""
    members: Mapping[str, Shape] = shape.get("properties", {}) if is_object(value) else {}
    given: Mapping[str, object] = value if is_object(value) else {}
    return sum(name in given and bool(options_of(one)) and not fits(one, given[name]) for name, one in members.items())


def _value_problems(shape: Shape, value: Any, kind: str) -> Iterator[str]:
    """What is wrong with a value of the right type."""
    if kind == "file":
        return
    if "const" in shape and not same(value, shape["const"]):
        yield f"{_shown(shape, value)} is not an option; {options_hint([shape['const']], value, is_exact=True)}"
    elif "enum" in shape and not any(same(value, option) for option in shape["enum"]):
        yield f"{_shown(shape, value)} is not an option; {options_hint(options_of(shape) or shape['enum'], value, is_exact=True)}"
    if kind in {"integer", "number"}:
        yield from _number_problems(shape, value)
    elif kind == "string":
        yield from _length_problems(shape, len(value), "Length", "A text", "characters")
        if "pattern" in shape and re.search(shape["pattern"], value) is None:
            yield f"{_shown(shape, value)} does not match the pattern {shape['pattern']!r}"
    elif kind == "array":
        yield from _length_problems(shape, len(value), "Items", "A list", "items")
        if shape.get("uniqueItems") and any(same(one, other) for n, one in enumerate(value) for other in value[:n]):
            yield "An item comes twice, and each may come once"


def _number_problems(shape: Shape, value: float) -> Iterator[str]:
    low, high = shape.get("minimum"), shape.get("maximum")
    above, below = shape.get("exclusiveMinimum"), shape.get("exclusiveMaximum")
    is_out = (
        (low is not None and value < low)
        or (high is not None and value > high)
        or (above is not None and value <= above)
        or (below is not None and value >= below)
    )
    if is_out:
        limits = (("at least", low), ("more than", above), ("at most", high), ("less than", below))
        said = " and ".join(f"{words} {limit}" for words, limit in limits if limit is not None)
        yield f"{_shown(shape, value)} is out of range: it takes {said}"
    step = shape.get("multipleOf")
    # As a person reads both: by binary fractions, 0.3 would be no multiple of 0.1.
    if step is not None and Decimal(repr(value)) % Decimal(repr(step)):
        yield f"{_shown(shape, value)} is no multiple of {step}"


def _length_problems(shape: Shape, length: int, of: str, what: str, units: str) -> Iterator[str]:
    least, most = shape.get(f"min{of}"), shape.get(f"max{of}")
    if least is not None and length < least:
        yield f"{what} of {length} {units} is too short: at least {least}"
    if most is not None and length > most:
        yield f"{what} of {length} {units} is too long: at most {most}"


# --- what is inside


def _members(shape: Shape, value: Mapping[Any, object], place: str, depth: int) -> Iterator[Problem]:
    properties: Mapping[str, Shape] = shape.get("properties", {})
    others = shape.get("additionalProperties", True)
    for name in shape.get("required", ()):
        if name not in value:
            yield place, f"has an invalid value. Its member {name!r} is missing"
    for name, one in value.items():
        if not isinstance(name, str):
            yield place, f"has an invalid value. The name of a member is a text, and not {shorten(name)}"
        elif name in properties and one is None and name not in shape.get("required", ()):
            continue  # as for an argument: None is one that is not given
        elif name in properties:
            yield from _problems(properties[name], one, f"{place}{_step(name)}", depth + 1)
        elif others is False:
            near = closest(name, [known for known in properties if known not in value])
            hint = f"did you mean {near!r}?" if near else f"members are {', '.join(properties) or 'none'}"
            yield place, f"has an invalid value. It has no member {shorten(name)}: {hint}"
        elif is_object(others):
            yield from _problems(others, one, f"{place}{_step(name)}", depth + 1)
        else:
            yield from _problems(ANYTHING, one, f"{place}{_step(name)}", depth + 1)


def _items(shape: Shape, value: Sequence[object], place: str, depth: int) -> Iterator[Problem]:
    items: Shape = shape.get("items", {})
    for n, one in enumerate(value):
        yield from _problems(items, one, f"{place}[{n}]", depth + 1)


def _step(name: str) -> str:
    return f".{name}" if name.isidentifier() else f"[{name!r}]"
