"""How the wire's names are spelt in Python: one rule for generated signatures and for models that are met at run time.

ASCII, deterministic, never a keyword, never empty.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Container
from hashlib import sha256
from typing import Final

MAX_LENGTH: Final = 60
"""Longer names are cut and end in a short hash of the whole, so that they stay readable and different."""

OF_SIGNATURES: Final = frozenset({"self", "cls", "controls"})
"""What no parameter is called; `controls` is what a generated `run` calls the rest of the run controls."""

_NOT_NAME: Final = re.compile(r"[^A-Za-z0-9_]+")
_SPELT_OUT: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "ø": "o", "Ø": "O", "đ": "d", "ł": "l", "Ł": "L"}
)
"""Letters that Unicode does not take apart."""

_NOTHING: Final = frozenset[str]()


def python_name(wire: str, controls: Container[str]) -> str:
    """The Python name of a parameter: the wire name itself wherever Python and the run controls allow it.

    Letters without an ASCII form become `u` and their code point in hex; runs of anything else outside `A-Z a-z 0-9 _` become
    one underscore; underscores at the start, and new ones at the end, go; nothing left gives `parameter_` and a hash, a leading
    digit gives `parameter_` before it; keywords, run controls and `self` get a trailing underscore.

    Args:
        wire: How the catalog spells it.
        controls: The run controls of the model's marketplace.
    """
    name = _NOT_NAME.sub("_", to_ascii(wire)).lstrip("_")
    name = name if wire.endswith("_") else name.rstrip("_")
    name = finished(name, wire, "parameter_", OF_SIGNATURES)
    return f"{name}_" if name in controls else name


def to_ascii(text: str) -> str:
    """ASCII letters for everything that has some (`é` → `e`), `u6587` for a letter or digit that has none."""
    if text.isascii():
        return text
    return "".join(_ascii_of(char) for char in unicodedata.normalize("NFKD", text.translate(_SPELT_OUT)))


def _ascii_of(char: str) -> str:
    if char.isascii():
        return char
    if unicodedata.combining(char):
        return ""
    return f" u{ord(char):x} " if char.isalnum() else " "


def finished(name: str, text: str, lead: str, reserved: frozenset[str] = _NOTHING) -> str:
    """What is left of a text, made a name.

    Args:
        name: ASCII letters, digits and underscores; perhaps none.
        text: what it was made from.
        lead: what stands before a digit, and before the hash of a text of which nothing is left.
        reserved: names that get a trailing underscore, as keywords do.
    """
    if not name.strip("_"):
        name = f"{lead}{short_hash(text)}" if text else lead.rstrip("_")
    elif name[0].isdigit():
        name = lead + name
    if len(name) > MAX_LENGTH:
        name = f"{name[: MAX_LENGTH - 9].rstrip('_')}_{short_hash(text)}"
    return f"{name}_" if keyword.iskeyword(name) or name in reserved else name


def short_hash(text: str) -> str:
    """Eight hex digits that depend on the text alone."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
