"""Words of `[tool.typedrun.select]` that mean nothing to a backend, as problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from typedrun.wording import did_you_mean
from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.text.words import shown

_STAY = "until then no model is removed"


def unknown_model(config: Config, name: str, known: Iterable[str]) -> Problem:
    """The problem of a selected id or path that the backend does not have."""
    where = _where(config, "models", config.select.models.index(name))
    next_step = f"{did_you_mean(name, known)}correct it in [tool.typedrun.select], or remove it; {_STAY}"
    return Problem("the backend has no such model", where, found=name, next_step=next_step, model=name)


def unknown_word(config: Config, kind: str, index: int, noun: str, word: str, known: Iterable[str]) -> Problem:
    """The problem of a selected word of one kind."""
    next_step = f"{did_you_mean(word, known)}correct it in [tool.typedrun.select]; {_STAY}"
    return Problem(f"the backend knows no such {noun}", _where(config, kind, index), found=word, next_step=next_step)


def matches(text: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns is the text, or has its shape (`flux-*`); without a pattern everything is wanted."""
    wanted = tuple(patterns)
    return not wanted or any(fnmatchcase(text, pattern) for pattern in wanted)


def unknown_patterns(config: Config, kind: str, noun: str, known: Iterable[str]) -> Iterator[Problem]:
    """Problems for selected patterns of one kind that no known word has the shape of; without known words there are none."""
    words = frozenset(known)
    for index, pattern in enumerate(config.select.of(kind)):
        if words and not any(fnmatchcase(word, pattern) for word in words):
            yield unknown_word(config, kind, index, noun, pattern, words)


def _where(config: Config, kind: str, index: int) -> Location:
    return Location(shown(config.file) if config.file else "options", f"/select/{kind}/{index}")
