"""The door for names: text that a backend wrote becomes a Python identifier here and nowhere else.

Every maker is a pure function of its text: ASCII, deterministic, never a keyword, never empty. What two texts share is
resolved by `claim`, in an order that depends on the things themselves; what was published stays (`Names`).
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from hashlib import sha256

from typedrun.names import finished, python_name, short_hash, to_ascii

MAX_CLASS_LENGTH = 64
"""Longer names of classes of an API schema, which are made of several names, are cut and end in a short hash."""

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])")
_WORDS = re.compile(r"[A-Za-z0-9]+")


class Identifier(str):
    """A Python identifier that is safe to print; only this module makes them."""

    __slots__ = ()


@lru_cache(maxsize=8192)
def snake_name(text: str, fallback: str = "value") -> Identifier:
    """A module, attribute or variable name: `GPT-5.4` → `gpt_5_4`, `maxTokens` → `max_tokens`, `class` → `class_`."""
    return _finish("_".join(_words(text)).lower(), text, f"{fallback}_")


@lru_cache(maxsize=8192)
def pascal_name(text: str, fallback: str = "Value") -> Identifier:
    """A class name: `GPT-5.4` → `Gpt54`, `text-generation` → `TextGeneration`, `none` → `None_`."""
    return _finish("".join(word[0].upper() + word[1:].lower() for word in _words(text)), text, fallback)


_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*", re.ASCII)


@lru_cache(maxsize=8192)
def class_name(*words: str) -> Identifier:
    """A class name of several words; one that is written like a class already (`OpenAIFile`) keeps its capitals.

    Too long ones end in a hash without an underscore, which class names do not have.
    """
    name = "".join(word if _CLASS.fullmatch(word) else pascal_name(word).replace("_", "") for word in words)
    if not name[:1].isalpha():
        name = f"Value{name}"
    if len(name) > MAX_CLASS_LENGTH:
        digest = short_hash("/".join(words)).translate(_LETTERS)  # digits would sort as numbers
        name = f"{name[: MAX_CLASS_LENGTH - 9]}X{digest}"
    return Identifier(f"{name}_" if keyword.iskeyword(name) else name)


@lru_cache(maxsize=8192)
def const_name(text: str, fallback: str = "VALUE") -> Identifier:
    """The name of an enumeration member: `text-generation` → `TEXT_GENERATION`."""
    return _finish("_".join(_words(text)).upper(), text, f"{fallback}_")


@lru_cache(maxsize=8192)
def parameter_name(wire: str, controls: frozenset[str]) -> Identifier:
    """The Python name of a parameter, by the rule that the runtime has for models that are met there.

    The generated class says in `wire_names` where the two differ: a locked name may be another one.

    Args:
        wire: how the catalog spells it.
        controls: the run controls of its marketplace.
    """
    return Identifier(python_name(wire, controls))


_DEVICES = frozenset(
    {*("aux", "con", "conin", "conout", "nul", "prn"), *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)


def portable(module: Identifier) -> Identifier:
    """The name of a module as every file system takes it: Windows keeps `con`, `nul`, `com1` … for its devices."""
    return Identifier(f"{module}_") if module.lower() in _DEVICES else module


class FoldedNames:
    """Names that are taken, whatever their case: module names become files, and some file systems ignore case.

    Args:
        names: the names.
        reserved: names that are taken only as they are written: they are no files.
    """

    def __init__(self, names: Iterable[str] = (), reserved: Container[str] = ()) -> None:
        self._names = {name.lower() for name in names}
        self._reserved = reserved

    def __contains__(self, name: object) -> bool:
        """Whether a name is taken."""
        return isinstance(name, str) and (name.lower() in self._names or name in self._reserved)

    def add(self, name: str) -> None:
        """Take a name."""
        self._names.add(name.lower())


def claim(wanted: Identifier, taken: Container[str], *alternatives: Identifier, seed: str) -> Identifier:
    """The first name that nobody has: `wanted`, an alternative, or `wanted` with a hash of `seed` (what the thing is).

    Never a counter: a number would depend on who else is there.
    """
    if wanted not in taken:
        return wanted
    return next(name for name in _candidates(wanted, alternatives, seed) if name not in taken)


def _candidates(wanted: Identifier, alternatives: tuple[Identifier, ...], seed: str) -> Iterator[Identifier]:
    yield from alternatives
    is_class = wanted[0].isupper() and not wanted.isupper()
    digest = sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()
    for length in (4, 8, 16, None):
        yield Identifier(f"{wanted.rstrip('_')}{'X' if is_class else '_'}{digest[:length]}")


def is_own_spelling(text: str) -> bool:
    """Whether a text is a name in Python as it is, wherever it stands."""
    return text.isascii() and text.isidentifier() and not keyword.iskeyword(text) and not text.startswith("__")


def is_publishable(text: str) -> bool:
    """Whether a text can be the name of something that generated code publishes."""
    return is_own_spelling(text) and not text.startswith("_")


def is_readable(text: str) -> bool:
    """Whether most letters of the text have an ASCII form, so that a name made from it can be read."""
    letters = [char.isascii() for char in unicodedata.normalize("NFKD", text) if char.isalpha()]
    return bool(letters) and sum(letters) * 2 >= len(letters)


def _words(text: str) -> list[str]:
    return [part for word in _WORDS.findall(to_ascii(text)) for part in _CAMEL.split(word)]


def _finish(name: str, text: str, lead: str) -> Identifier:
    return Identifier(finished(name, text, lead))
