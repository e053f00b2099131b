"""How problems with values are said, and what a misspelt word was probably meant to be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final


def shorten(value: object) -> str:
    """A value as Python writes it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def options_hint(options: Iterable[object], wrong: object, *, is_exact: bool = False) -> str:
    """What a value that is no option was probably meant to be, and what there is.

    Args:
        options: What there is.
        wrong: The value.
        is_exact: Whether a number and the text that spells it are two options; else every option is shown as a text.
    """
    spelt = {str(option): option if is_exact else str(option) for option in options}
    near = near_words(str(wrong), spelt, most=1)
    hint = f"did you mean {spelt[near[0]]!r}? " if near else ""
    shown = ", ".join(map(repr, list(spelt.values())[:12]))
    return f"{hint}options are {shown}" + (f" and {len(spelt) - 12} more" if len(spelt) > 12 else "")


def near_words(
    word: str,
    known: Iterable[str],
    *,
    most: int = 3,
    cutoff: float = 0.6,
    spelling: Callable[[str], str] = str.casefold,
) -> list[str]:
    """The known words that look like this one, the nearest first.

    Args:
        word: As it was written.
        known: What it could have been.
        most: How many to give.
        cutoff: How much of two words must be alike, from 0 to 1.
        spelling: What of a word is compared.
    """
    import difflib  # only an error needs it

    spelt = {spelling(one): one for one in known}
    return [spelt[one] for one in difflib.get_close_matches(spelling(word), spelt, n=most, cutoff=cutoff)]


def did_you_mean(word: str, known: Iterable[str], *, most: int = 3) -> str:
    """`did you mean 'openai'? `, to go before a next step; empty when no known word is near."""
    near = near_words(word, known, most=most)
    return f"did you mean {' or '.join(map(repr, near))}? " if near else ""


def closest(name: str, names: Iterable[str]) -> str | None:
    """The name that a misspelt one was meant to be, whatever joins its words; None unless one is very near.

    Names are short: at the cutoff for words, `steps` would be taken for `stop`.
    """
    near = near_words(name, names, most=1, cutoff=0.75, spelling=_plain)
    return near[0] if near else None


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum()) or name


def unknown_name_problem(name: str, known: Sequence[str], close: str | None) -> str:
    """The sentence about an argument that does not exist; `close` is what was probably meant."""
    hint = f"did you mean '{close}'?" if close else f"there are {', '.join(known) or 'none'}"
    return f"Unknown parameter '{name}': {hint}"


def near_or_within(text: str, known: Collection[str]) -> list[str]:
    """Known texts that look like this one, else the shortest that have it as a part; the nearest first."""
    near, wanted = near_words(text, known), text.casefold()
    if not near and len(wanted) >= _SHORTEST_PART:
        near = sorted((key for key in known if wanted in key.casefold()), key=len)[:3]
    return near


_SHORTEST_PART: Final = 3
"""Letters of a part that is looked for; a shorter one is found everywhere."""
