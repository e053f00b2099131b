"""How problems with values are said, and what a misspelt word was probably meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


def shorten(value: object) -> str:
    """A value as Python writes it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def options_hint(options: Iterable[object], wrong: object) -> str:
    """What a value that is no option was probably meant to be, and what there is."""
    spelt = [str(option) for option in options]
    close = difflib.get_close_matches(str(wrong), spelt, n=1, cutoff=0.6)
    hint = f"did you mean {close[0]!r}? " if close else ""
    shown = ", ".join(repr(option) for option in spelt[:12])
    return f"{hint}options are {shown}" + (f" and {len(spelt) - 12} more" if len(spelt) > 12 else "")


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
