"""Arguments of a model as words of a command line, in HTTPie's forms.

    name=text       a text; a number, a boolean or JSON where the parameter is one
    name:=json      JSON
    name@file       a file: a medium as it is, for any other parameter its text
    name=@file      the text in a file
    name:=@file     the JSON in a file

`-` in place of a value or of a file is standard input. A name that comes again adds to a list. A backslash before a separator makes it a
part of the name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from typedrun.checks.misfits import is_media, python_value, takes_list
from typedrun.exports.arguments import find_argument_problems, find_local_texts, raise_for_arguments
from typedrun.exports.jsonschema import arguments_of
from typedrun.jsontypes import is_array
from typedrun.kinds import KINDS
from typedrun.parameters import Parameter
from typedrun.records import frozen
from typedrun.schemas import item_shape, read_text, takes

if TYPE_CHECKING:
    from typedrun.model import Model

_WORD: Final = re.compile(r"(?P<name>(?:\\.|[^\\])*?)(?P<sign>:=@|=@|:=|=|@)(?P<value>.*)", re.DOTALL)

STDIN: Final = "-"


@frozen()
class Word:
    """One argument as it was typed."""

    name: str
    sign: str
    value: str

    @property
    def is_stdin(self) -> bool:
        """Whether its value comes from standard input."""
        return self.value == STDIN


class _WordError(Exception):
    """What is wrong with one word, as a sentence."""


def read_words(
    model: Model[Any], words: Iterable[str], read_stdin: Callable[[], bytes] = lambda: b""
) -> dict[str, Any]:
    """Read the arguments of `run` that words of a command line stand for, checked.

    Args:
        model: Whose parameters they are.
        words: As typed.
        read_stdin: Reads standard input; called once, and only for `-`.

    Raises:
        ParameterError: one error with every problem of the call.
    """
    problems: list[tuple[str, str]] = []
    arguments: dict[str, Any] = {}
    stdin: list[str] = []
    known, beside = arguments_of(model), model.session.driver.wire.undeclared
    for typed in words:
        name = typed
        try:
            word = split_word(typed)
            name = _argument_name(model, word.name)
            if model.params is not None and name not in known and name not in beside:
                arguments.setdefault(name, word.value)  # is refused by its name below; no file is read for it
                continue
            stdin += [word.name] if word.is_stdin else []
            if len(stdin) > 1:
                raise _WordError(f"Standard input is read once, and '{stdin[0]}' has it")
            parameter = known.get(name)
            _add(arguments, name, _value(parameter, word, read_stdin), parameter)
        except _WordError as wrong:
            problems.append((name, str(wrong)))
    unread = {name for name, _ in problems} - arguments.keys()  # given, so not missing
    found = find_argument_problems(model, arguments, beside=beside)
    problems += [(name, said) for name, said in found if _argument_name(model, name) not in unread]
    problems += [
        (name, f"Parameter '{name}': {text[:60]!r} is no address; {name}@FILE sends a file of this machine")
        for name, text in find_local_texts(model, arguments)
    ]
    raise_for_arguments(model, problems)
    return arguments


def split_word(typed: str) -> Word:
    """Name, separator and value of one word; the first separator counts, and of those that begin there the longest."""
    found = _WORD.fullmatch(typed)
    if found is None or not found["name"]:
        raise _WordError(f"{typed!r} is no argument: write name=text, name:=JSON or name@FILE")
    return Word(name=re.sub(r"\\(.)", r"\1", found["name"]), sign=found["sign"], value=found["value"])


def _argument_name(model: Model[Any], name: str) -> str:
    """The name that `run` has for a parameter, which may be given by its wire name, too."""
    known = arguments_of(model)
    return next((own for own, parameter in known.items() if parameter.name == name and own != name), name)


def _add(arguments: dict[str, Any], name: str, value: Any, parameter: Parameter | None) -> None:
    takes_many = parameter is not None and takes_list(parameter)
    if name not in arguments:
        is_single = parameter is not None and _is_only_a_list(parameter) and not isinstance(value, list)
        arguments[name] = [value] if is_single else value
        return
    if not takes_many:
        raise _WordError(f"Parameter '{name}' is given twice, and takes one value")
    before = arguments[name] if isinstance(arguments[name], list) else [arguments[name]]
    arguments[name] = [*before, *(value if isinstance(value, list) else [value])]


def _is_only_a_list(parameter: Parameter) -> bool:
    """Whether one value alone is a list of one."""
    if parameter.schema is None:
        return parameter.row.is_list
    return takes_list(parameter) and not any(takes(parameter.shape, one) for one in ("string", "object"))


# --- values


def _value(parameter: Parameter | None, word: Word, read_stdin: Callable[[], bytes]) -> Any:
    is_file = parameter is not None and is_media(parameter)
    if word.is_stdin:
        return read_stdin() if is_file else _read(parameter, word, _text(read_stdin(), "standard input", word.name))
    if word.sign in {"=@", ":=@"} or (word.sign == "@" and not is_file):
        return _read(parameter, word, _text_of_file(Path(word.value).expanduser(), word.name))
    if word.sign == "@":
        path = Path(word.value).expanduser()
        if not path.is_file():
            raise _WordError(f"Parameter '{word.name}': there is no file {word.value!r}")
        return path
    return _read(parameter, word, word.value)


def _read(parameter: Parameter | None, word: Word, text: str) -> Any:
    if word.sign.startswith(":="):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as refused:
            raise _WordError(f"Parameter '{word.name}' is no JSON: {refused}; {word.name}=… takes a text") from None
    if parameter is None:
        return text
    if parameter.schema is not None:
        return _by_schema(parameter, text)
    if parameter.row.kind == "json":
        return _json_or_text(text)
    return _single(parameter, text)


def _single(parameter: Parameter, text: str) -> Any:
    """A text as the kind of the parameter (of one of its items, if it is a list) reads it."""
    return KINDS[parameter.row.kind].read(text) if parameter.row.is_list else python_value(parameter, text)


def _by_schema(parameter: Parameter, text: str) -> Any:
    """A text as a schema reads it: as the list that it spells in JSON, else as one item of a list, else as the value itself."""
    items = item_shape(parameter.shape) if _is_only_a_list(parameter) else None
    value: object = read_text(parameter.shape, text)
    return value if items is None or is_array(value) else read_text(items, text)


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _text_of_file(path: Path, name: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as refused:
        said = refused.strerror or type(refused).__name__
        raise _WordError(f"Parameter '{name}': {str(path)!r} cannot be read: {said}") from None
    return _text(content, repr(str(path)), name)


def _text(content: bytes, where: str, name: str) -> str:
    """Bytes as text, without the line breaks at its end: they are the editor's, as for `$(…)` of a shell."""
    try:
        return content.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise _WordError(f"Parameter '{name}' takes a text, and {where} is none (it is not UTF-8)") from None


