"""What is wrong with the value of a parameter, and how Python reads one that fits."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from typedrun.jsontypes import is_array, is_object
from typedrun.kinds import KINDS, Row
from typedrun.parameters import Parameter, find_option
from typedrun.wording import options_hint, shorten


def expected(row: Row) -> str:
    """What a row takes, in words: "a number", "a list of numbers"."""
    kind = KINDS[row.kind]
    return f"a list of {kind.many}" if row.is_list else kind.one


def takes_list(parameter: Parameter) -> bool:
    """Whether the parameter's value may be a list."""
    if parameter.schema is None:
        return parameter.multiple_values or parameter.row.is_list
    from typedrun.schemas import item_shape

    return item_shape(parameter.shape) is not None


def _type_problem(parameter: Parameter, value: object, *, accepts_messages: bool = False) -> str | None:
    """What is wrong with the type of a value, in words ("a number, got list"); None when nothing is."""
    row = parameter.row
    if value is None or find_option(parameter, value) is not None:
        return None
    if accepts_messages and parameter.name == "text" and is_array(value):
        return _conversation_problem(parameter, value)
    if is_array(value) and (row.is_list or parameter.multiple_values):
        return _item_problem(parameter, row, value)
    if not row.is_list and KINDS[row.kind].takes(value):
        return None
    return f"{expected(row)}, got {_told(value)}"


def _conversation_problem(parameter: Parameter, value: Sequence[object]) -> str | None:
    if all(isinstance(item, Mapping) for item in value):
        return None
    row = parameter.row
    if parameter.multiple_values or row.is_list:
        return _item_problem(parameter, row, value)
    if KINDS[row.kind].takes(value):
        return None
    return f"{expected(row)} or a list of chat messages, got {_told(value)}"


def _item_problem(parameter: Parameter, row: Row, values: Sequence[object]) -> str | None:
    kind = KINDS[row.kind]
    wrong = (n for n, item in enumerate(values) if find_option(parameter, item) is None and not kind.takes(item))
    first = next(wrong, None)
    return None if first is None else f"a list of {kind.many}, got {_told(values[first])} at index {first}"


def _told(value: object) -> str:
    """A text says itself, which is what is wrong with it; of anything else the type says enough."""
    return shorten(value) if isinstance(value, str) else type(value).__name__


def value_problems(parameter: Parameter, value: object, *, accepts_messages: bool = False) -> list[str]:
    """What is wrong with one value, as sentences; nothing when it fits."""
    if parameter.schema is not None:
        from typedrun.schemas import problems_of

        wrong = [] if value is None else problems_of(parameter.shape, value)
        return [f"Parameter '{parameter.name}{place}' {problem}" for place, problem in wrong]
    problem = value_problem(parameter, value, accepts_messages=accepts_messages)
    return [] if problem is None else [problem]


def value_problem(parameter: Parameter, value: object, *, accepts_messages: bool = False) -> str | None:
    """What is wrong with one value, as a sentence; None when nothing is."""
    if parameter.schema is not None:
        return "; ".join(value_problems(parameter, value)) or None
    wrong_type = _type_problem(parameter, value, accepts_messages=accepts_messages)
    if wrong_type is not None:
        return f"Parameter '{parameter.name}' has invalid type. Expected {wrong_type}"
    if value is None or not parameter.options:
        return None
    items = value if is_array(value) else (value,)
    wrong = [item for item in items if not isinstance(item, Mapping) and find_option(parameter, item) is None]
    if not wrong:
        return None
    return f"Parameter '{parameter.name}' has an invalid value. {shorten(wrong[0])} is not an option; {options_hint(parameter.options, wrong[0])}"


def python_value(parameter: Parameter, value: Any) -> Any:
    """A wire value as Python code wants to read it: the string "0.7" of a number is 0.7, "true" of a boolean is True."""
    if parameter.schema is not None:
        return copy.deepcopy(value) if is_array(value) or is_object(value) else value  # nobody changes the default
    row = parameter.row
    read = KINDS[row.kind].read
    if is_array(value) and (row.is_list or parameter.multiple_values):
        return [read(item) if isinstance(item, str) else item for item in value]
    return read(value) if isinstance(value, str) and not row.is_list else value


def is_secret(parameter: Parameter) -> bool:
    """Whether the parameter's value is never to be shown."""
    if parameter.schema is None:
        return False
    from typedrun.schemas import is_secret

    return is_secret(parameter.shape)


def is_media(parameter: Parameter) -> bool:
    """Whether the parameter's value is a file, or a list of files. A URL goes as it is, anything local is uploaded."""
    if parameter.schema is None:
        return parameter.row.kind == "media"
    from typedrun.schemas import is_file, item_shape

    items = item_shape(parameter.shape)
    return is_file(parameter.shape) or (items is not None and is_file(items))
