"""TypeExpr → the text of an annotation, and the symbols that it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from attrs import define, evolve, field, frozen

from typedrun_codegen.ir.api import ANY, NONE, Leaf, ListOf, LiteralOf, MapOf, Ref, TypeExpr, UnionOf
from typedrun_codegen.ir.catalog import Choices, Option, options_of
from typedrun_codegen.ir.values import OBJECT
from typedrun_codegen.text.docstrings import WIDTH
from typedrun_codegen.text.layout import bracketed
from typedrun_codegen.text.literals import py_literal

VALUES: Mapping[str, str] = {
    "Binary": "typedrun.structure",
    "RemoteFile": "typedrun.remotefile",
    "UTC": "datetime",
    "UUID": "uuid",
    "date": "datetime",
    "datetime": "datetime",
}
"""Of `SYMBOLS`, what annotations and defaults of answers need; no argument is of these."""

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
    **VALUES,
}
"""Every name that generated code imports → the module that defines it."""

OF_MODELS = frozenset(SYMBOLS) - VALUES.keys()
"""Those that the modules of models import for arguments: a parameter's name shadows them."""

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


NO_NAMES: Mapping[str, str] = MappingProxyType({})
NO_ALIASES: Mapping[Choices, str] = MappingProxyType({})


@frozen(kw_only=True)
class Spelling:
    """What annotations differ in."""

    list: str = "list"
    map: str = "dict"
    leaves: Mapping[str, str] = NO_NAMES
    """Leaves that are not called what they are."""
    nameless: TypeExpr = ANY
    """What stands for a class that has no name here."""


ARGUMENTS = Spelling(
    list="Sequence",
    map="Mapping",
    leaves={
        "Any": "JSON",
        "Messages": "Sequence[ChatMessage]",
        **dict.fromkeys(("Binary", "RemoteFile", "UUID", "bytes", "date", "datetime"), "str"),
    },
    nameless=OBJECT,
)
"""Of arguments: general containers, and what JSON has."""

RESULTS = evolve(ARGUMENTS, list="list", map="dict")
"""Of a result's data: concrete containers."""

ANSWERS = Spelling()
"""Of what an API document describes: every value as Python has it."""


@define
class Annotations:
    """The one printer of types; collects what its annotations need."""

    names: Mapping[str, str]
    """Key → class name."""
    spelling: Spelling = field(default=ANSWERS, kw_only=True)
    aliases: Mapping[Choices, str] = field(default=NO_ALIASES, kw_only=True)
    """Closed sets that have a name."""
    uses: set[str] = field(factory=set[str], kw_only=True)
    """Names of `SYMBOLS` that were used."""
    mentions: set[str] = field(factory=set[str], kw_only=True)
    """Keys that annotations mention."""

    @property
    def symbols(self) -> dict[str, str]:
        """The names that were used, each with its module."""
        return {name: SYMBOLS[name] for name in self.uses}

    def annotation(self, type_: TypeExpr) -> str:
        """The annotation of a type."""
        match type_:
            case Leaf(name):
                text = self.spelling.leaves.get(name, name)
                self.uses |= _symbols_in(text)
                return text
            case Ref(key):
                if key not in self.names:
                    return self.annotation(self.spelling.nameless)
                self.mentions.add(key)
                return self.names[key]
            case ListOf(item):
                self.uses |= _symbols_in(self.spelling.list)
                return f"{self.spelling.list}[{self.annotation(item)}]"
            case MapOf(value):
                self.uses |= _symbols_in(self.spelling.map)
                return f"{self.spelling.map}[str, {self.annotation(value)}]"
            case LiteralOf(values):
                if self.aliases and (alias := self.aliases.get(Choices(values))):
                    return alias
                self.uses.add("Literal")
                return literal_text(values)
            case UnionOf(members):
                return " | ".join(dict.fromkeys(map(self.annotation, merged(members))))


@cache
def _symbols_in(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text)) & SYMBOLS.keys()


def type_text(
    type_: TypeExpr, alias: str | None = None, names: Mapping[str, str] = NO_NAMES, spelling: Spelling = ARGUMENTS
) -> TypeText:
    """The annotation of an argument or a result.

    Args:
        type_: the type.
        alias: name that stands for the closed set of options inside it.
        names: what the classes of objects are called, by their key.
        spelling: which of the two.
    """
    printer = Annotations(names, spelling=spelling, aliases={options_of(type_): alias} if alias else NO_ALIASES)
    return TypeText(printer.annotation(type_), frozenset(printer.uses))


def merged(members: tuple[TypeExpr, ...]) -> list[TypeExpr]:
    """Members as an annotation wants them: one `Literal`, nothing that another member says already, null last."""
    values = tuple(value for one in members if isinstance(one, LiteralOf) for value in one.values)
    plain = {one.name for one in members if isinstance(one, Leaf)}
    values = tuple(
        v for v in values if not ("str" in plain and isinstance(v, str)) and not ("int" in plain and type(v) is int)
    )
    found: list[TypeExpr] = []
    for one in members:
        if isinstance(one, LiteralOf):
            if values and not any(isinstance(other, LiteralOf) for other in found):
                found.append(LiteralOf(values))
        elif one != NONE and not (one == Leaf("int") and "float" in plain):
            found.append(one)
    return [*found, *([NONE] if NONE in members else [])]


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
