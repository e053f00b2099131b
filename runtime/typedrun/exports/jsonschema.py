"""The parameters of a model as JSON Schema.

One writer, and a `Dialect` for each kind of reader:

- `EXACT` takes what the client takes where arguments are JSON, and nothing else: a null is an argument that is not given, and a text
  that spells a number or a boolean is one. Three things no schema can say, and the client takes them: a text that is JSON, another
  spelling of an option ("1e0" for "1"), and numbers as texts at the very limits (`typedrun.kinds`). One it refuses for reasons of
  this machine: a text without a dot that happens to be the name of a file here.
- `PLAIN` is for people and for language models: values as themselves, absent arguments absent, options with their types, and names of
  properties that every vendor takes.
- `OPENAI` and `ANTHROPIC` are `PLAIN` within what their strict decoding knows: every object closed; for the first, every property
  required, and null for what is left out. What cannot be said so (any JSON value) makes the schema None.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from typedrun.call import accepts_messages
from typedrun.checks.misfits import is_media, python_value, value_problem
from typedrun.exports import written
from typedrun.exports.dialects import ADDRESS as ADDRESS
from typedrun.exports.dialects import ANTHROPIC as ANTHROPIC
from typedrun.exports.dialects import DRAFT as DRAFT
from typedrun.exports.dialects import EXACT as EXACT
from typedrun.exports.dialects import OPENAI as OPENAI
from typedrun.exports.dialects import PLAIN as PLAIN
from typedrun.exports.dialects import Dialect as Dialect
from typedrun.exports.dialects import Schema as Schema
from typedrun.exports.limits import MAX_NAME, cut, property_name
from typedrun.exports.spelt import SPELT
from typedrun.inputs import wire_names, wire_values
from typedrun.jsontypes import JSON
from typedrun.kinds import KINDS, Kind
from typedrun.names import OF_SIGNATURES, python_name, short_hash
from typedrun.parameters import Parameter, find_option

if TYPE_CHECKING:
    from typedrun.metadata.described import DescribedModel

# As `attachments.seems_local` has it: what looks like the name of a file is none of the texts that are sent as they are.
_ADDRESS_OR_VALUE: Final = r"^(?:[A-Za-z][A-Za-z0-9+.-]*:(?://|[^\\/])|(?![^\n]{1,1000}\.[A-Za-z0-9]{1,5}(?![\s\S])))"


def arguments_of(model: DescribedModel) -> dict[str, Parameter]:
    """The parameters that a caller may set, by the names that `run` has for them; what the catalog fixed is none of them."""
    spelt, controls = wire_names(model.inputs), model.run_controls
    named = {
        _argument_name(parameter, spelt, controls): parameter
        for parameter in model.params or ()
        if _is_argument(parameter)
    }
    return {name: parameter for name, parameter in named.items() if name not in OF_SIGNATURES | controls}


def _is_argument(parameter: Parameter) -> bool:
    """Whether this is an argument: a fixed parameter is none, unless the catalog fixes it and leaves the value open."""
    return not parameter.is_fixed or (parameter.required and parameter.default is None)


def _argument_name(parameter: Parameter, spelt: Mapping[str, str], controls: Collection[str]) -> str:
    plain = python_name(parameter.name, controls)
    if spelt.get(plain) == parameter.name:
        return plain
    own = [name for name, wire in spelt.items() if wire == parameter.name and name != wire]
    return own[0] if own else parameter.name


def model_schema(model: DescribedModel, dialect: Dialect = EXACT) -> Schema | None:
    """The arguments of a model's `run` as the schema of an object.

    Args:
        model: Its parameters are read, and the present values of its `inputs`: what has one need not be given.
        dialect: For whom.

    Returns:
        The schema; None where the dialect cannot say what the model takes.
    """
    if model.params is None:
        return None if dialect.closed else {"type": "object", "additionalProperties": True}
    present, told = wire_values(model.inputs), _docstring_of(model)
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for name, parameter in arguments_of(model).items():
        value = present.get(parameter.name)
        must = parameter.required and value is None
        schema = _property(parameter, dialect, accepts_messages(model), must=must)
        if schema is None:
            return None
        if must or dialect.requires_all:
            required.append(name)
        text = parameter.description or told.get(name, "")
        properties[name] = _described(schema, text, parameter, python_value(parameter, value), dialect, must=must)
    if not dialect.spelt:
        properties = {property_name(name): _called(name, schema) for name, schema in properties.items()}
        required = [property_name(name) for name in required]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _called(argument: str, schema: Schema) -> Schema:
    """The schema of an argument, with its own name, where that of its property differs."""
    if property_name(argument) == argument:
        return schema
    return schema | {"description": " ".join(filter(None, (f"'{argument}'.", schema.get("description"))))}


def _property(parameter: Parameter, dialect: Dialect, messages: bool, *, must: bool) -> Schema | None:
    """One property; None where a strict schema cannot say it."""
    schema = parameter_schema(parameter, dialect, messages=messages)
    if schema is None:
        return None
    may_be_null = not parameter.required if dialect.spelt else dialect.requires_all and not must
    if parameter.schema is not None:
        return written.with_null(schema) if may_be_null else written.without_null(schema)
    return _with_null(schema) if may_be_null else _without("null", schema)


def parameter_schema(parameter: Parameter, dialect: Dialect, *, messages: bool = False) -> Schema | None:
    """What one parameter takes when it is given; None where a strict schema cannot say it.

    Args:
        parameter: The parameter.
        dialect: For whom.
        messages: Whether a parameter `text` takes a conversation.
    """
    if parameter.schema is not None:
        return _schema_of(parameter, dialect)
    row = parameter.row
    kind = KINDS[row.kind]
    one = _options(parameter, kind, dialect) if parameter.options else _value(parameter, kind, dialect)
    if one is None:
        return None
    takes_many = row.is_list or parameter.multiple_values
    forms = [] if row.is_list or (takes_many and dialect.closed) else [_without("array", one) if takes_many else one]
    if takes_many:
        forms.append({"type": "array", "items": one})
    if row.is_list and parameter.options and dialect.spelt:  # one option stands for a list of one
        forms.insert(0, {"enum": list(_spellings(parameter, dialect))})
    if messages and parameter.name == "text" and not dialect.closed:
        forms.append({"type": "array", "items": {"type": "object"}})
    if dialect.spelt and _is_odd_default(parameter):
        forms.append({"const": parameter.default})
    return forms[0] if len(forms) == 1 else {"anyOf": forms}


def _schema_of(parameter: Parameter, dialect: Dialect) -> Schema | None:
    """What a parameter says that has a schema itself."""
    schema = written.write(parameter.shape, dialect)
    is_odd = schema is not None and dialect.spelt and _is_odd_default(parameter)
    return {"anyOf": [schema, {"const": parameter.default}]} if is_odd else schema


def _is_odd_default(parameter: Parameter) -> bool:
    """Whether the default is none of what the parameter takes: the catalog's own value is sent all the same."""
    default = parameter.default
    return default is not None and (is_media(parameter) or value_problem(parameter, default) is not None)


