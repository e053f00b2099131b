"""Server-side parameter checks: missing, wrong type, not an option, not a URL.

Lenient where the wire is: numbers may be strings, null means absent, unknown parameters pass, and `data` stands for whatever
is required (the multimodal form).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from typedrun.kinds import KINDS, Row, row_for
from typedrun.parameters.presets import option_values
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_object, as_text, type_word
from typedrun_sandbox.marketplaces.aixplain.catalog import CatalogModel
from typedrun_sandbox.marketplaces.aixplain.errors import unreachable_input

_SORTS = {"label": "text", "media": "URL"}
"""Kinds that the backend calls otherwise."""

QUESTIONS = frozenset({"LIST_ACTIONS", "LIST_INPUTS"})
"""Actions that ask about a tool; every tool has them, none lists them."""

_URL = re.compile(r"(?:https?|s3)://\S+|data:[\w.+-]+/[\w.+-]+[;,].*", re.DOTALL)


def find_errors(model: CatalogModel, body: Mapping[str, JSON]) -> list[JSONObject]:
    """Find what is wrong with a body: one `{field, message}` per parameter; empty when the model may run."""
    found = [(as_text(p.get("name")), _error(p, body)) for p in model.params]
    return [{"field": name, "message": message} for name, message in found if message]


def find_unreachable(model: CatalogModel, body: Mapping[str, JSON], is_missing: Callable[[str], bool]) -> None:
    """Check that media parameters name something that can be fetched.

    Args:
        model: the model.
        body: the request.
        is_missing: whether a URL is a link to the sandbox's own files that leads nowhere.

    Raises:
        Refusal: 492, as the backend answers for an input URL.
    """
    for parameter in model.params:
        name = as_text(parameter.get("name"))
        values = body.get(name)
        if row_of(parameter).kind == "media" and values is not None:
            for value in values if isinstance(values, list) else [values]:
                if isinstance(value, str) and (not _URL.fullmatch(value) or is_missing(value)):
                    raise unreachable_input(name)


def _error(parameter: JSONObject, body: Mapping[str, JSON]) -> str:
    name = as_text(parameter.get("name"))
    value = body.get(name)
    if value is None:
        is_missing = parameter.get("required") is True and not _fixed_value(parameter) and "data" not in body
        return f"Required parameter '{name}' is missing" if is_missing else ""
    row = row_of(parameter)
    is_list = row.is_list or parameter.get("multipleValues") is True
    items: list[JSON] = value if isinstance(value, list) and is_list else [value]
    # `data` is the wire's generic input: a text, an object, a list of messages.
    if name != "data" and (wrong := _wrong_type(parameter, row, value, items)):
        return f"Parameter '{name}' has invalid type. Expected {wrong}"
    return _option_error(parameter, items)


def _wrong_type(parameter: JSONObject, row: Row, value: JSON, items: list[JSON]) -> str:
    if row.is_list and not isinstance(value, list):
        return f"array, got {type_word(value)}"
    for number, item in enumerate(items):
        if not _fits(row, item) and not _is_option(parameter, item):
            place = f" at index {number}" if items is value else ""
            return f"{_SORTS.get(row.kind, row.kind)}{place}, got {type_word(item)}"
    return ""


def row_of(parameter: JSONObject) -> Row:
    """The row of the table of kinds that a parameter belongs to."""
    kind, sub = parameter.get("dataType"), parameter.get("dataSubType")
    return row_for(kind if isinstance(kind, str) else None, sub if isinstance(sub, str) else None)


def _option_error(parameter: JSONObject, items: list[JSON]) -> str:
    options = options_of(parameter)
    allowed = _allowed(parameter)
    if allowed and parameter.get("name") == "action":
        allowed |= QUESTIONS
    wrong = next((item for item in items if allowed and _spelt(item) not in allowed), None)
    if wrong is None:
        return ""
    shown = ", ".join(f"'{_spelt(option)}'" for option in options[:10]) + (", …" if len(options) > 10 else "")
    return f"Parameter '{as_text(parameter.get('name'))}' must be one of {shown}; got '{_spelt(wrong)}'"


def _allowed(parameter: JSONObject) -> set[str]:
    return {_spelt(option) for option in options_of(parameter)}


def _is_option(parameter: JSONObject, value: JSON) -> bool:
    """Whether this is an option. It fits whatever the type: there are booleans whose options are `"1"` and `"0"`."""
    return isinstance(value, str) and value in _allowed(parameter)


def options_of(parameter: JSONObject) -> list[JSON]:
    """Options of a parameter; an entry without a value is none."""
    return list(option_values(as_list(parameter.get("availableOptions"))))


def _spelt(value: JSON) -> str:
    """A value as options spell it: the catalog writes numbers and booleans as strings, and now and then as themselves."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _fixed_value(parameter: JSONObject) -> bool:
    """Whether the catalog presets this parameter: then nobody has to send it."""
    return parameter.get("isFixed") is True and bool(as_list(parameter.get("values")))


def _fits(row: Row, value: JSON) -> bool:
    """Whether the value fits. Text may be a chat history, where a model takes one."""
    is_chat = isinstance(value, list) and bool(value) and all("role" in as_object(message) for message in value)
    return (row.kind == "text" and is_chat) or KINDS[row.kind].travels(value)
