"""Plan → text: the one Jinja environment. Layout only; whatever a template prints is ready in the Plan."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jinja2 import Environment

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

    from typedrun_codegen.package.compiled import Compiled

    return Environment(
        loader=FileSystemLoader(templates_folder()),
        bytecode_cache=Compiled(templates_folder()),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  # Python is written, not HTML; the doors (names, literals, docstrings) escape
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


@cache
def renderer(name: str) -> Callable[..., str]:
    """What writes the text of a template from the attributes of a Plan; compiled once, by the path under `templates/`.

    The first line names the source, whose name is the backend's: it must not choose an encoding, in which other text becomes code.
    """
    template = environment().get_template(name)

    def rendered(**plan: object) -> str:
        text = template.render(plan)
        head, _, _ = text.partition("\n")
        return _ENCODING.sub("coding ", head) + text[len(head) :]

    return rendered


def render(name: str, **plan: object) -> str:
    """Render the text of template `name` with the attributes of a Plan."""
    return renderer(name)(**plan)