def _value(parameter: Parameter, kind: Kind, dialect: Dialect) -> Schema | None:
    """Any value of a kind."""
    if dialect.closed and not {"object", "array"}.isdisjoint(kind.json_types) and kind.name != "media":
        return None
    if is_media(parameter):
        if dialect.spelt:
            return {"type": list(kind.json_types), "pattern": _ADDRESS_OR_VALUE}
        return {"type": "string", "pattern": ADDRESS}
    if kind.name == "label" and not dialect.spelt:
        return {"type": "string"}
    if kind.name in SPELT and dialect.spelt:
        return {"type": [*kind.json_types, "string"], "pattern": SPELT[kind.name]}
    return _typed(kind.json_types)


def _options(parameter: Parameter, kind: Kind, dialect: Dialect) -> Schema | None:
    """One of the options; an object passes for a kind that takes objects."""
    values = list(_spellings(parameter, dialect))
    listed: Schema = {"enum": values} if dialect.spelt else written.typed_enum(values)
    takes_objects = "object" in kind.json_types and dialect.spelt
    if not values:  # options that are no values of JSON's simple types: nothing can mean one
        return None if dialect.closed else {"type": "object"} if "object" in kind.json_types else {"not": {}}
    if not takes_objects:
        return listed
    forms = [listed, {"type": "object"}]
    if "array" in kind.json_types and not parameter.multiple_values:
        forms.append({"type": "array", "items": {"anyOf": list(forms)}})
    return {"anyOf": forms}


def _spellings(parameter: Parameter, dialect: Dialect) -> Iterator[JSON]:
    """The options as Python reads them; where texts may spell values, as the catalog writes them, too."""
    single = [option for option in parameter.options if isinstance(option, str | int | float | bool)]
    seen = set[tuple[bool, JSON]]()
    for option in single:
        for value in _readings(parameter, option) if dialect.spelt else [_one_value(parameter, option)]:
            if (key := (isinstance(value, bool), value)) not in seen:
                seen.add(key)
                yield value


