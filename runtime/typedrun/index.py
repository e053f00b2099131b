"""The tables of a generated package's `models/_index.py`: sorted lines `key value`, found by bisection.

A dictionary of 10,000 models takes a tenth of a second to make before the first can be found; a text is only read. Tables are
Python text and not data files, because every build tool packs modules.
"""

from __future__ import annotations

from collections.abc import Iterator


def escaped(text: str) -> str:
    """A key or value as a table spells it: printable ASCII without spaces, so that keys sort before those that they begin."""
    return text.encode("unicode_escape").decode("ascii").replace(" ", "\\x20")


def find_all(table: str, key: str) -> Iterator[str]:
    """The values that a table has for a key, in its order."""
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
    """The value that a table has for a key; None without one."""
    return next(find_all(table, key), None)


def rows(table: str) -> Iterator[tuple[str, str]]:
    """Every key with its value."""
    for line in table.splitlines():
        key, _, value = line.partition(" ")
        yield _plain(key), _plain(value)


def _plain(text: str) -> str:
    return text.encode("ascii").decode("unicode_escape") if "\\" in text else text
