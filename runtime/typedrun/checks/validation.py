"""Is a call what the catalog asks for? Asked before any byte is sent; every problem of the call in one error.

Rules:
- What a parameter takes is said by `typedrun.kinds`; a text that spells a number, a boolean or JSON is one, as it is for the
  backend. Beyond that: any option, chat messages as the text of a language model, lists where a parameter takes several values.
- What is wrong with a value is said by `typedrun.checks.misfits`, which is imported with the first that is not plain.
- A parameter with a JSON Schema takes what that says (`typedrun.schemas`), and a text is a text there.
- A value is sent as the caller gave it, except where the wire spells it differently (`wire_value`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from typedrun.jsontypes import is_array
from typedrun.kinds import KINDS
from typedrun.parameters import Parameter, find_option


def holds_files(parameter: Parameter) -> bool:
    """Whether there may be a file anywhere in the parameter's value."""
    if parameter.schema is None:
        return parameter.row.kind == "media"
    from typedrun.schemas import has_files

    return has_files(parameter.shape)


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
        elif not _is_plain(parameter, value):
            from typedrun.checks.misfits import value_problems

            found = value_problems(parameter, value, accepts_messages=accepts_messages)
            problems += [(parameter.name, problem) for problem in found]
    return problems


def _is_plain(parameter: Parameter, value: object) -> bool:
    """Whether this is a value of the parameter's kind, where there is neither a schema, a list nor options to look at."""
    if parameter.schema is not None or parameter.options:
        return False
    row = parameter.row
    return not row.is_list and not is_array(value) and KINDS[row.kind].takes(value)


def is_default(parameter: Parameter, value: object) -> bool:
    """Whether this is the catalog's own value."""
    if parameter.schema is None:
        return bool(value == parameter.default)
    from typedrun.schemas import same

    return same(value, parameter.default)


def is_the_servers(parameter: Parameter) -> bool:
    """Whether the server has a default of its own for a parameter that is not sent."""
    return parameter.schema is not None and not parameter.required
