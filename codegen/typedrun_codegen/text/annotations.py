"""TypeExpr → the text of an annotation, and the symbols that it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from attrs import frozen

from typedrun_codegen.ir.api import Leaf, ListOf, LiteralOf, MapOf, Ref, TypeExpr, UnionOf
from typedrun_codegen.ir.catalog import Choices, Option, options_of
from typedrun_codegen.ir.values import OBJECT
from typedrun_codegen.text.api_annotations import merged
from typedrun_codegen.text.docstrings import WIDTH
from typedrun_codegen.text.layout import bracketed
from typedrun_codegen.text.literals import py_literal

SYMBOLS: Mapping[str, str] = {
    "Any": "typing",
    "AsyncJob": "typedrun.aio.job",
    "AsyncModel": "typedrun.aio.model",
    "AsyncNonStreamingModel": "typedrun.aio.model",
    "AsyncItemStream": "typedrun.aio.streaming",
    "AsyncStream": "typedrun.aio.streaming",
    "Attributes": "typedrun.parameters",
    "ChatMessage": "typedrun.arguments",
    "ClassVar": "typing",
    "InputsOf": "typedrun.model",
    "TypedInputs": "typedrun.inputs",
    "JSON": "typedrun.core.jsontypes",
    "Job": "typedrun.job",
    "Literal": "typing",
    "Mapping": "collections.abc",
    "Media": "typedrun.arguments",
    "Model": "typedrun.model",
    "NotRequired": "typing",
    "ItemStream": "typedrun.itemstream",
    "ModelResponseStreamer": "typedrun.streaming",
    "ModelResult": "typedrun.results",
    "NonStreamingModel": "typedrun.model",
    "Parameter": "typedrun.parameters",
    "Pricing": "typedrun.parameters",
    "Protocol": "typing",
    "RunControls": "typedrun.model",
    "Sequence": "collections.abc",
    "TYPE_CHECKING": "typing",
    "TypeAlias": "typing",
    "TypedDict": "typing",
    "Unpack": "typing",
    "VendorInfo": "typedrun.parameters",
    "Version": "typedrun.parameters",
    "declared": "typedrun.model",
    "declared_async": "typedrun.aio.model",
    "declared_stream": "typedrun.aio.model",
    "get_args": "typing",
    "overload": "typing",
}
"""Every name that generated code imports → the module that defines it."""

STANDARD = frozenset({"collections", "datetime", "functools", "typing", "uuid"})
_DIGITS = re.compile(r"(\d+)")

WORDS: Mapping[str, str] = {
    "str": "Text",
    "float": "Number",
    "int": "Whole number",
    "bool": "True or False",
    "None": "None",
    "JSON": "Any JSON value",
    "Any": "Any JSON value",
    "Media": "URL, path, bytes or open binary file",
    "Messages": "list of chat messages",
    "RemoteFile": "File",
}


PLURALS: Mapping[str, str] = {
    "str": "texts",
    "float": "numbers",
    "int": "whole numbers",
    "bool": "booleans",
    "JSON": "JSON values",
    "Any": "JSON values",
    "Media": "URLs, paths, bytes or open binary files",
    "Messages": "lists of chat messages",
}


@frozen
class TypeText:
    """An annotation and the symbols that must be imported for it."""

    text: str
    symbols: frozenset[str]


LEAVES: Mapping[str, TypeText] = {
    **{name: TypeText(name, frozenset()) for name in ("str", "float", "int", "bool", "None")},
    **dict.fromkeys(("JSON", "Any"), TypeText("JSON", frozenset({"JSON"}))),
    "Media": TypeText("Media", frozenset({"Media"})),
    "Messages": TypeText("Sequence[ChatMessage]", frozenset({"ChatMessage", "Sequence"})),
}
"""Leaves that are not simply texts as JSON has them."""

NO_NAMES: Mapping[str, str] = MappingProxyType({})


def type_text(type_: TypeExpr, alias: str | None = None, names: Mapping[str, str] = NO_NAMES) -> TypeText:
    """The annotation of an argument: general containers, and what JSON has.

    Args:
        type_: the type.
        alias: name that stands for the closed set of options inside it.
        names: what the classes of objects are called, by their key.
    """
    return _argument(type_, {options_of(type_): alias} if alias else {}, names)


def _argument(type_: TypeExpr, aliases: Mapping[Choices, str], names: Mapping[str, str]) -> TypeText:
    match type_:
        case Leaf(name):
            return LEAVES.get(name, LEAVES["str"])
        case Ref(key):
            return TypeText(names[key], frozenset()) if key in names else type_text(OBJECT)
        case LiteralOf(values):
            alias = aliases.get(Choices(values))
            return TypeText(alias or literal_text(values), frozenset() if alias else frozenset({"Literal"}))
        case ListOf(part):
            item = _argument(part, aliases, names)
            return TypeText(f"Sequence[{item.text}]", item.symbols | {"Sequence"})
        case MapOf(part):
            value = _argument(part, aliases, names)
            return TypeText(f"Mapping[str, {value.text}]", value.symbols | {"Mapping"})
        case UnionOf(parts):
            members = [_argument(part, aliases, names) for part in merged(parts)]
            text = " | ".join(dict.fromkeys(member.text for member in members))
            return TypeText(text, frozenset[str]().union(*(member.symbols for member in members)))


def result_text(type_: TypeExpr) -> TypeText:
    """The annotation of a result's data: concrete containers."""
    match type_:
        case ListOf(part):
            item = result_text(part)
            return TypeText(f"list[{item.text}]", item.symbols)
        case MapOf(part):
            value = result_text(part)
            return TypeText(f"dict[str, {value.text}]", value.symbols)
        case _:
            return type_text(type_)