# --- completion


def complete_word(model: Model[Any], typed: str, given: Iterable[str] = ()) -> list[str]:
    """Find what a word that is being typed may become: names with their separators, then options and booleans.

    Args:
        model: Whose parameters they are.
        typed: The word so far.
        given: Words that are there already; their parameters are left out.
    """
    known = arguments_of(model)
    name, sign, value = typed.partition("=")
    if sign and (parameter := known.get(name)) is not None:
        return [f"{name}={option}" for option in _choices(parameter) if option.startswith(value)]
    there = {re.split("[:=@]", word, maxsplit=1)[0] for word in given}
    free = [one for one in known if one not in there or takes_list(known[one])]
    return [f"{one}{sign}" for one in free if one.startswith(typed) for sign in _signs(known[one])]


def _signs(parameter: Parameter) -> tuple[str, ...]:
    """Two, so that a shell ends the word at the name: after a single one it would put a space."""
    return ("=", "@") if is_media(parameter) else ("=", ":=")


def _choices(parameter: Parameter) -> list[str]:
    if parameter.options:
        return [str(option) for option in parameter.options if isinstance(option, str | int | float | bool)]
    is_boolean = parameter.row.kind == "boolean" if parameter.schema is None else parameter.kind == "boolean"
    return ["true", "false"] if is_boolean else []
