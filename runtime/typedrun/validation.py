"""Is a call what the catalog asks for? Asked before any byte is sent; every problem of the call in one error.

Rules:
- What a parameter takes is said by `typedrun.kinds`; a text that spells a number, a boolean or JSON is one, as it is for the
  backend. Beyond that: any option, chat messages as the text of a language model, lists where the catalog says `multipleValues`.
- A parameter with a JSON Schema takes what that says (`typedrun.schemas`), and a text is a text there.
- A value is sent as the caller gave it, except where the wire spells it differently (`wire_value`).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from typedrun.jsontypes import JSON, is_array, is_object
from typedrun.kinds import KINDS, Row, expected
from typedrun.parameters import Parameter, spelling


def is_media(parameter: Parameter) -> bool:
    """Whether the parameter's value is a file, or a list of files. A URL goes as it is, anything local is uploaded."""
    if parameter.schema is None:
        return parameter.row.kind == "media"
    from typedrun.schemas import is_file, item_shape

    items = item_shape(parameter.shape)
    return is_file(parameter.shape) or (items is not None and is_file(items))


def holds_files(parameter: Parameter) -> bool:
    """Whether there may be a file anywhere in the parameter's value."""
    if parameter.schema is None:
        return is_media(parameter)
    from typedrun.schemas import has_files

    return has_files(parameter.shape)


def is_secret(parameter: Parameter) -> bool:
    """Whether the parameter's value is never to be shown."""
    if parameter.schema is None:
        return False
    from typedrun.schemas import is_secret

    return is_secret(parameter.shape)


def takes_list(parameter: Parameter) -> bool:
    """Whether the parameter's value may be a list."""
    if parameter.schema is None:
        return parameter.multiple_values or parameter.row.is_list
    from typedrun.schemas import item_shape

    return item_shape(parameter.shape) is not None


# --- types


def is_accepted(parameter: Parameter, value: object, *, accepts_messages: bool = False) -> bool:
    """Whether the value is of a type that the parameter takes, or fits its schema. None always does: it means "send nothing"."""
    if parameter.schema is not None:
        return not value_problems(parameter, value)
    return type_problem(parameter, value, accepts_messages=accepts_messages) is None


def type_problem(parameter: Parameter, value: object, *, accepts_messages: bool = False) -> str | None:
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
    from typedrun.wording import shorten  # with the first mistake

    return shorten(value) if isinstance(value, str) else type(value).__name__


# --- options and spellings


def wire_value(parameter: Parameter, value: Any) -> Any:
    """The value as the wire spells it: an option in the catalog's spelling, a bool for a text as "true" or "false".

    By a schema: a whole number without a fraction, a `RemoteFile` by its address, sequences as lists.
    """
    if parameter.schema is not None:
        from typedrun.schemas import to_wire

        return to_wire(parameter.shape, value)
    if is_array(value):
        is_list = parameter.multiple_values or parameter.row.is_list
        return [_wire_item(parameter, item) for item in value] if is_list else list(value)
    return _wire_item(parameter, value)


def _wire_item(parameter: Parameter, value: Any) -> Any:
    option = find_option(parameter, value)
    if option is not None:
        return option
    is_json = parameter.row.kind in {"json", "value"}
    if isinstance(value, bool) and parameter.data_type == "text" and not is_json:
        return "true" if value else "false"
    return value


def find_option(parameter: Parameter, value: object) -> JSON:
    """The option that a value means, in its wire form; None when it is not one (or there are none)."""
    if not parameter.options or not isinstance(value, str | int | float | bool):
        return None
    if isinstance(value, str) and value in parameter.options:
        return str.__str__(value)  # of an enumeration's member, too
    found = parameter.spellings.get(spelling(value))
    # Some catalogs write the options of a boolean as "1" and "0".
    return parameter.spellings.get(spelling(int(value))) if found is None and isinstance(value, bool) else found


def python_value(parameter: Parameter, value: Any) -> Any:
    """A wire value as Python code wants to read it: the string "0.7" of a number is 0.7, "true" of a boolean is True."""
    if parameter.schema is not None:
        return copy.deepcopy(value) if is_array(value) or is_object(value) else value  # nobody changes the default
    row = parameter.row
    read = KINDS[row.kind].read
    if is_array(value) and (row.is_list or parameter.multiple_values):
        return [read(item) if isinstance(item, str) else item for item in value]
    return read(value) if isinstance(value, str) and not row.is_list else value


# --- the whole call


def find_problems(
    parameters: Iterable[Parameter], values: Mapping[str, Any], *, accepts_messages: bool = False
) -> list[tuple[str, str]]:
    """(wire name, sentence) for each thing that is wrong with the values of a call; None counts as not given."""
    is_waived = values.get("data") is not None  # the multimodal form supersedes every single parameter
    problems: list[tuple[str, str]] = []
    for parameter in parameters:
        value = values.get(parameter.name)
        if value is None:
            if parameter.required and not (is_waived and parameter.schema is None):
                problems.append((parameter.name, f"Required parameter '{parameter.name}' is missing"))
        elif is_default(parameter, value):
            continue  # the catalog's own value, whatever it says of types and options
        else:
            found = value_problems(parameter, value, accepts_messages=accepts_messages)
            problems += [(parameter.name, problem) for problem in found]
    return problems


def is_default(parameter: Parameter, value: object) -> bool:
    """Whether this is the catalog's own value."""
    if parameter.schema is None:
        return bool(value == parameter.default)
    from typedrun.schemas import same

    return same(value, parameter.default)


def is_the_servers(parameter: Parameter) -> bool:
    """Whether the server has a default of its own for a parameter that is not sent."""
    return parameter.schema is not None and not parameter.required


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
    wrong_type = type_problem(parameter, value, accepts_messages=accepts_messages)
    if wrong_type is not None:
        return f"Parameter '{parameter.name}' has invalid type. Expected {wrong_type}"
    if value is None or not parameter.options:
        return None
    items = value if is_array(value) else (value,)
    wrong = [item for item in items if not isinstance(item, Mapping) and find_option(parameter, item) is None]
    if not wrong:
        return None
    from typedrun.wording import options_hint, shorten  # as above

    return f"Parameter '{parameter.name}' has an invalid value. {shorten(wrong[0])} is not an option; {options_hint(parameter.options, wrong[0])}"
