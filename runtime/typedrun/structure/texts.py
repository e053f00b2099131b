"""Texts that stand for values: the fields of a form have nothing else, and their types say what is meant."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

from typedrun.structure.base import OpenIntEnum
from typedrun.structure.hints import alias, fields_of, is_alias, is_list, is_literal, is_map, is_object, is_union


def from_texts(fields: Mapping[str, Sequence[str]], type_: Any) -> dict[str, Any]:
    """The JSON object that the fields of a form mean.

    Args:
        fields: wire name → its texts, in their order.
        type_: what the object is going to be.
    """
    members = list(_members(type_))
    types = {one.wire: one.type for cls in members if is_object(cls) for one in fields_of(cls) if not one.is_rest}
    rests = [one.type for cls in members if is_object(cls) for one in fields_of(cls) if one.is_rest]
    rest = next((get_args(one)[1] for one in (*members, *rests) if is_map(one)), Any)
    return {name: _value(texts, types.get(name, rest)) for name, texts in fields.items()}


def _members(type_: Any) -> Iterator[Any]:
    """The types of which it is one."""
    if get_origin(type_) is Annotated:
        yield from _members(get_args(type_)[0])
    elif is_union(type_):
        for one in get_args(type_):
            yield from _members(one)
    elif is_alias(type_):
        yield from _members(alias(type_.name, type_.package))
    else:
        yield type_


def _value(texts: Sequence[str], type_: Any) -> Any:
    items = next((get_args(one)[0] for one in _members(type_) if is_list(one)), None)
    if items is not None:
        return [_scalar(text, items) for text in texts]
    return _scalar(texts[0], type_) if len(texts) == 1 else list(texts)


def _scalar(text: str, type_: Any) -> Any:
    """The text where one is wanted, else the JSON value that it spells."""
    members = list(_members(type_))
    if any(map(_is_text, members)):
        return text
    if not text and type(None) in members:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text  # said to be odd, or an error, where it is decoded


def _is_text(type_: Any) -> bool:
    """Whether JSON writes values of a type as texts."""
    if is_literal(type_):
        return any(isinstance(one, str) for one in get_args(type_))
    if is_object(type_) or is_list(type_) or is_map(type_):
        return False
    return not (isinstance(type_, type) and issubclass(type_, int | float | OpenIntEnum | type(None)))
