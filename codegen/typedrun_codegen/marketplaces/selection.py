"""Words of `[tool.typedrun.select]` that mean nothing to a backend, as problems."""

from __future__ import annotations

from collections.abc import Iterable

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


def _where(config: Config, kind: str, index: int) -> Location:
    return Location(shown(config.file) if config.file else "options", f"/select/{kind}/{index}")
