"""Is a call what the catalog asks for? Asked before any byte is sent; every problem of the call in one error.

Rules:
- What a parameter takes is said by `typedrun.kinds`; a text that spells a number, a boolean or JSON is one, as it is for the
  backend. Beyond that: any option, chat messages as the text of a language model, lists where the catalog says `multipleValues`.
- A value is sent as the caller gave it, except where the wire spells it differently (`wire_value`).
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from typedrun.drivers.frames import is_of_a_signal_handler
from typedrun.errors import ParameterError
from typedrun.jsontypes import JSON, is_array
from typedrun.kinds import KINDS, Row, expected
from typedrun.parameters import Parameter, spelling


def is_media(parameter: Parameter) -> bool:
    """Is the parameter's value a file? A URL goes as it is, anything local is uploaded."""
    return parameter.row.kind == "media"


_FILE_NAME = re.compile(r"[^\n]{1,1000}\.[A-Za-z0-9]{1,5}")  # base64 text, which some models take, has no dot


def is_local_media(value: object, *, local_paths: bool = False) -> bool:
    """Whether this is a file on this machine (a path object, bytes, an open binary file) rather than an address.

    Args:
        value: What a media parameter was given.
        local_paths: Whether the client takes plain texts for paths; one is then a file if it seems to name one.
    """
    if isinstance(value, str):
        return local_paths and seems_local(value)
    return isinstance(value, os.PathLike | bytes | bytearray | memoryview) or hasattr(value, "read")


LOCAL_TEXT: Final = (
    "{} is a plain text and no URL, so no local file is read. Next: pass pathlib.Path(…), bytes or an open file; a client made"
    " with local_paths=True takes texts for paths"
)
"""What is said about a text that names, or seems to name, a local file."""


def seems_local(text: str) -> bool:
    """Whether a text names a file that exists, or looks as if it did: a misspelt name is better an error than a prompt."""
    return not is_address(text) and (_FILE_NAME.fullmatch(text) is not None or _exists(text))


def is_address(value: str) -> bool:
    """Is this a URL, `data:` and `s3://` included?"""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*:(//|[^\\/])", value) is not None


def _exists(value: str) -> bool:
    try:
        return Path(value).is_file()
    except (OSError, ValueError) as error:  # too long, a NUL
        if is_of_a_signal_handler(error):
            raise
        return False


# --- types -----------------------------------------------------------------------------------------------------------


def is_accepted(parameter: Parameter, value: object, *, accepts_messages: bool = False) -> bool:
    """Is the value of a type that the parameter takes? None always is: it means "send nothing"."""
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
    return _shorten(value) if isinstance(value, str) else type(value).__name__


# --- options and spellings -------------------------------------------------------------------------------------------


def wire_value(parameter: Parameter, value: Any) -> Any:
    """The value as the wire spells it: an option in the catalog's spelling, a bool for a text as "true" or "false"."""
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
    row = parameter.row
    read = KINDS[row.kind].read
    if is_array(value) and (row.is_list or parameter.multiple_values):
        return [read(item) if isinstance(item, str) else item for item in value]
    return read(value) if isinstance(value, str) and not row.is_list else value


# --- the whole call --------------------------------------------------------------------------------------------------


def find_problems(
    parameters: Iterable[Parameter], values: Mapping[str, Any], *, accepts_messages: bool = False
) -> list[tuple[str, str]]:
    """(wire name, sentence) for each thing that is wrong with the values of a call; None counts as not given."""
    is_waived = values.get("data") is not None  # the multimodal form supersedes every single parameter
    problems: list[tuple[str, str]] = []
    for parameter in parameters:
        value = values.get(parameter.name)
        if value is None:
            if parameter.required and not is_waived:
                problems.append((parameter.name, f"Required parameter '{parameter.name}' is missing"))
        elif value == parameter.default:
            continue  # the catalog's own value, whatever it says of types and options
        elif (problem := value_problem(parameter, value, accepts_messages=accepts_messages)) is not None:
            problems.append((parameter.name, problem))
    return problems


def value_problem(parameter: Parameter, value: object, *, accepts_messages: bool = False) -> str | None:
    """What is wrong with one value, as a sentence; None when nothing is."""
    wrong_type = type_problem(parameter, value, accepts_messages=accepts_messages)
    if wrong_type is not None:
        return f"Parameter '{parameter.name}' has invalid type. Expected {wrong_type}"
    if value is None or not parameter.options:
        return None
    items = value if is_array(value) else (value,)
    wrong = [item for item in items if not isinstance(item, Mapping) and find_option(parameter, item) is None]
    if not wrong:
        return None
    return f"Parameter '{parameter.name}' has an invalid value. {_shorten(wrong[0])} is not an option; {_options(parameter, wrong[0])}"


def _options(parameter: Parameter, wrong: object) -> str:
    spelt = [str(option) for option in parameter.options]
    close = difflib.get_close_matches(str(wrong), spelt, n=1, cutoff=0.6)
    hint = f"did you mean {close[0]!r}? " if close else ""
    shown = ", ".join(repr(option) for option in spelt[:12])
    return f"{hint}options are {shown}" + (f" and {len(spelt) - 12} more" if len(spelt) > 12 else "")


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def closest(name: str, names: Iterable[str]) -> str | None:
    """The name that a misspelt one was probably meant to be."""
    spelt = {_plain(known): known for known in names}
    found = difflib.get_close_matches(_plain(name), spelt, n=1, cutoff=0.75)
    return spelt[found[0]] if found else None


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum()) or name


def unknown_name_problem(name: str, known: Sequence[str], close: str | None) -> str:
    """The sentence about an argument that does not exist; `close` is what was probably meant."""
    hint = f"did you mean '{close}'?" if close else f"there are {', '.join(known) or 'none'}"
    return f"Unknown parameter '{name}': {hint}"


def raise_for_problems(problems: Sequence[tuple[str, str]], *, model: str | None = None) -> None:
    """Raise one error that names every problem.

    Raises:
        ParameterError: there is at least one.
    """
    if not problems:
        return
    sentences = [sentence for _, sentence in problems]
    raise ParameterError(
        f"Parameter validation failed: {'; '.join(sentences).removesuffix('?')}{'?' if sentences[-1].endswith('?') else '.'} Nothing was sent. "
        "Next: correct the call; validate=False sends the values as they are, extra={...} sends what the catalog does not list",
        model=model,
        parameter=problems[0][0] if len(problems) == 1 else None,
        problems=sentences,
    )
