"""Plan → text: the one Jinja environment. Layout only; whatever a template prints is ready in the Plan."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jinja2 import Environment, Template

PACKAGE = Path(__file__).resolve().parents[1]

_ENCODING: Final = re.compile("coding(?=[:=])")
"""What makes Python read a file in another encoding, where a comment of its first line has it (PEP 263)."""


def templates_folder() -> Path:
    """`templates/` of the checkout, or the copy inside the installed package."""
    installed = PACKAGE / "templates"
    return installed if installed.is_dir() else PACKAGE.parents[1] / "templates"


@cache
def environment() -> Environment:
    """The environment of every template: an unknown name is an error, a block's own line leaves nothing behind."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # where nothing changed, nothing is rendered

    return Environment(
        loader=FileSystemLoader(templates_folder()),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  # Python is written, not HTML; the doors (names, literals, docstrings) escape
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


@cache
def template(name: str) -> Template:
    """A compiled template, by its path under `templates/`."""
    return environment().get_template(name)


def render(name: str, **plan: object) -> str:
    """The text of template `name` with the attributes of a Plan.

    The first line names the source, whose name is the backend's: it must not choose an encoding, in which other text becomes code.
    """
    text = template(name).render(plan)
    head, _, _ = text.partition("\n")
    return _ENCODING.sub("coding ", head) + text[len(head) :]