def literal_text(values: Iterable[Option]) -> str:
    """`Literal["a", "b"]`."""
    return f"Literal[{', '.join(py_literal(value) for value in values)}]"


def type_words(type_: TypeExpr) -> str:
    """The type in words, for a docstring."""
    match type_:
        case Leaf(name):
            return WORDS.get(name, WORDS["str"])
        case ListOf(item):
            return f"List of {_plural(item)}"
        case UnionOf(members):
            words = [type_words(member) for member in members if not isinstance(member, LiteralOf)]
            return " or ".join([*words[:1], *(word[0].lower() + word[1:] for word in words[1:])]) or "One of"
        case LiteralOf():
            return "One of"
        case _:
            return "JSON object"


def _plural(type_: TypeExpr) -> str:
    match type_:
        case Leaf(name):
            return PLURALS.get(name, PLURALS["str"])
        case ListOf():
            return "lists"
        case Ref() | MapOf():
            return "JSON objects"
        case _:
            return "options"


def imports_of(symbols: Mapping[str, str], *, indent: int = 0) -> tuple[str, ...]:
    """Import lines in the order that the import sorter wants, with a blank line between the sections.

    Args:
        symbols: name → module.
        indent: columns before each line.
    """
    modules: dict[str, list[str]] = {}
    for name, module in symbols.items():
        modules.setdefault(module, []).append(name)
    sections: dict[int, list[str]] = {}
    for module in sorted(modules, key=natural):
        rank = 0 if module.partition(".")[0] in STANDARD else 1 if module == "attrs" else 2
        sections.setdefault(rank, []).append(module)
    pad, lines = " " * indent, list[str]()
    for _, section in sorted(sections.items()):
        lines += [""] if lines else []
        lines += [pad + line for module in section for line in import_lines(module, modules[module], indent)]
    return tuple(lines)


def import_lines(module: str, names: Sequence[str], indent: int = 0) -> Iterator[str]:
    """The imports from one module, by their first names: together, but for names that are imported under another one."""
    plain = sorted((name for name in names if " as " not in name), key=by_kind)
    renamed = [[name] for name in set(names) - set(plain)]
    for group in sorted([plain, *renamed] if plain else renamed, key=lambda group: by_kind(group[0].partition(" ")[0])):
        yield import_line(module, group, indent)


def import_line(module: str, names: Iterable[str], indent: int = 0) -> str:
    """One import, on one line or one name a line, as the formatter writes it."""
    return bracketed_import(f"from {module} import ", sorted(names, key=by_kind), indent)


def bracketed_import(head: str, names: Sequence[str], indent: int) -> str:
    """Imports have no brackets while they fit on their line."""
    line = head + ", ".join(names)
    return line if indent + len(line) <= WIDTH else bracketed(head, names, indent=indent)


def by_kind(name: str) -> tuple[bool, list[str | int]]:
    """Constants, then classes, then the rest, each in natural order: how ruff sorts imports and `__all__`."""
    is_constant = name.isupper() and len(name) > 1
    return not is_constant, natural(name)  # in ASCII, capitals come before all other letters


def natural(name: str) -> list[str | int]:
    """Numbers inside a name compare as numbers: `gpt_4` before `gpt_35`."""
    return [int(part) if part.isdigit() else part for part in _DIGITS.split(name)]
