"""Arguments as text in the places of a request: path, query, header, cookie (OpenAPI's parameter styles)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast
from urllib.parse import quote

import typedrun.errors as errors
from typedrun.operations.descriptions import Operation, Parameter


def path_text(operation: Operation[Any], given: Mapping[str, tuple[Parameter, object]]) -> str:
    """The path of an operation with its arguments in it.

    Raises:
        ParameterError: one of them is missing or would change the path's shape.
    """
    path = operation.path
    for one in operation.parameters:
        if one.place == "path":
            if one.wire not in given:
                raise errors.ParameterError(f"{one.name} is part of the address and has no value", parameter=one.name)
            path = _filled(path, *given[one.wire])
    return path


def _filled(path: str, one: Parameter, value: object) -> str:
    name = one.wire.removeprefix("+").rstrip("*+")
    # `{path*}`, `{proxy+}` and `{+path}`: the rest of the address, slashes included.
    greedy = [mark for mark in (f"{{{name}*}}", f"{{{name}+}}", f"{{+{name}}}") if mark in path]
    text = _path_text(one, value, safe="/" if greedy else "")
    if not text or any(segment in (".", "..") for segment in text.split("/")):
        raise errors.ParameterError(f"{one.name} is part of the address and cannot be {text!r}", parameter=one.name)
    for mark in (f"{{{one.wire}}}", *greedy):
        path = path.replace(mark, text)
    return path


def _path_text(one: Parameter, value: object, *, safe: str) -> str:
    style, safe = one.style or "simple", _RESERVED if one.allow_reserved else safe
    if one.is_json:
        return quote(json_text(value), safe="")
    if isinstance(value, Mapping):
        pairs = [
            (quote(str(k), safe=safe), quote(scalar_text(v), safe=safe))
            for k, v in cast("Mapping[object, object]", value).items()
        ]
        exploded, flat = [f"{k}={v}" for k, v in pairs], ",".join(part for pair in pairs for part in pair)
    else:
        items = [
            quote(scalar_text(item), safe=safe)
            for item in (cast("list[object]", value) if isinstance(value, list) else [value])
        ]
        exploded, flat = [f"{one.wire}={item}" for item in items] if style == "matrix" else items, ",".join(items)
    lead, joint = {"simple": ("", ","), "label": (".", "."), "matrix": (";", ";")}[style]
    if one.explode:
        return lead + joint.join(exploded)
    return f";{one.wire}={flat}" if style == "matrix" else lead + flat


_RESERVED: Final = ":/?#[]@!$&'()*+,;="
_DELIMITERS: Final = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "|", "cookie": ","}


def query_texts(one: Parameter, value: object) -> Iterator[str]:
    """`name=value` texts of a query or cookie parameter, or of a field of a form; none of them has a null, which is left out."""
    style, safe = one.style or "form", _RESERVED if one.allow_reserved else ""
    is_exploded = one.explode if one.explode is not None else style in ("form", "deepObject", "cookie")
    name = quote(one.wire, safe="")
    if one.is_json:
        yield f"{name}={quote(json_text(value), safe='')}"
    elif style == "deepObject":
        yield from _deep(name, value, safe)
    elif isinstance(value, Mapping):
        yield from _query_object(name, cast("Mapping[object, object]", value), style, safe, is_exploded=is_exploded)
    elif isinstance(value, list):
        items = [quote(scalar_text(item), safe=safe) for item in cast("list[object]", value) if item is not None]
        if is_exploded:
            yield from (f"{name}={item}" for item in items)
        elif items:
            yield f"{name}={_DELIMITERS.get(style, ',').join(items)}"
    elif value is not None:
        yield f"{name}={quote(scalar_text(value), safe=safe)}"


def _query_object(
    name: str, value: Mapping[object, object], style: str, safe: str, *, is_exploded: bool
) -> Iterator[str]:
    pairs = [(quote(str(k), safe=""), quote(scalar_text(v), safe=safe)) for k, v in value.items() if v is not None]
    if is_exploded:
        yield from (f"{k}={v}" for k, v in pairs)
    elif pairs:
        yield f"{name}={_DELIMITERS.get(style, ',').join(part for pair in pairs for part in pair)}"


def _deep(name: str, value: object, safe: str) -> Iterator[str]:
    """`filter[price][min]=1`; lists repeat their name, and lists of objects number it, as most servers read them."""
    if isinstance(value, Mapping):
        for key, one in cast("Mapping[object, object]", value).items():
            yield from _deep(f"{name}[{quote(str(key), safe='')}]", one, safe)
    elif isinstance(value, list):
        for number, one in enumerate(cast("list[object]", value)):
            is_plain = not isinstance(one, Mapping | list)
            yield from _deep(name if is_plain else f"{name}[{number}]", one, safe)
    elif value is not None:
        yield f"{name}={quote(scalar_text(value), safe=safe)}"


def header_text(one: Parameter, value: object) -> str:
    """The value of a header field.

    Raises:
        ParameterError: it holds a line end.
    """
    text = json_text(value) if one.is_json else _simple(value, explode=bool(one.explode))
    if "\r" in text or "\n" in text or "\0" in text:
        raise errors.ParameterError(f"{one.name} has a line break, which a header cannot carry", parameter=one.name)
    return text


def _simple(value: object, *, explode: bool) -> str:
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return ",".join(f"{k}={scalar_text(v)}" if explode else f"{k},{scalar_text(v)}" for k, v in pairs)
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return ",".join(map(scalar_text, items))


def scalar_text(value: object) -> str:
    """A value inside a path, query, header or form."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, Mapping | list):
        return json_text(cast("object", value))
    return value.decode() if isinstance(value, bytes) else str(value)


def json_text(value: object) -> str:
    """A value as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
