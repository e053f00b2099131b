"""TypeExpr → the text of an annotation, and the symbols that it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from typedrun_codegen.ir.catalog import Array, Choices, Either, Options, Scalar, TypeExpr
from typedrun_codegen.text.docstrings import WIDTH
from typedrun_codegen.text.layout import bracketed
from typedrun_codegen.text.literals import py_literal

SYMBOLS: Mapping[str, str] = {
    "Any": "typing",
    "AsyncJob": "typedrun.aio.job",
    "AsyncModel": "typedrun.aio.model",
    "AsyncNonStreamingModel": "typedrun.aio.model",
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

STANDARD = frozenset({"collections", "functools", "typing"})
_DIGITS = re.compile(r"(\d+)")

RESULTS: Mapping[str, str] = {"object": "dict[str, JSON]"}
"""Answers are concrete where arguments are general."""

WORDS: Mapping[str, str] = {
    "text": "Text",
    "number": "Number",
    "integer": "Whole number",
    "boolean": "True or False",
    "json": "Any JSON value",
    "object": "JSON object",
    "media": "URL, path, bytes or open binary file",
    "messages": "list of chat messages",
}


PLURALS: Mapping[str, str] = {
    "text": "texts",
    "number": "numbers",
    "integer": "whole numbers",
    "boolean": "booleans",
    "json": "JSON values",
    "object": "JSON objects",
    "media": "URLs, paths, bytes or open binary files",
    "messages": "lists of chat messages",
}


@frozen
class TypeText:
    """An annotation and the symbols that must be imported for it."""

    text: str
    symbols: frozenset[str]


SCALARS: Mapping[str, TypeText] = {
    "text": TypeText("str", frozenset()),
    "number": TypeText("float", frozenset()),
    "integer": TypeText("int", frozenset()),
    "boolean": TypeText("bool", frozenset()),
    "json": TypeText("JSON", frozenset({"JSON"})),
    "object": TypeText("Mapping[str, JSON]", frozenset({"JSON", "Mapping"})),
    "media": TypeText("Media", frozenset({"Media"})),
    "messages": TypeText("Sequence[ChatMessage]", frozenset({"ChatMessage", "Sequence"})),
}


def type_text(type_: TypeExpr, alias: str | None = None) -> TypeText:
    """The annotation of an argument.

    Args:
        type_: the type.
        alias: name that stands for the closed set of options inside it.
    """
    if isinstance(type_, Scalar):
        return SCALARS[type_.name]
    if isinstance(type_, Options):
        return TypeText(alias, frozenset()) if alias else TypeText(literal_text(type_.values), frozenset({"Literal"}))
    if isinstance(type_, Array):
        item = type_text(type_.item, alias)
        return TypeText(f"Sequence[{item.text}]", item.symbols | {"Sequence"})
    if isinstance(type_, Either):
        members = [type_text(member, alias) for member in type_.members]
        return TypeText(" | ".join(m.text for m in members), frozenset[str]().union(*(m.symbols for m in members)))
    return SCALARS["object"]


def result_text(type_: TypeExpr) -> TypeText:
    """The annotation of a result's data: concrete containers."""
    if isinstance(type_, Array):
        item = result_text(type_.item)
        return TypeText(f"list[{item.text}]", item.symbols)
    if isinstance(type_, Scalar) and type_.name in RESULTS:
        return TypeText(RESULTS[type_.name], frozenset({"JSON"}))
    return type_text(type_)


def literal_text(values: Choices) -> str:
    """`Literal["a", "b"]`."""
    return f"Literal[{', '.join(py_literal(value) for value in values)}]"


def type_words(type_: TypeExpr) -> str:
    """The type in words, for a docstring."""
    if isinstance(type_, Scalar):
        return WORDS[type_.name]
    if isinstance(type_, Array):
        return f"List of {PLURALS[type_.item.name] if isinstance(type_.item, Scalar) else 'options'}"
    if isinstance(type_, Either):
        words = [type_words(member) for member in type_.members if not isinstance(member, Options)]
        return " or ".join([words[0], *(word[0].lower() + word[1:] for word in words[1:])])
    return "One of" if isinstance(type_, Options) else WORDS["object"]


def imports_of(symbols: Mapping[str, str], *, indent: int = 0) -> tuple[str, ...]:
    """Import lines in the order that the import sorter wants, with a blank line between the sections.

    Args:
        symbols: name → module.
        indent: columns before each line.
    """
    modules: dict[str, list[str]] = {}
    for name, module in symbols.items():
        modules.setdefault(module, []).append(name)
    standard = sorted(module for module in modules if module.partition(".")[0] in STANDARD)
    ours = sorted((module for module in modules if module not in standard), key=natural)
    pad = " " * indent
    lines = [pad + line for module in standard for line in import_lines(module, modules[module], indent)]
    lines += [""] if standard and ours else []
    return (*lines, *(pad + line for module in ours for line in import_lines(module, modules[module], indent)))


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


def by_kind(name: str) -> tuple[int, list[str | int]]:
    """Constants, then classes, then the rest, each in natural order: how ruff sorts imports and `__all__`."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2, natural(name))


def natural(name: str) -> list[str | int]:
    """Numbers inside a name compare as numbers: `gpt_4` before `gpt_35`."""
    return [int(part) if part.isdigit() else part for part in _DIGITS.split(name)]
