"""The tables of a generated package's `models/_index.py`: sorted lines `key value`, found by bisection.

A dictionary of 10,000 models takes a tenth of a second to make before the first can be found; a text is only read. A large
catalog has its tables in several modules, so that only a part is read. Tables are Python text and not data files, because
every build tool packs modules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import TypeAlias
from zlib import crc32

Table: TypeAlias = "str | Mapping[str, str]"
"""Sorted lines, or a dictionary in packages that 0.1 generated."""


class Index:
    """The tables of one package.

    Args:
        package: import name of the package's models.
    """

    def __init__(self, package: str) -> None:
        self._name = f"{package}._index"
        self._head = import_module(self._name)
        self._parts: int = getattr(self._head, "PARTS", 1)

    def place(self, identity: str) -> str | None:
        """`supplier.module.Class` of the model with this id."""
        return _look_up(self._module(identity).MODELS, identity)

    def identity(self, path: str) -> str | None:
        """The id of the model with this path."""
        return _look_up(self._module(path).PATHS, path)

    def with_function(self, function: str) -> Sequence[str]:
        """Ids of the models that do one thing."""
        table = self._functions
        return tuple(find_all(table, function)) if isinstance(table, str) else table.get(function, ())

    def models(self) -> Mapping[str, str]:
        """Every id with its place, in the order of the ids."""
        return _whole([module.MODELS for module in self._modules()])

    def paths(self) -> Mapping[str, str]:
        """Every path with its id."""
        return _whole([module.PATHS for module in self._modules()])

    def functions(self) -> Mapping[str, Sequence[str]]:
        """Every function that has models, with their ids."""
        table = self._functions
        if not isinstance(table, str):
            return table
        return {function: self.with_function(function) for function, _ in rows(table)}

    @property
    def _functions(self) -> str | Mapping[str, Sequence[str]]:
        module = self._head if self._parts == 1 else import_module(f"{self._name}_functions")
        functions: str | Mapping[str, Sequence[str]] = module.FUNCTIONS
        return functions

    def _module(self, key: str) -> ModuleType:
        return self._head if self._parts == 1 else import_module(f"{self._name}_{part_of(key, self._parts)}")

    def _modules(self) -> Iterator[ModuleType]:
        if self._parts == 1:
            yield self._head
        else:
            yield from (import_module(f"{self._name}_{part}") for part in range(self._parts))


def part_of(key: str, parts: int) -> int:
    """Which of so many parts has a key: the same for ever, because packages are written with it."""
    return crc32(escaped(key).encode("ascii")) % parts


def escaped(text: str) -> str:
    """A key or value as a table spells it: printable ASCII without spaces, so that keys sort before those that they begin."""
    return text.encode("unicode_escape").decode("ascii").replace(" ", "\\x20")


def find_all(table: str, key: str) -> Iterator[str]:
    """Find the values that a table has for a key, in its order."""
    wanted = f"{escaped(key)} "
    low, high = 0, len(table)
    while low < high:  # both stand at the beginning of a line
        start = table.rfind("\n", low, (low + high) // 2) + 1 or low
        if table[start : start + len(wanted)] < wanted:
            low = table.find("\n", start) + 1 or high
        else:
            high = start
    while table.startswith(wanted, low):
        end = table.find("\n", low)
        yield _plain(table[low + len(wanted) : end])
        low = end + 1


def find(table: str, key: str) -> str | None:
    """Find the value that a table has for a key; None without one."""
    return next(find_all(table, key), None)


def rows(table: str) -> Iterator[tuple[str, str]]:
    """Every key with its value."""
    for line in table.splitlines():
        key, _, value = line.partition(" ")
        yield _plain(key), _plain(value)


def _look_up(table: Table, key: str) -> str | None:
    return find(table, key) if isinstance(table, str) else table.get(key)


def _whole(tables: Sequence[Table]) -> Mapping[str, str]:
    pairs = (pair for table in tables for pair in (rows(table) if isinstance(table, str) else table.items()))
    return dict(pairs) if len(tables) == 1 else dict(sorted(pairs))


def _plain(text: str) -> str:
    return text.encode("ascii").decode("unicode_escape") if "\\" in text else text