def _one_value(parameter: Parameter, option: JSON) -> Any:
    """An option as Python reads it, if that still means this option."""
    kind = KINDS[parameter.row.kind]
    value = kind.read(option) if isinstance(option, str) else option
    return value if find_option(parameter, value) is not None else option


def _readings(parameter: Parameter, option: Any) -> Iterator[Any]:
    """Everything that means an option and that a schema can list."""
    candidates: list[Any] = [option, str(option), str(option).lower(), str(option).capitalize()]
    if isinstance(option, bool) or str(option).lower() in {"true", "false"}:
        candidates.append(str(option).lower() == "true")
    else:
        number = KINDS["number"].read(str(option))
        if not isinstance(number, str):
            candidates += [number, str(number), str(float(number))] if abs(number) < 2**53 else [number]
            candidates += [bool(number)] if number in {0, 1} else []
    return (value for value in candidates if find_option(parameter, value) == option)


def _typed(types: Sequence[str]) -> Schema:
    return {"type": types[0] if len(types) == 1 else list(types)}


def _with_null(schema: Schema) -> Schema:
    """A schema that takes what another takes, and null."""
    if "anyOf" in schema:
        return schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    if "enum" in schema:
        return {"anyOf": [schema, {"type": "null"}]} if "type" in schema else {"enum": [*schema["enum"], None]}
    if "not" in schema:
        return {"type": "null"}
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return schema | {"type": [*types, *([] if "null" in types else ["null"])]}


def _without(left_out: str, schema: Schema) -> Schema:
    """A schema that takes what another takes, but no values of one type; null, for one, stands for an argument that is not given."""
    if "anyOf" in schema:
        return schema | {"anyOf": [_without(left_out, form) for form in schema["anyOf"]]}
    types: str | list[str] | None = schema.get("type")
    return schema | _typed([each for each in types if each != left_out]) if isinstance(types, list) else schema


def _described(
    schema: Schema, text: str, parameter: Parameter, default: Any, dialect: Dialect, *, must: bool
) -> Schema:
    sentences = [_sentence(text)]
    if is_media(parameter) and not dialect.spelt:
        sentences.append("The address of a file (https://…).")
    if not must and default is not None and " Default " not in f" {text}":
        sentences.append(f"Default: {_shown(default)}.")
    if dialect.requires_all and not must:
        sentences.append("null leaves it out.")
    described = " ".join(sentence for sentence in sentences if sentence)
    said: Schema = {"description": described} if described else {}
    if not dialect.closed and not must and default is not None:
        said["default"] = default
    return said | schema


_ARGUMENT: Final = re.compile(r" {4}(\w+): (.*)")


def _docstring_of(model: DescribedModel) -> Mapping[str, str]:
    """What the docstring of a generated `run` says of each argument: the class has the catalog's words nowhere else."""
    said: object = getattr(getattr(type(model), "run", None), "__doc__", None)
    text = (
        inspect.cleandoc(said) if isinstance(said, str) and model.is_generated else ""
    )  # since 3.13 it is indented less
    found: dict[str, str] = {}
    name = ""
    for line in text.partition("Args:\n")[2].splitlines():
        if named := _ARGUMENT.fullmatch(line):
            name, found[named[1]] = named[1], named[2]
        elif name:
            found[name] += f" {line.strip()}"
    return found


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if not text or text.endswith((".", "!", "?", "…", ":")) else f"{text}."


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:199]}…"


# --- names and descriptions


def tool_names(models: Iterable[DescribedModel], taken: Collection[str] = ()) -> list[str]:
    """A name for each model: its path (else its name) in `A-Z a-z 0-9 _ -`, 64 characters at most; a hash of the id where two would be the same.

    Args:
        models: In the order of the names.
        taken: Names that other tools have.

    Raises:
        ValueError: a model occurs twice.
    """
    listed = list(models)
    plain = [tool_name(model.path or model.name or model.label) for model in listed]
    unique = [
        name if plain.count(name) == 1 and name not in taken else cut(name, short_hash(model.id or model.label))
        for name, model in zip(plain, listed, strict=True)
    ]
    twice = next((model.label for name, model in zip(unique, listed, strict=True) if unique.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"model {twice} is listed twice. Next: name each model once")
    return unique


def tool_name(label: str) -> str:
    """A text as the name of a tool."""
    name = "_".join(
        filter(None, "".join(c if c.isascii() and (c.isalnum() or c in "_-") else " " for c in label).split())
    )
    if not name:
        return f"model_{short_hash(label)}"
    return name if len(name) <= MAX_NAME else cut(name, short_hash(label))
